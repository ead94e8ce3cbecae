"""What an analyst's decisions teach: a correction on top of the score that a sentence has anyway.

The corrected log-odds are slope · base + bias + direction · features, where base is what the pack gives the
sentence. It is logistic regression with a Gaussian prior (slope about 1, all else about 0) that is narrow
enough for a handful of decisions: its mode is found by Newton's method in the dual (Rasmussen and Williams,
2006, algorithm 3.1), as there are far fewer sentences than features.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain.spans import half_shared
from retrieval.evidence_budget import within_budget
from retrieval.task_probes import BUCKETS, Features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.domain.spans import Span
    from app.domain.text import Sentence

    Floats = NDArray[np.float32]
    Flags = NDArray[np.bool_]

FEWEST = 2
"""Documents whose right sentences are known, below which nothing is learned."""

FEWEST_PRESENCE = 10
"""Documents that answer, and as many that do not, below which presence is not learned. With ten or more of
each, up to three in a hundred contracts that answer were called surely absent (0.1 or less); with eight or
nine of each among a hundred decisions, twenty (``bench.retrieval.decisions``)."""

_PRESENCE_PRIOR = (0.5, 0.5, 3.0)

FOLDS = 4
BUDGET = 2000
MOST_ROWS = 1000
HARD, EASY = 15, 15


@dataclass(frozen=True)
class Strength:
    """How far lessons may move the score: standard deviations of the prior, the weight of a sentence that
    is not called right, and how many sentences are looked at in all."""

    own: float = 4.0
    near: float = 1.5
    place: float = 0.0
    words: float = 6.0
    slope: float = 0.3
    bias: float = 3.0
    wrong: float = 0.5
    rows: float = MOST_ROWS


BESIDE_PROBE = Strength(own=2.0, near=0.75, words=3.0)
"""A probe has learned from many documents, so that the same decisions may move it less."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """What one decision says of one document. Rows are its sentences.

    ``known`` are the sentences of which it says something, ``right`` those of them that answer. ``answers``
    is None where it says nothing of the document as a whole. Documents of one ``group`` share a fold; without
    one each is by itself.
    """

    document: str
    sentences: Sequence[Sentence]
    features: Features
    base: Floats
    right: Flags
    known: Flags
    answers: bool | None
    group: str = ""

    @property
    def kept_with(self) -> str:
        """What may not stand on both sides of a fold."""
        return self.group or self.document


@dataclass(frozen=True, eq=False)
class Correction:
    """Of one task. ``dense`` (D,) and ``words`` (BUCKETS,) are for ``sentence_features`` as they are.

    ``presence`` (3,) weighs the best corrected log-odds, the mean of the best three and one; None: unknown.
    """

    slope: float
    bias: float
    dense: Floats
    words: Floats
    presence: Floats | None = None

    def logits(self, base: Floats, features: Features) -> Floats:
        """Corrected log-odds of every sentence, shape (sentences,)."""
        import numpy as np

        if not len(base):
            return base
        parts = self.words[features.indices] * features.data
        moved = features.dense @ self.dense + np.add.reduceat(parts, features.starts)
        return (self.slope * base + self.bias + moved).astype(np.float32)

    def chance(self, logits: Floats) -> float | None:
        """That a document with these corrected log-odds answers; None where it cannot be told."""
        if self.presence is None or not len(logits):
            return None
        return float(_sigmoid(presence_shape(logits) @ self.presence))


def answering(sentences: Sequence[Sentence], spans: Sequence[Span]) -> Flags:
    """Which sentences share at least half of the shorter of the two with one of the spans."""
    import numpy as np

    marks = np.zeros(len(sentences), dtype=bool)
    for place, sentence in enumerate(sentences):
        marks[place] = any(half_shared(sentence.span, span) for span in spans)
    return marks


def fitted(lessons: Sequence[Lesson], strength: Strength = Strength(), seed: int = 0) -> Correction:
    """The sentences' correction, without presence. Deterministic."""
    import numpy as np

    rows = [_rows_of(lesson, strength.rows / len(lessons), seed) for lesson in lessons]
    dense = np.vstack([lesson.features.dense[keep] for lesson, keep in zip(lessons, rows, strict=True)])
    base = np.concatenate([lesson.base[keep] for lesson, keep in zip(lessons, rows, strict=True)])
    right = np.concatenate([lesson.right[keep] for lesson, keep in zip(lessons, rows, strict=True)])
    words = [one for lesson, keep in zip(lessons, rows, strict=True) for one in _words(lesson.features, keep)]
    buckets = np.unique(np.concatenate([indices for indices, _ in words]))
    lexical = np.zeros((len(words), len(buckets)), dtype=np.float32)
    for row, (indices, data) in enumerate(words):
        lexical[row, np.searchsorted(buckets, indices)] = data
    width = (dense.shape[1] - 4) // 3
    scale = np.zeros(dense.shape[1], dtype=np.float32)
    scale[:width], scale[width : 3 * width], scale[3 * width :] = strength.own, strength.near, strength.place
    scaled = np.hstack([dense * scale, lexical * strength.words]).astype(np.float32)
    prior = (scaled @ scaled.T).astype(np.float64)
    prior += strength.slope**2 * np.outer(base, base) + strength.bias**2
    weight = np.where(right, 1.0, strength.wrong)
    dual = posterior_mode(prior, base.astype(np.float64), right.astype(np.float64), weight)
    direction = scaled.T @ dual
    learned = np.zeros(BUCKETS, dtype=np.float32)
    learned[buckets] = direction[len(scale) :] * strength.words
    return Correction(
        slope=1.0 + strength.slope**2 * float(base @ dual),
        bias=strength.bias**2 * float(dual.sum()),
        dense=(direction[: len(scale)] * scale).astype(np.float32),
        words=learned,
    )


