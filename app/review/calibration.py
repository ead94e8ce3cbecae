"""A model's readings fitted to gold, and the thresholds that keep to the error a pack accepts.

Logistic regression with a Gaussian prior about the defaults (``Mix``), by Newton's method: a few dozen cases
move the weights a little, hundreds as far as they say.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from app.domain.base import Frozen
from app.domain.kinds import FindingStatus
from app.domain.task import CalibrationCard, Mix
from app.review.mixing import Readout, log_odds, logit, sigmoid
from app.review.quality import Told, at_coverage, calibration_error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")

FOLDS = 4
FEWEST = 20
"""Cases that the model read, below which nothing is fitted."""

COVERAGES = (1.0, 0.95, 0.9, 0.85, 0.7, 0.5)
SELECT = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
_WIDE = (1.0, 0.5, 0.5, 0.5)
"""Standard deviations of the prior: intercept, probe, yes, peak."""


@dataclass(frozen=True)
class Case:
    """One task on one gold document; cases of one ``group`` share a fold.

    ``presence`` is retrieval's probability, None where it tells none. ``reading`` is None where it settles
    the case. ``scores`` and ``right`` are those of the sentences that the reading is of.
    """

    group: str
    presence: float | None
    answers: bool
    reading: Readout | None = None
    scores: tuple[float, ...] = ()
    right: tuple[bool, ...] = ()


class Counted(Frozen):
    """What a fit was made from, as its card tells it."""

    documents: int
    groups: int
    cases: int
    unclear: int
    read: int
    by_folds: bool


@dataclass(frozen=True)
class Fitted:
    """``log_loss``: of retrieval alone, of the defaults, and of this mix, on read cases of other folds.

    ``risk``: by share of the surest answers, how many are wrong and how many absent ones are called found.
    """

    mix: Mix
    log_loss: tuple[float, float, float]
    calibration_error: float
    risk: tuple[tuple[float, float, float], ...]

    @property
    def better(self) -> bool:
        """Than the defaults, on cases that it was not fitted on."""
        return self.log_loss[2] < self.log_loss[1]

    def card(self, counted: Counted, accepted: float | None, probes: str | None) -> CalibrationCard:
        """``probes`` is the SHA-256 of those that the pack has."""
        return CalibrationCard(
            **counted.model_dump(),
            log_loss=self.log_loss,
            calibration_error=self.calibration_error,
            risk=self.risk,
            accepted_error=accepted,
            probes=probes,
        )


def calibrated(cases: Sequence[Case], accepted: float | None) -> Fitted | None:
    """None where the model read too few, or only such as answer, or only such as do not."""
    read = [case for case in cases if case.reading is not None]
    if len(read) < FEWEST or len({case.answers for case in read}) < 2:
        return None
    mix = _fit(read)
    unseen = _by_folds(read)
    plain = _retrieval_by_folds(read)
    standard = [_chance(Mix(), case) for case in read]
    told = [_told(case, p) for case, p in zip(read, unseen, strict=True)]
    told += [_told(case, case.presence or 0.0) for case in cases if case.reading is None]
    absent, found = (None, None) if accepted is None else thresholds(told, accepted)
    return Fitted(
        mix=mix.model_copy(update={"select": _select(read), "absent": absent, "found": found}),
        log_loss=(_loss(read, plain), _loss(read, standard), _loss(read, unseen)),
        calibration_error=calibration_error(told),
        risk=tuple((share, *at_coverage(told, share)) for share in COVERAGES),
    )


def in_proportion(settled: Sequence[T], read: int, unclear: int) -> list[T]:
    """As large a share of what retrieval settles as was read of what it leaves open: all of it would make a
    fit's answers seem surer than a review's. A fixed draw."""
    share = len(settled) if not unclear else round(len(settled) * read / unclear)
    return random.Random(0).sample(list(settled), min(share, len(settled)))


def as_kept(mix: Mix) -> dict[str, Any]:
    """For ``calibration.json``, to four places: the same gold gives the same file on every machine."""
    kept = _rounded(mix.model_dump(mode="json", exclude_none=True, exclude={"labels"}))
    if mix.labels:
        kept["labels"] = mix.labels
    return kept


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {key: _rounded(one) for key, one in cast(Mapping[str, Any], value).items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in cast(Sequence[Any], value)]
    return value


def thresholds(told: Sequence[Told], accepted: float) -> tuple[float | None, float | None]:
    """At or below the first an answer is absent, from the second on it is found.

    Each is as near to a half as keeps the share of wrong ones among its answers, those that retrieval
    settled with them, at what is accepted; half a wrong answer is added, so that few cases promise little.
    None where even the surest are too few to promise it, or are wrong more often.
    """
    there = [(t.probability, t.truth, t.settled) for t in told if t.probability >= 0.5]
    gone = [(1.0 - t.probability, not t.truth, t.settled) for t in told if t.probability < 0.5]
    above, below = _nearest(there, accepted), _nearest(gone, accepted)
    if below is None:
        return None, above
    # 1 - (1 - p) may be less than p by a last digit, which must not leave p out
    within = (t.probability for t in told if t.probability < 0.5 and 1.0 - t.probability >= below)
    return max((1.0 - below, *within)), above


def _nearest(answers: Sequence[tuple[float, bool, bool]], accepted: float) -> float | None:
    """The least confidence from which on the answers are right often enough; at least one half.

    Rows are confidence, whether it is right, and whether retrieval settled it, which no threshold changes.
    """
    settled = [right for _, right, sure in answers if sure]
    wrong, count = settled.count(False), len(settled)
    doubtful = sorted(((p, right) for p, right, sure in answers if not sure), reverse=True)
    best = None
    if doubtful and doubtful[0][0] < 1.0 and (wrong + 0.5) / (count + 1.0) <= accepted:
        best = (
            1.0 + doubtful[0][0]
        ) / 2.0  # what retrieval settles keeps to it, whatever is doubtful may not
    for place, (p, right) in enumerate(doubtful):
        wrong, count = wrong + (not right), count + 1
        last = place + 1 == len(doubtful)
        if (wrong + 0.5) / (count + 1.0) <= accepted and (last or doubtful[place + 1][0] < p):
            best = 0.5 if last else p
    return best


def _fit(cases: Sequence[Case]) -> Mix:
    """The mode: prior about the defaults. Rows are one, logit(presence), yes, peak."""
    import numpy as np

    x = np.array([_row(case) for case in cases])
    y = np.array([case.answers for case in cases], dtype=np.float64)
    start = Mix()
    mean = np.array([start.intercept, start.probe, start.yes, start.peak])
    weights = _mode(x, y, mean, np.array(_WIDE))
    intercept, probe, yes, peak = map(float, weights)
    return Mix(intercept=intercept, probe=probe, yes=yes, peak=peak)


def _mode(
    x: NDArray[np.float64], y: NDArray[np.float64], mean: NDArray[np.float64], wide: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Shapes (n, k), (n,), (k,), (k,). Newton's steps are halved until the posterior rises."""
    import numpy as np

    narrow = np.diag(1.0 / wide**2)

    def likely(w: NDArray[np.float64]) -> float:
        z = x @ w
        return float(y @ z - np.logaddexp(0.0, z).sum() - 0.5 * (w - mean) @ narrow @ (w - mean))

    weights, best = mean.copy(), likely(mean)
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ weights, -30.0, 30.0)))
        slope = x.T @ (y - p) - narrow @ (weights - mean)
        step = np.linalg.solve((x * (p * (1.0 - p))[:, None]).T @ x + narrow, slope)
        tried = next(
            (weights + step * 0.5**h for h in range(8) if likely(weights + step * 0.5**h) > best), None
        )
        if tried is None or likely(tried) - best < 1e-9:
            break
        weights, best = tried, likely(tried)
    return weights


