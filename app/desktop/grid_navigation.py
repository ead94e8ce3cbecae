"""Where the next finding is: from left to right, row after row, and round again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from app.desktop.grid_cells import HAS_OUTCOME, WANTS_A_LOOK, CellState
from app.desktop.grid_search import state_table

if TYPE_CHECKING:
    from app.desktop.grid_filter import GridRows

Cell = tuple[int, int]
"""A row as shown and a logical column."""

Way = Callable[[Sequence[int]], Sequence[int]]


def next_finding(
    rows: GridRows, columns: Sequence[int], start: Cell | None, undecided: bool, forward: bool
) -> Cell | None:
    """With ``undecided`` the next that wants a look, round the end too; if there is none, or without it,
    the next with any outcome, up to the end. ``columns`` are those shown, from left to right.
    """
    if undecided and (found := next_in(rows, columns, start, WANTS_A_LOOK, forward, wrap=True)) is not None:
        return found
    if undecided and start is not None and _state(rows, start) in WANTS_A_LOOK:
        return None
    return next_in(rows, columns, start, HAS_OUTCOME, forward, wrap=False)


def next_in(
    rows: GridRows,
    columns: Sequence[int],
    start: Cell | None,
    wanted: Collection[CellState],
    forward: bool,
    wrap: bool,
) -> Cell | None:
    """The first cell after (or before) ``start`` whose state is one of ``wanted``; never ``start`` itself."""
    count = rows.rowCount()
    if not count or not columns:
        return None
    table = state_table(wanted)
    way: Way = (lambda items: items) if forward else (lambda items: items[::-1])
    ahead, behind = _split(columns, start, forward)
    if start is None:
        return _first(rows, way(range(count)), way(columns), table)
    after = way(range(start[0] + 1, count) if forward else range(start[0]))
    found = _first(rows, [start[0]], way(ahead), table) or _first(rows, after, way(columns), table)
    if found is not None or not wrap:
        return found
    before = way(range(start[0]) if forward else range(start[0] + 1, count))
    return _first(rows, before, way(columns), table) or _first(rows, [start[0]], way(behind), table)


def _split(columns: Sequence[int], start: Cell | None, forward: bool) -> tuple[Sequence[int], Sequence[int]]:
    """The columns of the start's row that lie ahead, and those behind."""
    if start is None or start[1] not in columns:
        return columns, ()
    place = columns.index(start[1])
    left, right = columns[:place], columns[place + 1 :]
    return (right, left) if forward else (left, right)


def _first(rows: GridRows, among: Sequence[int], columns: Sequence[int], table: bytes) -> Cell | None:
    states = rows.source.states
    for row in among:
        wanted = states[rows.source_row(row)].translate(table)
        if 1 not in wanted:
            continue
        for column in columns:
            if wanted[column]:
                return row, column
    return None


def _state(rows: GridRows, cell: Cell) -> int:
    return rows.source.states[rows.source_row(cell[0])][cell[1]]
