"""Searching a matter for any words: a first stage by words and by meaning, then one order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.domain.errors import DocumentNotReadable
from app.domain.ports import Embedder, FoundPassage, MatterReader, PassageHit, Reranker, SearchHit
from app.domain.search import Within
from app.domain.spans import Span
from retrieval.fusion import mix
from retrieval.glossary import Glossary
from retrieval.named_documents import named_in
from retrieval.reranking import DEPTH, reordered
from retrieval.vector_index import VectorIndex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_DEPTH = 50
"""Passages that each part of the first stage brings at least."""

_NAMED = 0.5
_OTHER_WORDS = 0.5
_MOST = (1.0 + _NAMED) * (1.0 + _OTHER_WORDS)
"""More than any passage scores that lacks the query's quoted phrases."""

Place = tuple[str, int]
"""A passage: document and ordinal."""


class PassageSearch:
    """Reads one matter. ``vectors`` is called only for a search of the whole matter without a filter."""

    def __init__(
        self,
        matter: MatterReader,
        embedder: Embedder,
        vectors: Callable[[], VectorIndex],
        glossary: Glossary,
        reranker: Reranker | None = None,
    ) -> None:
        self._matter = matter
        self._embedder = embedder
        self._vectors = vectors
        self._glossary = glossary
        self._reranker = reranker

    def hits(
        self, query: str, within: Within, limit: int, budget: int | None, alike: float = -1.0
    ) -> tuple[SearchHit, ...]:
        """Best first. Raises DocumentNotReadable where the one document it is about is not indexed.

        ``alike`` is the cosine that a passage without any of the words needs.
        """
        if limit < 1:
            return ()
        vector = self._embedder.embed([query])[0]
        depth = max(_DEPTH, limit)
        named = self._named(query, within)
        ranked = self._by_words_and_meaning(query, vector, within, named, depth, alike)
        ranked = _together(ranked, self._in_other_words(query, within, named, depth))
        if self._reranker is not None:
            ranked = self._reranked(query, ranked, self._reranker)
        chosen = self._chosen(ranked, limit, budget)
        matches = self._matter.matched([passage.text for passage, _ in chosen], query)
        return tuple(
            _hit(passage, score, found, vector)
            for (passage, score), found in zip(chosen, matches, strict=True)
        )

    def _reranked(
        self, query: str, ranked: Sequence[tuple[Place, float]], reranker: Reranker
    ) -> list[tuple[Place, float]]:
        """The first few in a new order, by their texts; those that were read anew since are left out."""
        few = ranked[:DEPTH]
        found = self._matter.found([place for place, _ in few], self._embedder.identity)
        texts = {place: passage.text for (place, _), passage in zip(few, found, strict=True) if passage}
        return [*reordered(query, few, texts, _MOST, reranker), *ranked[DEPTH:]]

    def _by_words_and_meaning(
        self,
        query: str,
        vector: Floats,
        within: Within,
        named: tuple[str, ...],
        depth: int,
        alike: float = -1.0,
    ) -> list[tuple[Place, float]]:
        """Both parts of the first stage, and both once more over the documents that are named."""
        dense = [hit for hit in self._dense(vector, within, depth) if hit.score >= alike]
        lexical = self._matter.lexical(query, None, depth, within)
        if not named:
            return _ranked(dense, lexical, (), ())
        there = within.model_copy(update={"documents": named})
        named_lexical = self._matter.lexical(query, None, depth, there)
        named_dense = [hit for hit in self._nearest_of(vector, there, depth) if hit.score >= alike]
        return _ranked(dense, lexical, named_dense, named_lexical)

    def _in_other_words(
        self, query: str, within: Within, named: tuple[str, ...], depth: int
    ) -> list[tuple[Place, float]]:
        """The same for what the glossary has for the query; nothing if it has nothing."""
        written = "; ".join(self._glossary.written(query))
        if not written:
            return []
        return self._by_words_and_meaning(written, self._embedder.embed([written])[0], within, named, depth)

    def _named(self, query: str, within: Within) -> tuple[str, ...]:
        return () if within.documents else named_in(query, list(self._matter.names().items()))

    def _dense(self, vector: Floats, within: Within, depth: int) -> Sequence[PassageHit]:
        if not within.narrow:
            return self._vectors().query(vector, depth)
        alone = within.only_document
        if alone is not None:
            vectors = self._matter.passage_vectors(alone, self._embedder.identity)
            if vectors is None:
                raise DocumentNotReadable(
                    f"Document {alone} has no indexed text.", "See `pincite documents MATTER` for its state."
                )
            return _nearest(alone, vectors @ vector, range(len(vectors)), depth)
        return self._nearest_of(vector, within, depth)

    def _nearest_of(self, vector: Floats, within: Within, depth: int) -> Sequence[PassageHit]:
        hits: list[PassageHit] = []
        for document, ordinals in self._matter.within(within).items():
            vectors = self._matter.passage_vectors(document, self._embedder.identity)
            if vectors is not None:
                hits.extend(_nearest(document, vectors[list(ordinals)] @ vector, ordinals, depth))
        return sorted(hits, key=lambda hit: -hit.score)[:depth]

    def _chosen(
        self, ranked: Sequence[tuple[Place, float]], limit: int, budget: int | None
    ) -> list[tuple[FoundPassage, float]]:
        wanted = ranked[:limit] if budget is None else ranked
        chosen: list[tuple[FoundPassage, float]] = []
        left = budget
        texts = self._matter.found([place for place, _ in wanted], self._embedder.identity)
        for passage, (_, score) in zip(texts, wanted, strict=True):
            if len(chosen) == limit:
                break
            if passage is None:  # read anew since the first stage
                continue
            if left is not None:
                if len(passage.text) > left:
                    continue
                left -= len(passage.text)
            chosen.append((passage, score))
        return chosen


