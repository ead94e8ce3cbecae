"""The search of the open document: its line, its hits, and which of them is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.desktop.document.search_bar import SearchBar

if TYPE_CHECKING:
    from app.desktop.document.reading import Reading
    from app.domain.spans import Span

Mark = Callable[[tuple["Span", ...], int], None]


class Searching(QObject):
    """``mark`` is told the hits and the current one, from 0, -1 for none; ``reveal`` where that is."""

    def __init__(self, mark: Mark, reveal: Callable[[Span], None], parent: QObject) -> None:
        super().__init__(parent)
        self.bar = SearchBar()
        self._mark = mark
        self._reveal = reveal
        self._reading: Reading | None = None
        self._hits: tuple[Span, ...] = ()
        self._hit = -1
        self._whole = True
        self._from = 0
        self.bar.query_changed.connect(self._search)
        self.bar.next_wanted.connect(lambda: self.step(1))
        self.bar.previous_wanted.connect(lambda: self.step(-1))
        self.bar.closed.connect(lambda: self._show((), -1))

    def follow(self, reading: Reading | None) -> None:
        """Another document, or none: its line is closed."""
        self._reading, self._hits, self._hit = reading, (), -1
        if reading is None:
            self.bar.hide()
            self.bar.show_count(-1, 0, True)
        else:
            reading.hits_found.connect(self._found)

    def open(self, start: int) -> None:
        """The hit at or after ``start``, of the canonical text, is the first one looked at."""
        self._from = start
        self.bar.open_search()

    def step(self, step: int) -> None:
        """After the last hit comes the first."""
        if self._hits:
            self._show(self._hits, (self._hit + step) % len(self._hits))
            self._count_and_reveal()

    def _search(self, query: str) -> None:
        if self._reading is not None:
            self._reading.want_hits(query)

    def _found(self, query: str, hits: tuple[Span, ...], whole: bool) -> None:
        if query != self.bar.field.text() or self.bar.isHidden():
            return
        here = next((place for place, hit in enumerate(hits) if hit.start >= self._from), 0)
        self._whole = whole
        self._show(hits, here if hits else -1)
        self._count_and_reveal()

    def _show(self, hits: tuple[Span, ...], hit: int) -> None:
        self._hits, self._hit = hits, hit
        self._mark(hits, hit)

    def _count_and_reveal(self) -> None:
        self.bar.show_count(max(0, self._hit), len(self._hits), self._whole)
        if self._hit >= 0:
            self._from = self._hits[self._hit].start
            self._reveal(self._hits[self._hit])
