from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.quiet_table import ROW_HEIGHT, QuietTable


@pytest.fixture
def table(qtbot: QtBot) -> QuietTable:
    made = QuietTable()
    qtbot.addWidget(made)
    made.show_model(QStandardItemModel(5, 3, made), (20, 10, 10), stretched=0)
    made.show()
    return made


def test_one_column_takes_what_is_left_and_never_less_than_it_needs(table: QuietTable) -> None:
    header = table.horizontalHeader()
    least, others = 0, header.sectionSize(1) + header.sectionSize(2)
    for width in (900, 500, 120):
        table.resize(width, 300)
        QApplication.processEvents()
        least = table.fontMetrics().averageCharWidth() * 20
        assert header.sectionSize(0) == max(least + 16, table.viewport().width() - others)
    assert table.horizontalScrollBar().maximum() > 0


def test_it_is_as_high_as_its_rows_up_to_a_limit(table: QuietTable) -> None:
    table.resize(900, 300)
    table.fit(10)
    assert table.height() == ROW_HEIGHT * 6 + 2
    assert table.verticalScrollBar().maximum() == 0
    table.fit(3)
    assert table.height() == ROW_HEIGHT * 4 + 2
    table.resize(120, table.height())
    QApplication.processEvents()
    assert table.height() > ROW_HEIGHT * 4 + 2, "the scroll bar hides no row"


def test_tab_leaves_it(table: QuietTable) -> None:
    assert not table.tabKeyNavigation()


def test_sorting_starts_with_the_order_given(table: QuietTable) -> None:
    table.make_sortable()
    assert table.horizontalHeader().sortIndicatorSection() == -1
    assert table.horizontalHeader().sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
