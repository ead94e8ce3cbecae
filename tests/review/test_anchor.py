"""A document read anew keeps what was found in it wherever the words are, and says where they are not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.finding import Citation, Decision, Finding, Outcome
from app.domain.kinds import DecisionKind, FindingStatus
from app.domain.reread import ReadAnew, Settled
from app.domain.spans import Box, Word
from app.domain.text import Page
from app.domain.words import Words
from app.review.anchor import LOST, settle
from tests.conftest import paged

LAW = "This Agreement is governed by the laws of the State of Delaware."
ACCEPTED = Decision(finding="f", kind=DecisionKind.ACCEPT, at=datetime(2026, 11, 24, tzinfo=UTC))


def cited(pages: tuple[Page, ...], quote: str, rank: int = 0) -> Citation:
    """The occurrence of that rank, counted through the pages."""
    text = "\f".join(page.text for page in pages)
    start = -1
    for _ in range(rank + 1):
        start = text.index(quote, start + 1)
    page = next(page for page in pages if page.start <= start < page.end)
    return Citation(page=page.number, start=start, end=start + len(quote), quote=quote)


def finding(*citations: Citation, status: FindingStatus = FindingStatus.FOUND) -> Finding:
    return Finding(id="f", document="d", task="t", status=status, display="Delaware", citations=citations)


def settled(
    before: tuple[Page, ...],
    now: tuple[Page, ...],
    found: Finding,
    decision: Decision | None = ACCEPTED,
) -> Settled:
    return settle(
        ReadAnew(
            outcomes=(Outcome(finding=found, decision=decision),),
            decided=frozenset({found.id} if decision else ()),
            before={page.number: page for page in before},
            texts=tuple(page.text for page in now),
            recognised=frozenset(page.number for page in now if page.confidences),
            page=lambda number: now[number - 1],
        )
    )


def moved(before: tuple[Page, ...], now: tuple[Page, ...], quote: str, rank: int = 0) -> Citation | None:
    """Where the words are now; after a look that they stand there."""
    result = settled(before, now, finding(cited(before, quote, rank)))
    if not result.kept:
        return None
    (citation,) = result.kept[0].citations
    text = "\f".join(page.text for page in now)
    assert text[citation.start : citation.end] == citation.quote
    assert citation.page == 1 + text.count("\f", 0, citation.start)
    return citation


def recognised(*texts: str) -> tuple[Page, ...]:
    """From pictures: every word has a confidence."""
    pages: list[Page] = []
    for page in paged(*texts):
        words = Words.of(Word(0, 1, Box(0, 0, 1, 1)) for _ in range(1))
        pages.append(page.model_copy(update={"confidences": (0.9,), "words": words}))
    return tuple(pages)


def test_words_are_found_on_their_page_with_new_span_and_boxes() -> None:
    before, (now,) = paged(f"Preamble. {LAW}"), paged(f"A heading that was missed.\n\nPreamble. {LAW}")
    start = now.text.index(LAW)
    now = now.model_copy(update={"words": Words.of([Word(start, start + 4, Box(10, 20, 30, 40))])})
    citation = moved(before, (now,), LAW)
    assert citation is not None
    assert (citation.start, citation.quote, citation.boxes) == (start, LAW, (Box(10, 20, 30, 40),))


@pytest.mark.parametrize(
    "now",
    [
        LAW.replace(" ", "\n"),
        LAW.replace("governed", "gov-\nerned"),
        LAW.replace("governed", "gov\u00aderned"),
        LAW.replace("is governed", "isgoverned"),
        LAW.replace("laws of", "laws  \u00a0of"),
    ],
)
def test_line_breaks_hyphens_and_blanks_make_no_other_words(now: str) -> None:
    citation = moved(paged(LAW), paged(f"Before. {now} After."), LAW)
    assert citation is not None
    assert citation.quote == now


def test_ligatures_are_letters() -> None:
    citation = moved(paged("The ﬁrst oﬃce of the ﬁrm."), paged("The first office of the firm."), "ﬁrst oﬃce")
    assert citation is not None
    assert citation.quote == "first office"


def test_words_that_went_to_another_page_are_found_there() -> None:
    citation = moved(paged("One.", LAW, "Three."), paged("One.", "Two.", f"Three. {LAW}"), LAW)
    assert citation is not None
    assert citation.page == 3


def test_of_several_places_the_nearest_page_counts() -> None:
    now = paged(LAW, "Two.", "Three.", "Four.", LAW)
    for number in (2, 4):
        texts = ["One.", "Two.", "Three.", "Four.", "Five."]
        texts[number - 1] = LAW
        citation = moved(paged(*texts), now, LAW)
        assert citation is not None
        assert citation.page == (1 if number == 2 else 5)


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_of_as_many_places_on_the_page_the_one_of_the_same_rank_counts(rank: int) -> None:
    before = paged("Delaware, Delaware and Delaware.")
    now = paged("A long new heading over all of it. Delaware, Delaware and Delaware.")
    citation = moved(before, now, "Delaware", rank)
    assert citation is not None
    assert citation.start == cited(now, "Delaware", rank).start


def test_a_part_of_a_longer_word_is_not_the_word() -> None:
    assert moved(paged("He signs."), paged("Shelter and hehe."), "He") is None
    assert moved(paged("It is no table."), paged("It is not able."), "no table") is None


def test_words_that_are_gone_fail_the_finding_and_keep_what_was_decided_in_the_note() -> None:
    before = paged(LAW)
    result = settled(before, paged("Nothing of the kind."), finding(cited(before, LAW)))
    assert (result.kept, result.dropped) == ((), ())
    (lost,) = result.lost
    assert (lost.finding.status, lost.finding.reason) == (FindingStatus.FAILED, LOST)
    assert (lost.finding.id, lost.finding.citations) == ("f", ())
    for word in ("Accepted was: Delaware", LAW, "page 1"):
        assert word in lost.note


def test_one_of_two_citations_gone_is_another_look() -> None:
    before = paged("Alpha Inc. signs here.", "Beta Ltd. signs there.")
    found = finding(cited(before, "Alpha Inc."), cited(before, "Beta Ltd."))
    assert settled(before, paged("Alpha Inc. signs here.", "Nobody."), found).lost
    (kept,) = settled(before, paged("x", "Alpha Inc.", "Beta Ltd."), found).kept
    assert [citation.page for citation in kept.citations] == [2, 3]


def test_what_nobody_decided_on_is_kept_with_its_words_and_dropped_without() -> None:
    before = paged(LAW)
    found = finding(cited(before, LAW))
    assert settled(before, paged(f"New. {LAW}"), found, None).kept
    assert settled(before, paged("New."), found, None).dropped == ("f",)


def test_what_cites_nothing_is_made_again_unless_somebody_decided_on_it() -> None:
    absent = finding(status=FindingStatus.ABSENT)
    assert settled(paged("Old."), paged("New."), absent, None).dropped == ("f",)
    assert settled(paged("Old."), paged("New."), absent) == Settled()


OCR = "This Agreement is governcd by the 1aws of the State of De1aware."


def test_a_better_recognition_keeps_the_words_it_corrects() -> None:
    citation = moved(recognised("Page.", OCR), recognised("Page.", f"Top. {LAW} End."), OCR)
    assert citation is not None
    assert citation.quote == LAW


def test_only_words_out_of_pictures_may_differ() -> None:
    assert moved(paged(OCR), paged(LAW), OCR) is None


def test_words_that_could_be_meant_in_two_places_are_another_look() -> None:
    assert moved(recognised(OCR), recognised(LAW, LAW), OCR) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "The fee is due within 30 days of the invoice.",
            "The fee is due within 80 days of the invoice.",
        ),
        (
            "The tenant shall pay the rent to the owner.",
            "The tenant shall not pay the rent to the owner.",
        ),
        ("The tenant is now bound by the agreement made.", "The tenant is not bound by the agreement made."),
        (
            "The cap on liability is $50,000 in a year.",
            "The cap on liability is $5O,000 in a year.",
        ),
    ],
)
def test_other_figures_or_another_word_are_no_reading_of_the_same(old: str, new: str) -> None:
    assert moved(recognised(old), recognised(new), old) is None


@given(st.data())
def test_words_are_found_however_a_page_is_broken_and_wherever_it_is_put(data: st.DataObject) -> None:
    words = data.draw(
        st.lists(st.sampled_from(["law", "rent", "Delaware", "term", "fee", "cap", "of", "the"]), min_size=3)
    )
    breaks = data.draw(st.lists(st.sampled_from([" ", "\n", "  ", " \n\n"]), min_size=len(words)))
    quote = " ".join([*words, "uniquely."])
    broken = "".join(f"{word}{gap}" for word, gap in zip(words, breaks, strict=False)) + "uniquely."
    texts = data.draw(st.lists(st.text("abc \n", max_size=20), max_size=3))
    texts.insert(data.draw(st.integers(0, len(texts))), f"intro {broken} outro")
    citation = moved(paged(f"x {quote} y"), paged(*texts), quote)
    assert citation is not None
    assert citation.quote == broken
