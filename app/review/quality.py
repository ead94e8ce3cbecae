"""How findings compare with gold, by the words that they cite."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.domain.kinds import FindingStatus

ALIKE = 0.5
"""A quote is right that shares so much of its words with gold (Jaccard), as CUAD's authors measure."""

BINS = 10


@dataclass
class Score:
    """Counts of findings. ``false`` were found where nothing is; ``missed`` counts ``wrong_words`` too."""

    right: int = 0
    wrong_words: int = 0
    missed: int = 0
    false: int = 0
    absent: int = 0
    abstained: int = 0
    failed: int = 0
    seconds: list[float] = field(default_factory=list[float])

    def add(self, status: str, quotes: Sequence[str], gold: Sequence[str], seconds: float) -> None:
        """One finding; ``gold`` are the right words, none where the document does not answer."""
        self.seconds.append(seconds)
        self.abstained += status == FindingStatus.ABSTAINED
        self.failed += status == FindingStatus.FAILED
        self.absent += not gold
        found = status == FindingStatus.FOUND
        if found and not gold:
            self.false += 1
        elif found and any(jaccard(q, g) >= ALIKE for q in quotes for g in gold):
            self.right += 1
        elif gold:
            self.missed += 1
            self.wrong_words += found

    @property
    def findings(self) -> int:
        """All of them, whatever their status."""
        return len(self.seconds)

    @property
    def precision(self) -> float:
        """Of what was found; 0 where nothing was."""
        return self.right / max(self.right + self.false + self.wrong_words, 1)

    @property
    def recall(self) -> float:
        """Of what is there; 0 where nothing is."""
        return self.right / max(self.right + self.missed, 1)

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)


def jaccard(one: str, other: str) -> float:
    """Of the two sets of words."""
    a, b = set(re.findall(r"\w+", one.lower())), set(re.findall(r"\w+", other.lower()))
    return len(a & b) / max(len(a | b), 1)


@dataclass(frozen=True)
class Told:
    """``probability`` that the document answers the task, as the finding says, and whether it does."""

    probability: float
    truth: bool
    status: FindingStatus
    settled: bool


def calibration_error(told: Sequence[Told]) -> float:
    """Expected, over ten bins of the same width (Naeini, Cooper and Hauskrecht, 2015)."""
    total = 0.0
    for number in range(BINS):
        held = [t for t in told if min(int(t.probability * BINS), BINS - 1) == number]
        if held:
            total += abs(sum(t.probability - t.truth for t in held))
    return total / max(len(told), 1)


def at_coverage(told: Sequence[Told], coverage: float) -> tuple[float, float]:
    """Of the surest answers: share of wrong ones, and false findings as a share of the absent."""
    surest = sorted(told, key=lambda t: -max(t.probability, 1.0 - t.probability))
    kept = surest[: round(coverage * len(told))]
    wrong = [t for t in kept if (t.probability >= 0.5) != t.truth]
    absent = [t for t in kept if not t.truth]
    return len(wrong) / max(len(kept), 1), sum(not t.truth for t in wrong) / max(len(absent), 1)
