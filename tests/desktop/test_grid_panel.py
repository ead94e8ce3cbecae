from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop import look
from app.desktop.grid_cells import CellState
from app.desktop.grid_notice import Lack
from app.desktop.grid_panel import GridPanel
from app.domain.kinds import DocumentState
from tests.desktop.grid_made import (
    TASKS,
    at,
    document,
    documents,
    filled,
    labels,
    outcome,
    shown_panel,
)

KEY = Qt.Key
ABSENT, ABSTAINED, ACCEPTED, EMPTY, FAILED, FOUND = (
    CellState.ABSENT,
    CellState.ABSTAINED,
    CellState.ACCEPTED,
    CellState.EMPTY,
    CellState.FAILED,
    CellState.UNDECIDED,
)


@pytest.fixture
def panel(qtbot: QtBot) -> GridPanel:
    return shown_panel(qtbot)


def test_without_documents_it_says_how_to_add_them(panel: GridPanel) -> None:
    assert panel.notice.lack is Lack.DOCUMENTS
    assert "Ctrl+O" in panel.notice.accessibleName()


def test_without_findings_it_says_how_to_review_until_the_first_one_comes(panel: GridPanel) -> None:
    filled(panel, [[EMPTY] * 3])
    assert panel.notice.lack is Lack.FINDINGS
    assert "Ctrl+Enter" in panel.notice.accessibleName()
    panel.update_outcomes([outcome(document(0), "law")])
    assert panel.notice.lack is Lack.NONE
    assert not panel.notice.isVisible()


def test_filtered_to_nothing_it_offers_to_clear_the_filter(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel)
    panel.toolbar.field.setText("no such thing")
    qtbot.waitUntil(lambda: panel.notice.lack is Lack.MATCHES)
    qtbot.keyClick(panel.view, KEY.Key_Escape)
    assert panel.rows.rowCount() == 3
    assert panel.toolbar.field.text() == ""
    assert panel.notice.lack is Lack.NONE


def test_typing_filters_once_when_it_pauses(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel)
    heard: list[int] = []
    panel.filter_changed.connect(lambda: heard.append(panel.rows.rowCount()))
    panel.focus_filter()
    qtbot.keyClicks(panel.toolbar.field, "value 2")
    assert panel.rows.rowCount() == 3
    qtbot.waitUntil(lambda: heard == [1])


