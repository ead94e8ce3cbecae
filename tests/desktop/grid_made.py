"""Small documents and outcomes for tests of the grid and the library."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from pydantic import JsonValue
from PySide6.QtCore import QAbstractItemModel
from PySide6.QtGui import QAction
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from app.desktop.grid_cells import CellState
from app.desktop.grid_panel import GridPanel
from app.domain.finding import Citation, Decision, Finding, Outcome
from app.domain.kinds import DecisionKind, DocumentState, FindingStatus
from app.domain.text import Document

TASKS = [("law", "Governing law"), ("term", "Term"), ("cap", "Liability cap")]
_CITATION = (Citation(page=1, start=0, end=5, quote="words"),)
_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def document(
    number: int, name: str = "", state: DocumentState = DocumentState.READY, reason: str | None = None
) -> Document:
    return Document(
        id=f"{number:016x}",
        name=name or f"Agreement {number}.pdf",
        sha256=f"{number:064x}",
        pages=9 if state.readable else 0,
        state=state,
        reason=reason,
    )


def documents(count: int) -> list[Document]:
    return [document(number) for number in range(count)]


def outcome(
    of: Document,
    task: str,
    state: CellState = CellState.UNDECIDED,
    value: str = "New York",
    typed: JsonValue = None,
    confidence: float = 0.95,
    edited: str = "",
) -> Outcome:
    status = {
        CellState.ABSENT: FindingStatus.ABSENT,
        CellState.ABSTAINED: FindingStatus.ABSTAINED,
        CellState.FAILED: FindingStatus.FAILED,
    }.get(state, FindingStatus.FOUND)
    found = status is FindingStatus.FOUND
    finding = Finding(
        id=f"{of.id[-6:]}{task}",
        document=of.id,
        task=task,
        status=status,
        value=typed,
        display=value if found else "",
        confidence=confidence,
        citations=_CITATION if found else (),
        reason=None if found or status is FindingStatus.ABSENT else "It could not be told.",
    )
    kind = {
        CellState.ACCEPTED: DecisionKind.ACCEPT,
        CellState.EDITED: DecisionKind.EDIT,
        CellState.REJECTED: DecisionKind.REJECT,
    }.get(state)
    if kind is None:
        return Outcome(finding=finding)
    new = (edited or "as edited") if kind is DecisionKind.EDIT else None
    return Outcome(finding=finding, decision=Decision(finding=finding.id, kind=kind, value=new, at=_AT))


def outcomes(
    of: Sequence[Document], states: Collection[CellState] = (CellState.UNDECIDED,), tasks: Sequence[str] = ()
) -> list[Outcome]:
    """One for every cell, the states in turn."""
    turns = list(states)
    cells = [(held, task) for held in of for task in (tasks or [task for task, _ in TASKS])]
    return [outcome(held, task, turns[at % len(turns)]) for at, (held, task) in enumerate(cells)]


def watched(model: QAbstractItemModel) -> QAbstractItemModelTester:
    """Qt's own rules for models, checked at every signal from now on; a breach ends the run."""
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)


GRID = (
    [CellState.UNDECIDED, CellState.ABSENT, CellState.ACCEPTED],
    [CellState.ABSENT, CellState.ABSENT, CellState.ABSTAINED],
    [CellState.ACCEPTED, CellState.FAILED, CellState.UNDECIDED],
)


def shown_panel(qtbot: QtBot) -> GridPanel:
    """In a window of its own that is in front, with the focus on the table."""
    made = GridPanel()
    qtbot.addWidget(made)
    made.resize(900, 500)
    with qtbot.waitActive(made):
        made.show()
    made.view.setFocus()
    return made


def filled(panel: GridPanel, grid: Sequence[Sequence[CellState]] = GRID) -> None:
    """``grid``: by row the states of its cells."""
    held = documents(len(grid))
    panel.set_tasks(TASKS)
    panel.set_documents(held)
    panel.set_outcomes(
        [
            outcome(of, task, state, value=f"value {row} {task}")
            for row, (of, states) in enumerate(zip(held, grid, strict=True))
            for (task, _), state in zip(TASKS, states, strict=True)
            if state is not CellState.EMPTY
        ]
    )


def at(row: int, task: str) -> tuple[str, str]:
    return document(row).id, task


def labels(menu: QMenu) -> dict[str, QAction]:
    return {action.text().split("\t")[0]: action for action in menu.actions() if action.text()}
