"""How retrieval and what a model read off the evidence combine to one probability."""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.domain.base import Frozen
from app.domain.task import Mix


class Readout(Frozen):
    """What a model says of numbered sentences. ``asked`` are their places in the evidence.

    ``shares`` are natural logs that sum to one, ``yes`` the log-odds of Yes.
    """

    asked: tuple[int, ...]
    shares: tuple[float, ...]
    yes: float

    @property
    def peak(self) -> float:
        """How far the likest sentence stands out: 0 if all are alike, in natural logs."""
        return max(self.shares) + math.log(len(self.shares))


def log_odds(mix: Mix, presence: float | None, reading: Readout) -> float:
    """That the document answers; ``presence`` is retrieval's probability, if it tells one."""
    told = 0.0 if presence is None else mix.probe * logit(presence)
    return mix.intercept + told + mix.yes * reading.yes + mix.peak * reading.peak


def sigmoid(odds: float) -> float:
    """The probability of log-odds."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


def log_normalised(logs: Sequence[float]) -> list[float]:
    """Natural logs shifted so that their exponentials sum to one."""
    top = max(logs)
    total = top + math.log(sum(math.exp(value - top) for value in logs))
    return [value - total for value in logs]


def logit(probability: float) -> float:
    """Log-odds, kept within ±7."""
    p = min(max(probability, 1e-3), 1.0 - 1e-3)
    return math.log(p / (1.0 - p))
