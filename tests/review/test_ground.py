from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.finding import Answer, Evidence
from app.domain.kinds import FindingStatus, ValueKind
from app.domain.spans import Box, Span, Word, line_boxes
from app.domain.text import Page, canonical_text
from app.domain.words import Words
from app.review.ground import cite, ground, joined
from tests.conftest import paged
from tests.review.made import evidence

MANY = settings(max_examples=200, deadline=None)
texts = st.text(st.characters(exclude_characters="\f", exclude_categories=["Cs"]), max_size=30)


@st.composite
def documents(draw: st.DrawFn) -> tuple[tuple[Page, ...], str]:
    """Pages of any text whose words stand ten to a line, and the canonical text."""
    pages = [_with_words(page) for page in paged(*draw(st.lists(texts, min_size=1, max_size=4)))]
    return tuple(pages), canonical_text(tuple(pages))


def _with_words(page: Page) -> Page:
    words: list[Word] = []
    place = 0
    for number, word in enumerate(page.text.split()):
        place = page.text.index(word, place)
        x, y = 50.0 * (number % 10), 20.0 * (number // 10)
        start = page.start + place
        words.append(Word(start, start + len(word), Box(x, y, x + 40, y + 12)))
        place += len(word)
    return page.model_copy(update={"words": Words.of(words)})


@MANY
@given(documents(), st.integers(0, 130), st.integers(0, 130))
def test_a_citation_is_the_documents_own_words_on_its_own_page_or_there_is_none(
    document: tuple[tuple[Page, ...], str], start: int, end: int
) -> None:
    pages, text = document
    citation = cite(Span(start, end), pages)
    inside = [page for page in pages if page.start <= start < end <= page.end]
    assert (citation is not None) == bool(inside)
    if citation is not None:
        assert (citation.start, citation.end) == (start, end)
        assert citation.quote == text[start:end]
        assert [page.number for page in inside] == [citation.page]


@MANY
@given(documents(), st.data())
def test_the_boxes_of_a_citation_cover_its_words_line_by_line(
    document: tuple[tuple[Page, ...], str], data: st.DataObject
) -> None:
    pages, _ = document
    page = data.draw(st.sampled_from(pages))
    start = data.draw(st.integers(page.start, page.end))
    end = data.draw(st.integers(start, page.end))
    citation = cite(Span(start, end), pages)
    touched = [word.box for word in page.words if word.start < end and word.end > start]
    if citation is None:
        assert start == end
        return
    assert [box.y0 for box in citation.boxes] == sorted({box.y0 for box in touched})
    for line in citation.boxes:
        held = [box for box in touched if box.y0 == line.y0]
        assert (line.x0, line.x1) == (held[0].x0, held[-1].x1)


def test_words_of_one_line_share_a_box_however_tall_each_is() -> None:
    words = [
        Word(0, 3, Box(10, 100, 30, 112)),
        Word(4, 7, Box(35, 98, 60, 112)),
        Word(8, 10, Box(62, 97, 66, 105)),
        Word(11, 15, Box(10, 115, 50, 127)),
    ]
    assert line_boxes(words) == (Box(10, 97, 66, 112), Box(10, 115, 50, 127))


def test_a_second_column_at_the_same_height_has_a_box_of_its_own() -> None:
    right_then_left = [Word(0, 3, Box(300, 100, 350, 112)), Word(4, 7, Box(50, 100, 90, 112))]
    assert len(line_boxes(right_then_left)) == 2


def test_a_page_without_word_boxes_is_cited_without_boxes() -> None:
    citation = cite(Span(0, 3), paged("One two."))
    assert citation is not None
    assert citation.quote == "One"
    assert citation.boxes == ()


FIVE = "One.  Two.\nThree. Four. Five."
SPANS = [Span(0, 4), Span(6, 10), Span(11, 17), Span(18, 23), Span(24, 29)]


def test_neighbours_become_one_citation_in_whatever_order_they_come() -> None:
    pages = paged(FIVE)
    one, two, three = SPANS[:3]
    for order in (
        [one, two, three],
        [three, one, two],
        [one, three, two],
        [three, two, one],
        [two, three, one],
    ):
        assert joined(order, pages) == [Span(0, 17)]


def test_sentences_with_another_between_them_stay_two_and_the_likeliest_comes_first() -> None:
    pages = paged(FIVE)
    assert joined([SPANS[4], SPANS[0]], pages) == [SPANS[4], SPANS[0]]
    assert joined([SPANS[4], SPANS[0], SPANS[3]], pages) == [Span(18, 29), SPANS[0]]
    assert joined([SPANS[0], SPANS[4], SPANS[3]], pages) == [SPANS[0], Span(18, 29)]


def test_sentences_on_two_pages_are_never_joined() -> None:
    pages = paged("One.", "Two.")
    assert joined([Span(0, 4), Span(5, 9)], pages) == [Span(0, 4), Span(5, 9)]


@MANY
@given(st.permutations(SPANS), st.integers(1, 5))
def test_joining_loses_no_sentence_and_leaves_no_neighbours(order: list[Span], count: int) -> None:
    chosen = order[:count]
    spans = joined(chosen, paged(FIVE))
    assert all(sum(a <= span.start and span.end <= b for a, b in spans) == 1 for span in chosen)
    assert all(FIVE[first.end : last.start].strip() for first, last in pairwise(sorted(spans)))
    assert {span.start for span in spans} <= {span.start for span in chosen}
    assert chosen[0].start >= spans[0].start
    assert chosen[0].end <= spans[0].end


def found(*selected: int, quotes: tuple[Span, ...] = ()) -> Answer:
    return Answer(
        status=FindingStatus.FOUND,
        confidence=0.9,
        selected=selected,
        value={"jurisdiction": "Ohio"},
        display="Ohio",
        quotes=quotes,
    )


def of_page(text: str, *spans: Span) -> Evidence:
    held = evidence(*(text[span.start : span.end] for span in spans))
    moved = [s.model_copy(update={"span": span}) for s, span in zip(held.sentences, spans, strict=True)]
    return held.model_copy(update={"sentences": tuple(moved)})


def test_a_found_answer_cites_its_sentences_whole() -> None:
    held = of_page(FIVE, SPANS[0], SPANS[2], SPANS[3])
    finding = ground("f1", found(0, 2, 1), held, paged(FIVE))
    assert finding.status is FindingStatus.FOUND
    assert [citation.quote for citation in finding.citations] == ["One.", "Three. Four."]
    assert (finding.id, finding.document, finding.task) == ("f1", held.document, held.task)
    assert (finding.value, finding.display, finding.confidence) == ({"jurisdiction": "Ohio"}, "Ohio", 0.9)
    assert finding.reason is None


LAW = "This Agreement is governed by the laws of the State of Ohio."


def test_a_value_that_the_cited_words_do_not_give_abstains() -> None:
    held = of_page(LAW, Span(0, len(LAW)))
    right = ground("f1", found(0), held, paged(LAW), ValueKind.JURISDICTION)
    assert right.status is FindingStatus.FOUND
    other = found(0).model_copy(update={"value": {"jurisdiction": "Utah"}, "display": "Utah"})
    wrong = ground("f1", other, held, paged(LAW), ValueKind.JURISDICTION)
    assert wrong.status is FindingStatus.ABSTAINED
    assert wrong.reason
    assert wrong.citations == ()
    assert wrong.value is None


def test_an_answer_that_names_its_words_cites_them_and_not_the_sentence() -> None:
    finding = ground("f1", found(0, quotes=(Span(6, 9),)), of_page(FIVE, SPANS[1]), paged(FIVE))
    assert [citation.quote for citation in finding.citations] == ["Two"]


@pytest.mark.parametrize("span", [Span(2, 7), Span(5, 5), Span(90, 95), Span(4, 5), Span(7, 6)])
def test_an_answer_that_cannot_be_tied_to_words_of_one_page_abstains(span: Span) -> None:
    pages = paged("One.", "Two.")
    finding = ground("f1", found(0, quotes=(span,)), evidence("One."), pages)
    assert finding.status is FindingStatus.ABSTAINED
    assert finding.reason
    assert finding.value is None
    assert finding.display == ""
    assert finding.citations == ()


def test_a_found_answer_that_points_at_nothing_abstains() -> None:
    finding = ground("f1", found(), evidence("One."), paged("One."))
    assert finding.status is FindingStatus.ABSTAINED


@pytest.mark.parametrize(
    ("status", "reason"), [(FindingStatus.ABSENT, None), (FindingStatus.ABSTAINED, "not sure")]
)
def test_what_was_not_found_cites_nothing_and_has_no_value(status: FindingStatus, reason: str | None) -> None:
    answer = Answer(status=status, confidence=0.8, selected=(0,), value="x", display="x", reason=reason)
    finding = ground("f1", answer, evidence("One."), paged("One."))
    assert (finding.status, finding.reason, finding.confidence) == (status, reason, 0.8)
    assert (finding.value, finding.display, finding.citations) == (None, "", ())


@MANY
@given(documents(), st.data())
def test_every_citation_of_a_grounded_finding_is_verbatim(
    document: tuple[tuple[Page, ...], str], data: st.DataObject
) -> None:
    pages, text = document
    ends = st.integers(0, len(text))
    spans = [Span(*sorted(pair)) for pair in data.draw(st.lists(st.tuples(ends, ends), max_size=4))]
    finding = ground("f1", found(0, quotes=tuple(spans)), evidence("One."), pages)
    assert (finding.status is FindingStatus.FOUND) == bool(finding.citations)
    for citation in finding.citations:
        assert text[citation.start : citation.end] == citation.quote
        assert "\f" not in citation.quote
