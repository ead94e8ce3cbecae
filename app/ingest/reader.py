"""Files to pages: text first, then what has to be recognised in pictures; nothing is kept in memory."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from app.domain.cancel import CancelToken
from app.domain.kinds import OPENED_WITH_A_PASSWORD, DocumentState
from app.domain.ports import ReadFile
from app.domain.spans import Box
from app.domain.text import Aside, Document, Heading, Page, Unseen, document_id
from app.ingest.instructions import instructing_spans
from app.ingest.limits import DEFAULT, Limits
from app.ingest.messages import AsideKind, Ended, Inside, Order, PageRead
from app.ingest.parser_process import PARSER, Overstepped, ParserProcess
from app.ingest.running import PageLines, asides_of, bates_of, page_lines

_MAY_HAVE_TEXT = (DocumentState.READY, DocumentState.PARTIAL, DocumentState.NO_TEXT)
_LISTED = 20
_UNSURE = 0.8
"""Words recognised with less confidence than this on average make a page worth a look."""

PageDone = Callable[[int, int], None]
"""Pages that are read to their end, and how many there are as far as is known."""


class PagesToRecognise(Exception):
    """The file has pages whose words have to be recognised in their pictures, which takes long."""


class PageKeep(Protocol):
    """Where the pages of one file lie while it is read; what is kept already need not be done again."""

    def put(self, page: PageRead) -> None:
        """Keep a page; one of the same number is replaced."""
        ...

    def recognised(self) -> frozenset[int]:
        """Numbers of the pages whose words were recognised by an earlier try."""
        ...

    def pages(self) -> Iterator[PageRead]:
        """All of them, by number, one at a time."""
        ...


class MemoryKeep:
    """For a few pages."""

    def __init__(self) -> None:
        self._pages: dict[int, PageRead] = {}

    def put(self, page: PageRead) -> None:
        """Keep a page; one of the same number is replaced."""
        self._pages[page.number] = page

    def recognised(self) -> frozenset[int]:
        """Numbers of the pages whose words were recognised."""
        return frozenset(number for number, page in self._pages.items() if page.confidences)

    def pages(self) -> Iterator[PageRead]:
        """By number."""
        return iter([self._pages[number] for number in sorted(self._pages)])


class InsideKeep(Protocol):
    """Where files that lie in the file are put together."""

    def begin(self, name: str) -> BinaryIO:
        """A file to write to; it is closed when it is whole."""
        ...


@dataclass(frozen=True)
class FileToRead:
    """``depth``: so many files it lies in. ``password`` is for this time only and is kept nowhere."""

    path: Path
    name: str
    sha256: str
    depth: int = 0
    password: str | None = None


@dataclass
class _Seen:
    """What has to be known of all pages when the last one was read."""

    count: int = 0
    broken: list[int] = field(default_factory=list[int])
    wanting: dict[int, str] = field(default_factory=dict[int, str])
    unseen: bool = False


class FileReader:
    """Reads files one after the other in a process that stays warm. For one thread; ``close`` it."""

    def __init__(
        self, limits: Limits = DEFAULT, command: Sequence[str] = PARSER, recognisers: int = 1
    ) -> None:
        """``recognisers``: so many processes recognise the pages of one file at once; may be changed."""
        self._limits = limits
        self._parser = ParserProcess(command)
        self.recognisers = recognisers

    def __enter__(self) -> FileReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the process."""
        self._parser.close()

    def read(
        self,
        file: FileToRead,
        keep: PageKeep,
        insides: InsideKeep | None,
        cancel: CancelToken,
        told: PageDone = lambda done, total: None,
        recognise: bool = True,
    ) -> tuple[Document, Iterator[Page]]:
        """The document, and its pages from what was kept, made one by one; without ``insides`` these go.

        Never raises for a bad file: that is a state. Raises Cancelled, with what was read kept, and
        PagesToRecognise if there are some and ``recognise`` is not set: then what was kept goes for nothing.
        """
        seen = _Seen()
        ended = self._read_text(file, keep, insides, cancel, seen, told)
        if seen.wanting and not recognise:
            raise PagesToRecognise
        failed = self._recognise(file, keep, cancel, seen, told)
        return _concluded(file, ended, keep, seen, failed)

    def _read_text(
        self,
        file: FileToRead,
        keep: PageKeep,
        insides: InsideKeep | None,
        cancel: CancelToken,
        seen: _Seen,
        told: PageDone,
    ) -> Ended:
        order = Order(
            path=str(file.path),
            suffix=Path(file.name).suffix,
            limits=self._limits,
            password=file.password,
            depth=file.depth,
        )
        recognised = keep.recognised()
        pieces = _Pieces(insides)
        ended: Ended | None = None
        try:
            for message in self._parser.ask(order, cancel):
                if isinstance(message, Ended):
                    ended = message
                    continue
                if isinstance(message, Inside):
                    pieces.put(message)
                    continue
                seen.count += 1
                page = message if message.number else message.model_copy(update={"number": seen.count})
                seen.unseen = seen.unseen or bool(page.unseen)
                if page.broken:
                    seen.broken.append(page.number)
                if page.wants_ocr is not None and page.number not in recognised:
                    seen.wanting[page.number] = page.wants_ocr
                if page.number not in recognised:
                    keep.put(page)
                told(seen.count - len(seen.wanting), seen.count)
        except Overstepped as how:
            return _cut(str(how), seen.count)
        finally:
            pieces.close()
        return ended or _cut("made the reader stop", seen.count)

    def _recognise(
        self, file: FileToRead, keep: PageKeep, cancel: CancelToken, seen: _Seen, told: PageDone
    ) -> tuple[int, ...]:
        if not seen.wanting:
            return ()
        from app.ingest.recognising import recognise_pages

        done = seen.count - len(seen.wanting)

        def put(page: PageRead) -> None:
            nonlocal done
            done += 1
            if page.text.strip():  # else what little text the file has is better than nothing
                keep.put(page)
            told(done, seen.count)

        return recognise_pages(
            file.path,
            Path(file.name).suffix,
            sorted(seen.wanting),
            self._limits,
            cancel,
            put,
            self.recognisers,
            file.password,
        )


