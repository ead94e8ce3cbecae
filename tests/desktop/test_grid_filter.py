from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.qtbot import QtBot

from app.desktop.grid_cells import FOUND, WANTS_A_LOOK, CellState, sort_group, sort_key, value_text
from app.desktop.grid_filter import DOCUMENT, GridRows
from app.desktop.grid_model import GridModel
from app.desktop.grid_search import GridFilter
from app.domain.finding import Outcome
from tests.desktop.grid_made import TASKS, document, documents, outcome, outcomes, watched

pytestmark = pytest.mark.usefixtures("qapp")

IN_GRID = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
STATES = st.sampled_from([state for state in CellState if state is not CellState.READING])
WORDS = st.sampled_from(["New York", "new jersey", "Delaware", "STRASSE", "straße", "1 year", ""])
CELL = st.tuples(STATES, WORDS)
GRIDS = st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=7)
FILTERS = st.builds(
    GridFilter,
    text=st.sampled_from(["", "new", "NEW", "york", "strasse", "agreement 1", "zzz", "1", " del "]),
    states=st.none() | st.frozensets(STATES, max_size=3),
)
ORDERS = st.permutations([0, 1, 2]).flatmap(lambda order: st.integers(1, 3).map(lambda most: order[:most]))

Grid = list[list[tuple[CellState, str]]]


def filled(grid: Grid) -> GridModel:
    model = GridModel()
    model.set_tasks(TASKS)
    model.set_documents(documents(len(grid)))
    model.set_outcomes(
        [
            outcome(held, task, state, value=word, edited=word)
            for held, cells in zip(model.documents, grid, strict=True)
            for (task, _), (state, word) in zip(TASKS, cells, strict=True)
            if state is not CellState.EMPTY
        ]
    )
    return model


def shown(rows: GridRows) -> list[int]:
    return [rows.source_row(row) for row in range(rows.rowCount())]


def passes(model: GridModel, row: int, asked: GridFilter, columns: Sequence[int]) -> bool:
    """What the filter promises, said plainly."""
    text = asked.text.strip().casefold()
    named = text in model.documents[row].name.casefold()
    if asked.states is None and named:
        return True

    def cell(column: int) -> bool:
        held, state = model.outcome_at(row, column), CellState(model.states[row][column])
        value = value_text(held).casefold() if held is not None and state in FOUND else ""
        return (asked.states is None or state in asked.states) and (
            named or (text in value if text else True)
        )

    return any(cell(column) for column in columns)


@IN_GRID
@given(GRIDS, FILTERS, ORDERS)
def test_exactly_the_rows_that_match_are_shown_in_their_order(
    grid: Grid, asked: GridFilter, columns: list[int]
) -> None:
    model = filled(grid)
    rows = GridRows(model)
    watched(rows)
    rows.set_columns(columns)
    rows.set_filter(asked)
    assert shown(rows) == [row for row in range(len(grid)) if passes(model, row, asked, columns)]
    assert all(rows.shown_row(rows.source_row(row)) == row for row in range(rows.rowCount()))


@IN_GRID
@given(GRIDS, st.sampled_from([DOCUMENT, 0, 1, 2]), st.booleans(), FILTERS)
def test_sorting_orders_rows_by_value_with_the_empty_at_the_end_both_ways(
    grid: Grid, key: int, descending: bool, asked: GridFilter
) -> None:
    model = filled(grid)
    rows = GridRows(model)
    watched(rows)
    rows.set_filter(asked)
    kept = set(shown(rows))
    rows.sort_by(key, descending)
    order = shown(rows)
    assert set(order) == kept
    if key == DOCUMENT:
        names = [model.documents[row].name.casefold() for row in order]
        assert names == sorted(names, reverse=descending)
        return
    groups = [sort_group(model.states[row][key]) for row in order]
    assert groups == sorted(groups)
    for group in set(groups):
        keys = [
            sort_key(model.outcome_at(row, key)) for row, g in zip(order, groups, strict=True) if g == group
        ]
        assert keys == sorted(keys, reverse=descending)
    rows.sort_by(None)
    assert shown(rows) == sorted(kept)


@IN_GRID
@given(st.data())
def test_the_rules_of_qt_hold_whatever_happens(data: st.DataObject) -> None:
    model = filled(data.draw(GRIDS))
    rows = GridRows(model)
    watched(model)
    watched(rows)
    followed = [(QPersistentModelIndex(rows.index(row, 1)), model.documents[row].id) for row in shown(rows)]
    for _ in range(data.draw(st.integers(1, 8))):
        count = len(model.documents)
        match data.draw(st.integers(0, 6)):
            case 0:
                rows.set_filter(data.draw(FILTERS))
            case 1:
                rows.sort_by(data.draw(st.sampled_from([None, DOCUMENT, 0, 1, 2])), data.draw(st.booleans()))
            case 2:
                model.set_documents([*model.documents, document(count), document(count + 1)])
            case 3 if count:
                held = model.documents[data.draw(st.integers(0, count - 1))]
                model.update_outcomes([outcome(held, "term", data.draw(STATES.filter(bool)))])
            case 4:
                model.set_pending([(held.id, "cap") for held in model.documents[::2]])
            case 5:
                model.set_tasks([*model.tasks, (f"own-{len(model.tasks)}", "Who pays?")])
            case _:
                rows.settle()
        assert len(shown(rows)) == len(set(shown(rows)))
        for index, held in followed:
            if index.isValid():
                assert model.documents[rows.source_row(index.row())].id == held


