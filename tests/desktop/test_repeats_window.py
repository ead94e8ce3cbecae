"""Copies in the real window: marked after reading, decisions carried to them after a look, one undo."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.desktop import look
from app.desktop.active_clock import ActiveClock
from app.desktop.application import Desktop
from app.desktop.carry_dialog import CarryDialog
from app.desktop.window import window_settings
from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled
from app.domain.finding import Decision
from app.domain.kinds import DecisionKind, OutcomeState
from app.review.repeats import Repeats
from app.store.opening import open_matter, read_matter
from app.wiring.desk import Desk
from tests.desktop.bulk_made import FOUND, finding_of
from tests.desktop.by_keys import press
from tests.desktop.dangling import nothing_dangles

__all__ = ["nothing_dangles"]
LONG = 60_000
TEXT = "This Agreement is governed by the laws of Delaware.\n" + " ".join(f"word{n}" for n in range(60))
OTHER = "The supplier delivers the goods within ten days of the order.\n"


class Now:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def desktop(
    home: Path, tmp_path: Path, qtbot: QtBot, qapp: QApplication, now: Now, nothing_dangles: None
) -> Iterator[Desktop]:
    """A matter of a contract, another document, and a copy of the contract, with two findings on each."""
    look.dress(qapp, "light")
    held = Desktop(window_settings(home))
    with qtbot.waitActive(held.window):
        held.window.show()
        held.window.activateWindow()
    held.furnish()
    held.decisions.clock = ActiveClock(now=now)
    qtbot.waitUntil(lambda: bool(held.runs.pack), timeout=LONG)
    files = {"contract-a.txt": TEXT, "order.txt": OTHER, "contract-b.txt": TEXT + "\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with qtbot.waitSignal(held.bridge.opened, timeout=LONG):
        held.matters.open(tmp_path / "m", create=True)
    with qtbot.waitSignal(held.bridge.ended, timeout=LONG):
        held.matters.add([tmp_path / name for name in files])
    yield held
    held.window.close()
    held.window.deleteLater()


def compared(desktop: Desktop, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desktop.repeats.compared, timeout=LONG)


def found_on_each(desktop: Desktop, qtbot: QtBot) -> None:
    """Two findings on every document; the matter is opened again."""
    folder = desktop.matters.folder
    assert folder is not None
    tasks = [task.id for task in desktop.runs.packs[desktop.runs.pack].tasks[:2]]
    documents = list(desktop.matters.documents)
    with qtbot.waitSignal(desktop.bridge.closed, timeout=LONG):
        desktop.bridge.close_matter()
    matter = open_matter(folder, create=False)
    for document in documents:
        for task in tasks:
            finding = finding_of(document, task, FOUND)
            matter.put_finding(finding, {"finding": finding.id, "status": finding.status.value})
    matter.close()
    with qtbot.waitSignal(desktop.bridge.opened, timeout=LONG):
        desktop.matters.open(folder)
    desktop.window.grid.setFocus()
    compared(desktop, qtbot)


def told(desktop: Desktop) -> list[str]:
    return [label.text() for label in desktop.window.status.findChildren(QLabel)]


def state(desktop: Desktop, row: int, column: int) -> OutcomeState:
    model = desktop.window.grid.model
    return desktop.decisions.outcomes[model.documents[row].id, model.tasks[column].id].state


def stored(desktop: Desktop, qtbot: QtBot, count: int) -> list[Decision]:
    """All decisions in the matter's file, once there are as many."""
    folder = desktop.matters.folder
    assert folder is not None

    def read() -> list[Decision]:
        matter = read_matter(folder)
        held = [d for outcome in matter.outcomes() for d in matter.decisions(outcome.finding.id)]
        matter.close()
        return held

    qtbot.waitUntil(lambda: len(read()) == count, timeout=LONG)
    return read()


def asked() -> CarryDialog:
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, CarryDialog)
    return dialog


def carry(desktop: Desktop, qtbot: QtBot) -> CarryDialog:
    press("Shift+C")
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not None, timeout=LONG)
    return asked()


def test_a_copy_is_marked_in_library_and_grid_after_it_was_read(desktop: Desktop, qtbot: QtBot) -> None:
    compared(desktop, qtbot)
    library, grid = desktop.window.library.model, desktop.window.grid.model
    said = {library.name_at(row): library.remark_at(row).text for row in range(3)}
    assert said == {"contract-a.txt": "", "order.txt": "", "contract-b.txt": "Copy of contract-a.txt"}
    assert said == {document.name: grid.copy_at(row) for row, document in enumerate(grid.documents)}
    rows = desktop.window.grid.rows
    for shown in range(3):
        copy = said[grid.documents[rows.source_row(shown)].name]
        for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            assert bool(copy) is ("Copy of" in rows.headerData(shown, Qt.Orientation.Vertical, role))


def test_the_mark_of_a_copy_is_seen_in_its_row(desktop: Desktop, qtbot: QtBot) -> None:
    compared(desktop, qtbot)
    names = desktop.window.grid.view.names
    with_mark = names.grab().toImage()
    desktop.window.grid.set_copies({})
    without = names.grab().toImage()
    assert with_mark.size() == without.size() != QSize()
    assert with_mark != without


