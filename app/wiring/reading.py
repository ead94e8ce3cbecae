"""Files into a matter: taken in at once, then read by a few workers, page by page; nothing is lost."""

from __future__ import annotations

import os
import queue
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled, DocumentNotReadable, PinciteError
from app.domain.kinds import DocumentState
from app.domain.text import Document, Page, UnreadFile, document_id
from app.domain.work import Progress, Report
from app.ingest.limits import Limits
from app.ingest.messages import PageRead
from app.ingest.reader import FileReader, FileToRead, PagesToRecognise
from app.ingest.version import READER_VERSION
from app.platform.files import disk_full_is_typed
from app.review.anchor import settle
from app.store.sealed import sealed_path, work_folder
from app.store.writer import SqliteMatter
from app.wiring.families import Families
from app.wiring.inner_files import InnerFiles
from app.wiring.policy import limits_in_force

Told = Callable[[Document], None]

_MOST_WORKERS = 4
_BATCH_PAGES = 32
_BATCH_SECONDS = 1.0
_SEALED_AT_ONCE = 32
_TOO_MUCH_IN_IT = (
    "More files lie in it, or in those, than is allowed: some were left out. Unpack it and add them in parts."
)


def add_to(
    matter: SqliteMatter,
    files: Sequence[Path],
    told: Told,
    report: Report,
    cancel: CancelToken,
    again: Sequence[str] = (),
    passwords: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> tuple[Document, ...]:
    """Read files into an open matter, and whatever was taken in before and not read to its end.

    Bytes that were read well already are not read again, but for the documents of ``again``: their findings
    and decisions stay wherever the words that they cite are still there. What lies inside a file becomes a
    document of its own. ``passwords`` are by document, for this time only; ``limits`` are those in force if
    none are given. Raises Cancelled and DiskFull with everything finished kept; DocumentNotReadable for a
    file that cannot be opened, after all others were read; SettingsInvalid for a policy that is not valid.
    """
    adding = _Adding(
        matter, told, report, cancel, passwords or {}, limits_in_force() if limits is None else limits
    )
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
        self._families = Families(matter, limits)
        self._overfull: set[str] = set()
        self._wanted: list[str] = []
        self._queue: queue.PriorityQueue[tuple[bool, int, UnreadFile]] = queue.PriorityQueue()
        self._places = count()
        self._scans = 0
        self._turn = threading.Lock()
        self._done = 0
        self._total = 0
        self._error: BaseException | None = None
        self.missing: DocumentNotReadable | None = None

    def take_in(self, files: Sequence[Path], again: Sequence[str]) -> None:
        """Seal each, and remember that it has to be read; from here on it cannot be lost."""
        self._wanted += again
        self._matter.begin_reading(READER_VERSION)
        self._matter.take_in([_unread(self._held[key]) for key in again])
        sealed: list[UnreadFile] = []
        try:
            for file in files:
                self._cancel.check()
                self._seal(file, sealed)
                if len(sealed) >= _SEALED_AT_ONCE:
                    self._matter.take_in(sealed)
                    sealed.clear()
        finally:
            self._matter.take_in(sealed)
        for file in self._matter.unread():
            self._families.add(file)
            self._put(file)

    def _seal(self, file: Path, sealed: list[UnreadFile]) -> None:
        try:
            digest, _ = self._matter.seal(file)
        except DocumentNotReadable as error:
            self.missing = self.missing or error
            return
        key = document_id(digest)
        known = self._held.get(key)
        self._wanted.append(key)
        if known is None:
            sealed.append(UnreadFile(document=key, name=_name(file), sha256=digest))
        elif known.state.readable:
            self._told(known)
        else:
            sealed.append(_unread(known))

    def read(self) -> None:
        """Until nothing is left; the first error that is no file's own ends it."""
        workers = max(1, min(_MOST_WORKERS, _processors(), self._total))
        self._say("reading", self._done, self._total)
        threads = [threading.Thread(target=self._work, args=(workers,)) for _ in range(workers)]
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

    def _work(self, workers: int) -> None:
        with FileReader(self._limits) as reader:
            while self._error is None:
                try:
                    is_scan, _, file = self._queue.get(timeout=0.05)
                except queue.Empty:
                    with self._turn:
                        if self._done >= self._total:
                            return
                    continue
                reader.recognisers = max(1, _processors() // max(1, min(workers, self._scans)))
                try:
                    self._read_one(reader, file, is_scan)
                except PagesToRecognise:
                    with self._turn:
                        self._scans += 1
                        self._queue.put((True, next(self._places), file))
                except (PinciteError, Cancelled, OSError) as error:
                    self._error = self._error or error
                except BaseException as error:
                    self._error = error

    def _read_one(self, reader: FileReader, file: UnreadFile, is_scan: bool) -> None:
        """Text comes first: what has to be recognised in pictures waits until no other file does."""
        self._cancel.check()
        keep = _MatterKeep(self._matter, file.document)
        with work_folder(self._matter.folder) as folder, disk_full_is_typed():
            insides = InnerFiles(folder, file.document, self._families.room_of(file.document))
            document, pages = reader.read(
                FileToRead(
                    path=sealed_path(self._matter.folder, file.sha256),
                    name=file.name,
                    sha256=file.sha256,
                    depth=self._families.depth_of(file.document),
                    password=self._passwords.get(file.document),
                ),
                keep,
                insides,
                self._cancel,
                self._recognising if is_scan else self._reading,
                recognise=is_scan,
            )
            found = [self._sealed(path, name, file) for name, path in insides.files()]
        document = document.model_copy(update={"parent": file.parent})
        # what lies inside is remembered first: a crash between the two finds it again when it reads this anew
        new = self._families.add_new(found)
        self._matter.take_in(new)
        if insides.left_out:
            self._too_much_in(self._families.outermost(file.document), file.document)
        document = self._stored(document, pages)
        self._told(document)
        with self._turn:
            for inner in new:
                self._put(inner)
            self._scans -= is_scan
            self._done += 1
            done, total = self._done, self._total
        self._say("reading", done, total)

    def _stored(self, document: Document, pages: Iterator[Page]) -> Document:
        """The document as it is now; a worse reading takes nothing away from what is there."""
        with self._turn:
            known = self._held.get(document.id)
            if known is not None and _takes_away(known, document):
                self._matter.leave_as_it_was(document.id)
                return known
            if document.id in self._overfull:
                document = _overfull(document)
            self._matter.put_document(document, pages, READER_VERSION, settle)
            self._held[document.id] = document
            return document

    def _too_much_in(self, *documents: str) -> None:
        """Say so of each, now or when it is stored."""
        with self._turn:
            self._overfull.update(documents)
            for held in [self._held[key] for key in documents if key in self._held]:
                changed = self._held[held.id] = _overfull(held)
                if changed != held:
                    self._matter.restate(changed)

    def _sealed(self, path: Path, name: str, parent: UnreadFile) -> UnreadFile:
        digest, _ = self._matter.seal(path)
        return UnreadFile(document=document_id(digest), name=name, sha256=digest, parent=parent.document)

    def _put(self, file: UnreadFile) -> None:
        self._total += 1
        self._queue.put((False, next(self._places), file))

    def _reading(self, done: int, total: int) -> None:
        del done, total
        self._cancel.check()

    def _recognising(self, done: int, total: int) -> None:
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


def _processors() -> int:
    return os.cpu_count() or 1


def _takes_away(known: Document, document: Document) -> bool:
    """As a wrong password does, or a reading that was cut short where an earlier one was whole."""
    if not known.state.readable:
        return False
    return not document.state.readable or (
        document.state is DocumentState.PARTIAL and document.pages < known.pages
    )


def _overfull(document: Document) -> Document:
    """Said of a document with text beside what else is the matter, else as its state."""
    if document.reason is not None and document.reason.endswith(_TOO_MUCH_IN_IT):
        return document
    if document.state.readable:
        reason = f"{document.reason} {_TOO_MUCH_IN_IT}" if document.reason else _TOO_MUCH_IN_IT
        return document.model_copy(update={"state": DocumentState.PARTIAL, "reason": reason})
    return document.model_copy(update={"state": DocumentState.TOO_LARGE, "reason": _TOO_MUCH_IN_IT})


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
