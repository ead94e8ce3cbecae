"""One piece of text, laid out, with its marks. Qt counts UTF-16 units, everything else code points."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QTextCharFormat, QTextLayout

from app.desktop import look
from app.desktop.document.marks import Marks, cited_colour, hit_colour, selection_veil, underline_colour
from app.domain.spans import Span

_UNDERLINE_PIXELS = 2.0
_LAST_OF_PLANE = "\uffff"
_LONGEST_HIT = 1000


class PieceText:
    """Lines of one width."""

    def __init__(self, text: str, layout: QTextLayout, width: float) -> None:
        self._text = text
        self._plain = not text or max(text) <= _LAST_OF_PLANE
        self.layout = layout
        self.height = 0.0
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, self.height))
            self.height += line.height()
        layout.endLayout()

    @property
    def length(self) -> int:
        """Code points."""
        return len(self._text)

    def place(self, offset: int) -> tuple[float, float]:
        """Left edge and line's top of a character."""
        unit = self._units(offset)
        line = self.layout.lineForTextPosition(unit)
        return (_x(self.layout, line.lineNumber(), unit), line.y()) if line.isValid() else (0.0, 0.0)

    def offset(self, x: float, y: float) -> int:
        """The place between characters that a point means."""
        count = self.layout.lineCount()
        line = self.layout.lineAt(0)
        for number in range(count):
            line = self.layout.lineAt(number)
            if y < line.y() + line.height():
                break
        return self._points(int(line.xToCursor(x)))

    def word(self, offset: int) -> Span:
        """The run of characters without white space around a place."""
        start = end = offset
        while start > 0 and not self._text[start - 1].isspace():
            start -= 1
        while end < len(self._text) and not self._text[end].isspace():
            end += 1
        return Span(start, end)

    def rects(self, span: Span) -> list[QRectF]:
        """One for each line that a part of the piece runs over."""
        first, last = self._units(span.start), self._units(span.end)
        found: list[QRectF] = []
        for number in range(self.layout.lineCount()):
            line = self.layout.lineAt(number)
            low = max(first, line.textStart())
            high = min(last, line.textStart() + line.textLength())
            if low < high:
                left, right = sorted((_x(self.layout, number, low), _x(self.layout, number, high)))
                found.append(QRectF(left, line.y(), right - left, line.height()))
        return found

    def dark_letters(self, spans: list[Span]) -> list[QTextLayout.FormatRange]:
        """Marked grounds are light in every theme, so the letters on them are dark."""
        made: list[QTextLayout.FormatRange] = []
        for span in spans:
            style = QTextCharFormat()
            style.setForeground(QColor(look.LIGHT.text))
            part = QTextLayout.FormatRange()
            part.start = self._units(span.start)
            part.length = self._units(span.end) - part.start
            part.format = style
            made.append(part)
        return made

    def _units(self, offset: int) -> int:
        offset = min(max(offset, 0), len(self._text))
        if self._plain:
            return offset
        return offset + sum(letter > _LAST_OF_PLANE for letter in self._text[:offset])

    def _points(self, unit: int) -> int:
        if self._plain:
            return unit
        points = 0
        while unit > 0:
            unit -= 2 if self._text[points] > _LAST_OF_PLANE else 1
            points += 1
        return points


def paint_piece(painter: QPainter, at: QPointF, piece: PieceText, start: int, marks: Marks) -> None:
    """``start`` is where the piece begins in the canonical text."""
    marked: list[Span] = []

    def rects(first: int, last: int) -> list[QRectF]:
        span = Span(max(0, first - start), min(piece.length, last - start))
        return [rect.translated(at) for rect in piece.rects(span)] if span.start < span.end else []

    def fill(first: int, last: int, colour: QColor) -> list[QRectF]:
        found = rects(first, last)
        if found:
            marked.append(Span(max(0, first - start), min(piece.length, last - start)))
        for rect in found:
            painter.fillRect(rect, colour)
        return found

    for number, citation in enumerate(marks.citations):
        if number != marks.citation:
            fill(citation.start, citation.end, cited_colour(False))
    cited = marks.cited
    lines = fill(cited.start, cited.end, cited_colour(True)) if cited is not None else []
    for hit, current in marks.hits_between(start - _LONGEST_HIT, start + piece.length):
        fill(hit.start, hit.end, hit_colour(current))
    if marks.selection is not None:
        for rect in rects(marks.selection.start, marks.selection.end):
            painter.fillRect(rect, selection_veil())
    for rect in lines:
        bottom = rect.bottom() - _UNDERLINE_PIXELS
        painter.fillRect(QRectF(rect.left(), bottom, rect.width(), _UNDERLINE_PIXELS), underline_colour())
    painter.setPen(look.colour("text"))
    piece.layout.draw(painter, at, piece.dark_letters(_apart(marked)))


def _apart(spans: list[Span]) -> list[Span]:
    """Their union; Qt wants formats that do not overlap."""
    made: list[Span] = []
    for span in sorted(spans):
        if made and span.start <= made[-1].end:
            made[-1] = Span(made[-1].start, max(made[-1].end, span.end))
        else:
            made.append(span)
    return made


def _x(layout: QTextLayout, line: int, unit: int) -> float:
    # PySide gives the place that it settled on too, and its stubs do not say so
    x, _ = cast(tuple[float, int], layout.lineAt(line).cursorToX(unit))
    return x