def _ranked(
    dense: Sequence[PassageHit],
    lexical: Sequence[PassageHit],
    named_dense: Sequence[PassageHit],
    named_lexical: Sequence[PassageHit],
) -> list[tuple[Place, float]]:
    """Both parts of the first stage mixed, with half as much again for documents that the query names.

    Passages with all of its quoted phrases come first.
    """
    scores = dict(_mixed(dense, lexical))
    for place, score in _mixed(named_dense, named_lexical):
        scores[place] = scores.get(place, 0.0) + _NAMED * score
    exact = {(hit.document, hit.passage) for hit in (*lexical, *named_lexical) if hit.exact}
    return sorted(
        ((place, score + _MOST * (place in exact)) for place, score in scores.items()),
        key=lambda pair: -pair[1],
    )


def _together(
    ranked: list[tuple[Place, float]], others: Sequence[tuple[Place, float]]
) -> list[tuple[Place, float]]:
    """``others`` are places for what the glossary has for the query; they may be none."""
    if not others:
        return ranked
    scores = dict(ranked)
    for place, score in others:
        scores[place] = scores.get(place, 0.0) + _OTHER_WORDS * score
    return sorted(scores.items(), key=lambda pair: -pair[1])


def _mixed(*parts: Sequence[PassageHit]) -> list[tuple[Place, float]]:
    return mix([[((hit.document, hit.passage), hit.score) for hit in part] for part in parts])


def _nearest(document: str, scores: Floats, ordinals: Sequence[int], depth: int) -> list[PassageHit]:
    order = (-scores).argsort(kind="stable")[:depth]
    return [PassageHit(document=document, passage=ordinals[int(i)], score=float(scores[i])) for i in order]


def _hit(passage: FoundPassage, score: float, found: Sequence[Span], vector: Floats) -> SearchHit:
    best = passage.sentences[int((passage.vectors @ vector).argmax())] if len(passage.vectors) else None
    return passage.hit(score, found, best)
