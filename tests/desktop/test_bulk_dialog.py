from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.active_clock import LOOK_SECONDS, ActiveClock
from app.desktop.bulk_choice import choose
from app.desktop.bulk_dialog import BulkDialog
from app.desktop.bulk_model import DOCUMENT, SEEN, BulkLine, BulkModel
from app.desktop.grid_cells import CellState
from tests.desktop.grid_made import document, outcome, watched

KEY = Qt.Key


class Now:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def lines(*looked_at: bool) -> list[BulkLine]:
    return [
        BulkLine(outcome(document(n), "law", value=f"value {n}").finding, f"{n}.pdf", "Governing law", seen)
        for n, seen in enumerate(looked_at)
    ]


@pytest.fixture
def dialog(qtbot: QtBot) -> BulkDialog:
    made = BulkDialog(lines(True, False, False), "2 absent")
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
    return made


def test_only_what_was_found_and_is_undecided_is_chosen_and_the_others_are_counted() -> None:
    states = [
        CellState.UNDECIDED,
        CellState.ABSENT,
        CellState.ABSENT,
        CellState.FAILED,
        CellState.ABSTAINED,
        CellState.ACCEPTED,
        CellState.EDITED,
        CellState.REJECTED,
    ]
    choice = choose(outcome(document(n), "law", state) for n, state in enumerate(states))
    assert [held.finding.document for held in choice.acceptable] == [document(0).id]
    assert choice.left_out == "2 absent, 1 not sure, 1 failed, 3 decided"
    assert choose([]).left_out == ""


def test_it_says_how_many_were_not_looked_at_and_what_is_left_out(dialog: BulkDialog) -> None:
    assert dialog.title.text() == "Accept these 3 findings?"
    assert dialog.unseen.text().startswith("2 of them were not looked at")
    assert dialog.left_out.text() == "Left out: 2 absent."


def test_unseen_rows_are_marked_by_a_sign_and_by_words(dialog: BulkDialog) -> None:
    signs = [dialog.model.index(row, SEEN).data(Qt.ItemDataRole.DecorationRole) for row in range(3)]
    words = [dialog.model.index(row, SEEN).data() for row in range(3)]
    assert [sign is not None for sign in signs] == [False, True, True]
    assert words == ["", "not looked at", "not looked at"]


def test_the_counts_follow_the_ticks(dialog: BulkDialog) -> None:
    QTest.keyClick(dialog.table, KEY.Key_Down)
    QTest.keyClick(dialog.table, KEY.Key_Space)
    assert dialog.title.text() == "Accept these 2 findings?"
    assert dialog.unseen.text().startswith("One of them was not looked at")
    QTest.keyClick(dialog.table, KEY.Key_Down)
    QTest.keyClick(dialog.table, KEY.Key_Space)
    assert not dialog.unseen.isVisible()
    assert [dialog.model.lines[n].finding.id for n in (0,)] == list(dialog.chosen)
    QTest.keyClick(dialog.table, KEY.Key_Space)
    assert len(dialog.chosen) == 2


def test_enter_accepts_from_the_table_and_escape_goes_back(dialog: BulkDialog) -> None:
    assert dialog.table.hasFocus()
    QTest.keyClick(dialog.table, KEY.Key_Return)
    assert dialog.result() == BulkDialog.DialogCode.Accepted
    dialog.open()
    QTest.keyClick(dialog.table, KEY.Key_Escape)
    assert dialog.result() == BulkDialog.DialogCode.Rejected


def test_letters_and_tab_are_not_the_tables_keys(qtbot: QtBot, dialog: BulkDialog) -> None:
    QTest.keyClick(dialog.table, KEY.Key_A)
    assert dialog.isVisible()
    assert dialog.table.currentIndex().row() == 0
    QTest.keyClick(dialog.table, KEY.Key_Tab)
    assert not dialog.table.hasFocus()


def test_the_words_of_the_row_are_shown_in_full(dialog: BulkDialog) -> None:
    assert dialog.value.text() == "Governing law: value 0"
    QTest.keyClick(dialog.table, KEY.Key_Down)
    assert dialog.value.text() == "Governing law: value 1"
    assert dialog.quote.text() == "“words”"


def test_a_click_on_the_box_unticks_and_one_beside_it_only_goes_there(dialog: BulkDialog) -> None:
    table = dialog.table
    box = table.visualRect(dialog.model.index(2, DOCUMENT))
    QTest.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.left() + 14, box.center().y())
    )
    assert len(dialog.chosen) == 2
    QTest.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=box.center() + QPoint(60, -box.height())
    )
    assert len(dialog.chosen) == 2
    assert table.currentIndex().row() == 1


def test_the_model_keeps_the_rules_of_qt_and_speaks(qtbot: QtBot) -> None:
    model = BulkModel(lines(True, False))
    watched(model)
    model.turn(1)
    said = model.index(1, DOCUMENT).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Governing law: value 1, 1.pdf, not looked at, left undecided"
    assert (model.count, model.unseen) == (1, 0)


def test_it_fits_a_laptop_at_150_per_cent(dialog: BulkDialog) -> None:
    assert dialog.width() <= 1066
    assert dialog.height() <= 680


# the clock


def test_a_list_that_is_looked_over_shares_its_time_out_equally() -> None:
    now = Now()
    clock = ActiveClock(now=now)
    clock.look_over(["a", "b"])
    now.seconds = 10.0
    clock.look_at("c")
    assert (clock.take("a"), clock.take("b")) == (5.0, 5.0)


def test_a_pause_over_a_list_counts_as_nothing_either() -> None:
    now = Now()
    clock = ActiveClock(idle_seconds=60.0, now=now)
    clock.look_over(["a", "b"])
    now.seconds = 61.0
    clock.look_at(None)
    assert clock.take("a") == 0.0


def test_looked_at_is_what_stood_alone_for_a_moment_and_not_what_was_passed_over_or_listed() -> None:
    now = Now()
    clock = ActiveClock(now=now)
    clock.look_at("passed")
    now.seconds += LOOK_SECONDS / 2
    clock.look_at("read")
    now.seconds += LOOK_SECONDS
    assert clock.was_looked_at("read")
    clock.look_over(["listed", "passed"])
    now.seconds += 20.0
    clock.look_at(None)
    assert clock.was_looked_at("read")
    assert not clock.was_looked_at("passed")
    assert not clock.was_looked_at("listed")


def test_taking_the_time_does_not_unlook_at_a_finding() -> None:
    now = Now()
    clock = ActiveClock(now=now)
    clock.look_at("read")
    now.seconds += 5.0
    assert clock.take("read") == 5.0
    clock.look_at("other")
    assert clock.was_looked_at("read")
