"""The window before anything is open."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from app.desktop.window import MainWindow, window_settings


def test_the_start_page_has_the_window_to_itself_until_a_matter_is_open(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow(window_settings(tmp_path))
    qtbot.addWidget(window)
    window.go_to("start")
    with qtbot.waitSignal(window.painted):
        window.show()
    window.furnish()
    assert window.start.isVisible()
    assert not window.library.isVisible()
    assert not window.document.isVisible()
    window.go_to("view-review")
    assert window.library.isVisible()
    assert window.document.isVisible()
    window.document.shut_down()


def test_a_window_closed_before_it_is_furnished_leaves_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow(window_settings(tmp_path))
    qtbot.addWidget(window)
    window.go_to("start")
    window.show()
    assert window.close()
    assert not window.furnished
