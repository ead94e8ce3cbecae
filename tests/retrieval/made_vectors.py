"""Matters of vectors without an embedder, for tests of the vector index."""

from __future__ import annotations

import numpy as np
import pytest

from app.domain.kinds import DocumentState
from app.domain.ports import IndexedText, PassageHit
from app.domain.spans import Span
from app.domain.text import Document, Page, Passage, Sentence
from app.store.writer import SqliteMatter
from retrieval.vector_index import ExactVectorIndex, VectorIndex

EMBEDDER = "e" * 64
ROWS = 350
"""Three documents hold more than the thousand vectors from which Chroma writes its segment's files."""

WORD = "confidential"
DOCUMENTS = tuple(f"{number}" * 16 for number in (1, 2, 3))


def vectors(seed: int, rows: int = ROWS) -> np.ndarray:
    """Unit vectors near a surface of few dimensions, as those of real sentences are."""
    random = np.random.default_rng(seed)
    surface = np.random.default_rng(0).standard_normal((12, 384))
    points = random.standard_normal((rows, 12)) @ surface + 0.3 * random.standard_normal((rows, 384))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def indexed(document: str, held: np.ndarray) -> IndexedText:
    spans = [Span(place * 17, place * 17 + 16) for place in range(len(held))]
    places = list(enumerate(spans))
    return IndexedText(
        document=document,
        embedder=EMBEDDER,
        sentences=tuple(Sentence(ordinal=i, page=1, span=span) for i, span in places),
        passages=tuple(Passage(ordinal=i, page=1, span=span, first=i, last=i) for i, span in places),
        sentence_vectors=held,
        passage_vectors=held.copy(),
    )


def put(matter: SqliteMatter, document: str, held: np.ndarray) -> None:
    words = " ".join(f"{WORD}{place:04}" for place in range(len(held)))
    page = Page(number=1, start=0, text=words, width=1, height=1)
    matter.put_document(
        Document(
            id=document,
            name=f"secret {document}.pdf",
            sha256=document * 4,
            pages=1,
            state=DocumentState.READY,
        ),
        [page],
    )
    matter.put_indexed(indexed(document, held))


def assert_as_good_as_exact(index: VectorIndex, matter: SqliteMatter) -> None:
    """The best one is the very same; the others score as high, since Chroma rounds and approximates."""
    exact = ExactVectorIndex(matter, EMBEDDER)
    for document in matter.indexed_documents(EMBEDDER):
        held = matter.indexed(document, EMBEDDER)
        assert held is not None
        for row in range(3, len(held.passages), 97):
            vector = held.passage_vectors[row]
            hits, best = index.query(vector, 5), exact.query(vector, 5)
            assert (hits[0].document, hits[0].passage) == (document, row)
            assert len(set(map(place, hits))) == len(hits) == len(best)
            assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in best], abs=0.02)


def place(hit: PassageHit) -> tuple[str, int]:
    return hit.document, hit.passage
