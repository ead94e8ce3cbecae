"""One pass of MuPDF over a page: runs of words in the order of the file, and the shapes between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, cast

Corners = tuple[float, float, float, float]
"""Left, top, right, bottom in PDF points, origin top left, the page turned as its file says."""

# lazy: an underline must not break the line of text that it belongs to
COLLECT_VECTORS = 0x400 | 1 << 20
_PRESERVE_WHITESPACE = 2
_BOLD_FONT, _BOLD = 16, 8
FILLED, STROKED, CLIPPED = 16, 32, 64
_INK = FILLED | STROKED | CLIPPED
_LIGHT = 0xC0
_VECTOR = 3
_LEAST_AREA = 30.0


class Style(NamedTuple):
    """``colour`` is sRGB; ``ink`` whether letters are filled, stroked or clip what is drawn after them."""

    box: Corners
    size: float
    colour: int
    alpha: int
    ink: bool


Glyphs = tuple[float, float, float, float, str, int, int, int]
"""A word as MuPDF tells it: its corners, its text, and three numbers. A type of its own would cost time."""


class Run:
    """Words that MuPDF found on one line without a wide gap.

    ``left`` to ``bottom`` are the line's own: as they would be with the text turned upright. ``place`` is its
    place in the file's order; ``block`` grows with it and also counts shapes. ``odd``: a look at whether
    its words can be seen is worth while.
    """

    __slots__ = (
        "_matrix", "_spans",
        "block", "bottom", "box", "left", "odd", "place", "right", "size", "top", "turn", "words",
    )  # fmt: skip

    def __init__(
        self, place: int, block: int, words: list[Glyphs], told: dict[str, Any], matrix: Any
    ) -> None:
        self.place = place
        self.block = block
        self.words = words
        spans = told["spans"]
        if len(spans) > 1:
            spans = [span for span in spans if not span["text"].isspace()] or spans[:1]
        self._spans: list[dict[str, Any]] = spans
        self._matrix = matrix
        self.turn = _turn(told["dir"], matrix)
        # MuPDF may find words in a line that it tells nothing else of
        longest = spans[0] if len(spans) == 1 else max(spans, key=_length, default=None)
        self.size = float(longest["size"]) if longest else words[0][3] - words[0][1]
        self.odd = any(map(_is_odd, spans))
        self.box: Corners = bounds(words) if self.turn else _along(words)
        """Where it stands on the page."""
        self.left, self.top, self.right, self.bottom = self.box

    @property
    def styles(self) -> list[Style]:
        """Of its parts that are set differently."""
        return [_style(span, self._matrix) for span in self._spans]

    @property
    def colours(self) -> list[int]:
        """The styles' colours."""
        return [span["color"] for span in self._spans]

    @property
    def bold(self) -> bool:
        """Whether all of it is."""
        return bool(self._spans) and all(
            span["flags"] & _BOLD_FONT or span["char_flags"] & _BOLD for span in self._spans
        )

    def stand_upright(self, turn: int, width: float, height: float) -> None:
        """Set the line's own sides, with the page turned so that text of this ``turn`` is upright."""
        if turn == 0:
            return
        x0, y0, x1, y1 = self.box
        if turn == 1:  # the text runs downwards
            x0, y0, x1, y1 = y0, width - x1, y1, width - x0
        elif turn == 2:
            x0, y0, x1, y1 = width - x1, height - y1, width - x0, height - y0
        elif turn == 3:  # upwards
            x0, y0, x1, y1 = height - y1, x0, height - y0, x1
        self.left, self.top, self.right, self.bottom = x0, y0, x1, y1


class Shape(NamedTuple):
    """A filled rectangle (or a path's bounds) that could hide a letter; ``block`` is its place among runs."""

    block: int
    box: Corners
    colour: int
    alpha: int
    rectangle: bool


class PageGlyphs(NamedTuple):
    """What a page holds, in the order in which its file draws it."""

    runs: list[Run]
    shapes: list[Shape]
    width: float
    height: float
    placeless: bool = False
    """Whether the file names letters, and gives none of them a width: MuPDF makes no words of these."""


