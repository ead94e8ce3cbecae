from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from app.desktop.grid_cells import CellState
from app.desktop.grid_filter import DOCUMENT
from app.desktop.grid_panel import GridPanel
from tests.desktop.grid_made import (
    TASKS,
    at,
    document,
    documents,
    filled,
    labels,
    outcome,
    outcomes,
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


def press(qtbot: QtBot, panel: GridPanel, *keys: Qt.Key) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    panel.cell_chosen.connect(lambda *cell: told.append(cell))
    for key in keys:
        qtbot.keyClick(panel.view, key)
    return told


def test_a_slash_goes_to_the_filter_enter_back_and_escape_clears(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel)
    qtbot.keyClick(panel.view, KEY.Key_Slash)
    assert panel.toolbar.field.hasFocus()
    qtbot.keyClicks(panel.toolbar.field, "value 0")
    qtbot.keyClick(panel.toolbar.field, KEY.Key_Return)
    assert panel.view.hasFocus()
    assert panel.rows.rowCount() == 1
    qtbot.keyClick(panel.view, KEY.Key_Slash)
    qtbot.keyClick(panel.toolbar.field, KEY.Key_Escape)
    assert panel.rows.rowCount() == 3
    qtbot.keyClick(panel.toolbar.field, KEY.Key_Escape)
    assert panel.view.hasFocus()


def test_j_and_k_go_through_what_wants_a_look_and_round_again(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel)
    told = press(qtbot, panel, KEY.Key_J, KEY.Key_J, KEY.Key_J, KEY.Key_J, KEY.Key_J, KEY.Key_K)
    assert told == [at(0, "law"), at(1, "cap"), at(2, "term"), at(2, "cap"), at(0, "law"), at(2, "cap")]


def test_h_l_and_arrows_go_from_cell_to_cell_and_stop_at_the_edge(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel)
    panel.select(*at(1, "term"))
    told = press(qtbot, panel, KEY.Key_L, KEY.Key_L, KEY.Key_H, KEY.Key_Up, KEY.Key_Left, KEY.Key_Left)
    assert told == [at(1, "cap"), at(1, "term"), at(0, "term"), at(0, "law")]
    assert panel.current() == at(0, "law")


def test_enter_opens_the_cell(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel)
    panel.select(*at(2, "cap"))
    with qtbot.waitSignal(panel.cell_opened) as heard:
        qtbot.keyClick(panel.view, KEY.Key_Return)
    assert heard.args == list(at(2, "cap"))


@pytest.mark.parametrize("letter", "AERUNPMX")
def test_letters_reach_the_window(qtbot: QtBot, letter: str) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    panel = GridPanel()
    window.setCentralWidget(panel)
    action = QAction("decide", window)
    action.setShortcut(QKeySequence(letter))
    window.addAction(action)
    filled(panel)
    with qtbot.waitActive(window):
        window.show()
    panel.view.setFocus()
    before = panel.current()
    with qtbot.waitSignal(action.triggered):
        qtbot.keyClick(panel.view, getattr(KEY, f"Key_{letter}"))
    assert panel.current() == before


def test_selecting_tells_nobody_and_shows_a_cell_that_a_filter_or_menu_had_hidden(
    qtbot: QtBot, panel: GridPanel
) -> None:
    filled(panel)
    panel.toolbar.undecided.setChecked(True)
    panel.toolbar.field.setText("value 2")
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 1)
    panel.view.tasks.show_or_hide(1, False)
    with qtbot.assertNotEmitted(panel.cell_chosen):
        panel.select(*at(0, "term"))
    assert panel.current() == at(0, "term")


def test_going_on_from_code_tells_where_it_went(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel)
    panel.select(*at(0, "law"))
    with qtbot.waitSignal(panel.cell_chosen) as heard:
        panel.go_next(True)
    assert heard.args == list(at(1, "cap"))
    panel.go_next(False)
    assert panel.current() == at(2, "law")
    panel.go_previous(False)
    panel.go_left()
    panel.go_right()
    assert panel.current() == at(1, "cap")


def test_where_one_is_survives_new_documents_tasks_outcomes_sorts_and_filters(
    qtbot: QtBot, panel: GridPanel
) -> None:
    filled(panel)
    panel.select(*at(2, "cap"))
    with qtbot.assertNotEmitted(panel.cell_chosen):
        panel.set_documents(documents(5))
        panel.set_documents(list(reversed(documents(5))))
        panel.set_tasks([("own", "Who pays?"), *TASKS])
        panel.set_outcomes(outcomes(documents(5)))
        panel.view.sort(DOCUMENT, True)
        panel.toolbar.undecided.setChecked(True)
    assert panel.current() == at(2, "cap")


