"""However the window goes, the matter is given back."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app.desktop.bridge import Bridge, Trouble
from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled
from app.store.opening import open_matter
from app.wiring.desk import Desk

LONG = 60_000


def opened(folder: Path, qtbot: QtBot) -> Bridge:
    bridge = Bridge()
    with qtbot.waitSignal(bridge.opened, timeout=LONG):
        bridge.open(folder, create=True)
    return bridge


def given_back(folder: Path) -> bool:
    """Raises MatterBusy if somebody holds it."""
    open_matter(folder, create=False).close()
    return True


def test_a_window_that_goes_right_after_its_matter_was_closed_gives_it_back(
    home: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    bridge = opened(tmp_path / "m", qtbot)
    begun, go_on = threading.Event(), threading.Event()

    def slow(_: Desk) -> None:
        begun.set()
        go_on.wait()

    bridge.look_up(slow, lambda _: None)  # the closing stands behind it when the window goes
    begun.wait()
    bridge.close_matter()
    threading.Timer(0.05, go_on.set).start()
    bridge.shut_down()
    assert given_back(tmp_path / "m")


def test_what_runs_behind_is_given_up_before_the_matter_is_closed(
    home: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    bridge = opened(tmp_path / "m", qtbot)
    begun = threading.Event()
    heard: list[object] = []

    def until_cancelled(desk: Desk, cancel: CancelToken) -> None:
        begun.set()
        while not cancel.cancelled:
            desk.documents()  # raises once the matter's file is closed
        desk.documents()
        raise Cancelled

    bridge.behind(until_cancelled, heard.append, heard.append)
    begun.wait()
    with qtbot.waitSignal(bridge.closed, timeout=LONG):
        bridge.close_matter()
    assert given_back(tmp_path / "m")
    assert heard == []
    bridge.shut_down()


def test_who_asks_between_two_matters_is_answered(home: Path, tmp_path: Path, qtbot: QtBot) -> None:
    """The dialog of questions waits for the answer to one quote before it asks for the next."""
    bridge = opened(tmp_path / "m", qtbot)
    bridge.close_matter()
    told: list[Trouble] = []
    bridge.look_up(lambda desk: desk.documents(), lambda _: None, told.append)
    qtbot.waitUntil(lambda: [trouble.code for trouble in told] == ["no-matter"], timeout=LONG)
    bridge.shut_down()


def test_a_newer_question_takes_the_place_of_the_one_behind(home: Path, tmp_path: Path, qtbot: QtBot) -> None:
    bridge = opened(tmp_path / "m", qtbot)
    heard: list[object] = []

    def wait(_: Desk, cancel: CancelToken) -> str:
        while not cancel.cancelled:
            pass
        return "old"

    def at_once(_: Desk, __: CancelToken) -> str:
        return "new"

    bridge.behind(wait, heard.append, heard.append)
    bridge.behind(at_once, heard.append, heard.append)
    qtbot.waitUntil(lambda: heard == ["new"], timeout=LONG)
    bridge.shut_down()
    assert given_back(tmp_path / "m")


def test_a_window_that_is_gone_is_told_nothing_more(home: Path, tmp_path: Path, qtbot: QtBot) -> None:
    bridge = opened(tmp_path / "m", qtbot)
    heard: list[object] = []
    bridge.look_up(lambda desk: desk.documents(), heard.append, heard.append)  # answered, and not yet told
    bridge.shut_down()
    bridge.look_up(lambda desk: desk.documents(), heard.append, heard.append)
    for _ in range(3):
        QCoreApplication.processEvents()
    assert heard == []
