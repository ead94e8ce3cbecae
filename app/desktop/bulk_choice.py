"""Which of several findings can be accepted together, and why the others cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.desktop import words
from app.domain.kinds import OutcomeState

if TYPE_CHECKING:
    from app.domain.finding import Outcome

_WITHOUT_VALUE = (OutcomeState.ABSENT, OutcomeState.ABSTAINED, OutcomeState.FAILED)


@dataclass(frozen=True)
class BulkChoice:
    """``acceptable`` in the order given; ``left_out`` counts the others, those decided together."""

    acceptable: tuple[Outcome, ...]
    absent: int
    not_sure: int
    failed: int
    decided: int

    @property
    def left_out(self) -> str:
        """ "2 absent, 1 failed, 4 decided"; empty if nothing is left out."""
        counts = (
            (self.absent, words.state(OutcomeState.ABSENT)),
            (self.not_sure, words.state(OutcomeState.ABSTAINED)),
            (self.failed, words.state(OutcomeState.FAILED)),
            (self.decided, QCoreApplication.translate("Bulk", "decided")),
        )
        return ", ".join(f"{count:,} {word}" for count, word in counts if count)


def choose(outcomes: Iterable[Outcome]) -> BulkChoice:
    """Only what was found and is undecided has a value that can be accepted as it stands."""
    acceptable: list[Outcome] = []
    others: Counter[OutcomeState] = Counter()
    for outcome in outcomes:
        state = outcome.state
        if state is OutcomeState.UNDECIDED:
            acceptable.append(outcome)
        else:
            others[state] += 1
    absent, not_sure, failed = (others[state] for state in _WITHOUT_VALUE)
    decided = others.total() - absent - not_sure - failed
    return BulkChoice(tuple(acceptable), absent, not_sure, failed, decided)
