"""The text layer of a PDF through PyMuPDF: pages in reading order, and the files that lie in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

from app.domain.kinds import DocumentState
from app.ingest.limits import Limits
from app.ingest.messages import Ended, Inside, PageRead
from app.ingest.pdf.attached import Attachments
from app.ingest.pdf.headings import outline_of
from app.ingest.pdf.page import Layers, PageReader

# MuPDF keeps up to 256 MiB of fonts and pictures, whether they are used again or not
_SHRINK_AFTER = 200
# it also keeps every object that it parsed, until the document is closed
_ANEW_AFTER = 500
_LISTED = 20
_HALF = 50


def warm_up() -> None:
    """Load what MuPDF loads lazily, before limits make that impossible."""
    import pymupdf

    quiet = cast(Any, pymupdf.TOOLS)
    quiet.mupdf_display_errors(False)
    quiet.mupdf_display_warnings(False)
    sheet = cast(Any, pymupdf.open())
    page: Any = sheet.new_page()
    page.insert_text((72, 72), "warm")
    page.insert_text((72, 99), "white", color=(1, 1, 1))
    PageReader(Layers(sheet)).read(page, 1, ())
    page.get_images()
    sheet.close()


def read_pdf(
    file: Path | memoryview, limits: Limits, password: str | None = None
) -> Iterator[PageRead | Inside | Ended]:
    """Pages in order, attachments, then the end; ``file`` may be mapped bytes, for a confined process.

    A page that cannot be read is kept empty, so that numbers stay right.
    """
    try:
        document = _opened(file)
    except Exception:
        yield Ended(state=DocumentState.DAMAGED, reason="The file is damaged and could not be opened.")
        return
    refusal = _refusal(document, limits, password)
    if refusal is not None:
        yield refusal
        return
    reading = _Reading(document, limits, lambda: _opened(file, password))
    yield from reading.pages()
    yield from reading.attachments.embedded()
    yield reading.end()


def _opened(file: Path | memoryview, password: str | None = None) -> Any:
    """Raises whatever MuPDF does for a file that it cannot open."""
    import pymupdf

    source = {"filename": str(file)} if isinstance(file, Path) else {"stream": file}
    document = cast(Any, pymupdf).open(**source, filetype="pdf")
    if document.needs_pass and password:
        document.authenticate(password)
    return document


def _refusal(document: Any, limits: Limits, password: str | None) -> Ended | None:
    if document.needs_pass and not (password and document.authenticate(password)):
        return Ended(
            state=DocumentState.LOCKED,
            reason="The password does not open this file." if password else "The file needs a password.",
        )
    try:
        count = int(document.page_count)
    except Exception:
        return Ended(state=DocumentState.DAMAGED, reason="The file is damaged and could not be opened.")
    if count > limits.pages:
        return Ended(
            state=DocumentState.TOO_LARGE, reason=f"The file has {count} pages; {limits.pages} are allowed."
        )
    if count == 0:
        return Ended(state=DocumentState.DAMAGED, reason="The file is damaged: it has no pages.")
    return None


class _Reading:
    """One document on its way."""

    def __init__(self, document: Any, limits: Limits, opened: Callable[[], Any]) -> None:
        """``opened`` gives the document anew."""
        self._document = document
        self._opened = opened
        self._count = int(document.page_count)
        self.attachments = Attachments(document, limits)
        self._broken: list[int] = []
        self._unseen: list[int] = []
        self._letters = self._pictures = False

    def pages(self) -> Iterator[PageRead | Inside]:
        import pymupdf

        tools = cast(Any, pymupdf.TOOLS)
        document = self._document
        reader = PageReader(_layers(document))
        outline = outline_of(document)
        for number in range(1, self._count + 1):
            if number % _ANEW_AFTER == 1 and self._count > _ANEW_AFTER and not document.is_repaired:
                if document is not self._document:
                    document.close()
                document = self._opened()
                reader.layers = _layers(document)
            try:
                page = document[number - 1]
                read = reader.read(page, number, outline.get(number, ()))
            except Exception:  # MuPDF's errors have no common type, and their words may be the document's
                page = None
                read = PageRead(number=number, text="", width=612, height=792, broken=True)
            self._note(read)
            yield read
            if page is not None:
                yield from self.attachments.pinned(page)
            if number % _SHRINK_AFTER == 0:
                tools.store_shrink(_HALF)

    def _note(self, page: PageRead) -> None:
        if page.broken:
            self._broken.append(page.number)
        if page.unseen:
            self._unseen.append(page.number)
        self._letters = self._letters or bool(page.text)
        self._pictures = self._pictures or page.wants_ocr is not None

    def end(self) -> Ended:
        """What is to be said about the whole."""
        flags = tuple(self._flags())
        broken = self._broken
        if len(broken) == self._count:
            return Ended(state=DocumentState.DAMAGED, reason="None of the pages could be read.", flags=flags)
        if broken:
            reason = f"These pages could not be read: {_listed(broken)}."
            return Ended(state=DocumentState.PARTIAL, reason=reason, flags=flags)
        if not self._letters:
            reason = "The pages are pictures without text." if self._pictures else "The pages hold no text."
            if self._unseen:
                reason = "The only words on its pages are words nobody can see."
            return Ended(state=DocumentState.NO_TEXT, reason=reason, flags=flags)
        return Ended(state=DocumentState.READY, flags=flags)

    def _flags(self) -> Iterator[str]:
        if self._document.is_repaired:
            yield "the file was damaged and repaired"
        if self._unseen:
            yield f"words nobody can see on {_pages(self._unseen)}"
        if count := self.attachments.count:
            yield "a file lies in it" if count == 1 else f"{count} files lie in it"
        if left := self.attachments.left:
            yield f"{left} of the files that lie in it could not be taken out"


def _layers(document: Any) -> Layers | None:
    try:
        return Layers(document) or None
    except Exception:  # a broken table of layers hides nothing
        return None


def _pages(numbers: list[int]) -> str:
    return f"page {numbers[0]}" if len(numbers) == 1 else f"pages {_listed(numbers)}"


def _listed(numbers: Iterable[int]) -> str:
    shown = list(numbers)
    return ", ".join(map(str, shown[:_LISTED])) + (" …" if len(shown) > _LISTED else "")
