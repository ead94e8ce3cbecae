"""What the viewer needs of the world: a document's words, and somebody who draws its pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from app.domain.spans import Box
    from app.domain.text import Document, Page, PageShape

Rotation = Literal[0, 90, 180, 270]


class DocumentSource(Protocol):
    """One readable document. ``page`` and ``text`` are called from worker threads only."""

    @property
    def document(self) -> Document:
        """As the matter lists it."""
        ...

    @property
    def shapes(self) -> tuple[PageShape, ...]:
        """Of all pages, in order."""
        ...

    @property
    def file(self) -> Path:
        """The sealed original."""
        ...

    @property
    def password(self) -> str | None:
        """What opens it, if somebody typed it in this session."""
        ...

    def page(self, number: int) -> Page:
        """With words and boxes; ``number`` from 1."""
        ...

    def text(self) -> str:
        """Canonical text."""
        ...


class PagePixels(Protocol):
    """RGB, a byte each; ``stride`` bytes a row."""

    @property
    def width(self) -> int:
        """Pixels."""
        ...

    @property
    def height(self) -> int:
        """Pixels."""
        ...

    @property
    def stride(self) -> int:
        """Bytes."""
        ...

    @property
    def data(self) -> bytes:
        """Row after row."""
        ...


class Drawer(Protocol):
    """Draws the pages of one document; ``interrupt`` may be called from any thread."""

    def draw(self, number: int, zoom: float, clip: Box | None, rotation: Rotation) -> PagePixels:
        """Raises PinciteError if there is no picture, Cancelled after an interrupt."""
        ...

    def interrupt(self) -> None:
        """Give up what is being drawn; returns at once."""
        ...

    def close(self) -> None:
        """Wait until nothing is left of it."""
        ...


class Drawers(Protocol):
    """Drawers for one document after another; called from worker threads only."""

    def open(self, path: Path, password: str | None = None) -> Drawer:
        """Raises Cancelled after ``close``."""
        ...

    def prepare(self) -> None:
        """Make the next ``open`` quick."""
        ...

    def close(self) -> None:
        """Those that were opened live on."""
        ...
