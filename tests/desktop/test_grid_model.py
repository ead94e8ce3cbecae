from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot

from app.desktop.grid_cells import CellState
from app.desktop.grid_model import GridModel, GridRole, document_title
from app.domain.kinds import DocumentState, OutcomeState
from tests.desktop.grid_made import TASKS, document, documents, outcome, outcomes, watched

pytestmark = pytest.mark.usefixtures("qapp")


class Heard:
    """The blocks of cells that a model said had changed, and how often it was reset."""

    def __init__(self, model: GridModel) -> None:
        self.blocks: list[tuple[int, int, int, int]] = []
        self.resets = 0
        model.dataChanged.connect(self._changed)
        model.modelReset.connect(self._reset)

    def _changed(self, first: QModelIndex, last: QModelIndex) -> None:
        self.blocks.append((first.row(), first.column(), last.row(), last.column()))

    def _reset(self) -> None:
        self.resets += 1


def made(count: int = 4) -> GridModel:
    model = GridModel()
    watched(model)
    model.set_tasks(TASKS)
    model.set_documents(documents(count))
    return model


def test_it_is_documents_by_tasks() -> None:
    model = made()
    assert (model.rowCount(), model.columnCount()) == (4, 3)
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Term"
    assert model.headerData(1, Qt.Orientation.Vertical) == "Agreement 1"


def test_a_cell_gives_its_outcome_itself_and_no_copy() -> None:
    model = made()
    held = outcome(model.documents[2], "term", value="5 years")
    model.update_outcomes([held])
    index = model.index(2, 1)
    assert index.data(GridRole.OUTCOME) is held
    assert index.data() == "5 years"
    assert index.data(GridRole.STATUS) == OutcomeState.UNDECIDED
    assert index.data(GridRole.CONFIDENCE) == pytest.approx(0.95)
    assert index.data(GridRole.DOCUMENT) == model.documents[2].id
    assert index.data(GridRole.TASK) == "term"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).startswith("Term of Agreement 2: found, 5 years")


def test_twenty_neighbours_that_change_are_told_in_one_signal() -> None:
    model = made(20)
    heard = Heard(model)
    model.update_outcomes([outcome(held, "term") for held in model.documents])
    assert heard.blocks == [(0, 1, 19, 1)]


def test_only_cells_that_changed_are_told() -> None:
    model = made()
    heard = Heard(model)
    model.update_outcomes([outcome(model.documents[0], "law"), outcome(model.documents[3], "cap")])
    assert heard.blocks == [(0, 0, 0, 0), (3, 2, 3, 2)]


def test_outcomes_of_unknown_documents_and_tasks_are_left_out() -> None:
    model = made()
    heard = Heard(model)
    model.update_outcomes([outcome(document(99), "law"), outcome(model.documents[0], "other")])
    assert heard.blocks == []
    assert not model.reviewed


def test_setting_the_same_outcomes_again_tells_nothing() -> None:
    model = made()
    held = outcomes(model.documents)
    model.set_outcomes(held)
    heard = Heard(model)
    model.set_outcomes(held)
    assert (heard.blocks, heard.resets) == ([], 0)


def test_setting_outcomes_takes_away_those_that_are_not_among_them() -> None:
    model = made()
    model.set_outcomes(outcomes(model.documents))
    model.set_outcomes([outcome(model.documents[0], "law")])
    assert model.counts[CellState.UNDECIDED] == 1
    assert model.counts[CellState.EMPTY] == 11
    assert model.outcome_at(1, 1) is None


def test_a_document_that_is_added_comes_in_place_and_keeps_the_others() -> None:
    model = made()
    model.set_outcomes(outcomes(model.documents))
    heard = Heard(model)
    model.set_documents(documents(6))
    assert model.rowCount() == 6
    assert heard.resets == 0
    assert model.counts[CellState.UNDECIDED] == 12


def test_documents_in_another_order_keep_their_outcomes() -> None:
    model = made()
    model.set_outcomes([outcome(model.documents[0], "law")])
    model.set_pending([(model.documents[1].id, "cap")])
    model.set_documents(list(reversed(documents(4))))
    assert model.index(3, 0).data() == "New York"
    assert model.states[2][2] == CellState.READING


def test_a_task_that_is_added_is_a_column_at_the_end() -> None:
    model = made()
    model.set_outcomes(outcomes(model.documents))
    heard = Heard(model)
    model.set_tasks([*TASKS, ("own", "Who pays?")])
    assert model.columnCount() == 4
    assert heard.resets == 0
    assert model.index(0, 3).data() == ""


def test_a_cell_that_waits_says_so_until_its_outcome_comes() -> None:
    model = made()
    held = model.documents[0]
    model.set_pending([(held.id, "law"), (held.id, "term"), ("unknown", "law")])
    assert model.index(0, 0).data() == "reading…"
    model.update_outcomes([outcome(held, "law")])
    assert model.index(0, 0).data() == "New York"
    heard = Heard(model)
    model.set_pending([])
    assert model.index(0, 1).data() == ""
    assert len(heard.blocks) == 1


def test_what_is_found_is_not_hidden_by_reading_it_again_but_a_failure_is() -> None:
    model = made()
    found, failed = outcome(model.documents[0], "law"), outcome(model.documents[0], "term", CellState.FAILED)
    model.set_outcomes([found, failed])
    model.set_pending([(model.documents[0].id, task) for task, _ in TASKS])
    assert [model.index(0, column).data() for column in range(3)] == ["New York", "reading…", "reading…"]
    model.set_pending([])
    assert [model.index(0, column).data() for column in range(3)] == ["New York", "failed", ""]


def test_counts_follow_every_change() -> None:
    model = made(2)
    model.set_outcomes(outcomes(model.documents, list(CellState)[2:8]))
    model.update_outcomes([outcome(model.documents[0], "law", CellState.ABSENT)])
    model.set_pending([(model.documents[1].id, "law")])
    by_hand = [0] * len(CellState)
    for states in model.states:
        for state in states:
            by_hand[state] += 1
    assert model.counts == by_hand


def test_an_unreadable_document_says_why_in_its_cells_and_to_a_screen_reader() -> None:
    model = GridModel()
    model.set_tasks(TASKS)
    model.set_documents(
        [
            document(1, "Exhibit B.pdf", DocumentState.LOCKED),
            document(2, "x.pdf", DocumentState.DAMAGED, "It ends on page 1."),
        ]
    )
    assert "password" in model.index(0, 1).data()
    assert model.index(1, 0).data() == "It ends on page 1."
    assert model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "x.pdf: damaged, It ends on page 1."
    assert "password" in model.headerData(0, Qt.Orientation.Vertical, Qt.ItemDataRole.AccessibleTextRole)


def test_a_document_that_changes_is_told_of(qtbot: QtBot) -> None:
    model = made()
    with qtbot.waitSignal(model.headerDataChanged):
        model.set_documents([document(0, "renamed.pdf"), *documents(4)[1:]])
    assert model.headerData(0, Qt.Orientation.Vertical) == "renamed"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("MSA Acme.pdf", "MSA Acme"),
        ("v1.2 of 3 May", "v1.2 of 3 May"),
        (".hidden", ".hidden"),
        ("plain", "plain"),
        ("a.b.docx", "a.b"),
    ],
)
def test_a_title_is_the_name_without_its_ending(name: str, title: str) -> None:
    assert document_title(name) == title
