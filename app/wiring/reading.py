"""Files into a matter: taken in at once, then read by a few workers, page by page; nothing is lost."""

from __future__ import annotations

import os
import queue
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled, DocumentNotReadable, PinciteError
from app.domain.text import Document, UnreadFile, document_id
from app.domain.work import Progress, Report
from app.ingest.limits import DEFAULT, Limits
from app.ingest.messages import PageRead
from app.ingest.reader import FileReader, FileToRead
from app.store.sealed import sealed_path
from app.store.writer import SqliteMatter

Told = Callable[[Document], None]

_MOST_WORKERS = 4
_BATCH_PAGES = 32
_BATCH_SECONDS = 1.0


def add_to(
    matter: SqliteMatter,
    files: Sequence[Path],
    told: Told,
    report: Report,
    cancel: CancelToken,
    again: Sequence[str] = (),
    passwords: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT,
) -> tuple[Document, ...]:
    """Read files into an open matter, and whatever was taken in before and not read to its end.

    Bytes that were read well already are not read again, but for the documents of ``again``. What lies
    inside a file becomes a document of its own. ``passwords`` are by document, for this time only. Raises
    Cancelled and DiskFull with everything finished kept; DocumentNotReadable for a file that cannot be
    opened, after all others were read.
    """
    adding = _Adding(matter, told, report, cancel, passwords or {}, limits)
    adding.take_in(files, again)
    adding.read()
    if adding.missing is not None:
        raise adding.missing
    return adding.added()


