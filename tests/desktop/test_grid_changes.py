from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.desktop.grid_changes import CellRect, rectangles

CELLS = st.sets(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=60)


def covered(parts: list[CellRect]) -> list[tuple[int, int]]:
    return [
        (row, column)
        for part in parts
        for row in range(part.top, part.bottom + 1)
        for column in range(part.left, part.right + 1)
    ]


@given(CELLS)
def test_rectangles_cover_each_changed_cell_once_and_no_other(cells: set[tuple[int, int]]) -> None:
    assert sorted(covered(rectangles(cells, most=1000))) == sorted(cells)


@given(CELLS, st.integers(1, 5))
def test_there_are_never_more_rectangles_than_asked_for_and_no_cell_is_lost(
    cells: set[tuple[int, int]], most: int
) -> None:
    parts = rectangles(cells, most)
    assert len(parts) <= most
    assert cells <= set(covered(parts))


def test_a_block_is_one_rectangle() -> None:
    cells = [(row, column) for row in range(3, 7) for column in range(2, 9)]
    assert rectangles(cells) == [CellRect(3, 2, 6, 8)]


def test_nothing_changed_is_no_rectangle() -> None:
    assert rectangles([]) == []
