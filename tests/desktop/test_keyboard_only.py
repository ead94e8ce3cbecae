"""A day by the keyboard alone, with a real small model: only key events, no mouse, no call into a flow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from app.desktop import look
from app.desktop.application import Desktop
from app.desktop.bulk_dialog import BulkDialog
from app.desktop.export_dialog import ExportDialog
from app.desktop.window import window_settings
from app.domain.finding import Decision
from app.domain.kinds import DecisionKind, OutcomeState
from app.store.opening import read_matter
from tests.conftest import MODEL, SAMPLES
from tests.desktop.by_keys import Hand, press, write
from tests.desktop.dangling import nothing_dangles

__all__ = ["nothing_dangles"]
LONG, MOMENT = 900_000, 30_000


@pytest.fixture
def desktop(home: Path, qtbot: QtBot, qapp: QApplication, nothing_dangles: None) -> Iterator[Desktop]:
    look.dress(qapp, "light")
    native = qapp.testAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    qapp.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs, True)
    settings = window_settings(home)
    settings.setValue("model", MODEL)
    held = Desktop(settings)
    with qtbot.waitActive(held.window):
        held.window.show()
        held.window.activateWindow()
    held.furnish()
    qtbot.waitUntil(lambda: held.runs.pack == "contracts" and held.runs.model == MODEL, timeout=LONG)
    yield held
    held.window.close()
    held.window.deleteLater()
    qapp.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs, native)


def typed_path(path: str) -> Callable[[], None]:
    """Into a file dialog, whose field has the focus and its text selected."""

    def answer() -> None:
        write(path)
        press("Return")

    return answer


def answered(qtbot: QtBot, key: str, answer: Callable[[], None]) -> None:
    """Press a key and answer the file dialog that it brings, whether or not that holds up the key."""
    hand = Hand([(QFileDialog, answer)])
    press(key)
    qtbot.waitUntil(lambda: hand.done, timeout=MOMENT)


def left(key: str, qtbot: QtBot) -> None:
    """Press a key and leave the dialog that it brings, whether or not that holds up the key."""
    hand = Hand([(QDialog, lambda: press("Esc"))])
    press(key)
    qtbot.waitUntil(
        lambda: hand.done and not isinstance(QApplication.activeWindow(), QDialog), timeout=MOMENT
    )


def front(kind: type[QWidget], qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), kind), timeout=MOMENT)


def begun(desktop: Desktop, qtbot: QtBot, folder: Path) -> None:
    """From the start page into a new matter."""
    with qtbot.waitSignal(desktop.bridge.opened, timeout=LONG):
        answered(qtbot, "Ctrl+N", typed_path(str(folder)))


def added(desktop: Desktop, qtbot: QtBot, *files: Path) -> None:
    names = " ".join(f'"{file}"' for file in files)
    with qtbot.waitSignal(desktop.bridge.ended, timeout=LONG):
        answered(qtbot, "Ctrl+O", typed_path(names))


def reviewed(desktop: Desktop, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desktop.bridge.ended, timeout=LONG) as ended:
        press("Ctrl+Return")
    assert ended.args is not None
    assert ended.args[0].ending == "done"


def state_at(desktop: Desktop, cell: tuple[str, str]) -> OutcomeState:
    return desktop.decisions.outcomes[cell].state


def at(desktop: Desktop) -> tuple[str, str]:
    cell = desktop.window.grid.current()
    assert cell is not None
    return cell


def accepted(desktop: Desktop) -> set[tuple[str, str]]:
    held = desktop.decisions.outcomes
    return {cell for cell, outcome in held.items() if outcome.state is OutcomeState.ACCEPTED}


def undecided(desktop: Desktop) -> set[tuple[str, str]]:
    held = desktop.decisions.outcomes
    return {cell for cell, outcome in held.items() if outcome.state is OutcomeState.UNDECIDED}


def decisions_in(folder: Path) -> list[Decision]:
    matter = read_matter(folder)
    held = [decision for o in matter.outcomes() for decision in matter.decisions(o.finding.id)]
    matter.close()
    return held


def test_a_day_from_the_start_page_to_the_exported_file(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path
) -> None:
    matter, out = tmp_path / "Acme renewal", tmp_path / "acme.xlsx"
    begun(desktop, qtbot, matter)
    assert desktop.matters.folder == matter
    note = tmp_path / "note.txt"
    note.write_bytes(b"")
    added(desktop, qtbot, next(SAMPLES.glob("LinkPlus*.pdf")), note)
    assert {d.name for d in desktop.matters.documents.values() if d.state.readable} == {
        "LinkPlus affiliate agreement.pdf"
    }
    reviewed(desktop, qtbot)
    assert len(desktop.decisions.outcomes) == 43

    press("J")
    first = at(desktop)
    press("A")
    assert state_at(desktop, first) is OutcomeState.ACCEPTED
    second = at(desktop)
    assert second != first
    press("M")
    write("not as agreed")
    press("Return", "R")
    assert state_at(desktop, second) is OutcomeState.REJECTED
    third = at(desktop)
    press("E", "Ctrl+A")
    write("2 years")
    press("Return")
    assert state_at(desktop, third) is OutcomeState.EDITED
    press("U")
    qtbot.waitUntil(lambda: state_at(desktop, third) is not OutcomeState.EDITED, timeout=LONG)
    assert at(desktop) == third

    one_by_one = accepted(desktop)
    waiting = {cell for cell in undecided(desktop) if cell[0] == third[0]}
    assert len(waiting) > 1
    press("Shift+A")
    front(BulkDialog, qtbot)
    press("Space", "Return")
    in_bulk = accepted(desktop) - one_by_one
    assert len(in_bulk) == len(waiting) - 1
    assert in_bulk < waiting
    press("U")
    qtbot.waitUntil(lambda: accepted(desktop) == one_by_one, timeout=LONG)
    press("Shift+Space", "A")
    front(BulkDialog, qtbot)
    press("Return")
    assert accepted(desktop) - one_by_one == waiting

    press("Ctrl+E")
    front(ExportDialog, qtbot)
    answered(qtbot, "Alt+B", typed_path(str(out)))
    front(ExportDialog, qtbot)
    press("Return")
    qtbot.waitUntil(out.exists, timeout=LONG)
    assert load_workbook(out).worksheets[0].max_row >= 2

    kinds = [decision.kind for decision in decisions_in(matter)]
    assert kinds.count(DecisionKind.ACCEPT) == 1 + len(waiting) - 1 + len(waiting)
    assert kinds.count(DecisionKind.WITHDRAW) == 1 + len(waiting) - 1
    assert [d.note for d in decisions_in(matter) if d.kind is DecisionKind.REJECT] == ["not as agreed"]


def test_escape_leaves_every_dialog_and_nothing_has_happened(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path
) -> None:
    for key in ("Ctrl+N", "Ctrl+Shift+O", "Ctrl+O"):
        left(key, qtbot)
    assert desktop.matters.folder is None
    begun(desktop, qtbot, tmp_path / "m")
    for key in ("Ctrl+O", "Ctrl+E", "?", "Ctrl+,", "Ctrl+Shift+Return", "Ctrl+K"):
        left(key, qtbot)
    assert desktop.matters.documents == {}
    assert not desktop.bridge.job


def test_a_matter_is_opened_again_from_the_start_page(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    begun(desktop, qtbot, tmp_path / "m")
    begun(desktop, qtbot, tmp_path / "n")
    with qtbot.waitSignal(desktop.bridge.opened, timeout=LONG):
        answered(qtbot, "Ctrl+Shift+O", typed_path(str(tmp_path / "m")))
    assert desktop.matters.folder == tmp_path / "m"
