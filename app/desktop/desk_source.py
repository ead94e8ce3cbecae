"""What the viewer reads a document of the open matter from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from app.desktop.bridge import Bridge
    from app.domain.text import Document, Page, PageShape


class DeskSource:
    """A document of the open matter, as the viewer reads it in its worker threads."""

    def __init__(self, bridge: Bridge, document: Document, shapes: tuple[PageShape, ...], file: Path) -> None:
        self._bridge = bridge
        self.document = document
        self.shapes = shapes
        self.file = file

    @property
    def password(self) -> str | None:
        """What opens it, if somebody typed it in this session."""
        desk = self._bridge.desk
        return None if desk is None else desk.password(self.document.id)

    def page(self, number: int) -> Page:
        """With words and boxes."""
        desk = self._bridge.desk
        if desk is None:
            raise RuntimeError("the matter was closed")
        return desk.page(self.document.id, number)

    def text(self) -> str:
        """Canonical text."""
        desk = self._bridge.desk
        return "" if desk is None else desk.text(self.document.id)
