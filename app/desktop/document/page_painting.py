"""How one page is painted: paper, picture, marks. All coordinates are pixels of the device."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QRegion

from app.desktop import look
from app.desktop.document.marks import (
    Marks,
    cited_colour,
    hit_colour,
    selection_colour,
    underline_colour,
    unseen_colours,
    unsure_colours,
)
from app.desktop.document.selection import words_in
from app.domain.spans import Box, Span, line_boxes
from app.review.recognised import unsure_words

if TYPE_CHECKING:
    from app.desktop.document.page_layout import PageLayout, Tile
    from app.domain.text import Page, PageShape

_UNDERLINE_PIXELS = 2.0
_FRAME_PIXELS = 1.5
_FRAME_APART = 2.0
_REFUSED_GREY = 0.9


@dataclass(frozen=True)
class Picture:
    """A part of a page that was drawn, at whatever scale."""

    tile: Tile
    image: QImage


class PagePainter:
    """Paints pages of one layout. ``corner`` is where the column begins in the viewport.

    ``ratio`` is pixels of the device per pixel of Qt, in which ``view``, the viewport, is given.
    """

    def __init__(
        self, painter: QPainter, layout: PageLayout, corner: tuple[int, int], ratio: float, view: QRect
    ) -> None:
        self._painter = painter
        self._layout = layout
        self._left, self._top = corner
        self._ratio = ratio
        self._view = view

    def paper(self, index: int) -> QRect:
        """Where a page stands in the viewport."""
        rect = self._layout.rect(index)
        return QRect(rect.x + self._left, rect.y + self._top, rect.width, rect.height)

    def paint_paper(self, index: int) -> None:
        """A white page with a border; paper is white in the dark too."""
        paper = self.paper(index)
        edge = max(1, round(self._ratio))
        self._painter.fillRect(paper.adjusted(-edge, -edge, edge, edge), look.colour("border"))
        self._painter.fillRect(paper, Qt.GlobalColor.white)

    def paint_pictures(self, index: int, pictures: Sequence[Picture]) -> None:
        """In the order given."""
        paper = self.paper(index)
        for picture in pictures:
            area, scale = picture.tile.area, picture.tile.scale
            if scale == self._layout.scale and picture.image.width() == area.width:
                self._painter.drawImage(paper.x() + area.x, paper.y() + area.y, picture.image)
                continue
            grow = self._layout.scale / scale
            left, top = round(area.x * grow), round(area.y * grow)
            right, bottom = round((area.x + area.width) * grow), round((area.y + area.height) * grow)
            target = QRect(paper.x() + left, paper.y() + top, right - left, bottom - top)
            self._painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            self._painter.drawImage(target, picture.image)

    def paint_refusal(self, index: int, sentence: str) -> None:
        """A page that cannot be drawn."""
        paper = self.paper(index)
        self._painter.fillRect(paper, QColor.fromRgbF(_REFUSED_GREY, _REFUSED_GREY, _REFUSED_GREY))
        self._painter.save()
        self._painter.scale(self._ratio, self._ratio)
        inner = QRect(
            round(paper.x() / self._ratio), round(paper.y() / self._ratio),
            round(paper.width() / self._ratio), round(paper.height() / self._ratio),
        )  # fmt: skip
        shown = inner.intersected(self._view)
        self._painter.setPen(QColor(look.LIGHT.text))
        self._painter.setFont(look.font())
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        self._painter.drawText(shown.adjusted(look.STEP, look.STEP, -look.STEP, -look.STEP), flags, sentence)
        self._painter.restore()

    def paint_marks(self, index: int, marks: Marks, shape: PageShape, page: Page | None) -> None:
        """Multiplied with the page, so that its letters stay as they are."""
        self._painter.save()
        self._painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        if page is not None:
            self._paint_reading(index, marks, page)
        current, others, lines = self._cited(index, marks, page)
        self._fill(others.subtracted(current), cited_colour(False))
        self._fill(current, cited_colour(True))
        if page is not None:
            found = list(marks.hits_between(shape.start, shape.end))
            self._fill(self._of_spans(index, page, (s for s, now in found if not now)), hit_colour(False))
            self._fill(self._of_spans(index, page, (s for s, now in found if now)), hit_colour(True))
            if marks.selection is not None:
                self._fill(self._of_spans(index, page, [marks.selection]), selection_colour())
        self._fill(lines, underline_colour())
        self._painter.restore()

    def _paint_reading(self, index: int, marks: Marks, page: Page) -> None:
        """What reading has to say of the page: words that were hard to read, places of words unseen."""
        if marks.unsure and page.confidences:
            boxes = [word.box for word in unsure_words(page)]
            thick = self._ratio / self._layout.scale
            ground, line = unsure_colours()
            self._fill(self._region(index, boxes), ground)
            self._fill(self._region(index, (Box(b.x0, b.y1 - thick, b.x1, b.y1) for b in boxes)), line)
        if marks.unseen:
            for unseen in page.unseen:
                if unseen.box.x1 > unseen.box.x0:
                    self._frame(index, unseen.box)

    def _frame(self, index: int, box: Box) -> None:
        x0, y0, x1, y1 = self._layout.place(index, box)
        apart = _FRAME_APART * self._ratio
        ground, line = unseen_colours()
        self._painter.setBrush(ground)
        self._painter.setPen(QPen(line, _FRAME_PIXELS * self._ratio, Qt.PenStyle.DashLine))
        framed = QRectF(x0 + self._left, y0 + self._top, x1 - x0, y1 - y0)
        self._painter.drawRect(framed.adjusted(-apart, -apart, apart, apart))

    def _cited(self, index: int, marks: Marks, page: Page | None) -> tuple[QRegion, QRegion, QRegion]:
        current, others, lines = QRegion(), QRegion(), QRegion()
        for number, citation in enumerate(marks.citations):
            if citation.page != index + 1:
                continue
            boxes: Sequence[Box] = citation.boxes
            if not boxes and page is not None:
                boxes = line_boxes(words_in(page.words, Span(citation.start, citation.end)))
            region = self._region(index, boxes)
            if number == marks.citation:
                current = region
                thick = _UNDERLINE_PIXELS * self._ratio / self._layout.scale
                lines = self._region(index, [Box(b.x0, b.y1 - thick, b.x1, b.y1) for b in boxes])
            else:
                others = others.united(region)
        return current, others, lines

    def _of_spans(self, index: int, page: Page, spans: Iterable[Span]) -> QRegion:
        region = QRegion()
        for span in spans:
            region = region.united(self._region(index, line_boxes(words_in(page.words, span))))
        return region

    def _region(self, index: int, boxes: Iterable[Box]) -> QRegion:
        region = QRegion()
        for box in boxes:
            x0, y0, x1, y1 = self._layout.place(index, box)
            left, top = round(x0) + self._left, round(y0) + self._top
            width, height = max(1, round(x1) - round(x0)), max(1, round(y1) - round(y0))
            region = region.united(QRect(left, top, width, height))
        return region

    def _fill(self, region: QRegion, colour: QColor) -> None:
        """Once for every pixel, however boxes overlap."""
        for rect in cast(Iterable[QRect], region):
            self._painter.fillRect(rect, colour)
