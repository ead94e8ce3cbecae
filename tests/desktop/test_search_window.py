"""Searching a matter in the real window, with the real embedder and no language model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.desktop import look
from app.desktop.application import Desktop
from app.desktop.search_view import SearchView
from app.desktop.window import window_settings
from tests.conftest import SAMPLES
from tests.desktop.dangling import nothing_dangles

__all__ = ["nothing_dangles"]
LONG = 900_000
CONTRACT = next(SAMPLES.glob("LinkPlus*.pdf"))


@pytest.fixture
def desktop(
    home: Path, qtbot: QtBot, qapp: QApplication, tmp_path: Path, nothing_dangles: None
) -> Iterator[Desktop]:
    look.dress(qapp, "light")
    held = Desktop(window_settings(home))
    held.window.show()
    held.furnish()
    with qtbot.waitSignal(held.bridge.opened, timeout=LONG):
        held.matters.open(tmp_path / "m", create=True)
    yield held
    held.window.close()
    held.window.deleteLater()


def view_of(desktop: Desktop) -> SearchView | None:
    return desktop.window.findChild(SearchView)


def said(desktop: Desktop) -> str:
    view = view_of(desktop)
    labels = view.findChildren(QLabel) if view is not None else []
    return " ".join(label.text() for label in labels if label.isVisible())


def test_documents_that_were_never_reviewed_are_found_by_meaning(desktop: Desktop, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desktop.bridge.ended, timeout=LONG):
        desktop.matters.add([CONTRACT])
    desktop.searches.search("which state's rules apply to a quarrel")
    qtbot.waitUntil(
        lambda: "not searched yet" in said(desktop) or "passages for" in said(desktop), timeout=LONG
    )

    def settled() -> bool:
        view = view_of(desktop)
        return view is not None and view.model.rowCount() > 0 and "so far" not in said(desktop)

    qtbot.waitUntil(settled, timeout=LONG)
    view = view_of(desktop)
    assert view is not None
    rows = [str(view.model.data(view.model.index(row))) for row in range(5)]
    assert any("laws of the State" in row or "governed by" in row for row in rows)
    assert "not searched yet" not in said(desktop)


def test_who_has_gone_elsewhere_is_not_called_back_by_a_search(desktop: Desktop, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desktop.bridge.ended, timeout=LONG):
        desktop.matters.add([CONTRACT])
    desktop.searches.search("assignment")
    qtbot.waitUntil(lambda: view_of(desktop) is not None, timeout=LONG)
    desktop.window.go_to("view-review")

    def searchable() -> bool:
        desk = desktop.bridge.desk
        return desk is not None and not desk.finder.unsearchable()

    qtbot.waitUntil(searchable, timeout=LONG)
    with qtbot.waitSignal(desktop.bridge.closed, timeout=LONG):
        desktop.bridge.close_matter()
    view = view_of(desktop)
    assert view is not None
    assert not view.isVisible()


def test_a_document_is_named_by_a_part_of_its_name(desktop: Desktop, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desktop.bridge.ended, timeout=LONG):
        desktop.matters.add(sorted(SAMPLES.glob("*.pdf"))[:2])

    def searchable() -> bool:
        desk = desktop.bridge.desk
        return desk is not None and not desk.finder.unsearchable()

    qtbot.waitUntil(searchable, timeout=LONG)
    desktop.searches.search("agreement document:linkplus")
    qtbot.waitUntil(lambda: "passages for" in said(desktop) and "so far" not in said(desktop), timeout=LONG)
    view = view_of(desktop)
    assert view is not None
    hits = [view.model.place(view.model.index(row)) for row in range(view.model.rowCount())]
    names = {desktop.matters.documents[hit[0]].name for hit in hits if hit is not None}
    assert names == {CONTRACT.name}
