"""An analyst's day in the real window with a real small model: files in, review, decide, export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QDockWidget
from pytestqt.qtbot import QtBot

from app.desktop import look
from app.desktop.application import Desktop
from app.desktop.window import window_settings
from app.domain.kinds import DecisionKind, OutcomeState
from app.store.opening import read_matter
from tests.conftest import MODEL, SAMPLES
from tests.desktop.dangling import nothing_dangles

__all__ = ["nothing_dangles"]
LONG = 900_000


@pytest.fixture
def desktop(home: Path, qtbot: QtBot, qapp: QApplication, nothing_dangles: None) -> Iterator[Desktop]:
    look.dress(qapp, "light")
    held = Desktop(window_settings(home))
    held.settings.setValue("model", MODEL)
    held.window.show()
    held.furnish()
    qtbot.waitUntil(lambda: held.runs.pack == "contracts" and held.runs.model == MODEL, timeout=LONG)
    yield held
    held.window.close()
    held.window.deleteLater()


def opened(desktop: Desktop, qtbot: QtBot, folder: Path) -> None:
    with qtbot.waitSignal(desktop.bridge.opened, timeout=LONG):
        desktop.matters.open(folder, create=True)


def dropped(desktop: Desktop, qtbot: QtBot, *files: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    event = QDropEvent(
        QPointF(QPoint(20, 20)),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(desktop.bridge.ended, timeout=LONG):
        desktop.window.library.dropEvent(event)


def pressed(desktop: Desktop, qtbot: QtBot, key: str) -> None:
    """As a person presses it: to whatever has the focus."""
    focus = desktop.window.focusWidget() or desktop.window
    qtbot.keyClick(focus, key)


def reviewed(desktop: Desktop, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desktop.bridge.ended, timeout=LONG) as ended:
        desktop.window.actions_by_name["review"].trigger()
    assert ended.args is not None
    assert ended.args[0].ending in ("done", "partial")


def state_of(desktop: Desktop, key: tuple[str, str]) -> OutcomeState:
    return desktop.decisions.outcomes[key].state


def test_files_in_review_decide_by_keys_export(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    matter = tmp_path / "Acme renewal"
    opened(desktop, qtbot, matter)
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing")
    dropped(desktop, qtbot, next(SAMPLES.glob("LinkPlus*.pdf")), broken)
    assert {d.name: d.state.value for d in desktop.matters.documents.values()} == {
        "LinkPlus affiliate agreement.pdf": "ready",
        "broken.pdf": "damaged",
    }
    reviewed(desktop, qtbot)
    assert len(desktop.decisions.outcomes) == 43

    grid = desktop.window.grid
    grid.setFocus()
    pressed(desktop, qtbot, "j")
    first = grid.current()
    assert first is not None
    qtbot.waitUntil(lambda: desktop.window.document.pages.isVisible(), timeout=LONG)
    pressed(desktop, qtbot, "a")
    assert state_of(desktop, first) is OutcomeState.ACCEPTED
    second = grid.current()
    assert second is not None
    assert second != first
    pressed(desktop, qtbot, "r")
    assert state_of(desktop, second) is OutcomeState.REJECTED
    third = grid.current()
    assert third is not None
    pressed(desktop, qtbot, "e")
    field = desktop.window.focusWidget()
    assert field is not None
    qtbot.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(field, "2 years")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: state_of(desktop, third) is OutcomeState.EDITED, timeout=LONG)
    pressed(desktop, qtbot, "u")
    qtbot.waitUntil(
        lambda: (
            state_of(desktop, third) is not OutcomeState.EDITED
            or state_of(desktop, second) is not OutcomeState.REJECTED
        ),
        timeout=LONG,
    )
    out = tmp_path / "acme.xlsx"
    desktop.places.export("xlsx", str(out), False)
    qtbot.waitUntil(out.exists, timeout=LONG)
    book = load_workbook(out)
    assert book.worksheets[0].max_row >= 2

    stored = read_matter(matter)
    kinds = [d.kind for o in stored.outcomes() for d in stored.decisions(o.finding.id)]
    stored.close()
    assert sorted(kinds) == sorted(
        [DecisionKind.ACCEPT, DecisionKind.REJECT, DecisionKind.EDIT, DecisionKind.WITHDRAW]
    )


def test_letters_are_letters_while_somebody_writes(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    opened(desktop, qtbot, tmp_path / "m")
    dropped(desktop, qtbot, next(SAMPLES.glob("LinkPlus*.pdf")))
    reviewed(desktop, qtbot)
    desktop.window.grid.setFocus()
    pressed(desktop, qtbot, "j")
    before = dict(desktop.decisions.outcomes)
    pressed(desktop, qtbot, "/")
    field = desktop.window.focusWidget()
    assert field is not None
    qtbot.keyClicks(field, "area")
    assert dict(desktop.decisions.outcomes) == before


def test_a_paused_review_keeps_what_it_has_and_goes_on(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path
) -> None:
    opened(desktop, qtbot, tmp_path / "m")
    dropped(desktop, qtbot, *sorted(SAMPLES.glob("*.pdf")))
    with qtbot.waitSignal(desktop.bridge.ended, timeout=LONG) as ended:
        with qtbot.waitSignal(desktop.bridge.outcomes_changed, timeout=LONG):
            desktop.window.actions_by_name["review"].trigger()
        desktop.window.actions_by_name["pause"].trigger()
    assert ended.args is not None
    kept = len(desktop.decisions.outcomes)
    assert kept > 0
    if ended.args[0].ending == "cancelled":
        assert kept < 3 * 43
        reviewed(desktop, qtbot)
    assert len(desktop.decisions.outcomes) == 3 * 43


def test_a_killed_engine_is_one_calm_thing_and_comes_back(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path
) -> None:
    import psutil

    opened(desktop, qtbot, tmp_path / "m")
    dropped(desktop, qtbot, next(SAMPLES.glob("Ebix*.pdf")))
    with qtbot.waitSignal(desktop.bridge.ended, timeout=LONG) as ended:
        with qtbot.waitSignal(desktop.bridge.outcomes_changed, timeout=LONG):
            desktop.window.actions_by_name["review"].trigger()
        for child in psutil.Process().children():
            if "--engine" in child.cmdline():
                child.kill()
    assert ended.args is not None
    assert ended.args[0].ending in ("done", "partial")
    assert len(desktop.decisions.outcomes) == 43


def test_what_was_not_a_matter_says_so_and_leaves_the_window_usable(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with qtbot.waitSignal(desktop.bridge.failed, timeout=LONG) as failed:
        desktop.matters.open(tmp_path / "empty")
    assert failed.args is not None
    assert failed.args[0].code == "matter.not-found"
    opened(desktop, qtbot, tmp_path / "new")
    assert desktop.matters.folder == tmp_path / "new"


def test_a_hidden_panel_stays_hidden_the_next_day(
    home: Path, qtbot: QtBot, qapp: QApplication, tmp_path: Path, nothing_dangles: None
) -> None:
    shown: list[bool] = []
    for day in range(2):
        desktop = Desktop(window_settings(home))
        desktop.window.show()
        desktop.furnish()
        opened(desktop, qtbot, tmp_path / "m")
        shown.append(desktop.window.library.isVisible())
        if day == 0:
            panels = desktop.window.findChildren(QDockWidget)
            next(dock for dock in panels if dock.objectName() == "library").toggleViewAction().trigger()
            assert not desktop.window.library.isVisible()
        desktop.window.close()
        desktop.window.deleteLater()
    assert shown == [True, False]