class _Adding:
    """One call of ``add_to``, in several threads."""

    def __init__(
        self,
        matter: SqliteMatter,
        told: Told,
        report: Report,
        cancel: CancelToken,
        passwords: Mapping[str, str],
        limits: Limits,
    ) -> None:
        self._matter = matter
        self._told = told
        self._report = report
        self._cancel = cancel
        self._passwords = passwords
        self._limits = limits
        self._held = {document.id: document for document in matter.documents()}
        self._known = set(self._held)
        self._wanted: list[str] = []
        self._queue: queue.Queue[UnreadFile] = queue.Queue()
        self._turn = threading.Lock()
        self._done = 0
        self._total = 0
        self._error: BaseException | None = None
        self.missing: DocumentNotReadable | None = None

    def take_in(self, files: Sequence[Path], again: Sequence[str]) -> None:
        """Seal each, and remember that it has to be read; from here on it cannot be lost."""
        waiting = list(self._matter.unread())
        for key in again:
            self._wanted.append(key)
            waiting.append(_unread(self._held[key]))
        for file in files:
            self._cancel.check()
            try:
                digest, _ = self._matter.seal(file)
            except DocumentNotReadable as error:
                self.missing = self.missing or error
                continue
            key = document_id(digest)
            known = self._held.get(key)
            self._wanted.append(key)
            if known is not None and known.state.readable:
                self._told(known)
            elif all(one.document != key for one in waiting):
                waiting.append(
                    UnreadFile(document=key, name=_name(file), sha256=digest)
                    if known is None
                    else _unread(known)
                )
        self._matter.take_in(waiting)
        for file in self._matter.unread():
            self._known.add(file.document)
            self._put(file)

    def read(self) -> None:
        """Until nothing is left; the first error that is no file's own ends it."""
        workers = max(1, min(_MOST_WORKERS, os.cpu_count() or 1, self._total))
        recognisers = max(1, (os.cpu_count() or 1) // workers)
        self._say("reading", self._done, self._total)
        threads = [threading.Thread(target=self._work, args=(recognisers,)) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._error is not None:
            raise self._error

    def added(self) -> tuple[Document, ...]:
        """What each of the given files became, in the order given, with what lies inside it."""
        held = self._matter.documents()
        return tuple(document for key in self._wanted for document in _with_insides(held, key))

    def _work(self, recognisers: int) -> None:
        with FileReader(self._limits, recognisers=recognisers) as reader:
            while self._error is None:
                try:
                    file = self._queue.get(timeout=0.05)
                except queue.Empty:
                    with self._turn:
                        if self._done >= self._total:
                            return
                    continue
                try:
                    self._read_one(reader, file)
                except (PinciteError, Cancelled, OSError) as error:
                    self._error = self._error or error
                except BaseException as error:
                    self._error = error

    def _read_one(self, reader: FileReader, file: UnreadFile) -> None:
        self._cancel.check()
        keep = _MatterKeep(self._matter, file.document)
        with tempfile.TemporaryDirectory(prefix="pincite-") as folder:
            insides = _InsideFiles(Path(folder))
            document, pages = reader.read(
                FileToRead(
                    path=sealed_path(self._matter.folder, file.sha256),
                    name=file.name,
                    sha256=file.sha256,
                    depth=self._depth(file),
                    password=self._passwords.get(file.document),
                ),
                keep,
                insides,
                self._cancel,
                self._pages_told,
            )
            found = [self._sealed(path, name, file) for name, path in insides.files()]
        document = document.model_copy(update={"parent": file.parent})
        # what lies inside is remembered first: a crash between the two finds it again when it reads this anew
        self._matter.take_in([inner for inner in found if inner.document not in self._known])
        known = self._held.get(document.id)
        if known is not None and known.state.readable and not document.state.readable:
            self._matter.leave_as_it_was(document.id)  # a wrong password must not take away what was read
            document = known
        else:
            self._matter.put_document(document, pages)
        self._told(document)
        with self._turn:
            self._held[document.id] = document
            for inner in found:
                if inner.document not in self._known:
                    self._known.add(inner.document)
                    self._put(inner)
            self._done += 1
            done, total = self._done, self._total
        self._say("reading", done, total)

    def _sealed(self, path: Path, name: str, parent: UnreadFile) -> UnreadFile:
        digest, _ = self._matter.seal(path)
        return UnreadFile(document=document_id(digest), name=name, sha256=digest, parent=parent.document)

    def _put(self, file: UnreadFile) -> None:
        self._total += 1
        self._queue.put(file)

    def _depth(self, file: UnreadFile) -> int:
        depth = 0
        parent = file.parent
        seen: set[str] = set()
        while parent is not None and parent not in seen:
            seen.add(parent)
            depth += 1
            held = self._held.get(parent)
            parent = held.parent if held is not None else None
        return depth

    def _pages_told(self, done: int, total: int) -> None:
        self._cancel.check()
        if total - done:
            self._say("recognising", done, total)

    def _say(self, what: str, done: int, total: int) -> None:
        self._report(Progress(what=what, done=done, total=total))


class _MatterKeep:
    """Pages in the matter while their file is read, a few at a time; a short file never gets there."""

    def __init__(self, matter: SqliteMatter, document: str) -> None:
        self._matter = matter
        self._document = document
        self._waiting: dict[int, PageRead] = {}
        self._since = time.monotonic()
        self._stored = False

    def put(self, page: PageRead) -> None:
        """Keep a page; one of the same number is replaced."""
        self._waiting[page.number] = page
        late = page.confidences and time.monotonic() - self._since > _BATCH_SECONDS
        if late or len(self._waiting) >= _BATCH_PAGES:
            self._store()

    def recognised(self) -> frozenset[int]:
        """Numbers of the pages whose words an earlier try recognised."""
        found = frozenset(page.number for page in self._kept() if page.confidences)
        self._stored = bool(found)
        return found

    def pages(self) -> Iterator[PageRead]:
        """By number."""
        if self._stored:
            self._store()
            return self._kept()
        return iter([self._waiting[number] for number in sorted(self._waiting)])

    def _kept(self) -> Iterator[PageRead]:
        for _, body in self._matter.unread_pages(self._document):
            yield PageRead.model_validate_json(zlib.decompress(body))

    def _store(self) -> None:
        if self._waiting:
            bodies = [(n, zlib.compress(p.model_dump_json().encode(), 1)) for n, p in self._waiting.items()]
            self._matter.keep_pages(self._document, bodies)
            self._waiting.clear()
            self._stored = True
        self._since = time.monotonic()


class _InsideFiles:
    """Files out of a file, in a folder that goes away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: list[str] = []

    def begin(self, name: str) -> BinaryIO:
        """To be written and closed."""
        self._names.append(name)
        return self._place(len(self._names) - 1).open("xb")

    def files(self) -> Iterator[tuple[str, Path]]:
        """Name and place of each."""
        return ((name, self._place(number)) for number, name in enumerate(self._names))

    def _place(self, number: int) -> Path:
        return self._folder / str(number)


def _with_insides(documents: Sequence[Document], key: str) -> Iterator[Document]:
    """``documents`` have what lies inside one after it."""
    inside = {key}
    for document in documents:
        if document.id == key or document.parent in inside:
            inside.add(document.id)
            yield document


def _name(file: Path) -> str:
    return file.name.encode(errors="replace").decode()


def _unread(document: Document) -> UnreadFile:
    return UnreadFile(
        document=document.id, name=document.name, sha256=document.sha256, parent=document.parent
    )
