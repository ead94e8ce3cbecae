"""Splitting keeps every character, in order, on its page."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.text import Page, canonical_text
from retrieval.passages import split_passages
from retrieval.sentences import split_sentences

fragments = st.sampled_from(
    [
        *(
            "\n",
            "\n\n",
            " ",
            "  ",
            ". ",
            "; ",
            "; and ",
            "(a) ",
            "9.2 ",
            "9.2",
            "ARTICLE IV\n",
            "Section 5. ",
        ),
        "TERM AND TERMINATION\n",
        "month. Vendor ",
        "Cash 1,200 $ 900\n",
        "Debt (3 ) —\n",
        "June 30, 2023 2022\n",
        "No. 5",
        "e\u0301",
        "𝔘𝔫𝔦",
        "👩‍⚖️",
        "中文。",
        "\u00a0",
        "\u2028",
        "\x85",
        "\r\n",
        *("word " * 40, "x" * 700, "(i) foo; (ii) bar; ", '"', "”", "•\t", "___"),
    ]
)
texts = st.lists(st.one_of(fragments, st.text(max_size=12)), max_size=25).map(
    lambda parts: "".join(parts).replace("\f", " ")
)


def pages_of(*page_texts: str) -> tuple[Page, ...]:
    pages: list[Page] = []
    start = 0
    for number, text in enumerate(page_texts, start=1):
        pages.append(Page(number=number, start=start, text=text, width=612, height=792))
        start += len(text) + 1
    return tuple(pages)


def sentences_of(*page_texts: str) -> list[str]:
    pages = pages_of(*page_texts)
    text = canonical_text(pages)
    return [text[s.span.start : s.span.end] for s in split_sentences(pages)]


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(texts, max_size=4))
def test_every_character_belongs_to_exactly_one_sentence_of_its_page(page_texts: list[str]) -> None:
    pages = pages_of(*page_texts)
    text = canonical_text(pages)
    sentences = split_sentences(pages)
    assert [s.ordinal for s in sentences] == list(range(len(sentences)))
    covered = [0] * len(text)
    last = 0
    for sentence in sentences:
        page = pages[sentence.page - 1]
        start, end = sentence.span
        assert last <= start < end
        assert page.start <= start
        assert end <= page.end
        assert text[start:end] == text[start:end].strip()
        last = end
        for position in range(start, end):
            covered[position] += 1
    for page in pages:
        for position in range(page.start, page.end):
            assert covered[position] == 1 or text[position].isspace()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(texts, max_size=4))
def test_passages_are_runs_of_all_sentences_of_one_page(page_texts: list[str]) -> None:
    pages = pages_of(*page_texts)
    sentences = split_sentences(pages)
    passages = split_passages(pages, sentences)
    assert [p.ordinal for p in passages] == list(range(len(passages)))
    held = [index for p in passages for index in range(p.first, p.last + 1)]
    assert held == list(range(len(sentences)))
    for passage in passages:
        assert {sentences[i].page for i in range(passage.first, passage.last + 1)} == {passage.page}
        assert passage.span.start == sentences[passage.first].span.start
        assert passage.span.end == sentences[passage.last].span.end
        assert passage.heading is None or passage.heading.start <= passage.span.end


def test_a_single_line_break_does_not_end_a_sentence() -> None:
    assert sentences_of("This Agreement is governed by\nthe laws of New York.\nIt binds.") == [
        "This Agreement is governed by\nthe laws of New York.",
        "It binds.",
    ]


def test_a_blank_line_ends_a_sentence_unless_the_words_go_on() -> None:
    assert sentences_of("CONSULTING AGREEMENT\n\nThis is it") == ["CONSULTING AGREEMENT", "This is it"]
    assert len(sentences_of("made in a manner which\n\n\nallows the parties to know.")) == 1


def test_an_enumerator_at_the_start_of_a_line_opens_a_sentence_and_is_never_alone() -> None:
    assert sentences_of("The Vendor shall:\n(a) deliver goods;\n(b) pay.\n9.2\nTerm ends.") == [
        "The Vendor shall:",
        "(a) deliver goods;",
        "(b) pay.",
        "9.2\nTerm ends.",
    ]


def test_a_reference_at_the_start_of_a_line_stays_in_its_sentence() -> None:
    assert len(sentences_of("as set out in paragraph\n(a) above and pursuant to\nSection 5.2 hereof.")) == 1


def test_a_long_sentence_is_split_at_its_items() -> None:
    item = "the Vendor shall deliver the goods in time and at its own cost and risk to the named place"
    text = "; ".join(f"({letter}) {item}" for letter in "abcdefghij") + "."
    parts = sentences_of(text)
    assert len(parts) > 1
    assert all(len(part) <= 600 for part in parts)
    assert all(part.startswith("(") for part in parts)


def test_a_passage_knows_the_heading_of_an_earlier_page() -> None:
    pages = pages_of("9. TERM AND TERMINATION\n\nThe term is two years.", "It renews for one year.")
    text = canonical_text(pages)
    passages = split_passages(pages, split_sentences(pages))
    heading = passages[-1].heading
    assert passages[-1].page == 2
    assert heading is not None
    assert text[heading.start : heading.end] == "9. TERM AND TERMINATION"
