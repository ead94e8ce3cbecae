"""What works behind one open document: the thread that draws and the thread that reads."""

from __future__ import annotations

import time
from bisect import bisect_right
from typing import TYPE_CHECKING

from app.desktop.document.drawing import Drawing
from app.desktop.document.page_layout import size_of
from app.desktop.document.reading import Reading

if TYPE_CHECKING:
    from app.desktop.document.shared_drawers import SharedDrawers
    from app.desktop.document.source import DocumentSource


class Session:
    """``reading`` is to be started at once, ``drawing`` when there are pages to draw."""

    def __init__(self, source: DocumentSource, drawers: SharedDrawers) -> None:
        self.source = source
        self.sizes = tuple(size_of(shape) for shape in source.shapes)
        self.reading = Reading(source)
        self.drawing = Drawing(
            lambda: drawers.open(source.file, source.password), drawers.prepare, self.sizes
        )
        self._starts = [shape.start for shape in source.shapes]

    @property
    def ended(self) -> bool:
        """Whether no thread is left."""
        return self.reading.ended and self.drawing.ended

    def shows(self, source: DocumentSource) -> bool:
        """Whether that is the same document, read the same way."""
        return self.source.document == source.document and self.source.shapes == source.shapes

    def page_of(self, offset: int) -> int:
        """The page that holds a place of the canonical text."""
        return max(1, bisect_right(self._starts, offset))

    def close(self) -> None:
        """Everything stops; returns at once."""
        self.reading.close()
        self.drawing.close()

    def join(self, seconds: float) -> None:
        """Wait until everything has stopped."""
        until = time.monotonic() + seconds
        self.reading.join(seconds)
        self.drawing.join(max(0.0, until - time.monotonic()))
