"""Changed cells gathered into few rectangles, so that a view hears of a batch in few signals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

MOST_RECTANGLES = 64
"""Beyond this one rectangle around all of them costs a view less than hearing of each."""


class CellRect(NamedTuple):
    """Rows and columns of a block of cells, all of them included."""

    top: int
    left: int
    bottom: int
    right: int


def rectangles(cells: Iterable[tuple[int, int]], most: int = MOST_RECTANGLES) -> list[CellRect]:
    """Cover exactly these (row, column) cells, or, if that takes more than ``most``, all around them."""
    made: list[CellRect] = []
    growing: dict[tuple[int, int], CellRect] = {}
    for row, runs in _runs_by_row(cells):
        grown: dict[tuple[int, int], CellRect] = {}
        for left, right in runs:
            above = growing.get((left, right))
            touches = above is not None and above.bottom == row - 1
            if above is not None and touches:
                grown[left, right] = above._replace(bottom=row)
                del growing[left, right]
            else:
                grown[left, right] = CellRect(row, left, row, right)
        made.extend(growing.values())
        growing = grown
    made.extend(growing.values())
    return made if len(made) <= most else [around(made)]


def around(parts: list[CellRect]) -> CellRect:
    """The smallest rectangle that holds all of ``parts``, of which there is at least one."""
    return CellRect(
        min(part.top for part in parts),
        min(part.left for part in parts),
        max(part.bottom for part in parts),
        max(part.right for part in parts),
    )


def _runs_by_row(cells: Iterable[tuple[int, int]]) -> list[tuple[int, list[tuple[int, int]]]]:
    """By row in order: its runs of neighbouring columns."""
    rows: dict[int, list[tuple[int, int]]] = {}
    for row, column in sorted(set(cells)):
        runs = rows.setdefault(row, [])
        if runs and runs[-1][1] == column - 1:
            runs[-1] = (runs[-1][0], column)
        else:
            runs.append((column, column))
    return list(rows.items())
