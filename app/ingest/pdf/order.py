"""Reading order: rows of runs, down one column after the other.

Where the file's own order goes down the page, it stays as it is. Elsewhere columns of prose are told from
the cells of tables (Nagy's XY-cut, with gutters found from where lines begin), and everything else is read
row by row.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from app.ingest.pdf.text_pass import PageGlyphs, Run

PARAGRAPH = 1.5
"""A step down of more than this many sizes begins a paragraph (as in MuPDF)."""

_SAME_ROW = 0.4
_FEWEST_LINES = 3
_ALIGNED = 3.0
_DEEPEST = 6
_MANY_CELLS = 6
_MARGIN = 0.12
_LOOK_BACK = 40
_CELL_LINES = 6.0


class Row(NamedTuple):
    """Runs of one line of text, left to right; ``begins``: a paragraph."""

    runs: Sequence[Run]
    begins: bool


def rows_of(glyphs: PageGlyphs, runs: Sequence[Run]) -> list[Row]:
    """All runs, each once. Text that stands otherwise than most of the page's comes last, as in the file."""
    if not runs:
        return []
    turns = Counter(run.turn for run in runs)
    main = max(turns, key=lambda turn: sum(len(run.words) for run in runs if run.turn == turn))
    for run in runs:
        run.stand_upright(run.turn, glyphs.width, glyphs.height)
    upright = [run for run in runs if run.turn == main] if len(turns) > 1 else list(runs)
    rows = _as_drawn(upright)
    if rows is None:
        rows = _arranged(upright, 0)
    rows += [[run] for run in runs if run.turn != main] if len(turns) > 1 else []
    return [Row(row, number > 0 and _begins(rows[number - 1], row)) for number, row in enumerate(rows)]


def _begins(above: Sequence[Run], row: Sequence[Run]) -> bool:
    last, first = above[-1], row[0]
    if last.block == first.block:
        return False
    if last.turn != first.turn:
        return True
    if first.block == last.block + 1 and not first.turn and len(above) == len(row) == 1:
        return True  # MuPDF saw nothing between them and took them for two
    step = max(run.bottom for run in row) - max(run.bottom for run in above)
    return step <= 0 or step > PARAGRAPH * max(last.size, first.size)


def _middle(run: Run) -> float:
    return (run.top + run.bottom) / 2


def _level(one: Run, other: Run) -> bool:
    """Whether both stand on one line."""
    low = min(one.bottom - one.top, other.bottom - other.top)
    return abs(_middle(one) - _middle(other)) <= _SAME_ROW * low or (
        abs(one.bottom - other.bottom) <= _SAME_ROW * low
    )


def _as_drawn(runs: Sequence[Run]) -> list[list[Run]] | None:
    """Rows in the file's order; None where it jumps, or where rows may be lines of neighbouring columns."""
    rows: list[list[Run]] = []
    several = 0
    last: Run | None = None
    for number, run in enumerate(runs):
        if last is not None and _level(last, run):
            if run.left < last.right - _ALIGNED:
                return None
            if len(rows[-1]) == 1:
                several += 1
            rows[-1].append(run)
        elif (
            last is not None
            and _middle(run) < _middle(last)
            and not _is_next_cell(run, runs[max(0, number - _LOOK_BACK) : number])
        ):
            return None
        else:
            rows.append([run])
        last = run
    if several >= _MANY_CELLS and _gutter(runs) is not None:
        return None
    return rows


def _is_next_cell(run: Run, before: Sequence[Run]) -> bool:
    """Whether it goes back up only past a few lines to its left: the cell before it in a row of a table."""
    if before[-1].bottom - run.top > _CELL_LINES * run.size:
        return False
    return all(one.right <= run.left + _ALIGNED for one in before if one.bottom > run.top + 0.2 * run.size)


def _arranged(runs: Sequence[Run], depth: int) -> list[list[Run]]:
    rows = _rows(runs)
    if depth >= _DEEPEST or len(runs) < 2 * _FEWEST_LINES:
        return rows
    first, last = _furniture(rows)
    inner = [run for row in rows[first:last] for run in row]
    gutter = _gutter(inner)
    if gutter is None:
        return rows
    arranged = rows[:first]
    for band in _bands(inner, gutter):
        left, right = _sides(band, gutter)
        if left and right and _columns(left, right):
            arranged += _arranged(left, depth + 1) + _arranged(right, depth + 1)
        else:
            arranged += _rows(band)
    return arranged + rows[last:]


