"""Searches within dates that passages write out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from app.domain.kinds import DocumentState
from app.domain.ports import IndexedText
from app.domain.search import Within
from app.domain.text import Document
from app.store.opening import open_matter
from app.store.writer import SqliteMatter
from retrieval.passages import split_passages
from retrieval.sentences import split_sentences
from tests.conftest import paged

RECORD = "a" * 16
VISITS = (
    "Seen on March 5, 2019 for a cough.",
    "Seen again 04/11/19, the cough is better.",
    "On the 2nd day of January, 2020 no cough was heard.",
    "The cough began in 2019. Dose: 2019 mg.",
)


@pytest.fixture(scope="module")
def matter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path_factory.mktemp("dated") / "m", create=True)
    pages = paged(*VISITS)
    held.put_document(
        Document(id=RECORD, name="r", sha256=RECORD * 4, pages=len(pages), state=DocumentState.READY), pages
    )
    sentences = split_sentences(pages)
    passages = split_passages(pages, sentences)
    vectors = [np.eye(rows, 4, dtype=np.float32) for rows in (len(sentences), len(passages))]
    held.put_indexed(IndexedText(RECORD, "e" * 64, sentences, passages, *vectors))
    yield held
    held.close()


@pytest.mark.parametrize(
    ("first", "last", "pages"),
    [
        (date(2019, 1, 1), date(2019, 12, 31), {1, 2}),
        (date(2019, 4, 1), None, {2, 3}),
        (None, date(2019, 3, 5), {1}),
        (date(2019, 3, 6), date(2019, 4, 10), set[int]()),
        (date(1990, 1, 1), date(2100, 1, 1), {1, 2, 3}),
        (date(2300, 1, 1), None, set[int]()),
    ],
)
def test_a_passage_is_of_the_days_it_writes_out(
    matter: SqliteMatter, first: date | None, last: date | None, pages: set[int]
) -> None:
    within = Within(first_day=first, last_day=last)
    hits = matter.lexical("cough", None, 10, within)
    found = matter.found([(hit.document, hit.passage) for hit in hits], "e" * 64)
    assert {passage.page for passage in found if passage is not None} == pages
    assert sum(map(len, matter.within(within).values())) == len(pages)


def test_a_filter_by_days_goes_with_others(matter: SqliteMatter) -> None:
    within = Within(first_day=date(2019, 1, 1), last_day=date(2019, 12, 31), first_page=2)
    (hit,) = matter.lexical("cough", None, 10, within)
    assert hit.document == RECORD
    assert matter.within(within) == {RECORD: (hit.passage,)}
