"""Lines that were recognised in a page's picture, put in reading order as a page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.ingest.messages import PageRead
from app.ingest.ocr.port import Corners, RecognisedLine
from app.ingest.pdf.composed import Lexicon, clean, composed, rounded
from app.ingest.pdf.order import PARAGRAPH, rows_of
from app.ingest.pdf.text_pass import Glyphs, PageGlyphs, Run, bounds

_STEEPEST = 0.3
# of a font, from its ascenders' top to its descenders' foot: 0.9 in Times, 0.93 in Helvetica
_SIZE = 1.1
_ALIKE = (0.65, 1.3)
_WIDEST_STEP = 4.0
_WITHIN = 30
_STEP = 1.25


def page_of(
    lines: Sequence[RecognisedLine],
    number: int,
    scale: tuple[float, float],
    size: tuple[float, float],
    lexicon: Lexicon,
) -> PageRead:
    """The page in points, ``size`` wide and high; ``scale`` is points a pixel across and down."""
    slope = _slope(lines)
    runs: list[Run] = []
    confidences: dict[tuple[int, int], float] = {}
    for line in lines:
        run = _RecognisedRun(line, scale, slope)
        for place, word in enumerate(line.words):
            if text := clean(word.text):
                x0, y0, x1, y1 = _scaled(word.box, scale)
                run.words.append((x0, y0, x1, y1, text, len(runs), place, 0))
                confidences[len(runs), place] = round(min(max(word.confidence, 0.0), 1.0), 3)
        if run.words:
            runs.append(run)
    for run in runs:
        run.stand_upright(run.turn, *size)
    # a picture has no order of its own, and down the page is the likeliest
    runs.sort(key=lambda run: run.top + run.bottom)
    for place, run in enumerate(runs):
        run.place = place
        run.block = 2 * place  # no neighbour of another's: where paragraphs begin is told by distance alone
    _set_sizes(runs)
    rows = rows_of(PageGlyphs(runs, [], *size), runs)
    made = composed(rows, lexicon)
    words = [word for row in rows for run in row.runs for word in run.words]
    return PageRead(
        number=number,
        text=made.text,
        width=round(size[0], 2),
        height=round(size[1], 2),
        words=made.words,
        confidences=tuple(confidences[word[5], word[6]] for word in words),
    )


class _RecognisedRun(Run):
    """A line of a picture as the PDF's reading order takes it."""

    __slots__ = ("_fall",)

    def __init__(self, line: RecognisedLine, scale: tuple[float, float], slope: float) -> None:
        # what the base class learns from MuPDF is told by the recogniser here
        self.place = self.block = 0
        self.words: list[Glyphs] = []
        self._spans = []
        self._matrix = None
        self.turn = line.turn
        self.size = max(_SIZE * line.height * scale[1 - line.turn % 2], 1.0)
        self.odd = False
        self._fall = slope
        self.box: Corners = _scaled(bounds([word.box for word in line.words]), scale)
        self.left, self.top, self.right, self.bottom = self.box

    def stand_upright(self, turn: int, width: float, height: float) -> None:
        """As in the base class, and with the page turned back by the angle at which it was laid."""
        self.left, self.top, self.right, self.bottom = self.box
        super().stand_upright(turn, width, height)
        leftmost, rightmost = self.left, self.right
        middle = (self.top + self.bottom) / 2 - self._fall * (leftmost + rightmost) / 2
        sag = abs(self._fall) * (rightmost - leftmost)
        half = max(self.bottom - self.top - sag, 0.5 * self.size) / 2
        lean = self._fall * (self.top + self.bottom) / 2
        self.left, self.right = leftmost + lean, rightmost + lean
        self.top, self.bottom = middle - half, middle + half


def _set_sizes(runs: Sequence[Run]) -> None:
    """Give lines of the usual height one size, by which a usual step down begins no paragraph.

    ``runs`` stand upright, from top to bottom. Letters' heights tell little: fonts and leading differ.
    """
    if not runs:
        return
    usual = float(np.median([run.size for run in runs]))
    steps = np.diff([(run.top + run.bottom) / 2 for run in runs])
    steps = steps[(steps > 0.5 * usual) & (steps < _WIDEST_STEP * usual)]
    # most steps lie within paragraphs, or the page is a list and has none
    size = float(np.percentile(steps, _WITHIN)) * _STEP / PARAGRAPH if len(steps) else usual
    for run in runs:
        if _ALIKE[0] * usual < run.size < _ALIKE[1] * usual:
            run.size = max(size, usual)


def _slope(lines: Sequence[RecognisedLine]) -> float:
    """The page's: the median of its lines', each as often as it has letters."""
    if not lines:
        return 0.0
    slopes = np.repeat([line.slope for line in lines], [max(len(line.text), 1) for line in lines])
    slope = float(np.median(slopes))
    return slope if abs(slope) <= _STEEPEST else 0.0


def _scaled(box: Corners, scale: tuple[float, float]) -> Corners:
    x0, y0, x1, y1 = box
    return rounded((x0 * scale[0], y0 * scale[1], x1 * scale[0], y1 * scale[1]))
