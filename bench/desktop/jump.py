"""How long the window takes to show a citation: from the call to the first paint with that page's pixels.

``python -m bench.desktop.jump [FILE.pdf …]``; without files over the bundled samples. Beside it, in the same
run, PyMuPDF draws the same pages at the same scale in this process: what no viewer built on it can beat.
"""

from __future__ import annotations

import hashlib
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from app.desktop import look
from app.desktop.document.document_view import DocumentView
from app.domain.cancel import CancelToken
from app.domain.finding import Citation
from app.domain.spans import Span
from app.domain.text import Document, Page, PageShape, canonical_text
from app.ingest.reader import ChildReader
from app.review.ground import cite

SAMPLES = Path(__file__).parents[2] / "verticals/samples/contracts"
MOST_JUMPS = 40
WORDS = 20
QUIET_MILLISECONDS = 150
LONGEST_MILLISECONDS = 20_000


@dataclass(frozen=True)
class Held:
    document: Document
    shapes: tuple[PageShape, ...]
    file: Path
    pages: tuple[Page, ...]
    password: str | None = None

    def page(self, number: int) -> Page:
        return self.pages[number - 1]

    def text(self) -> str:
        return canonical_text(self.pages)


@dataclass(frozen=True)
class Jump:
    """Milliseconds to the first pixels of the page, and until all that shows is sharp."""

    first: float
    sharp: float


def read(file: Path) -> Held:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    got = ChildReader().read(file, file.name, digest, CancelToken())
    shapes = tuple(
        PageShape(number=p.number, start=p.start, end=p.end, width=p.width, height=p.height)
        for p in got.pages
    )
    return Held(got.document, shapes, file, got.pages)


def citations(held: Held) -> list[Citation]:
    """One a page, in an order in which no page follows its neighbour."""
    chance = random.Random(0)
    pages = [page for page in held.pages if len(page.words) > 2 * WORDS]
    step = max(1, len(pages) // MOST_JUMPS)
    made: list[Citation] = []
    for page in pages[::step][:MOST_JUMPS]:
        first = chance.randrange(len(page.words) - WORDS)
        words = page.words[first : first + WORDS]
        citation = cite(Span(words[0].start, words[-1].end), held.pages)
        if citation is not None:
            made.append(citation)
    half = (len(made) + 1) // 2
    return [c for pair in zip(made[:half], made[half:], strict=False) for c in pair]


def jump(view: DocumentView, citation: Citation) -> Jump:
    loop = QEventLoop()
    times: dict[bool, float] = {}
    began = time.perf_counter()

    def painted() -> None:
        sharp = view.pages.shown.get(citation.page)
        if sharp is None:
            return
        now = (time.perf_counter() - began) * 1000
        times.setdefault(False, now)
        if sharp:
            times[True] = now
            loop.quit()

    view.pages.painted.connect(painted)
    limit = QTimer()
    limit.setSingleShot(True)
    limit.timeout.connect(loop.quit)
    limit.start(LONGEST_MILLISECONDS)
    view.show_citations([citation])
    loop.exec()
    view.pages.painted.disconnect(painted)
    if True not in times:
        raise SystemExit(f"page {citation.page} was not drawn in {LONGEST_MILLISECONDS} ms")
    return Jump(times[False], times[True])


def rest(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def plain(file: Path, pages: Sequence[int], scale: float) -> list[float]:
    """PyMuPDF alone, each page opened anew, in milliseconds."""
    import pymupdf

    document = cast(Any, pymupdf.open(str(file)))
    matrix = cast(Any, pymupdf).Matrix(scale, scale)
    taken: list[float] = []
    for number in pages:
        began = time.perf_counter()
        document[number - 1].get_pixmap(matrix=matrix)
        taken.append((time.perf_counter() - began) * 1000)
    document.close()
    return taken


def p95(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def measure(file: Path) -> list[str]:
    held = read(file)
    view = DocumentView()
    view.resize(720, 900)
    view.show()
    view.prepare()
    rest(2_000)
    began = time.perf_counter()
    view.show_document(held)
    opening = (time.perf_counter() - began) * 1000
    wanted = citations(held)
    opened = jump(view, wanted[0])
    cold: list[Jump] = []
    for citation in wanted[1:]:
        rest(QUIET_MILLISECONDS)
        view.cache.clear()
        cold.append(jump(view, citation))
    warm: list[Jump] = []
    for citation in [*wanted[-6:], *wanted[-6:]]:
        rest(QUIET_MILLISECONDS)
        warm.append(jump(view, citation))
    warm = warm[6:]
    pages = [citation.page for citation in wanted[1:]]
    memory = psutil.Process().memory_info().rss >> 20
    alone = plain(file, pages, view.pages.page_layout.scale)
    view.shut_down()
    base = statistics.median(alone)
    rows = [(f"{file.stem[:34]}, {len(held.pages)} pages", "", "", "")]
    for title, values in (
        ("  cached, sharp", [j.sharp for j in warm]),
        ("  not cached, first pixels", [j.first for j in cold]),
        ("  not cached, sharp", [j.sharp for j in cold]),
        ("  PyMuPDF in process", alone),
    ):
        middle = statistics.median(values)
        rows.append((title, f"{middle:.1f}", f"{p95(values):.1f}", f"{middle / base:.1f}"))
    rows.append(("  opening, to first pixels", f"{opening + opened.first:.0f}", "", ""))
    rows.append((f"  memory of the window {memory} MB", "", "", ""))
    return [f"{title:<48}{middle:>10}{high:>10}{ratio:>10}" for title, middle, high, ratio in rows]


def main() -> None:
    application = QApplication([])
    look.dress(application, "light")
    files = [Path(name) for name in sys.argv[1:]] or sorted(SAMPLES.glob("*.pdf"))
    print(f"{'milliseconds':<48}{'median':>10}{'p95':>10}{'× PyMuPDF':>10}")
    for file in files:
        print("\n".join(measure(file)), flush=True)


if __name__ == "__main__":
    main()