class ChildReader:
    """Reads one file into memory, in a process of its own; for a file or two."""

    def __init__(self, limits: Limits = DEFAULT, command: Sequence[str] = PARSER) -> None:
        self._limits = limits
        self._command = command

    def read(
        self, path: Path, name: str, sha256: str, cancel: CancelToken, password: str | None = None
    ) -> ReadFile:
        """Never raises for a bad file: that is a state. Raises Cancelled; then nothing is left running."""
        file = FileToRead(path, name, sha256, password=password)
        with FileReader(self._limits, self._command) as reader:
            document, pages = reader.read(file, MemoryKeep(), None, cancel)
            return ReadFile(document=document, pages=tuple(pages))


class _Pieces:
    """Puts pieces of inner files together."""

    def __init__(self, insides: InsideKeep | None) -> None:
        self._insides = insides
        self._open: BinaryIO | None = None

    def put(self, piece: Inside) -> None:
        if self._insides is None:
            return
        if self._open is None:
            self._open = self._insides.begin(piece.name)
        try:
            self._open.write(base64.b64decode(piece.data, validate=True))
        except binascii.Error:
            raise Overstepped("made the reader stop") from None
        if piece.last:
            self.close()

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def _cut(how: str, pages: int) -> Ended:
    if pages:
        return Ended(
            state=DocumentState.PARTIAL,
            reason=f"The file {how} after page {pages}; those before are kept.",
        )
    return Ended(state=DocumentState.DAMAGED, reason=f"The file {how} before any page was read.")


