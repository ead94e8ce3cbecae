"""The few right sentences: for a pack's task, or for any words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.domain.errors import DocumentNotReadable
from app.domain.finding import Evidence, EvidenceSentence
from app.domain.kinds import TaskKind
from app.domain.ports import Embedder, IndexedText, MatterReader, Reranker, SearchHit
from app.domain.search import Within
from app.domain.task import Task
from retrieval.evidence_budget import likely, within_budget
from retrieval.gate import PROBE_GATE, passing, with_leads
from retrieval.glossary import Glossary
from retrieval.layout import is_heading
from retrieval.lead_ins import lead_ins, with_lead_ins
from retrieval.learned import Learned, base_of
from retrieval.learning import Correction
from retrieval.search import PassageSearch
from retrieval.task_probes import DocumentScores, Features, TaskProbes, sentence_features
from retrieval.text_scores import Fit, TextScorer, TextWeights
from retrieval.vector_index import VectorIndex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_LIKENESS, _COVERAGE, _INTERCEPT = 6.2, 2.3, -3.75
"""Log-odds that a question is answered, of the mean likeness of the three likest sentences and the largest
share of the question's words in one sentence: logistic regression on 3,600 pairs of those contracts and 35
plain, 35 one-phrase and 20 terse questions, answered or not weighed alike. On questions that it was not
fitted on the AUC is 0.82, 0.78 and 0.69; of likeness alone 0.80, 0.72 and 0.67."""

_HEADING = 4.0
_WORD = re.compile(r"\w{4,}")
_STEM = 5


class MatterRetriever:
    """Reads one matter. The vector index is opened only when a search needs the whole matter.

    A search sees the matter at one moment, whatever is written to it meanwhile.
    """

    def __init__(
        self,
        matter: MatterReader,
        embedder: Embedder,
        vectors: Callable[[], VectorIndex],
        probes: TaskProbes | None = None,
        learned: Learned | None = None,
        reranker: Reranker | None = None,
        weights: TextWeights | None = None,
    ) -> None:
        self._matter = matter
        self._embedder = embedder
        self._vectors = vectors
        self._probes = probes
        self._learned = learned
        self._reranker = reranker
        self._features: tuple[IndexedText, Features] | None = None
        self._leads: tuple[IndexedText, tuple[int | None, ...]] | None = None
        self._last: tuple[IndexedText, str] | None = None
        self._glossary = Glossary.load()
        self._weights = weights or TextWeights.load()
        self._scorer = TextScorer(embedder, self._weights)

    def evidence(self, document: str, task: Task, budget: int, adapt: bool = False) -> Evidence:
        """Whole sentences in document order, at most ``budget`` characters. Raises DocumentNotReadable.

        ``adapt``: of a task with a probe the likely ones, few or up to twice as many characters.
        """
        indexed, text = self._indexed(document)
        fit, found, scores, presence = self._scored(task, indexed, text)
        if found is None and task.kind is TaskKind.ASK:
            scores = _without_headings(scores, indexed, text)
            presence = _answered(indexed, text, task, self._scorer.likeness(task, indexed))
        scores, presence = self._corrected(task, indexed, text, scores, presence)
        learned = presence is not None and task.kind is not TaskKind.ASK
        if presence is None:
            presence = fit.presence
        scores = with_lead_ins(scores, self._leads_of(indexed, text))
        ranked = sorted(range(len(indexed.sentences)), key=lambda index: -float(scores[index]))
        if adapt and found is not None:
            kept = likely(ranked, scores.tolist(), indexed.sentences, budget)
        else:
            kept = within_budget(ranked, indexed.sentences, budget)
        return Evidence(
            document=document,
            task=task.id,
            sentences=tuple(_evidence_sentence(indexed, text, i, float(scores[i])) for i in sorted(kept)),
            presence=presence,
            learned=learned,
        )

    def sweep(
        self, document: str, task: Task, holds: Callable[[str], bool] | None, budget: int | None = None
    ) -> Evidence:
        """All that passes the gate of a list task, in document order, with what its items lean on.

        What was learned from decisions moves the scores and not the gate, whose recall was measured without.
        Raises DocumentNotReadable.
        """
        indexed, text = self._indexed(document)
        _, found, scores, presence = self._scored(task, indexed, text)
        gate = self._probes.gate(task.id) if self._probes and found is not None else None
        if gate is None and found is not None and holds is None:
            gate = PROBE_GATE
        passed, recall = passing(scores, gate, holds, indexed, text)
        leads = self._leads_of(indexed, text)
        kept = [i for i, passes in enumerate(with_leads(passed, leads)) if passes]
        scores, presence = self._corrected(task, indexed, text, scores, presence)
        if budget is not None:
            raised = with_lead_ins(scores, leads)
            kept = within_budget(sorted(kept, key=lambda i: -float(raised[i])), indexed.sentences, budget)
        together = set(kept)
        return Evidence(
            document=document,
            task=task.id,
            sentences=tuple(
                _evidence_sentence(indexed, text, i, float(scores[i])).model_copy(
                    update={"lead": leads[i] if leads[i] in together else None}
                )
                for i in sorted(kept)
            ),
            presence=presence,
            learned=presence is not None,
            recall=recall,
        )

    def _scored(
        self, task: Task, indexed: IndexedText, text: str
    ) -> tuple[Fit, DocumentScores | None, Floats, float | None]:
        """The fit to the task's text, the probe's scores if there are any, those that count, and presence
        where it was learned."""
        fit = self._scorer.fit(task, indexed, text)
        found = self._probes.scores(task.id, indexed, text, fit.logits) if self._probes else None
        if found is None:
            return fit, None, fit.logits, None
        return fit, found, found.sentences, found.presence

    def _corrected(
        self, task: Task, indexed: IndexedText, text: str, scores: Floats, presence: float | None
    ) -> tuple[Floats, float | None]:
        """With what was learned from decisions, if anything was."""
        correction = self._correction(task)
        if correction is None or not indexed.sentences:
            return scores, presence
        scores = correction.logits(scores, self._features_of(indexed, text))
        return scores, correction.chance(scores) if presence is None else presence

    def _correction(self, task: Task) -> Correction | None:
        if self._learned is None:
            return None
        return self._learned.of(task.id, self._embedder.identity, base_of(task, self._weights, self._probes))

    def _features_of(self, indexed: IndexedText, text: str) -> Features:
        """Kept for the next task on the same document."""
        if self._features is None or self._features[0] is not indexed:
            self._features = (indexed, sentence_features(indexed, text))
        return self._features[1]

    def _leads_of(self, indexed: IndexedText, text: str) -> tuple[int | None, ...]:
        """Kept for the next task on the same document."""
        if self._leads is None or self._leads[0] is not indexed:
            self._leads = (indexed, lead_ins(indexed, text))
        return self._leads[1]

    def search(
        self,
        query: str,
        document: str | None,
        limit: int,
        budget: int | None,
        within: Within | None = None,
        alike: float = -1.0,
    ) -> tuple[SearchHit, ...]:
        """Passages, best first, by meaning and words; ``document`` is short for a filter by that alone.

        ``alike`` is the cosine that a passage without any of the words needs.
        """
        where = within or Within(documents=(document,) if document else ())
        search = PassageSearch(self._matter, self._embedder, self._vectors, self._glossary, self._reranker)
        with self._matter.at_one_moment():
            return search.hits(query, where, limit, budget, alike)

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


def _without_headings(scores: Floats, indexed: IndexedText, text: str) -> Floats:
    """A heading names an answer and does not give it."""
    import numpy as np

    heads = [is_heading(text[s.span.start : s.span.end]) for s in indexed.sentences]
    lowered: Floats = np.where(heads, scores - _HEADING, scores).astype(np.float32)
    return lowered


def _answered(indexed: IndexedText, text: str, task: Task, likeness: Floats) -> float | None:
    """The probability that a document answers a question; None for one without words."""
    if not indexed.sentences:
        return None
    best = sorted(map(float, likeness))[-3:]
    asked = _stems(task.description)
    shared = max(len(asked & _stems(text[s.span.start : s.span.end])) for s in indexed.sentences)
    odds = _LIKENESS * sum(best) / len(best) + _COVERAGE * shared / max(len(asked), 1) + _INTERCEPT
    return 1.0 / (1.0 + math.exp(-odds))


def _stems(text: str) -> set[str]:
    """The beginnings of its longer words: no function words, and one for all forms of a word."""
    return {word[:_STEM] for word in _WORD.findall(text.lower())}


def _evidence_sentence(indexed: IndexedText, text: str, index: int, score: float) -> EvidenceSentence:
    sentence = indexed.sentences[index]
    start, end = sentence.span
    return EvidenceSentence(
        sentence=index, page=sentence.page, span=sentence.span, text=text[start:end], score=score
    )