def test_the_undecided_only_are_one_key_away(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel, [[ACCEPTED] * 3, [FOUND, ABSENT, ABSENT]])
    qtbot.keyClick(panel.view, KEY.Key_U, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(panel.toolbar.undecided.isChecked)
    assert panel.rows.rowCount() == 1
    assert panel.toolbar.counts.text() == "1 of 2 documents · 4 found · 2 absent"


def test_several_states_can_be_ticked_without_the_menu_closing(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel)
    menu = panel.toolbar.states.menu()
    assert menu is not None
    menu.popup(QPoint(0, 0))
    for word in ("failed", "not sure"):
        action = next(action for action in menu.actions() if action.text().endswith(word))
        menu.setActiveAction(action)
        qtbot.keyClick(menu, KEY.Key_Space)
    assert menu.isVisible()
    menu.close()
    assert [panel.rows.source_row(row) for row in range(panel.rows.rowCount())] == [1, 2]
    assert panel.toolbar.states.text() == "Status · 2"


def test_rows_that_come_and_go_do_not_move_the_one_that_is_looked_at(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel, [[ABSENT if row % 2 else FOUND] * 3 for row in range(200)])
    panel.toolbar.undecided.setChecked(True)
    panel.select(*at(120, "term"))
    before = panel.view.rowViewportPosition(panel.view.currentIndex().row())
    with qtbot.waitSignal(panel.rows.rearranged):
        panel.update_outcomes([outcome(document(row), "law", FAILED) for row in range(1, 60, 2)])
    assert panel.current() == at(120, "term")
    assert panel.view.rowViewportPosition(panel.view.currentIndex().row()) == before


def test_names_stay_at_the_left_and_beside_their_rows(panel: GridPanel) -> None:
    filled(panel, [[FOUND] * 3 for _ in range(100)])
    for column in range(3):
        panel.view.tasks.resizeSection(column, 500)
    view = panel.view
    view.horizontalScrollBar().setValue(view.horizontalScrollBar().maximum())
    view.verticalScrollBar().setValue(977)
    assert view.names.x() == 0
    for row in (30, 35):
        assert view.names.sectionViewportPosition(row) == view.rowViewportPosition(row)


def test_counts_say_how_much_there_is_of_what(panel: GridPanel) -> None:
    filled(panel)
    assert panel.toolbar.counts.text() == "4 found · 3 absent · 1 not sure · 1 failed"
    panel.update_outcomes([outcome(document(1), "cap", CellState.EDITED)])
    assert panel.toolbar.counts.text() == "5 found · 3 absent · 1 failed"


def click_heading(qtbot: QtBot, panel: GridPanel, column: int) -> list[int]:
    header = panel.view.tasks
    place = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    return [panel.rows.source_row(row) for row in range(panel.rows.rowCount())]


def test_a_heading_sorts_up_then_down_then_as_the_documents_came(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel, [[FOUND] * 3, [ABSENT] * 3, [FOUND] * 3])
    assert [click_heading(qtbot, panel, 1) for _ in range(3)] == [[0, 2, 1], [2, 0, 1], [0, 1, 2]]
    assert panel.view.selectionModel().selectedColumns() == []


def test_the_corner_sorts_by_document(qtbot: QtBot, panel: GridPanel) -> None:
    panel.set_tasks(TASKS)
    panel.set_documents([document(0, "b.pdf"), document(1, "C.pdf"), document(2, "a.pdf")])
    orders: list[list[int]] = []
    for _ in range(3):
        qtbot.mouseClick(panel.view.corner, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
        orders.append([panel.rows.source_row(row) for row in range(3)])
    assert orders == [[2, 0, 1], [1, 0, 2], [0, 1, 2]]


def test_dragging_the_corners_edge_widens_the_names(qtbot: QtBot, panel: GridPanel) -> None:
    corner = panel.view.corner
    edge = QPoint(corner.width() - 2, 10)
    qtbot.mousePress(corner, Qt.MouseButton.LeftButton, pos=edge)
    qtbot.mouseMove(corner, QPoint(300, 10))
    qtbot.mouseRelease(corner, Qt.MouseButton.LeftButton, pos=QPoint(300, 10))
    assert panel.view.names.width() == 300
    assert panel.view.corner.width() == 300
    assert panel.rows.sorted_by is None


def test_the_last_column_cannot_be_hidden(panel: GridPanel) -> None:
    filled(panel)
    for column in range(3):
        panel.view.tasks.show_or_hide(column, False)
    assert panel.view.tasks.shown_columns() == [2]


def test_order_widths_hidden_columns_sort_and_toggles_are_remembered_by_task(
    qtbot: QtBot, panel: GridPanel
) -> None:
    filled(panel)
    header = panel.view.tasks
    header.moveSection(2, 0)
    header.resizeSection(0, 222)
    header.show_or_hide(1, False)
    panel.view.names.set_width(333)
    panel.view.sort(2, True)
    panel.toolbar.set_toggles(True, [FAILED, FOUND])
    saved = panel.save_state()

    other = GridPanel()
    qtbot.addWidget(other)
    other.restore_state(saved)
    other.set_tasks([("new", "A task of a later version"), *TASKS])
    other.set_documents(documents(3))
    tasks = [other.model.tasks[column].id for column in other.view.tasks.shown_columns()]
    assert tasks == ["cap", "law", "new"]
    assert other.view.tasks.width_of(1) == 222
    assert other.view.names.width_wanted == 333
    assert (other.rows.sorted_by, other.rows.descending) == (3, True)
    assert other.toolbar.undecided.isChecked()
    assert other.toolbar.ticked() == [FOUND, FAILED]
    assert other.save_state() != QByteArray()


@pytest.mark.parametrize("broken", [None, QByteArray(b"?"), QByteArray(b'{"order": 3}'), "text", b""])
def test_a_state_from_elsewhere_is_let_be(panel: GridPanel, broken: object) -> None:
    filled(panel)
    panel.restore_state(broken)
    assert panel.view.tasks.shown_columns() == [0, 1, 2]


def test_the_first_order_and_widths_come_back(panel: GridPanel) -> None:
    filled(panel)
    before = panel.save_state()
    panel.view.tasks.moveSection(2, 0)
    panel.view.tasks.show_or_hide(0, False)
    panel.view.tasks.resizeSection(1, 400)
    menu = panel.toolbar.columns_menu
    menu.aboutToShow.emit()
    menu.actions()[-1].trigger()
    assert panel.view.tasks.shown_columns() == [0, 1, 2]
    assert panel.view.tasks.width_of(1) != 400
    assert before != QByteArray()


def test_columns_are_chosen_moved_and_hidden_from_the_keyboard_too(panel: GridPanel) -> None:
    filled(panel)
    menu = panel._menus.for_column(0)  # pyright: ignore[reportPrivateUsage]
    labels(menu)["Move column right"].trigger()
    assert panel.view.tasks.shown_columns() == [1, 0, 2]
    labels(menu)["Hide column"].trigger()
    assert panel.view.tasks.shown_columns() == [1, 2]
    columns = panel.toolbar.columns_menu
    columns.aboutToShow.emit()
    labels(columns)["Governing law"].trigger()
    assert panel.view.tasks.shown_columns() == [1, 0, 2]


def colours_in(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(image.height())}


def test_a_change_of_palette_is_seen_at_once(qtbot: QtBot, panel: GridPanel) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    before = application.palette()
    try:
        application.setPalette(look.palette(look.LIGHT))
        filled(panel)
        assert look.LIGHT.found in colours_in(panel.view.grab().toImage())
        application.setPalette(look.palette(look.DARK))
        QApplication.processEvents()
        seen = colours_in(panel.view.grab().toImage())
        assert look.DARK.found in seen
        assert look.LIGHT.found not in seen
    finally:
        application.setPalette(before)


def test_the_reason_of_an_unreadable_document_runs_across_its_row(panel: GridPanel) -> None:
    panel.set_tasks(TASKS)
    panel.set_documents([document(0, "x.pdf", DocumentState.DAMAGED, "It " + "very " * 20 + "long reason")])
    panel.update_outcomes([])
    view = panel.view
    image = view.viewport().grab(view.visualRect(panel.rows.index(0, 1)).adjusted(0, 0, 0, -2)).toImage()
    ground = image.pixelColor(1, 1)
    middle = range(image.width() // 4, image.width() * 3 // 4)
    assert any(image.pixelColor(x, y) != ground for x in middle for y in range(image.height()))


def test_the_reason_is_read_from_the_left_edge_also_when_the_grid_is_scrolled(panel: GridPanel) -> None:
    panel.set_tasks([(f"t{n}", f"Task {n}") for n in range(40)])
    panel.set_documents([document(0, "x.pdf", DocumentState.DAMAGED, "Short reason")])
    panel.update_outcomes([])
    view = panel.view
    row = view.visualRect(panel.rows.index(0, 0))
    text = row.adjusted(2, 0, -2, -2)
    text.setWidth(60)
    view.clearSelection()
    view.setCurrentIndex(view.model().index(-1, -1))
    before = view.viewport().grab(text).toImage()
    assert len(colours_in(before)) > 1
    for across in (3, 57, 400, 2_000):
        view.horizontalScrollBar().setValue(across)
        QApplication.processEvents()
        assert view.viewport().grab(text).toImage() == before


def test_what_scrolling_moved_is_painted_anew_where_a_reason_stands(
    qtbot: QtBot, panel: GridPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.set_tasks([(f"t{n}", f"Task {n}") for n in range(40)])
    panel.set_documents([document(0), document(1, "x.pdf", DocumentState.DAMAGED, "Short reason")])
    panel.update_outcomes([])
    view = panel.view
    QApplication.processEvents()
    asked: list[tuple[int, ...]] = []
    monkeypatch.setattr(view.viewport(), "update", lambda *area: asked.append(area))
    view.horizontalScrollBar().setValue(100)
    port = view.viewport()
    assert asked == [(0, view.rowViewportPosition(1), port.width(), view.rowHeight(1))]


def test_names_of_controls_and_cells_are_there_for_a_screen_reader(panel: GridPanel) -> None:
    filled(panel)
    toolbar = panel.toolbar
    controls = (
        toolbar.undecided,
        toolbar.states,
        toolbar.field,
        toolbar.columns,
        panel.view,
        panel.view.corner,
    )
    assert all(control.accessibleName() for control in controls)
    said = panel.rows.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Governing law of Agreement 0: found, value 0 law, sure, undecided"
    assert "(/)" in toolbar.field.toolTip()
    assert "Ctrl+U" in toolbar.undecided.toolTip()
