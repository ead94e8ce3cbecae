"""The last stage of a search, with the real model over a small matter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.domain.cancel import CancelToken
from app.domain.kinds import DocumentState
from app.domain.ports import SearchHit
from app.domain.text import Document
from app.store.opening import open_matter
from app.store.writer import SqliteMatter
from models.onnx_embedder import OnnxEmbedder
from models.onnx_reranker import OnnxReranker
from retrieval.indexing import index_document
from retrieval.reranking import DEPTH, reordered
from retrieval.retriever import MatterRetriever
from retrieval.vector_index import ExactVectorIndex
from tests.conftest import paged

REPORT = "e" * 16
ANSWER = "We acquired three businesses in 2019 for cash of $41.5 million."
PAGES = (
    "The company pays its directors a fee for each meeting that they attend.",
    ANSWER,
    *(f"Note {number}. Inventories are valued at cost, method {number}." for number in range(60)),
)
QUESTION = "What did the company pay for acquisitions?"


@pytest.fixture(scope="module")
def matter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path_factory.mktemp("reranking") / "m", create=True)
    pages = paged(*PAGES)
    held.put_document(
        Document(
            id=REPORT, name="report.txt", sha256=REPORT * 4, pages=len(pages), state=DocumentState.READY
        ),
        pages,
    )
    held.put_indexed(index_document(REPORT, pages, OnnxEmbedder(), CancelToken()))
    yield held
    held.close()


def found(
    matter: SqliteMatter, query: str, reranker: OnnxReranker | None, limit: int
) -> tuple[SearchHit, ...]:
    embedder = OnnxEmbedder()
    retriever = MatterRetriever(
        matter, embedder, lambda: ExactVectorIndex(matter, embedder.identity), reranker=reranker
    )
    return retriever.search(query, None, limit, None)


def test_the_first_passages_change_places_and_the_rest_stay(matter: SqliteMatter) -> None:
    before = [hit.start for hit in found(matter, QUESTION, None, 40)]
    hits = found(matter, QUESTION, OnnxReranker(), 40)
    after = [hit.start for hit in hits]
    assert before != after
    assert sorted(before[:DEPTH]) == sorted(after[:DEPTH])
    assert before[DEPTH:] == after[DEPTH:]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_passage_with_the_quoted_phrase_stays_first(matter: SqliteMatter) -> None:
    query = f'{QUESTION} "method 41"'
    assert "method 41." in found(matter, query, OnnxReranker(), 5)[0].text


def test_nothing_found_is_nothing_to_read() -> None:
    assert reordered("anything", [], {}, 1.5, OnnxReranker()) == []