def _furniture(rows: Sequence[Sequence[Run]]) -> tuple[int, int]:
    """Where rows end that stand apart at the top, and where those at the bottom begin."""
    top, bottom = min(run.top for run in rows[0]), max(run.bottom for run in rows[-1])
    edge = _MARGIN * (bottom - top)
    first, last = 0, len(rows)
    for number, (one, other) in enumerate(pairwise(rows), start=1):
        gap = min(run.top for run in other) - max(run.bottom for run in one)
        if gap > max(run.size for run in one):
            if other[0].top < top + edge:
                first = number
            elif one[-1].bottom > bottom - edge and number < last:
                last = number
    return first, last


def _rows(runs: Iterable[Run]) -> list[list[Run]]:
    rows: list[list[Run]] = []
    for run in sorted(runs, key=_middle):
        # a tall letter between two rows must not hide the row before it
        for row in rows[-1:-4:-1]:
            if _level(row[0], run) and all(
                run.left >= other.right - _ALIGNED or run.right <= other.left + _ALIGNED for other in row
            ):
                row.append(run)
                break
        else:
            rows.append([run])
    for row in rows:
        row.sort(key=lambda run: run.left, reverse=_leftwards(row))
    return rows


def _leftwards(row: Sequence[Run]) -> bool:
    letters = "".join(word[4] for run in row for word in run.words) if len(row) > 1 else ""
    if letters.isascii():
        return False
    return 2 * sum("\u0590" <= letter <= "\u08ff" for letter in letters) > len(letters)


def _gutter(runs: Sequence[Run]) -> float | None:
    """Where the right one of two columns begins."""
    if len(runs) < 2 * _FEWEST_LINES:
        return None
    left, right = min(run.left for run in runs), max(run.right for run in runs)
    starts = sorted(run.left for run in runs)
    best: tuple[int, float] | None = None
    tried = Counter(round(start / _ALIGNED) for start in starts).most_common(8)
    for place, _ in tried:
        start = place * _ALIGNED - _ALIGNED
        count = bisect_left(starts, start + 3 * _ALIGNED) - bisect_left(starts, start)
        if count < _FEWEST_LINES or not left + 0.15 * (right - left) < start < right - 0.1 * (right - left):
            continue
        lines = 0
        for band in _bands(runs, start):
            one, other = _sides(band, start)
            if one and other and _columns(one, other):
                lines += len(one) + len(other)
        if lines and (best is None or lines > best[0]):
            best = lines, start
    return None if best is None else best[1]


def _sides(band: Iterable[Run], gutter: float) -> tuple[list[Run], list[Run]]:
    left: list[Run] = []
    right: list[Run] = []
    for run in band:
        (right if run.left >= gutter else left).append(run)
    return left, right


def _bands(runs: Iterable[Run], gutter: float) -> list[list[Run]]:
    """Runs from top to bottom; one that crosses the gutter is a band of its own."""
    bands: list[list[Run]] = []
    open_band = False
    for run in sorted(runs, key=_middle):
        crosses = run.left < gutter - _ALIGNED and run.right > gutter
        if crosses or not open_band:
            bands.append([run])
        else:
            bands[-1].append(run)
        open_band = not crosses
    return bands


def _columns(left: Sequence[Run], right: Sequence[Run]) -> bool:
    """Whether two sides are read one after the other rather than row by row."""
    if len(left) < _FEWEST_LINES or len(right) < _FEWEST_LINES or _figures(left) or _figures(right):
        return False
    top = max(min(run.top for run in left), min(run.top for run in right))
    bottom = min(max(run.bottom for run in left), max(run.bottom for run in right))
    heights = [max(run.bottom for run in side) - min(run.top for run in side) for side in (left, right)]
    if bottom - top < 0.3 * min(heights):
        return False
    if _prose(left) and _prose(right):
        return True
    # cells of several lines each, such as two parties' signatures, are drawn one after the other
    return max(run.place for run in left) < min(run.place for run in right)


def _prose(side: Sequence[Run]) -> bool:
    width = max(run.right for run in side) - min(run.left for run in side)
    words = sum(len(run.words) for run in side) / len(side)
    return words >= 3.0 and median(run.right - run.left for run in side) >= 0.5 * width


def _figures(side: Sequence[Run]) -> bool:
    """Whether most runs hold a number and little else."""
    figures = sum(
        len(run.words) <= 3 and any(letter.isdigit() for word in run.words for letter in word[4])
        for run in side
    )
    return 2 * figures > len(side)
