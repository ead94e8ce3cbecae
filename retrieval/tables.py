"""Tables in a page's text: their rows, and the lines that say what the figures of a row are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.spans import Span

MOST_HEAD_CHARACTERS = 240

_LINE = re.compile(r"[^\n\f]+")
_FIGURE = r"[($€£¥]{0,3}[+-]?\d+(?:,\d+)*(?:\.\d+)?\)?%?\)?"
_CELL = re.compile(rf"(?:{_FIGURE}|\(?[—–-]\)?|[$€£¥%)]|%\)|[nN]/?[aAmM]\.?)")
_DIGIT = re.compile(r"\d")
_COUNTS = re.compile(r"[\d—–-]")
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_AMOUNT = re.compile(r"\d[,.]\d|[$€£¥%()]")
_SAYS_WHAT = re.compile(
    r"(?i)\b(?:19|20)\d\d\b|\b(?:thousands?|millions?|billions?|dollars|unaudited|ended|as of|per share|"
    r"january|february|march|april|may|june|july|august|september|october|november|december)\b"
)
_MOST_CELLS = 40
_FEWEST_ROWS = 3
_MOST_BETWEEN = 5
"""Lines without figures between two rows of a table: headings of a part, labels that are wrapped."""
_MOST_HEAD_LINES = 10
_LONG = 120
_STOPS = (".", ";")


@dataclass(frozen=True)
class Table:
    """Spans in the page's own text. ``head``: title, units, columns; it ends before the first row."""

    head: Span | None
    rows: tuple[Span, ...]

    @property
    def body(self) -> Span:
        """From the first row's first character to the last row's last."""
        return Span(self.rows[0].start, self.rows[-1].end)


@dataclass(frozen=True)
class _Line:
    span: Span
    text: str
    row: bool
    heads: bool


def tables_of(text: str) -> tuple[Table, ...]:
    """Those of at least three rows, in order. A row is a line that ends in figures that are not all years."""
    lines = [line for found in _LINE.finditer(text) if (line := _line(found)) is not None]
    tables: list[Table] = []
    for rows in _runs(lines):
        before = tables[-1].body.end if tables else 0
        head = _head_of(lines[max(0, rows[0] - _MOST_HEAD_LINES) : rows[0]], before)
        tables.append(Table(head, tuple(lines[row].span for row in rows)))
    return tuple(tables)


def _line(found: re.Match[str]) -> _Line | None:
    """None for a blank one. Its last words are looked at one by one: text may be of any length and form."""
    words = found.group().strip()
    if not words:
        return None
    start = found.start() + len(found.group()) - len(found.group().lstrip())
    span = Span(start, start + len(words))
    parts = words.rsplit(None, _MOST_CELLS)
    last = len(parts)
    while last and _CELL.fullmatch(parts[last - 1]):
        last -= 1
    label, figures = " ".join(parts[:last]), parts[last:]
    cells = [cell for cell in figures if _COUNTS.search(cell)]
    if cells and all(map(_YEAR.match, cells)):
        heads = len(cells) > 1 or not label or _SAYS_WHAT.search(label) is not None
        return _Line(span, words, row=False, heads=heads)
    named = sum(map(str.isalpha, label)) > 1
    if len(cells) == 1:  # else a page's number, or prose that happens to end in one
        amount = _AMOUNT.search(" ".join(figures)) is not None
        return _Line(span, words, row=named and amount and len(label) <= _LONG, heads=False)
    several = sum(_DIGIT.search(cell) is not None for cell in cells) > 1
    return _Line(span, words, row=bool(cells) and (named or several), heads=False)


def _runs(lines: Sequence[_Line]) -> Iterator[list[int]]:
    """Numbers of the rows of each table."""
    rows: list[int] = []
    for number, line in enumerate(lines):
        if rows and (line.heads or number - rows[-1] > _MOST_BETWEEN):
            if _is_table(lines, rows):
                yield rows
            rows = []
        if line.row:
            rows.append(number)
    if _is_table(lines, rows):
        yield rows


def _is_table(lines: Sequence[_Line], rows: Sequence[int]) -> bool:
    """Prose has a line that ends in a number here and there; most lines of a table do."""
    if len(rows) < _FEWEST_ROWS:
        return False
    return 2 * len(rows) > rows[-1] - rows[0] + 1


def _head_of(above: Sequence[_Line], after: int) -> Span | None:
    """The lines right above the first row, without headings of its first part."""
    taken: list[_Line] = []
    for line in reversed(above):
        first = taken[-1] if taken else line
        too_much = taken and taken[0].span.end - line.span.start > MOST_HEAD_CHARACTERS
        if line.span.start < after or too_much or line.text.endswith(_STOPS) or line.row:
            break
        if len(line.text) > _LONG and not line.text.endswith(":"):
            break
        taken.append(line)
        if first is not line and line.text.endswith(":") and len(line.text) > _LONG // 2:
            break
    last = next((n for n, line in enumerate(taken) if _SAYS_WHAT.search(line.text)), 0)
    taken = taken[last:]
    return Span(taken[-1].span.start, taken[0].span.end) if taken else None
