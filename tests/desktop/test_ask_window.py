"""A question of one's own in the real window, with the real small model: by keys, from asking to a column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desktop import look
from app.desktop.application import Desktop
from app.desktop.ask_dialog import AskDialog
from app.desktop.window import window_settings
from app.domain.question import question_id
from app.store.opening import read_matter
from tests.conftest import MODEL
from tests.desktop.dangling import nothing_dangles

__all__ = ["nothing_dangles"]
LONG = 300_000
QUESTION = "When does the lease end?"
TASK = question_id(QUESTION)
FILES = {
    "lease.txt": "LEASE\n\nThis Lease is made between Ada Ltd. and Bob Inc.\n\n"
    "The Lease ends on 31 March 2027.\n\nThe rent is USD 1,200 a month.",
    "letter.txt": "Dear Sir.\n\nThe parcel of oranges arrived.\n\nIt was raining. Yours, Ada.",
}


@pytest.fixture
def matter(tmp_path: Path) -> Path:
    return tmp_path / "m"


@pytest.fixture
def desktop(
    home: Path, tmp_path: Path, matter: Path, qtbot: QtBot, qapp: QApplication, nothing_dangles: None
) -> Iterator[Desktop]:
    look.dress(qapp, "light")
    held = Desktop(window_settings(home))
    held.settings.setValue("model", MODEL)
    held.window.show()
    held.furnish()
    qtbot.waitUntil(lambda: held.runs.model == MODEL, timeout=LONG)
    opened(held, qtbot, matter)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    with qtbot.waitSignal(held.bridge.ended, timeout=LONG):
        held.matters.add([tmp_path / name for name in FILES])
    yield held
    held.window.close()
    held.window.deleteLater()


def opened(desktop: Desktop, qtbot: QtBot, folder: Path) -> None:
    with qtbot.waitSignal(desktop.bridge.opened, timeout=LONG):
        desktop.matters.open(folder, create=True)


def pressed(
    qtbot: QtBot, on: QWidget, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """As a person presses it: to whatever has the focus in that window."""
    qtbot.keyClick(on.focusWidget() or on, key, held)


def dialog_of(desktop: Desktop, qtbot: QtBot) -> AskDialog:
    with qtbot.waitActive(desktop.window):
        desktop.window.activateWindow()
    pressed(qtbot, desktop.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    dialog = desktop.window.findChild(AskDialog)
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow, timeout=LONG)
    return dialog


def asked(desktop: Desktop, qtbot: QtBot) -> AskDialog:
    dialog = dialog_of(desktop, qtbot)
    qtbot.keyClicks(dialog.question, QUESTION)
    qtbot.waitUntil(lambda: "2 answers" in dialog.price.text(), timeout=LONG)
    with qtbot.waitSignal(desktop.bridge.ended, timeout=LONG) as ended:
        pressed(qtbot, dialog, Qt.Key.Key_Return)
    assert ended.args is not None
    assert ended.args[0].ending == "done"
    qtbot.waitUntil(dialog.results.list.hasFocus, timeout=LONG)
    return dialog


def columns(desktop: Desktop) -> list[str]:
    return [task.id for task in desktop.window.grid.model.tasks]


def test_an_answer_is_read_where_it_stands_and_leaves_the_grid_again(
    desktop: Desktop, qtbot: QtBot, matter: Path
) -> None:
    before = columns(desktop)
    dialog = asked(desktop, qtbot)
    answers = dialog.results.list.answers
    assert answers.headline(0) == "2027-03-31"
    qtbot.waitUntil(lambda: "The Lease ends on" in answers.quote(0)[0], timeout=LONG)
    assert columns(desktop) == [*before, TASK]
    lease = answers.answers[0].finding.document
    assert desktop.window.grid.current() == (lease, TASK)
    pressed(qtbot, dialog, Qt.Key.Key_Return)
    assert desktop.window.focusWidget() is desktop.window.grid.view
    qtbot.waitUntil(desktop.window.isActiveWindow, timeout=LONG)
    assert dialog_of(desktop, qtbot) is dialog
    pressed(qtbot, dialog, Qt.Key.Key_Escape)
    assert columns(desktop) == before
    current = desktop.window.grid.current()
    assert current is not None
    assert current[1] in before
    stored = read_matter(matter)
    kept = [(outcome.finding.task, outcome.finding.document) for outcome in stored.outcomes()]
    stored.close()
    assert sorted(kept) == sorted((TASK, document) for document in desktop.matters.documents)


def test_a_kept_question_is_a_column_the_next_day_and_can_be_dropped_again(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path, matter: Path
) -> None:
    dialog = asked(desktop, qtbot)
    pressed(qtbot, dialog, Qt.Key.Key_K)
    pressed(qtbot, dialog, Qt.Key.Key_Escape)
    assert columns(desktop)[-1] == TASK
    opened(desktop, qtbot, tmp_path / "another")
    assert TASK not in columns(desktop)
    opened(desktop, qtbot, matter)
    assert columns(desktop)[-1] == TASK

    again = dialog_of(desktop, qtbot)
    pressed(qtbot, again, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    pressed(qtbot, again, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    pressed(qtbot, again, Qt.Key.Key_Down)
    assert again.question.currentText() == QUESTION
    qtbot.waitUntil(lambda: again.ask.text() == "Show", timeout=LONG)
    with qtbot.assertNotEmitted(desktop.bridge.began):
        pressed(qtbot, again, Qt.Key.Key_Return)
    assert len(again.results.list.answers.answers) == 2
    assert again.keep.isChecked()
    pressed(qtbot, again, Qt.Key.Key_K)
    pressed(qtbot, again, Qt.Key.Key_Escape)
    assert TASK not in columns(desktop)
    opened(desktop, qtbot, matter)
    assert TASK not in columns(desktop)


def test_an_unkept_question_waits_for_no_decision(desktop: Desktop, qtbot: QtBot, matter: Path) -> None:
    asked(desktop, qtbot)
    reviewed = desktop.window.library.model
    assert not any(reviewed.reviewed_at(row) for row in range(reviewed.rowCount()))
    opened(desktop, qtbot, matter)
    assert desktop.decisions.titles[TASK] == QUESTION
    assert TASK not in columns(desktop)


def test_leaving_while_it_is_asked_stops_it(desktop: Desktop, qtbot: QtBot) -> None:
    dialog = dialog_of(desktop, qtbot)
    qtbot.keyClicks(dialog.question, QUESTION)
    with qtbot.waitSignal(desktop.bridge.ended, timeout=LONG) as ended:
        pressed(qtbot, dialog, Qt.Key.Key_Return)
        pressed(qtbot, dialog, Qt.Key.Key_Escape)
    assert ended.args is not None
    assert ended.args[0].ending == "cancelled"
    assert TASK not in columns(desktop)


def test_a_missing_model_is_said_where_one_asks(desktop: Desktop, qtbot: QtBot) -> None:
    desktop.runs.choose_model("qwen2.5-coder-1.5b")
    dialog = dialog_of(desktop, qtbot)
    qtbot.keyClicks(dialog.question, QUESTION)
    with qtbot.waitSignal(desktop.bridge.ended, timeout=LONG) as ended:
        pressed(qtbot, dialog, Qt.Key.Key_Return)
    assert ended.args is not None
    assert dialog.results.failed.title.text() == ended.args[0].trouble.message
    assert dialog.results.failed.text.text() == ended.args[0].trouble.hint
    assert dialog.ask.isVisible()