def test_another_matter_begins_without_the_last_ones_copies(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path
) -> None:
    compared(desktop, qtbot)
    with qtbot.waitSignal(desktop.bridge.opened, timeout=LONG):
        desktop.matters.open(tmp_path / "another", create=True)
    compared(desktop, qtbot)
    assert not desktop.window.library.model.has_remarks
    press("Shift+C")
    assert "No document of this matter is a copy of another." in told(desktop)


def test_nothing_is_carried_before_a_person_has_seen_it(desktop: Desktop, qtbot: QtBot) -> None:
    found_on_each(desktop, qtbot)
    press("A")
    stored(desktop, qtbot, 1)
    dialog = carry(desktop, qtbot)
    assert dialog.title.text() == "Carry this decision to 1 copy?"
    (line,) = dialog.chosen
    assert (line.document, line.decision.kind) == ("contract-b.txt", DecisionKind.ACCEPT)
    assert line.decision.note == "carried from contract-a.txt"
    press("Esc")
    assert state(desktop, 2, 0) is OutcomeState.UNDECIDED
    assert len(stored(desktop, qtbot, 1)) == 1


def test_what_was_looked_over_is_recorded_and_one_undo_takes_it_back(desktop: Desktop, qtbot: QtBot) -> None:
    found_on_each(desktop, qtbot)
    press("A", "R")
    stored(desktop, qtbot, 2)
    dialog = carry(desktop, qtbot)
    assert dialog.title.text() == "Carry these 2 decisions to 1 copy?"
    assert "1 accepted, 1 rejected" in dialog.kinds.text()
    press("Return")
    assert [state(desktop, 2, column) for column in range(2)] == [
        OutcomeState.ACCEPTED,
        OutcomeState.REJECTED,
    ]
    assert [state(desktop, 1, column) for column in range(2)] == [OutcomeState.UNDECIDED] * 2
    assert "2 carried. Press U to take all of them back." in told(desktop)
    notes = [decision.note for decision in stored(desktop, qtbot, 4)]
    assert notes.count("carried from contract-a.txt") == 2
    press("U")
    stored(desktop, qtbot, 6)
    qtbot.waitUntil(lambda: state(desktop, 2, 1) is OutcomeState.UNDECIDED, timeout=LONG)
    assert state(desktop, 2, 0) is OutcomeState.UNDECIDED
    assert state(desktop, 0, 0) is OutcomeState.ACCEPTED


def test_a_row_that_is_unticked_stays_undecided(desktop: Desktop, qtbot: QtBot) -> None:
    found_on_each(desktop, qtbot)
    press("A", "A")
    stored(desktop, qtbot, 2)
    dialog = carry(desktop, qtbot)
    press("Space")
    assert dialog.carry.text() == "&Carry 1"
    press("Return")
    assert [state(desktop, 2, column) for column in range(2)] == [
        OutcomeState.UNDECIDED,
        OutcomeState.ACCEPTED,
    ]


def test_the_time_of_looking_them_over_is_the_carried_findings(
    desktop: Desktop, qtbot: QtBot, now: Now
) -> None:
    found_on_each(desktop, qtbot)
    press("A", "A")
    stored(desktop, qtbot, 2)
    carry(desktop, qtbot)
    now.seconds += 8.0
    press("Return")
    carried = [d for d in stored(desktop, qtbot, 4) if d.note]
    assert [d.analyst_seconds for d in carried] == [4.0, 4.0]


def test_copies_without_anything_to_carry_are_a_sentence(desktop: Desktop, qtbot: QtBot) -> None:
    found_on_each(desktop, qtbot)
    press("Shift+C")
    said = "No decision can be carried: copies have no undecided finding alike."
    qtbot.waitUntil(lambda: said in told(desktop), timeout=LONG)


def test_what_is_compared_when_the_matter_is_left_is_given_up(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And neither the matter's file nor a thread is held: the same folder opens again at once."""
    compared(desktop, qtbot)
    begun, ended = threading.Event(), threading.Event()

    def slow(desk: Desk, cancel: CancelToken) -> Repeats:
        begun.set()
        while not cancel.cancelled:
            time.sleep(0.005)
        ended.set()
        raise Cancelled

    monkeypatch.setattr(Desk, "repeats", slow)
    folder = desktop.matters.folder
    assert folder is not None
    with qtbot.waitSignal(desktop.bridge.opened, timeout=LONG):
        desktop.matters.open(folder)
    qtbot.waitUntil(begun.is_set, timeout=LONG)
    assert not desktop.repeats.compared
    press("Shift+C")
    assert "The documents are still being compared. Try again in a moment." in told(desktop)
    monkeypatch.undo()
    with qtbot.waitSignal(desktop.bridge.opened, timeout=LONG):
        desktop.matters.open(folder)
    assert ended.is_set()
    compared(desktop, qtbot)
    assert desktop.window.library.model.remark_at(2).text == "Copy of contract-a.txt"
