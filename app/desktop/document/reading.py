"""The thread that fetches a document's words, searches them and copies them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from app.desktop.document.paragraphs import paragraphs_of
from app.desktop.document.text_search import MOST_HITS, hits_in, pattern_of
from app.desktop.document.worker import Worker

if TYPE_CHECKING:
    from app.desktop.document.source import DocumentSource
    from app.domain.spans import Span

_log = logging.getLogger(__name__)
_PDF_WITHIN = 1024
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF8", b"BM")
_PAGES_AT_ONCE = 200
# most urgent first
_KINDS = ("text", "copy", "pages", "search")

Job = Iterator[None]


class Reading(Worker):
    """Of every kind of work only the newest is done."""

    page_read = Signal(object)
    """Page."""

    hits_found = Signal(str, tuple, bool)
    """The query, its hits as spans, and whether these are all."""

    copied = Signal(str)
    text_read = Signal(object)
    """Paragraphs."""

    pages_are_real = Signal(bool)
    """Whether the file is a PDF; else it is text."""

    failed = Signal()
    """The text cannot be had."""

    def __init__(self, source: DocumentSource) -> None:
        super().__init__("pincite-reading")
        self._source = source
        self._text: str | None = None
        self._jobs: dict[str, Job] = {}

    def want_pages(self, numbers: Sequence[int]) -> None:
        """Words of these pages, in this order, in place of those wanted before."""
        self._put("pages", self._read_pages(tuple(numbers)))

    def want_hits(self, query: str) -> None:
        """Everything in the document that reads like ``query``."""
        self._put("search", self._search(query))

    def want_copy(self, span: Span) -> None:
        """The exact words."""
        self._put("copy", _once(lambda: self._copy(span)))

    def want_text(self) -> None:
        """All of it, for a document that is not a PDF."""
        self._put("text", _once(self._read_text))

    def want_kind(self) -> None:
        """What the file is by its first bytes, as the reader of files decides."""
        self._put("text", _once(self._look))

    def _put(self, kind: str, job: Job) -> None:
        with self._changed:
            self._jobs[kind] = job
            self._changed.notify()

    def _serve(self) -> None:
        while (taken := self._next()) is not None:
            kind, job = taken
            if not self._advance(job):
                with self._changed:
                    if self._jobs.get(kind) is job:
                        del self._jobs[kind]

    def _next(self) -> tuple[str, Job] | None:
        with self._changed:
            while not self._closed and not self._jobs:
                self._changed.wait()
            if self._closed:
                return None
            kind = next(kind for kind in _KINDS if kind in self._jobs)
            return kind, self._jobs[kind]

    def _advance(self, job: Job) -> bool:
        try:
            next(job)
        except StopIteration:
            return False
        except Exception as error:  # a matter that was closed meanwhile, a file that went away
            _log.warning("document %s cannot be read: %s", self._source.document.id, type(error).__name__)
            self._tell(self.failed.emit)
            return False
        return True

    def _read_pages(self, numbers: Sequence[int]) -> Job:
        for number in numbers:
            page = self._source.page(number)
            self._tell(lambda page=page: self.page_read.emit(page))
            yield

    def _search(self, query: str) -> Job:
        pattern = pattern_of(query)
        found: list[Span] = []
        if pattern is not None:
            text = self._whole_text()
            yield
            for count, shape in enumerate(self._source.shapes, start=1):
                found.extend(hits_in(text[shape.start : shape.end], pattern, shape.start))
                if len(found) >= MOST_HITS:
                    break
                if count % _PAGES_AT_ONCE == 0:
                    yield
        hits, whole = tuple(found[:MOST_HITS]), len(found) < MOST_HITS
        self._tell(lambda: self.hits_found.emit(query, hits, whole))

    def _copy(self, span: Span) -> None:
        words = self._whole_text()[span.start : span.end]
        self._tell(lambda: self.copied.emit(words))

    def _read_text(self) -> None:
        text = paragraphs_of(self._whole_text(), self._source.shapes)
        self._tell(lambda: self.text_read.emit(text))

    def _look(self) -> None:
        with self._source.file.open("rb") as file:
            head = file.read(_PDF_WITHIN)
        real = b"%PDF-" in head or head.startswith(_PICTURES) or head[8:12] == b"WEBP"
        self._tell(lambda: self.pages_are_real.emit(real))

    def _whole_text(self) -> str:
        if self._text is None:
            self._text = self._source.text()
        return self._text


def _once(work: Callable[[], None]) -> Job:
    work()
    yield
