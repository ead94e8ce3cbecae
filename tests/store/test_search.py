"""Filters, phrases and matches of the lexical search."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.kinds import DocumentState
from app.domain.ports import IndexedText
from app.domain.search import Within
from app.domain.text import Document
from app.store.lexical import matched_spans
from app.store.opening import open_matter
from app.store.sections import level_of
from app.store.writer import SqliteMatter
from retrieval.passages import split_passages
from retrieval.sentences import split_sentences
from tests.conftest import paged

MSA, LEASE, REPORT = "a" * 16, "b" * 16, "c" * 16
EMBEDDER = "e" * 64
TEXTS = {
    MSA: (
        "ARTICLE IX LIMITATION OF LIABILITY\n\n9.1 Cap\n\nThe total liability of either party is capped.\n\n",
        "9.2 Exceptions\n\nThe cap does not limit liability for fraud.\n\nARTICLE X TERM\n\n"
        "Either party may terminate for any cause. Liability survives the end.",
    ),
    LEASE: ("1. Liability of the Tenant\n\nThe tenant bears liability for damage. A party wall is shared.",),
    REPORT: (
        "BALANCE SHEETS\n\n(In millions)\n\nJune 30, 2023 2022\n"
        + "\n".join(f"Receivable of kind {kind} 1,{kind} 2,{kind}" for kind in range(100, 130)),
    ),
}


@pytest.fixture(scope="module")
def matter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path_factory.mktemp("search") / "m", create=True)
    for document, texts in TEXTS.items():
        pages = paged(*texts)
        state = DocumentState.READY
        held.put_document(
            Document(id=document, name=document, sha256=document * 4, pages=len(pages), state=state), pages
        )
        sentences = split_sentences(pages)
        passages = split_passages(pages, sentences)
        shapes = (len(sentences), len(passages))
        vectors = [np.eye(rows, 4, dtype=np.float32) for rows in shapes]
        held.put_indexed(IndexedText(document, EMBEDDER, sentences, passages, *vectors))
    yield held
    held.close()


def found(matter: SqliteMatter, query: str, within: Within) -> list[str]:
    hits = matter.lexical(query, None, 20, within)
    places = [(hit.document, hit.passage) for hit in hits]
    return [passage.text for passage in matter.found(places, EMBEDDER) if passage is not None]


def test_a_section_takes_in_what_stands_below_its_headings(matter: SqliteMatter) -> None:
    texts = found(matter, "liability", Within(section="limits liability"))
    assert len(texts) == 2
    assert any("capped" in text for text in texts)
    assert any("fraud" in text for text in texts)


def test_pages_and_documents_are_exact(matter: SqliteMatter) -> None:
    assert all("capped" not in text for text in found(matter, "liability", Within(first_page=2)))
    (text,) = found(matter, "liability", Within(documents=(LEASE,), last_page=1))
    assert "tenant" in text
    assert found(matter, "liability", Within(documents=(LEASE,), first_page=2)) == []
    assert found(matter, "liability", Within(section="zebra")) == []


def test_a_filter_works_before_the_limit_and_not_after_it(matter: SqliteMatter) -> None:
    for within in (Within(documents=(LEASE,), section="tenant"), Within(first_page=2, section="term")):
        (hit,) = matter.lexical("liability", None, 1, within)
        assert hit.passage in matter.within(within)[hit.document]


def test_a_quoted_phrase_comes_first(matter: SqliteMatter) -> None:
    for query, words in (('liability party "party wall"', "wall"), ('liability "for fraud"', "fraud")):
        first, *rest = matter.lexical(query, None, 20)
        (passage,) = matter.found([(first.document, first.passage)], EMBEDDER)
        assert passage is not None
        assert words in passage.text
        assert first.exact
        assert not any(hit.exact for hit in rest)


def test_rows_are_found_by_what_heads_their_table_and_quoted_without_it(matter: SqliteMatter) -> None:
    hits = matter.lexical("balance sheets 2022 receivable kind 128", REPORT, 9)
    first, *others = matter.found([(hit.document, hit.passage) for hit in hits], EMBEDDER)
    assert first is not None
    assert "Receivable of kind 128" in first.text
    assert first.text == matter.text(REPORT)[first.span.start : first.span.end]
    assert "BALANCE" not in first.text
    assert others


def test_a_year_in_the_head_of_a_table_dates_none_of_its_rows(matter: SqliteMatter) -> None:
    held = matter.within(Within(documents=(REPORT,), first_day=date(2023, 1, 1)))
    assert held[REPORT] == (0,)


def test_found_passages_know_their_headings_and_sentences(matter: SqliteMatter) -> None:
    (hit,) = matter.lexical("fraud", None, 1)
    passage, gone = matter.found([(hit.document, hit.passage), (MSA, 999)], EMBEDDER)
    assert gone is None
    assert passage is not None
    assert passage.section == "ARTICLE IX LIMITATION OF LIABILITY › 9.2 Exceptions"
    text = matter.text(MSA)
    assert text[passage.span.start : passage.span.end] == passage.text
    assert all(passage.span.start <= s.start < s.end <= passage.span.end for s in passage.sentences)
    assert len(passage.vectors) == len(passage.sentences)


def test_a_word_is_marked_in_whatever_form_and_no_function_word_is() -> None:
    text = "Termination of the term: it TERMINATES on the day."
    (spans,) = matched_spans([text], "terminate on the day")
    assert [text[span.start : span.end] for span in spans] == ["Termination", "TERMINATES", "day"]
    assert matched_spans(["", text], "!?") == ((), ())


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.text(max_size=12))
def test_marks_are_always_inside_the_text(before: str, word: str) -> None:
    text = f"{before} liability \x01 {word} \U0001f600 liability"
    (spans,) = matched_spans([text], f"liability {word}")
    assert [text[s.start : s.end] for s in spans].count("liability") >= 2 or word
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


@pytest.mark.parametrize(
    ("heading", "level"),
    [("ARTICLE IV", 0), ("9. Limits", 1), ("9.2 Cap", 2), ("9.2.1", 3), ("DEFINITIONS", 1), ("Notes", 9)],
)
def test_a_heading_stands_as_deep_as_its_number(heading: str, level: int) -> None:
    assert level_of(heading) == level
