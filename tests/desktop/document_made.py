"""Documents, drawers and looks at pixels, for the tests of the viewer."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.desktop.document.document_view import DocumentView
from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled, PinciteError
from app.domain.finding import Citation
from app.domain.kinds import DocumentState
from app.domain.spans import Box, Span
from app.domain.text import Document, Page, PageShape, canonical_text
from app.ingest.reader import ChildReader
from app.review.ground import cite
from tests.conftest import SAMPLES

SAMPLE = next(SAMPLES.glob("LinkPlus*.pdf"))


@dataclass(frozen=True)
class Held:
    """A DocumentSource from pages in memory."""

    document: Document
    shapes: tuple[PageShape, ...]
    file: Path
    pages: tuple[Page, ...]
    password: str | None = None

    def page(self, number: int) -> Page:
        return self.pages[number - 1]

    def text(self) -> str:
        return canonical_text(self.pages)

    def cite(self, page: int, first: int, last: int) -> Citation:
        """The words of a page from the one to the other, counted from 0, both included."""
        words = self.pages[page - 1].words
        citation = cite(Span(words[first].start, words[last].end), self.pages)
        assert citation is not None
        return citation


def read(path: Path, name: str = "") -> Held:
    """Through the reader of files, as the matter would."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    got = ChildReader().read(path, name or path.name, digest, CancelToken())
    assert got.document.state.readable, got.document.reason
    return Held(got.document, shapes(got.pages), path, got.pages)


def shapes(pages: tuple[Page, ...]) -> tuple[PageShape, ...]:
    return tuple(
        PageShape(number=p.number, start=p.start, end=p.end, width=p.width, height=p.height) for p in pages
    )


def invented(pages: int, width: float = 612, height: float = 792, name: str = "long.pdf") -> Held:
    """Pages of one word each, in a file that is not there."""
    made: list[Page] = []
    start = 0
    for number in range(1, pages + 1):
        text = f"page{number}"
        made.append(Page(number=number, start=start, text=text, width=width, height=height))
        start += len(text) + 1
    digest = hashlib.sha256(f"{name}{pages}".encode()).hexdigest()
    document = Document(id=digest[:16], name=name, sha256=digest, pages=pages, state=DocumentState.READY)
    return Held(document, shapes(tuple(made)), Path("nowhere.pdf"), tuple(made))


@dataclass(frozen=True)
class Grey:
    """PagePixels of one tone."""

    width: int
    height: int

    @property
    def stride(self) -> int:
        return 3 * self.width

    @property
    def data(self) -> bytes:
        return b"\x80" * (self.stride * self.height)


@dataclass
class FakeDrawers:
    """Draws grey and notes what was asked; waits for ``gate`` before each, fails for ``bad`` pages."""

    asked: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    bad: frozenset[int] = frozenset()
    gate: threading.Event = field(default_factory=threading.Event)
    interrupted: threading.Event = field(default_factory=threading.Event)
    open_now: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    def open(self, path: Path, password: str | None = None) -> FakeDrawers:
        self.open_now += 1
        return self

    def prepare(self) -> None:
        pass

    def draw(self, number: int, zoom: float, clip: Box | None, rotation: int) -> Grey:
        self.asked.append((number, zoom))
        while not self.gate.wait(0.02):
            if self.interrupted.is_set():
                self.interrupted.clear()
                raise Cancelled
        if number in self.bad:
            raise PinciteError(f"Page {number} cannot be drawn.", "Its text can still be searched.")
        assert clip is not None
        width, height = round((clip.x1 - clip.x0) * zoom), round((clip.y1 - clip.y0) * zoom)
        return Grey(*((width, height) if rotation in (0, 180) else (height, width)))

    def interrupt(self) -> None:
        self.interrupted.set()

    def close(self) -> None:
        self.open_now = max(0, self.open_now - 1)

    @property
    def pages(self) -> set[int]:
        return {number for number, _ in self.asked}


def sharp(qtbot: QtBot, view: DocumentView, page: int) -> None:
    """Wait until all that shows of a page is drawn."""

    def is_sharp() -> bool:
        view.pages.viewport().repaint()
        return view.pages.shown.get(page) is True

    qtbot.waitUntil(is_sharp, timeout=20_000)


def look_at(view: Any) -> QImage:
    """What a pane shows now."""
    return view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


Pixels = set[tuple[int, int]]


def changed(before: QImage, after: QImage) -> Pixels:
    """Where two pictures differ."""
    assert before.size() == after.size()
    width, height = before.width(), before.height()
    a, b = bytes(before.constBits()), bytes(after.constBits())
    stride = before.bytesPerLine()
    found: Pixels = set()
    for y in range(height):
        row_a, row_b = a[y * stride : y * stride + 4 * width], b[y * stride : y * stride + 4 * width]
        if row_a != row_b:
            found.update((x, y) for x in range(width) if row_a[4 * x : 4 * x + 3] != row_b[4 * x : 4 * x + 3])
    return found


def bounds(pixels: Pixels) -> tuple[int, int, int, int]:
    xs, ys = [x for x, _ in pixels], [y for _, y in pixels]
    return min(xs), min(ys), max(xs) + 1, max(ys) + 1
