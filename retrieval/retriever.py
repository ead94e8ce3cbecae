"""The few right sentences: for a pack's task, or for any words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.domain.errors import DocumentNotReadable
from app.domain.finding import Evidence, EvidenceSentence
from app.domain.ports import Embedder, IndexedText, MatterReader, SearchHit
from app.domain.task import Task
from retrieval.evidence_budget import within_budget
from retrieval.fusion import fuse
from retrieval.task_probes import TaskProbes
from retrieval.vector_index import VectorIndex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DEPTH = 50


class MatterRetriever:
    """Reads one matter. The vector index is opened only when a search needs the whole matter."""

    def __init__(
        self,
        matter: MatterReader,
        embedder: Embedder,
        vectors: Callable[[], VectorIndex],
        probes: TaskProbes | None = None,
    ) -> None:
        self._matter = matter
        self._embedder = embedder
        self._vectors = vectors
        self._probes = probes
        self._last: tuple[IndexedText, str] | None = None

    def evidence(self, document: str, task: Task, budget: int) -> Evidence:
        """Whole sentences in document order, at most ``budget`` characters. Raises DocumentNotReadable."""
        indexed, text = self._indexed(document)
        found = self._probes.scores(task.id, indexed, text) if self._probes else None
        if found is not None:
            scores = found.sentences
            presence = found.presence
        else:
            scores = self._untrained(indexed, text, task)
            presence = None
        ranked = sorted(range(len(indexed.sentences)), key=lambda index: -float(scores[index]))
        chosen = sorted(within_budget(ranked, indexed.sentences, budget))
        return Evidence(
            document=document,
            task=task.id,
            sentences=tuple(_evidence_sentence(indexed, text, i, float(scores[i])) for i in chosen),
            presence=presence,
        )

    def search(
        self, query: str, document: str | None, limit: int, budget: int | None
    ) -> tuple[SearchHit, ...]:
        """Passages, best first, dense and lexical fused."""
        vector = self._embedder.embed([query])[0]
        if document is None:
            dense = [(hit.document, hit.passage) for hit in self._vectors().query(vector, _DEPTH)]
        else:
            indexed, _ = self._indexed(document)
            order = (-(indexed.passage_vectors @ vector)).argsort()[:_DEPTH]
            dense = [(document, int(index)) for index in order]
        lexical = [(hit.document, hit.passage) for hit in self._matter.lexical(query, document, _DEPTH)]
        hits: list[SearchHit] = []
        left = budget
        for (source, ordinal), score in fuse([dense, lexical]):
            if len(hits) == limit:
                break
            hit = self._hit(source, ordinal, score)
            if left is not None:
                if len(hit.text) > left:
                    continue
                left -= len(hit.text)
            hits.append(hit)
        return tuple(hits)

    def _hit(self, document: str, ordinal: int, score: float) -> SearchHit:
        indexed, text = self._indexed(document)
        passage = indexed.passages[ordinal]
        start, end = passage.span
        return SearchHit(
            document=document, page=passage.page, start=start, end=end, text=text[start:end], score=score
        )

    def _indexed(self, document: str) -> tuple[IndexedText, str]:
        if self._last is None or self._last[0].document != document:
            indexed = self._matter.indexed(document, self._embedder.identity)
            if indexed is None:
                raise DocumentNotReadable(
                    f"Document {document} has no indexed text.",
                    "See `pincite documents MATTER` for its state.",
                )
            self._last = (indexed, self._matter.text(document))
        return self._last

    def _untrained(self, indexed: IndexedText, text: str, task: Task) -> NDArray[np.float32]:
        """Scores without a probe: similarity to the task's phrasings, with a fused lexical part."""
        import numpy as np

        queries = self._embedder.embed([*task.queries, task.description])
        dense = (indexed.sentence_vectors @ queries.T).max(axis=1)
        words = " ".join((*task.queries, *task.cues))
        hits = self._matter.lexical(words, indexed.document, _DEPTH)
        lexical = [i for hit in hits for i in _members(indexed, hit.passage)]
        order = [int(index) for index in (-dense).argsort()[: 4 * _DEPTH]]
        scores = np.zeros(len(indexed.sentences), dtype=np.float32)
        for index, score in fuse([order, lexical]):
            scores[index] = score
        return scores


def _members(indexed: IndexedText, passage: int) -> range:
    held = indexed.passages[passage]
    return range(held.first, held.last + 1)


def _evidence_sentence(indexed: IndexedText, text: str, index: int, score: float) -> EvidenceSentence:
    sentence = indexed.sentences[index]
    start, end = sentence.span
    return EvidenceSentence(
        sentence=index, page=sentence.page, span=sentence.span, text=text[start:end], score=score
    )
