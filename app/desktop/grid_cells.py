"""What one cell of the grid is: its state, its text, and the words a screen reader says for it."""

from __future__ import annotations

import html
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.desktop import words
from app.domain.kinds import DecisionKind, FindingStatus, OutcomeState

if TYPE_CHECKING:
    from pydantic import JsonValue

    from app.domain.finding import Outcome


class CellState(IntEnum):
    """A byte per cell, so that rows can be searched for states without looking at their outcomes."""

    EMPTY = 0
    READING = 1
    UNDECIDED = 2
    ABSTAINED = 3
    FAILED = 4
    ACCEPTED = 5
    EDITED = 6
    REJECTED = 7
    ABSENT = 8


WANTS_A_LOOK = frozenset({CellState.UNDECIDED, CellState.ABSTAINED, CellState.FAILED})
"""What "undecided" means in the grid: found, not sure or failed, and nobody said a word about it yet."""

HAS_OUTCOME = frozenset(CellState) - {CellState.EMPTY, CellState.READING}

FOUND = frozenset({CellState.UNDECIDED, CellState.ACCEPTED, CellState.EDITED, CellState.REJECTED})

_BY_STATUS = {
    FindingStatus.FOUND: CellState.UNDECIDED,
    FindingStatus.ABSENT: CellState.ABSENT,
    FindingStatus.ABSTAINED: CellState.ABSTAINED,
    FindingStatus.FAILED: CellState.FAILED,
}
_BY_DECISION = {
    DecisionKind.ACCEPT: CellState.ACCEPTED,
    DecisionKind.EDIT: CellState.EDITED,
    DecisionKind.REJECT: CellState.REJECTED,
}
_OUTCOME_STATES = {
    CellState.UNDECIDED: OutcomeState.UNDECIDED,
    CellState.ABSTAINED: OutcomeState.ABSTAINED,
    CellState.FAILED: OutcomeState.FAILED,
    CellState.ACCEPTED: OutcomeState.ACCEPTED,
    CellState.EDITED: OutcomeState.EDITED,
    CellState.REJECTED: OutcomeState.REJECTED,
    CellState.ABSENT: OutcomeState.ABSENT,
}
_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}

SortKey = tuple[float, str, float]


def cell_state(outcome: Outcome) -> CellState:
    """That of a cell that holds this outcome."""
    decision = outcome.decision
    return _BY_STATUS[outcome.finding.status] if decision is None else _BY_DECISION[decision.kind]


def outcome_state(state: int) -> OutcomeState | None:
    """The outcome's state behind a cell's; None while there is no outcome."""
    return _OUTCOME_STATES.get(CellState(state))


def value_text(outcome: Outcome) -> str:
    """The value a person reads, edited or as found; empty where there is none."""
    decision = outcome.decision
    if decision is not None and decision.value is not None:
        return decision.value
    return outcome.finding.display


def sort_group(state: int) -> int:
    """Values first, then what was rejected, what wants a look, what is absent, what is not there yet."""
    return _GROUPS[state]


_GROUPS = bytes((6, 5, 0, 2, 3, 0, 0, 1, 4))
"""By the number of the state."""


def sort_key(outcome: Outcome | None) -> SortKey:
    """Dates by time, durations, lists and summaries by length, amounts by currency and size, numbers by unit
    and size, yes before no, all else by its words.

    An edited value is free text: it is sorted by its words, after the typed ones of its column.
    """
    if outcome is None:
        return (2.0, "", 0.0)
    edited = outcome.decision is not None and outcome.decision.value is not None
    typed = None if edited else _typed(outcome.finding.value)
    return typed or (1.0, value_text(outcome).casefold(), 0.0)


def _typed(value: JsonValue) -> SortKey | None:
    match value:
        case {"date": str(day)}:
            return (0.0, day, 0.0)
        case {"count": int(count) | float(count), "unit": str(unit)}:
            return (0.0, "", count * _DAYS.get(unit, 1.0))
        case {"items": list(items)} | {"sentences": list(items)}:
            return (0.0, "", float(len(items)))
        case {"amount": int(amount) | float(amount), "currency": str(currency)}:
            return (0.0, currency, float(amount))
        case {"number": int(number) | float(number), "unit": str(unit)}:
            return (0.0, unit, float(number))
        case {"low": int(number) | float(number), "unit": str(unit)}:
            return (0.0, unit, float(number))
        case {"systolic": int(number), "unit": str(unit)}:
            return (0.0, unit, float(number))
        case {"answer": bool(answer)}:
            return (0.0, "", 0.0 if answer else 1.0)
        case bool():
            return None
        case int() | float():
            return (0.0, "", float(value))
        case _:
            return None


def state_word(state: int) -> str:
    """As it stands in the grid, in its menus and counts."""
    if state == CellState.EMPTY:
        return QCoreApplication.translate("Grid", "not reviewed")
    if state == CellState.READING:
        return QCoreApplication.translate("Grid", "reading…")
    return words.state(_OUTCOME_STATES[CellState(state)])


def status_word(status: FindingStatus) -> str:
    """What came back, before anybody decided."""
    if status is FindingStatus.FOUND:
        return QCoreApplication.translate("Grid", "found")
    return state_word(_BY_STATUS[status])


def shown_text(outcome: Outcome) -> str:
    """The value, or the status in a word where there is none."""
    value = value_text(outcome) if cell_state(outcome) in FOUND else ""
    return value or status_word(outcome.finding.status)


def plain_tip(*lines: str) -> str:
    """A tooltip that wraps and whose words are never read as markup, whatever a document says."""
    return f"<qt>{'<br>'.join(html.escape(line) for line in lines if line)}</qt>"


def spoken(task: str, document: str, outcome: Outcome | None, state: int) -> str:
    """ "Governing law of MSA Acme: found, New York, sure, undecided"."""
    head = QCoreApplication.translate("Grid", "{task} of {document}").format(task=task, document=document)
    if outcome is None:
        return f"{head}: {state_word(state)}"
    return f"{head}: {', '.join(_facts(outcome, CellState(state)))}"


def _facts(outcome: Outcome, state: CellState) -> list[str]:
    finding = outcome.finding
    facts = [status_word(finding.status)]
    if state in FOUND and (value := value_text(outcome)):
        facts.append(value)
    if finding.status in (FindingStatus.FOUND, FindingStatus.ABSENT):
        facts.append(words.confidence(finding))
    if state is CellState.UNDECIDED:
        facts.append(QCoreApplication.translate("Grid", "undecided"))
    elif outcome.decision is not None:
        facts.append(state_word(state))
    elif finding.reason:
        facts.append(finding.reason)
    return facts