def told(panel: GridPanel) -> list[list[str]]:
    """Findings by id that are asked to be accepted together, from now on."""
    heard: list[list[str]] = []
    panel.bulk_requested.connect(lambda held: heard.append([outcome.finding.id for outcome in held]))
    return heard


def ids(*cells: tuple[int, str]) -> list[str]:
    return [outcome(document(row), task).finding.id for row, task in cells]


def test_a_column_can_be_accepted_as_far_as_it_is_shown(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel, [[FOUND] * 3, [ACCEPTED] * 3, [FOUND] * 3, [EMPTY] * 3])
    menus = panel._menus  # pyright: ignore[reportPrivateUsage]
    heard = told(panel)
    labels(menus.for_column(1))["Accept all found in this column…"].trigger()
    panel.toolbar.field.setText("value 2")
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 1)
    labels(menus.for_column(1))["Accept all found in this column…"].trigger()
    assert heard == [ids((0, "term"), (1, "term"), (2, "term")), ids((2, "term"))]


def test_a_document_and_a_selection_can_be_accepted(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel)
    menus = panel._menus  # pyright: ignore[reportPrivateUsage]
    heard = told(panel)
    labels(menus.for_row(2))["Accept all found in this document…"].trigger()
    assert heard == [ids((2, "law"), (2, "term"), (2, "cap"))]
    assert not labels(menus.for_row(1))["Accept all found in this document…"].isEnabled()
    panel.view.selectAll()
    menu = menus.for_cell(QPoint(5, 5))
    assert menu is not None
    action = labels(menu)["Accept all found in the selection…"]
    assert action.text().endswith("\t2")
    action.trigger()
    assert len(heard[-1]) == 9


def test_a_row_and_a_column_give_what_is_shown_of_them(panel: GridPanel) -> None:
    filled(panel)
    panel.select(*at(2, "law"))
    panel.view.tasks.show_or_hide(1, False)
    assert [held.finding.id for held in panel.row_findings()] == ids((2, "law"), (2, "cap"))
    assert [held.finding.id for held in panel.column_findings()] == ids((0, "law"), (1, "law"), (2, "law"))


def test_shift_and_arrows_select_and_an_arrow_alone_ends_it(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel)
    panel.select(*at(0, "law"))
    assert panel.selected_count == 1
    qtbot.keyClick(panel.view, KEY.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(panel.view, KEY.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert panel.selected_count == 4
    assert [held.finding.id for held in panel.selected_findings()] == ids(
        (0, "law"), (0, "term"), (1, "law"), (1, "term")
    )
    qtbot.keyClick(panel.view, KEY.Key_Down)
    assert panel.selected_count == 1


def test_a_cell_beside_a_hidden_one_is_not_several(panel: GridPanel) -> None:
    filled(panel)
    panel.view.tasks.show_or_hide(1, False)
    panel.view.tasks.show_or_hide(2, False)
    panel.select(*at(1, "law"))
    panel.view.selectionModel().select(
        QItemSelection(panel.rows.index(1, 0), panel.rows.index(1, 2)),
        QItemSelectionModel.SelectionFlag.ClearAndSelect,
    )
    assert panel.selected_count == 1


def test_the_selection_is_given_in_reading_order_without_hidden_columns(
    qtbot: QtBot, panel: GridPanel
) -> None:
    filled(panel)
    panel.view.tasks.show_or_hide(1, False)
    panel.view.tasks.moveSection(2, 0)
    panel.select(*at(0, "law"))
    qtbot.keyClick(panel.view, KEY.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert [held.finding.task for held in panel.selected_findings()] == ["cap", "law"]
    qtbot.keyClick(panel.view, KEY.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert [held.finding.document for held in panel.selected_findings()] == [document(n).id for n in range(3)]


def test_copying_gives_lines_for_a_spreadsheet(qtbot: QtBot, panel: GridPanel) -> None:
    filled(panel)
    panel.view.selectAll()
    qtbot.keySequence(panel.view, QKeySequence(QKeySequence.StandardKey.Copy))
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[1].split("\t") == ["absent", "absent", "not sure"]
    assert len(lines) == 3
