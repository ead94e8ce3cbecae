"""Task probes learned from gold cases, where an author has marked the right words of whole documents.

The fit is that of ``retrieval.learning`` with the slope held: the mean of a sentence's log-odds is
TEXT_WEIGHT times its fit to the task's text, and what is learned comes on top. So a probe has the form that a
pack keeps, and one that learned little is nearly the task's text alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.domain.ports import IndexedText
from app.domain.spans import Span
from retrieval.evidence_budget import within_budget
from retrieval.lead_ins import lead_ins, with_lead_ins
from retrieval.learning import (
    BUDGET,
    Correction,
    Lesson,
    Strength,
    answering,
    fitted,
    out_of_fold,
    posterior_mode,
)
from retrieval.measures import share_inside
from retrieval.task_probes import PRESENCE, TEXT_WEIGHT, Features, Probe, presence_features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FEWEST_PLACES = 4
"""Documents whose right words are known, below which no probe is learned: one for each fold."""

FEWEST_PRESENT, FEWEST_ABSENT, MANY_PRESENT = 10, 5, 20
"""So many documents that answer, and that do not, are needed to tell presence. With many that do, none need
lack it: it is then there wherever a sentence is likely."""

STRENGTH = Strength(place=1.0, slope=0.0, wrong=1.0)
"""By folds of 41 CUAD contracts of the part to learn from, four tasks: 95.3 % of a clause in the mean. Twice
as wide it is 94.5 %, as for decisions 94.9 %."""

_PRIOR = (1.0, 1.0, 1.0, 5.0)
_ALWAYS = (1.0, 0.0, 0.0, 3.0)


@dataclass(frozen=True, eq=False)
class Case:
    """Gold for one task on one document. ``gold`` are its right words; none: it does not answer.

    ``fit`` (sentences,) is what ``TextScorer.logits`` says of the task.
    """

    lesson: Lesson
    fit: Floats
    gold: tuple[Span, ...]
    leads: tuple[int | None, ...]


@dataclass(frozen=True, eq=False)
class ProbeTried:
    """``probe`` is None if none is to be kept, and ``reason`` says why. ``before`` and ``after`` are the mean
    shares of gold characters within BUDGET characters of evidence: by the task's text alone, and by what the
    other folds teach; None if it was not tried."""

    probe: Probe | None
    reason: str | None = None
    before: float | None = None
    after: float | None = None
    presence: bool = False


def case_of(
    document: str,
    group: str,
    indexed: IndexedText,
    text: str,
    features: Features,
    fit: Floats,
    gold: tuple[Span, ...],
) -> Case:
    """Of a document with sentences. Gold that stands in none, as in a running header, teaches nothing."""
    import numpy as np

    right = answering(indexed.sentences, gold)
    known = np.full(len(right), bool(right.any()) or not gold)
    base = (TEXT_WEIGHT * fit).astype(np.float32)
    lesson = Lesson(document, indexed.sentences, features, base, right, known, bool(gold), group)
    return Case(lesson, fit, gold, lead_ins(indexed, text))


def probe_of(cases: Sequence[Case], strength: Strength = STRENGTH) -> ProbeTried:
    """Learn one task's probe; kept only where gold is found better by what other folds teach."""
    placed = [case for case in cases if case.lesson.right.any()]
    if len(placed) < FEWEST_PLACES or len({case.lesson.kept_with for case in placed}) < 2:
        return ProbeTried(
            None, f"It needs {FEWEST_PLACES} documents with right words, and has {len(placed)}."
        )
    lessons = [case.lesson for case in cases]
    unseen = out_of_fold(lessons, strength)
    before = [_found(case, case.fit) for case in placed]
    after = [_found(case, one) for case, one in zip(cases, unseen, strict=True) if case.lesson.right.any()]
    weights = _presence(cases, unseen)
    was, now = _means(before), _means(after)
    found = ProbeTried(None, before=was[0], after=now[0], presence=weights is not None)
    if now < was or (now == was and weights is None):
        return replace(found, reason="Its words are not found better with a probe.", presence=False)
    return replace(found, probe=_probe(fitted(lessons, strength), weights))


def _found(case: Case, logits: Floats) -> tuple[float, float]:
    """Share of its gold characters in BUDGET characters of evidence; one by the rank of its best sentence."""
    import numpy as np

    spans = [sentence.span for sentence in case.lesson.sentences]
    ranked: list[int] = np.argsort(-with_lead_ins(logits, case.leads), kind="stable").tolist()
    kept = [spans[place] for place in within_budget(ranked, case.lesson.sentences, BUDGET)]
    best = next(rank for rank, place in enumerate(ranked, start=1) if case.lesson.right[place])
    return share_inside(case.gold, kept), 1.0 / best


def _means(found: Sequence[tuple[float, float]]) -> tuple[float, float]:
    count = len(found)
    return sum(share for share, _ in found) / count, sum(rank for _, rank in found) / count


def _presence(cases: Sequence[Case], unseen: Sequence[Floats]) -> Floats | None:
    """Of ``task_probes.presence``, from scores by other folds; None where there are too few cases to tell."""
    import numpy as np

    answers = np.array([bool(case.gold) for case in cases])
    there, gone = int(answers.sum()), int((~answers).sum())
    if there < FEWEST_PRESENT or (gone < FEWEST_ABSENT and there < MANY_PRESENT):
        return None
    if not gone:
        return np.array(_ALWAYS, dtype=np.float32)
    shapes = np.array(
        [(*presence_features(one, case.fit), 1.0) for case, one in zip(cases, unseen, strict=True)]
    )
    scaled = shapes * np.array(_PRIOR)
    flat = np.zeros(len(shapes))
    dual = posterior_mode(scaled @ scaled.T, flat, answers.astype(np.float64), flat + 1.0)
    return (scaled.T @ dual * _PRIOR).astype(np.float32)


def _probe(learned: Correction, weights: Floats | None) -> Probe:
    import numpy as np

    unknown = np.full(PRESENCE, np.nan, dtype=np.float32)
    return Probe(learned.dense, learned.words, learned.bias, unknown if weights is None else weights)
