"""What a user would pick instead: BM25 and dense search over chunks of fixed size."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Span = tuple[int, int]
_WORD = re.compile(r"\w+")
_PARTINGS = ("\n\n", "\n", ". ", " ")


class Embeds(Protocol):
    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


def fixed_chunks(text: str, most: int) -> list[Span]:
    """As recursive character splitters do it: cut at blank lines, else at lines, sentences, words."""
    chunks: list[Span] = []
    start = 0
    while start < len(text):
        end = min(start + most, len(text))
        if end < len(text):
            for parting in _PARTINGS:
                cut = text.rfind(parting, start + most // 2, end)
                if cut > start:
                    end = cut + len(parting)
                    break
        chunks.append((start, end))
        start = end
    return chunks


class Bm25:
    """SQLite's FTS5 over some texts, k1 = 1.2 and b = 0.75."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._base = sqlite3.connect(":memory:")
        self._base.execute("CREATE VIRTUAL TABLE held USING fts5(body, tokenize = 'porter unicode61')")
        self._base.executemany(
            "INSERT INTO held (rowid, body) VALUES (?, ?)",
            [(number, text.encode(errors="replace").decode()) for number, text in enumerate(texts, start=1)],
        )

    def ranked(self, query: str, most: int = 200) -> list[int]:
        """Numbers of the texts, best first; only those with a word of the query."""
        return [number for number, _ in self.scored(query, most)]

    def scored(self, query: str, most: int = 200) -> list[tuple[int, float]]:
        """The same with their scores."""
        words = " OR ".join(f'"{word}"' for word in dict.fromkeys(_WORD.findall(query.casefold())))
        rows: list[Any] = self._base.execute(
            "SELECT rowid, -bm25(held) FROM held WHERE held MATCH ? ORDER BY bm25(held) LIMIT ?",
            (words, most),
        ).fetchall()
        return [(row[0] - 1, row[1]) for row in rows]

    def close(self) -> None:
        self._base.close()


class Dense:
    """Cosine of vectors; a query's is made once."""

    def __init__(self, embedder: Embeds) -> None:
        self._embedder = embedder
        self.query = lru_cache(maxsize=4096)(self._query)

    def _query(self, query: str) -> NDArray[np.float32]:
        return self._embedder.embed([query])[0]

    def ranked(self, vectors: NDArray[np.float32], query: str) -> list[int]:
        """Numbers of the vectors, best first."""
        return [number for number, _ in self.scored(vectors, query)]

    def scored(self, vectors: NDArray[np.float32], query: str) -> list[tuple[int, float]]:
        """The same with their cosines."""
        found = vectors @ self.query(query)
        return [(int(number), float(found[number])) for number in np.argsort(-found, kind="stable")]


def fused(rankings: Sequence[Sequence[int]], k: int = 60) -> list[int]:
    """Reciprocal rank fusion (Cormack, Clarke and Buettcher, 2009): score = Σ 1 / (k + rank), rank from 1."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1.0 / (k + rank)
    return sorted(scores, key=lambda item: -scores[item])