def presence_shape(logits: Floats) -> Floats:
    """The best log-odds, the mean of the best three, and one: shape (3,)."""
    import numpy as np

    best = np.sort(logits)[::-1][:3]
    return np.array([best[0], best.mean(), 1.0], dtype=np.float32)


def fitted_presence(shapes: Floats, answers: Flags) -> Floats:
    """Logistic regression of documents, shrunk to one half.

    ``shapes`` (documents, 3) are of scores that the documents had when they were not learned from.
    """
    import numpy as np

    scaled = (shapes * np.array(_PRESENCE_PRIOR)).astype(np.float64)
    dual = posterior_mode(
        scaled @ scaled.T, np.zeros(len(shapes)), answers.astype(np.float64), np.ones(len(shapes))
    )
    return (scaled.T @ dual * _PRESENCE_PRIOR).astype(np.float32)


def out_of_fold(lessons: Sequence[Lesson], strength: Strength = Strength()) -> list[Floats]:
    """Every lesson's log-odds as corrected by the other folds' lessons; its base if these teach nothing."""
    order = sorted({lesson.kept_with for lesson in lessons}, key=_shuffled)
    fold = {kept: place % FOLDS for place, kept in enumerate(order)}
    found: list[Floats] = [lesson.base for lesson in lessons]
    for number in range(FOLDS):
        others = [lesson for lesson in lessons if fold[lesson.kept_with] != number]
        if not any(lesson.right.any() for lesson in others):
            continue
        correction = fitted(others, strength)
        for place, lesson in enumerate(lessons):
            if fold[lesson.kept_with] == number:
                found[place] = correction.logits(lesson.base, lesson.features)
    return found


def _shuffled(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


@dataclass(frozen=True)
class Tried:
    """Means: the share of right sentences' characters within BUDGET, and one by the rank of the best."""

    share: float
    rank: float


def tried(lessons: Sequence[Lesson], logits: Sequence[Floats]) -> Tried:
    """Over the lessons that know a right sentence; there must be one."""
    import numpy as np

    placed = [two for two in zip(lessons, logits, strict=True) if two[0].right.any()]
    share, rank = np.mean([found_inside(lesson, one) for lesson, one in placed], axis=0)
    return Tried(float(share), float(rank))


def helps(before: Tried, after: Tried) -> bool:
    """Or does no harm: what is found alike may be learned."""
    return (after.share, after.rank) >= (before.share, before.rank)


def found_inside(lesson: Lesson, logits: Floats, budget: int = BUDGET) -> tuple[float, float]:
    """Share of its right sentences' characters in so much evidence; one by the rank of the best of them."""
    ranked = [int(place) for place in (-logits).argsort(kind="stable")]
    kept = set(within_budget(ranked, lesson.sentences, budget))
    spans = [sentence.span for sentence in lesson.sentences]
    wanted = {place: spans[place].end - spans[place].start for place in ranked if lesson.right[place]}
    inside = sum(length for place, length in wanted.items() if place in kept)
    return inside / sum(wanted.values()), 1.0 / (1 + min(map(ranked.index, wanted)))


def _rows_of(lesson: Lesson, most: float, seed: int) -> NDArray[np.int64]:
    """The right sentences, the likeliest wrong ones, and some others; ``most`` wrong ones, or a few."""
    import numpy as np

    wrong = np.flatnonzero(lesson.known & ~lesson.right)
    share = min(1.0, most / (HARD + EASY))
    hard = wrong[np.argsort(-lesson.base[wrong], kind="stable")][: max(1, int(HARD * share))]
    rest = np.setdiff1d(wrong, hard)
    picked = np.random.default_rng([seed, *lesson.document.encode()]).permutation(len(rest))
    easy = rest[picked[: int(EASY * share)]]
    return np.sort(np.concatenate([np.flatnonzero(lesson.right), hard, easy]))


def _words(features: Features, keep: NDArray[np.int64]) -> list[tuple[NDArray[np.int32], Floats]]:
    import numpy as np

    ends = np.append(features.starts[1:], len(features.indices))
    return [
        (features.indices[start:end], features.data[start:end])
        for start, end in zip(features.starts[keep], ends[keep], strict=True)
    ]


def posterior_mode(
    prior: NDArray[np.float64],
    mean: NDArray[np.float64],
    right: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Dual variables at the mode: log-odds there are ``mean + prior @ dual``.

    Shapes for N rows: ``prior`` (N, N) is the covariance of their log-odds, ``mean``, ``right`` (0 or 1) and
    ``weight`` are (N,).
    """
    import numpy as np

    dual = np.zeros(len(mean))
    moved = np.zeros(len(mean))
    best = -np.inf
    for _ in range(30):
        chance = _sigmoid(mean + moved)
        curve = weight * np.maximum(chance * (1.0 - chance), 1e-6)
        root = np.sqrt(curve)
        target = curve * moved + weight * (right - chance)
        inner = np.eye(len(mean)) + root[:, None] * prior * root
        step = target - root * np.linalg.solve(inner, root * (prior @ target)) - dual
        for half in range(6):
            tried = dual + step * 0.5**half
            odds = prior @ tried
            logits = mean + odds
            likely = float(weight @ (right * logits - np.logaddexp(0.0, logits)) - 0.5 * tried @ odds)
            if likely > best:
                break
        else:
            return dual
        close = likely - best < 1e-6
        dual, moved, best = tried, odds, likely
        if close:
            break
    return dual


def _sigmoid(z: NDArray[np.float64] | Floats) -> NDArray[np.float64]:
    import numpy as np

    return 1.0 / (1.0 + np.exp(-np.clip(z, -30.0, 30.0)))