def row_of(model: GridModel, states: Sequence[CellState]) -> list[Outcome]:
    return [outcome(held, "law", state) for held, state in zip(model.documents, states, strict=True)]


def test_a_row_that_comes_to_match_appears_and_one_that_no_longer_does_goes(qtbot: QtBot) -> None:
    model = filled([[(CellState.EMPTY, "")] * 3 for _ in range(3)])
    rows = GridRows(model)
    model.update_outcomes(row_of(model, [CellState.UNDECIDED, CellState.ABSENT, CellState.ABSENT]))
    rows.set_filter(GridFilter(states=WANTS_A_LOOK))
    assert shown(rows) == [0]
    with qtbot.waitSignal(rows.rearranged):
        model.update_outcomes(row_of(model, [CellState.ACCEPTED, CellState.ABSENT, CellState.FAILED]))
    assert shown(rows) == [2]


def test_the_row_at_which_someone_works_stays_though_it_is_decided(qtbot: QtBot) -> None:
    model = filled([[(CellState.EMPTY, "")] * 3 for _ in range(2)])
    rows = GridRows(model)
    model.update_outcomes(row_of(model, [CellState.UNDECIDED, CellState.UNDECIDED]))
    rows.set_filter(GridFilter(states=WANTS_A_LOOK))
    rows.kept = 1
    with qtbot.waitSignal(rows.rearranged):
        model.update_outcomes(row_of(model, [CellState.ACCEPTED, CellState.ACCEPTED]))
    assert shown(rows) == [1]
    rows.set_filter(GridFilter(states=frozenset({CellState.FAILED})))
    assert shown(rows) == []


def test_what_is_decided_does_not_move_a_row_until_it_is_sorted_again(qtbot: QtBot) -> None:
    model = filled([[(CellState.UNDECIDED, word)] * 3 for word in ("c", "b", "a")])
    rows = GridRows(model)
    rows.sort_by(0)
    assert shown(rows) == [2, 1, 0]
    edited = outcome(model.documents[2], "law", CellState.EDITED, edited="z")
    with qtbot.assertNotEmitted(rows.rearranged, wait=500):
        model.update_outcomes([edited])
    assert shown(rows) == [2, 1, 0]
    rows.sort_by(0)
    assert shown(rows) == [1, 0, 2]


def test_what_a_review_finds_is_put_where_the_sort_has_it(qtbot: QtBot) -> None:
    model = filled([[(CellState.EMPTY, "")] * 3 for _ in range(3)])
    rows = GridRows(model)
    rows.sort_by(0)
    with qtbot.waitSignal(rows.rearranged):
        model.update_outcomes([outcome(model.documents[2], "law", value="a")])
    assert shown(rows) == [2, 0, 1]


def test_a_batch_of_outcomes_is_told_in_few_signals_and_moves_nothing_without_filter_and_sort(
    qtbot: QtBot,
) -> None:
    model = filled([[(CellState.EMPTY, "")] * 3 for _ in range(30)])
    rows = GridRows(model)
    heard: list[tuple[int, int]] = []
    rows.dataChanged.connect(lambda first, last: heard.append((first.row(), last.row())))
    with qtbot.assertNotEmitted(rows.rearranged, wait=400):
        model.update_outcomes(outcomes(model.documents[5:25]))
    assert heard == [(5, 24)]


def test_changes_in_rows_that_are_hidden_are_told_to_nobody() -> None:
    model = filled([[(CellState.UNDECIDED, "x")] * 3, [(CellState.ABSENT, "")] * 3])
    rows = GridRows(model)
    rows.set_filter(GridFilter(states=frozenset({CellState.UNDECIDED})))
    heard: list[int] = []
    rows.dataChanged.connect(lambda first, last: heard.append(first.row()))
    model.update_outcomes([outcome(model.documents[1], "law", CellState.FAILED)])
    assert heard == []


def test_a_value_that_came_after_the_index_was_built_is_found(qtbot: QtBot) -> None:
    model = filled([[(CellState.UNDECIDED, "Delaware")] * 3 for _ in range(3)])
    rows = GridRows(model)
    rows.set_filter(GridFilter("ontario"))
    assert shown(rows) == []
    with qtbot.waitSignal(rows.rearranged):
        model.update_outcomes([outcome(model.documents[1], "cap", value="Ontario")])
    assert shown(rows) == [1]


def test_qt_sorts_it_as_any_model() -> None:
    model = filled([[(CellState.UNDECIDED, word)] * 3 for word in ("b", "c", "a")])
    rows = GridRows(model)
    rows.sort(1, Qt.SortOrder.DescendingOrder)
    assert shown(rows) == [1, 0, 2]
    rows.sort(-1)
    assert shown(rows) == [0, 1, 2]