def _row(case: Case) -> list[float]:
    assert case.reading is not None
    told = 0.0 if case.presence is None else logit(case.presence)
    return [1.0, told, case.reading.yes, case.reading.peak]


def _chance(mix: Mix, case: Case) -> float:
    assert case.reading is not None
    return sigmoid(log_odds(mix, case.presence, case.reading))


def fold_of(group: str) -> int:
    """The same in every run."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % FOLDS


def _by_folds(cases: Sequence[Case]) -> list[float]:
    """Each case by a mix of the other folds' cases; by the defaults where there are none."""
    mixes: dict[int, Mix] = {}
    for number in {fold_of(case.group) for case in cases}:
        others = [case for case in cases if fold_of(case.group) != number]
        mixes[number] = _fit(others) if others else Mix()
    return [_chance(mixes[fold_of(case.group)], case) for case in cases]


def _retrieval_by_folds(cases: Sequence[Case]) -> list[float]:
    """What retrieval alone would say, scaled by the other folds' cases as the mix is."""
    import numpy as np

    found = np.full(len(cases), 0.5)
    x = np.array([_row(case)[:2] for case in cases])
    y = np.array([case.answers for case in cases], dtype=np.float64)
    fold = np.array([fold_of(case.group) for case in cases])
    for number in set(fold.tolist()):
        other = fold != number
        if other.any():
            weights = _mode(x[other], y[other], np.array([0.0, 1.0]), np.array(_WIDE[:2]))
            found[~other] = [sigmoid(float(z)) for z in x[~other] @ weights]
    return found.tolist()


def _select(cases: Sequence[Case]) -> float:
    """The weight of a sentence's share beside its retrieval score that puts a right one first most often."""
    placed = [case for case in cases if any(case.right)]
    if not placed:
        return Mix().select
    hits = {weight: sum(_first_is_right(case, weight) for case in placed) for weight in SELECT}
    return max(hits, key=lambda weight: (hits[weight], -abs(weight - Mix().select)))


def _first_is_right(case: Case, weight: float) -> bool:
    assert case.reading is not None
    merit = [score + weight * share for score, share in zip(case.scores, case.reading.shares, strict=True)]
    return case.right[max(range(len(merit)), key=merit.__getitem__)]


def _loss(cases: Sequence[Case], told: Sequence[float]) -> float:
    """Mean, natural logs."""
    held = [p if case.answers else 1.0 - p for case, p in zip(cases, told, strict=True)]
    return -sum(math.log(max(p, 1e-9)) for p in held) / len(held)


def _told(case: Case, p: float) -> Told:
    status = FindingStatus.FOUND if p >= 0.5 else FindingStatus.ABSENT
    return Told(probability=p, truth=case.answers, status=status, settled=case.reading is None)
