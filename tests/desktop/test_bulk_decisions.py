"""Several findings accepted at once after a look, by keys, in the real window and into a real matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.desktop import look
from app.desktop.active_clock import ActiveClock
from app.desktop.application import Desktop
from app.desktop.bulk_dialog import BulkDialog
from app.desktop.window import window_settings
from app.domain.finding import Decision
from app.domain.kinds import DecisionKind, OutcomeState
from app.store.opening import read_matter
from tests.desktop.bulk_made import ABSENT, ABSTAINED, FAILED, FOUND, made_matter
from tests.desktop.by_keys import press, write
from tests.desktop.dangling import nothing_dangles

__all__ = ["nothing_dangles"]
LONG = 60_000
ROWS = [
    [FOUND, FOUND, ABSENT, FOUND],
    [FOUND, FAILED, ABSTAINED, FOUND],
    [FOUND, ABSENT, FOUND, FOUND],
]


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
    look.dress(qapp, "light")
    held = Desktop(window_settings(home))
    with qtbot.waitActive(held.window):
        held.window.show()
        held.window.activateWindow()
    held.furnish()
    held.decisions.clock = ActiveClock(now=now)
    qtbot.waitUntil(lambda: bool(held.runs.pack), timeout=LONG)
    tasks = [task.id for task in held.runs.packs[held.runs.pack].tasks[:4]]
    folder = made_matter(tmp_path / "m", ROWS, tasks)
    with qtbot.waitSignal(held.bridge.opened, timeout=LONG):
        held.matters.open(folder)
    held.window.grid.setFocus()
    assert held.window.grid.current() == key(held, 0, 0)
    yield held
    held.window.close()
    held.window.deleteLater()


def key(desktop: Desktop, row: int, column: int) -> tuple[str, str]:
    model = desktop.window.grid.model
    return model.documents[row].id, model.tasks[column].id


def asked() -> BulkDialog:
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, BulkDialog)
    return dialog


def told(desktop: Desktop) -> list[str]:
    """What the status line says."""
    return [label.text() for label in desktop.window.status.findChildren(QLabel)]


def states(desktop: Desktop) -> list[list[OutcomeState]]:
    return [
        [desktop.decisions.outcomes[key(desktop, row, column)].state for column in range(4)]
        for row in range(len(ROWS))
    ]


def accepted(desktop: Desktop) -> set[tuple[int, int]]:
    return {
        (row, column)
        for row, held in enumerate(states(desktop))
        for column, state in enumerate(held)
        if state is OutcomeState.ACCEPTED
    }


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


def test_shift_a_asks_and_enter_accepts_what_can_be_of_the_document(desktop: Desktop, qtbot: QtBot) -> None:
    press("Shift+A")
    dialog = asked()
    assert [line.finding.task for line in dialog.model.lines] == [key(desktop, 0, c)[1] for c in (0, 1, 3)]
    assert "1 absent" in dialog.left_out.text()
    assert accepted(desktop) == set()
    press("Return")
    assert accepted(desktop) == {(0, 0), (0, 1), (0, 3)}
    assert "3 accepted. Press U to take all of them back." in told(desktop)
    assert {d.kind for d in stored(desktop, qtbot, 3)} == {DecisionKind.ACCEPT}
    assert desktop.window.grid.current() == key(desktop, 1, 0)


def test_control_shift_a_asks_about_the_column(desktop: Desktop, qtbot: QtBot) -> None:
    press("L", "Ctrl+Shift+A")
    assert [line.document for line in asked().model.lines] == ["Agreement 0.txt"]
    assert "1 absent, 1 failed" in asked().left_out.text()
    press("Esc", "H", "Ctrl+Shift+A", "Return")
    assert accepted(desktop) == {(0, 0), (1, 0), (2, 0)}
    stored(desktop, qtbot, 3)


def test_a_on_a_selection_asks_about_all_of_it(desktop: Desktop, qtbot: QtBot) -> None:
    press("Shift+Right", "Shift+Down", "A")
    assert len(asked().model.lines) == 3
    press("Return")
    assert accepted(desktop) == {(0, 0), (0, 1), (1, 0)}
    stored(desktop, qtbot, 3)


def test_escape_goes_back_with_nothing_decided_and_the_selection_kept(desktop: Desktop) -> None:
    press("Shift+Down", "A", "Esc")
    assert QApplication.activeModalWidget() is None
    assert accepted(desktop) == set()
    assert desktop.window.grid.selected_count == 2
    press("A")
    assert len(asked().model.lines) == 2
    press("Esc")


def test_space_leaves_a_row_out(desktop: Desktop, qtbot: QtBot) -> None:
    press("Shift+A", "Down", "Space")
    assert asked().accept_all.text() == "&Accept 2"
    press("Return")
    assert accepted(desktop) == {(0, 0), (0, 3)}
    stored(desktop, qtbot, 2)


def test_with_all_rows_unticked_enter_accepts_nothing(desktop: Desktop) -> None:
    press("Shift+A", "Space", "Down", "Space", "Down", "Space", "Return")
    assert asked().chosen == ()
    press("Esc")
    assert accepted(desktop) == set()


def test_one_undo_takes_the_whole_bulk_back(desktop: Desktop, qtbot: QtBot) -> None:
    press("Shift+A", "Return")
    stored(desktop, qtbot, 3)
    press("U")
    qtbot.waitUntil(lambda: accepted(desktop) == set(), timeout=LONG)
    assert desktop.window.grid.current() == key(desktop, 0, 0)
    kinds = Counter(decision.kind for decision in stored(desktop, qtbot, 6))
    assert kinds == {DecisionKind.ACCEPT: 3, DecisionKind.WITHDRAW: 3}
    assert "3 taken back." in told(desktop)


def test_undo_goes_back_step_by_step_also_when_pressed_faster_than_it_is_stored(
    desktop: Desktop, qtbot: QtBot
) -> None:
    press("A")
    assert desktop.window.grid.current() == key(desktop, 0, 1)
    press("Ctrl+Shift+A", "Return", "Shift+A")
    press("Esc")
    complaints: list[object] = []
    desktop.bridge.failed.connect(complaints.append)
    press("U", "U", "U")
    stored(desktop, qtbot, 4)
    qtbot.waitUntil(lambda: accepted(desktop) == set(), timeout=LONG)
    assert complaints == []


def test_undo_on_one_that_was_accepted_before_takes_back_only_that(desktop: Desktop, qtbot: QtBot) -> None:
    press("Ctrl+Shift+A", "Return")
    assert accepted(desktop) == {(0, 0), (1, 0), (2, 0)}
    desktop.window.grid.select(*key(desktop, 2, 3))
    press("A")
    desktop.window.grid.select(*key(desktop, 1, 0))
    press("U")
    qtbot.waitUntil(lambda: accepted(desktop) == {(0, 0), (2, 0), (2, 3)}, timeout=LONG)
    stored(desktop, qtbot, 5)


def test_where_nothing_can_be_accepted_it_says_so_and_asks_nothing(desktop: Desktop) -> None:
    desktop.window.grid.select(*key(desktop, 1, 1))
    press("Shift+Right", "A")
    assert QApplication.activeModalWidget() is None
    assert any("1 not sure, 1 failed" in text for text in told(desktop))


def test_more_than_anybody_can_look_over_is_not_asked_about(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.desktop.decision_flow._MOST_AT_ONCE", 3)
    press("Ctrl+A", "A")
    assert QApplication.activeModalWidget() is None
    assert any("too many to look over" in text for text in told(desktop))


def test_letters_and_bulk_keys_are_text_while_a_note_is_written(desktop: Desktop, qtbot: QtBot) -> None:
    press("M")
    write("As agreed")
    press("Ctrl+Shift+A")
    assert QApplication.activeModalWidget() is None
    press("Return", "A")
    (decision,) = stored(desktop, qtbot, 1)
    assert decision.note == "As agreed"


def test_a_note_on_one_finding_is_not_put_on_all(desktop: Desktop, qtbot: QtBot) -> None:
    press("M")
    write("only here")
    press("Return", "Shift+A", "Return")
    assert {decision.note for decision in stored(desktop, qtbot, 3)} == {None}


def test_the_look_at_the_list_is_shared_out_and_paid_for(desktop: Desktop, qtbot: QtBot, now: Now) -> None:
    now.seconds += 4.0
    press("Shift+A")
    now.seconds += 30.0
    press("Down")
    now.seconds += 15.0
    press("Return")
    spent = sorted(decision.analyst_seconds for decision in stored(desktop, qtbot, 3))
    assert spent == pytest.approx([15.0, 15.0, 19.0])


def test_time_in_a_list_that_was_left_counts_when_its_findings_are_decided(
    desktop: Desktop, qtbot: QtBot, now: Now
) -> None:
    press("Shift+A")
    now.seconds += 30.0
    press("Esc")
    now.seconds += 2.0
    press("A")
    (decision,) = stored(desktop, qtbot, 1)
    assert decision.analyst_seconds == pytest.approx(12.0)


def test_what_was_not_looked_at_is_marked(desktop: Desktop, now: Now) -> None:
    now.seconds += 3.0
    press("L")
    now.seconds += 0.2
    press("L", "Shift+A")
    seen = [line.looked_at for line in asked().model.lines]
    assert seen == [True, False, False]
    assert "2 of them were not looked at" in asked().unseen.text()
    press("Esc")
