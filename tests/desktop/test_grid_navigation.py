from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.desktop.grid_cells import HAS_OUTCOME, WANTS_A_LOOK, CellState
from app.desktop.grid_filter import GridRows
from app.desktop.grid_model import GridModel
from app.desktop.grid_navigation import Cell, next_finding, next_in
from tests.desktop.grid_made import TASKS, documents, outcome

pytestmark = pytest.mark.usefixtures("qapp")
STATES = st.sampled_from([state for state in CellState if state is not CellState.READING])
GRIDS = st.lists(st.lists(STATES, min_size=3, max_size=3), min_size=1, max_size=4)


def rows_of(grid: Sequence[Sequence[CellState]]) -> GridRows:
    model = GridModel()
    model.set_tasks(TASKS)
    model.set_documents(documents(len(grid)))
    model.set_outcomes(
        [
            outcome(held, task, state)
            for held, states in zip(model.documents, grid, strict=True)
            for (task, _), state in zip(TASKS, states, strict=True)
            if state is not CellState.EMPTY
        ]
    )
    return GridRows(model)


def reading_order(rows: GridRows, columns: Sequence[int]) -> list[Cell]:
    return [(row, column) for row in range(rows.rowCount()) for column in columns]


@settings(max_examples=150, deadline=None)
@given(GRIDS, st.permutations([0, 1, 2]), st.data(), st.booleans(), st.booleans())
def test_the_next_cell_is_the_first_wanted_one_in_reading_order(
    grid: list[list[CellState]], columns: list[int], data: st.DataObject, forward: bool, wrap: bool
) -> None:
    rows = rows_of(grid)
    cells = reading_order(rows, columns)
    start = data.draw(st.sampled_from(cells))
    place = cells.index(start)
    ahead, behind = (
        (cells[place + 1 :], cells[:place]) if forward else (cells[:place][::-1], cells[:place:-1])
    )
    wanted = [
        cell
        for cell in [*ahead, *(behind if wrap else ())]
        if CellState(rows.source.states[cell[0]][cell[1]]) in WANTS_A_LOOK
    ]
    assert next_in(rows, columns, start, WANTS_A_LOOK, forward, wrap) == (wanted[0] if wanted else None)


@settings(max_examples=80, deadline=None)
@given(GRIDS)
def test_going_on_visits_everything_that_wants_a_look(grid: list[list[CellState]]) -> None:
    rows = rows_of(grid)
    wanting = {
        cell
        for cell in reading_order(rows, [0, 1, 2])
        if CellState(rows.source.states[cell[0]][cell[1]]) in WANTS_A_LOOK
    }
    seen: set[Cell] = set()
    at: Cell | None = None
    for _ in range(len(wanting)):
        at = next_finding(rows, [0, 1, 2], at, undecided=True, forward=True)
        assert at is not None
        seen.add(at)
    assert seen == wanting


def test_with_nothing_undecided_it_goes_to_the_next_finding_and_ends_at_the_last() -> None:
    accepted, empty = CellState.ACCEPTED, CellState.EMPTY
    rows = rows_of([[accepted, empty, CellState.ABSENT], [empty, accepted, empty]])
    visited: list[Cell | None] = [(0, 0)]
    while visited[-1] is not None:
        visited.append(next_finding(rows, [0, 1, 2], visited[-1], undecided=True, forward=True))
    assert visited == [(0, 0), (0, 2), (1, 1), None]


def test_the_last_undecided_one_stays_where_it_is() -> None:
    rows = rows_of([[CellState.ACCEPTED, CellState.UNDECIDED, CellState.ACCEPTED]])
    assert next_finding(rows, [0, 1, 2], (0, 1), undecided=True, forward=True) is None


def test_hidden_columns_are_not_visited() -> None:
    rows = rows_of([[CellState.UNDECIDED] * 3])
    assert next_in(rows, [0, 2], (0, 0), HAS_OUTCOME, forward=True, wrap=False) == (0, 2)


def test_in_an_empty_grid_there_is_nowhere_to_go() -> None:
    rows = GridRows(GridModel())
    assert next_finding(rows, [], None, undecided=True, forward=True) is None