def _concluded(
    file: FileToRead, ended: Ended, keep: PageKeep, seen: _Seen, failed: Sequence[int]
) -> tuple[Document, Iterator[Page]]:
    """One look at every kept page for what only the whole document tells."""
    edges: list[PageLines] = []
    letters = False
    recognised: list[int] = []
    unsure: list[int] = []
    instructing: list[int] = []
    count = 0
    for page in keep.pages():
        count += 1
        letters = letters or bool(page.text.strip())
        edges.append(page_lines(page))
        if page.confidences:
            recognised.append(page.number)
            if sum(page.confidences) / len(page.confidences) < _UNSURE:
                unsure.append(page.number)
        if any(map(instructing_spans, (page.text, *(unseen.text for unseen in page.unseen)))):
            instructing.append(page.number)
    asides = asides_of(edges)
    flags = [OPENED_WITH_A_PASSWORD] if file.password and ended.state is not DocumentState.LOCKED else []
    flags += [*ended.flags, *_flags(recognised, unsure, instructing)]
    bates = bates_of(edges)
    if bates is not None:
        flags.append(f"Bates numbers {bates.first} to {bates.last}")
        flags.extend(f"Bates numbers are missing between {one} and {other}" for one, other in bates.gaps)
    state, reason = _state(ended, letters, seen, failed)
    pages = assembled(keep.pages(), asides) if state.readable else iter(())
    document = Document(
        id=document_id(file.sha256),
        name=file.name.encode(errors="replace").decode(),  # a file's name on Linux need not be Unicode
        sha256=file.sha256,
        pages=count,
        state=state,
        reason=reason,
        flags=tuple(flags),
    )
    return document, pages


def _flags(recognised: Sequence[int], unsure: Sequence[int], instructing: Sequence[int]) -> Iterator[str]:
    if recognised:
        yield f"{_pages(len(recognised))} recognised from pictures"
    if unsure:
        yield f"hard to read, look at the picture: {listed(unsure)}"
    if instructing:
        yield f"words that try to instruct a language model: {listed(instructing)}"


def _state(
    ended: Ended, letters: bool, seen: _Seen, failed: Sequence[int]
) -> tuple[DocumentState, str | None]:
    if ended.state not in _MAY_HAVE_TEXT or not seen.count:
        return ended.state, ended.reason
    if not letters:
        if seen.unseen:
            reason = "The only words on its pages are words nobody can see."
        elif seen.wanting:
            reason = "No words were found on its pages, nor in their pictures."
        else:
            reason = ended.reason or "There are no words on its pages."
        return DocumentState.NO_TEXT, reason
    if ended.state is DocumentState.PARTIAL and not failed:
        return ended.state, ended.reason
    lost = sorted({*seen.broken, *failed})
    if lost:
        return DocumentState.PARTIAL, f"Some pages could not be read: {listed(lost)}."
    return DocumentState.READY, None


def listed(numbers: Sequence[int]) -> str:
    """Page numbers as a person writes them, not all of many."""
    shown = ", ".join(map(str, numbers[:_LISTED])) + (" …" if len(numbers) > _LISTED else "")
    return f"page{'' if len(numbers) == 1 else 's'} {shown}"


def _pages(count: int) -> str:
    return f"{count} page{'' if count == 1 else 's'}"


def assembled(
    pages: Iterable[PageRead], asides: Mapping[int, Sequence[tuple[AsideKind, int, int]]]
) -> Iterator[Page]:
    """Pages as read, in the canonical text; ``asides`` by page number, beside those the pages have."""
    start = 0
    for number, page in enumerate(pages, start=1):
        beside = sorted({*page.asides, *asides.get(page.number, ())}, key=lambda span: span[1])
        yield Page(
            number=number,
            start=start,
            text=page.text,
            width=page.width,
            height=page.height,
            words=page.words.moved(start),
            confidences=page.confidences,
            asides=tuple(Aside(kind, start + first, start + last) for kind, first, last in beside),
            headings=tuple(
                Heading(level, start + first, start + last) for level, first, last in page.headings
            ),
            unseen=tuple(Unseen(words.text, words.why, Box(*words.box)) for words in page.unseen),
        )
        start += len(page.text) + 1