def glyphs_of(page: Any) -> PageGlyphs:
    """Also words outside of the page; ligatures come as their letters."""
    textpage = page.get_textpage(clip=_EVERYWHERE, flags=_PRESERVE_WHITESPACE | COLLECT_VECTORS)
    matrix = page.rotation_matrix if page.rotation else None
    words = cast("list[Glyphs]", textpage.extractWORDS())
    blocks = cast("list[dict[str, Any]]", textpage.extractDICT()["blocks"])
    if matrix is not None:
        words = [(*turned(word[:4], matrix), *word[4:]) for word in words]
    texts: list[dict[str, Any]] = [
        block for block in blocks if block["type"] == 0
    ]  # these alone are counted in words
    runs: list[Run] = []
    for (block, line), group in groupby(words, key=_LINE):
        text: dict[str, Any] = texts[block]
        told = text["lines"][line]
        runs.append(Run(len(runs), text["number"], list(group), told, matrix))
    rect = page.rect
    placeless = bool(texts) and not words and not textpage.extractText().isspace()
    return PageGlyphs(runs, list(_shapes(blocks, matrix)), float(rect.width), float(rect.height), placeless)


_LINE = cast("Callable[[Glyphs], tuple[int, int]]", itemgetter(5, 6))
# what MuPDF holds to be without bounds
_EVERYWHERE = (-2147483648.0, -2147483648.0, 2147483520.0, 2147483520.0)


def turned(box: Corners, matrix: Any) -> Corners:
    """The box's bounds after a turn by quarters."""
    a, b, c, d, e, f = matrix
    xs = (a * box[0] + c * box[1] + e, a * box[2] + c * box[3] + e)
    ys = (b * box[0] + d * box[1] + f, b * box[2] + d * box[3] + f)
    return min(xs), min(ys), max(xs), max(ys)


def bounds(boxes: Sequence[tuple[Any, ...]]) -> Corners:
    """Of at least one box."""
    return (
        min(map(_FIRST, boxes)),
        min(map(_SECOND, boxes)),
        max(map(_THIRD, boxes)),
        max(map(_FOURTH, boxes)),
    )


def _along(words: list[Glyphs]) -> Corners:
    """The bounds of a line of words that all stand between the same two heights, as nearly all do."""
    first, last = words[0], words[-1]
    if first[1] == last[1] and first[3] == last[3] and first[0] <= last[0]:
        return first[0], first[1], last[2], first[3]
    return bounds(words)


_FIRST, _SECOND, _THIRD, _FOURTH = itemgetter(0), itemgetter(1), itemgetter(2), itemgetter(3)


def _style(span: dict[str, Any], matrix: Any) -> Style:
    return Style(
        span["bbox"] if matrix is None else turned(span["bbox"], matrix),
        span["size"],
        span["color"],
        span["alpha"],
        bool(span["char_flags"] & _INK),
    )


def _length(span: dict[str, Any]) -> int:
    return len(span["text"])


def _is_odd(span: dict[str, Any]) -> bool:
    colour = span["color"]
    if span["size"] < 1.0 or not span["char_flags"] & _INK or span["alpha"] < 64:
        return True
    return bool(colour) and is_light(colour)


def is_light(colour: int) -> bool:
    """Whether it could be lost on white paper."""
    return (colour >> 16) >= _LIGHT and (colour >> 8 & 255) >= _LIGHT and (colour & 255) >= _LIGHT


def _turn(direction: tuple[float, float], matrix: Any) -> int:
    """Quarters clockwise from upright."""
    x, y = direction
    if matrix is not None:
        x, y = matrix[0] * x + matrix[2] * y, matrix[1] * x + matrix[3] * y
    if abs(x) >= abs(y):
        return 0 if x >= 0 else 2
    return 1 if y > 0 else 3


def _shapes(blocks: list[dict[str, Any]], matrix: Any) -> Iterator[Shape]:
    for block in blocks:
        if block["type"] == _VECTOR and not block["stroked"]:
            x0, y0, x1, y1 = box = block["bbox"]
            if (x1 - x0) * (y1 - y0) >= _LEAST_AREA:
                box = box if matrix is None else turned(box, matrix)
                yield Shape(block["number"], box, block["color"], block["alpha"], block["isrect"])
