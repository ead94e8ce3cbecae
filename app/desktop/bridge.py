"""Between the window and the work: jobs run in threads of their own, their results come back by signal.

One thread does long work (reading, reviewing, asking), one does what is short and must not wait behind it
(decisions, looking things up). Beside them run what nobody waits for (comparing documents, making them
searchable) and searches by meaning, each in a lane where what is asked last counts. Findings and
documents reach the window in batches.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled, PinciteError

if TYPE_CHECKING:
    from app.domain.finding import Decision, Finding, Outcome
    from app.domain.ports import SearchHit
    from app.domain.question import Question
    from app.domain.text import Document
    from app.domain.work import Progress
    from app.review.review_matter import Reviewed
    from app.wiring.desk import Desk, Scope

_log = logging.getLogger(__name__)
_BATCH_MILLISECONDS = 80

Result = TypeVar("Result")


@dataclass(frozen=True)
class Trouble:
    """An error as a person is told it: one sentence, one thing to do."""

    code: str
    message: str
    hint: str


@dataclass(frozen=True)
class Opened:
    """A matter's state at the moment it was opened."""

    folder: Path
    documents: tuple[Document, ...]
    outcomes: tuple[Outcome, ...]
    questions: tuple[Question, ...]
    unread: tuple[str, ...] = ()
    """Names of files that an earlier adding took in and did not read to their end."""


@dataclass(frozen=True)
class JobEnd:
    """The one end of a long job. ``ending`` is done, partial, cancelled or failed."""

    job: str
    ending: str
    trouble: Trouble | None = None
    result: Any = None


def trouble_of(error: BaseException) -> Trouble:
    """Typed errors speak for themselves; of others only the type is told: their words may be a document's."""
    if isinstance(error, PinciteError):
        return Trouble(error.code, error.message, error.hint)
    return Trouble(
        "unexpected", f"Something went wrong inside Pincite ({type(error).__name__}).", "Try it again."
    )


class _Newest:
    """A thread in which what was asked before gives way to what is asked now."""

    def __init__(self, name: str) -> None:
        self.pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self.cancel = CancelToken()


class Bridge(QObject):
    """Owns the desk of the open matter."""

    opened = Signal(object)
    closed = Signal()
    documents_changed = Signal(tuple)
    outcomes_changed = Signal(tuple)
    began = Signal(str)
    progressed = Signal(object)
    ended = Signal(object)
    failed = Signal(object)
    _deliver = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk: Desk | None = None
        self._long = ThreadPoolExecutor(1, thread_name_prefix="pincite-work")
        self._short = ThreadPoolExecutor(1, thread_name_prefix="pincite-lane")
        self._behind = _Newest("pincite-behind")
        self._finding = _Newest("pincite-finding")
        self._indexing = _Newest("pincite-indexing")
        self._cancel = CancelToken()
        self._job = ""
        self._gone = False
        self._lock = threading.Lock()
        self._findings: list[Finding] = []
        self._documents: list[Document] = []
        self._progress: Progress | None = None
        self._deliver.connect(self._call, Qt.ConnectionType.QueuedConnection)
        self._batches = QTimer(self)
        self._batches.setInterval(_BATCH_MILLISECONDS)
        self._batches.timeout.connect(self.flush)

    @property
    def desk(self) -> Desk | None:
        """Of the open matter; its reading methods may be called from worker threads only."""
        return self._desk

    @property
    def job(self) -> str:
        """The long job that runs: "adding", "reviewing", "asking"; empty if none does."""
        return self._job

    def open(self, folder: Path, create: bool) -> None:
        """Open a matter in place of the one that is open; ``opened`` or ``failed`` follows."""

        def work() -> tuple[Desk, Opened]:
            from app.wiring.desk import Desk

            desk = Desk(folder, create)
            try:
                state = Opened(folder, desk.documents(), desk.outcomes(), desk.questions(), desk.unread())
            except BaseException:
                desk.close()
                raise
            return desk, state

        def then(made: tuple[Desk, Opened]) -> None:
            self._desk = made[0]
            self.opened.emit(made[1])

        self.close_matter()
        self._run(self._short, work, then)

    def close_matter(self) -> None:
        """Stop what runs and give the matter back."""
        desk, self._desk = self._desk, None
        if desk is None:
            return
        self._cancel.cancel()
        for beside in self._beside():
            beside.cancel.cancel()

        def work() -> None:
            for beside in self._beside():
                beside.pool.submit(_nothing).result()
            # behind the job that was just cancelled, which still writes what it has finished
            self._long.submit(desk.close).result()

        self._run(self._short, work, lambda _: self.closed.emit())

    def look_up(
        self,
        question: Callable[[Desk], Result],
        then: Callable[[Result], None],
        otherwise: Callable[[Trouble], None] | None = None,
    ) -> None:
        """Something short, read from the desk; ``then`` runs in the window's thread.

        While one matter is closed and the next not yet open, ``otherwise`` is told so: who waits for an
        answer waits for one of the two.
        """
        desk = self._desk
        if desk is not None:
            self._run(self._short, lambda: question(desk), then, otherwise)
        elif otherwise is not None:
            trouble = Trouble("no-matter", self.tr("No matter is open."), self.tr("Open one and try again."))
            self._deliver.emit(lambda: otherwise(trouble))

    def behind(
        self,
        question: Callable[[Desk, CancelToken], Result],
        then: Callable[[Result], None],
        otherwise: Callable[[Trouble], None],
    ) -> None:
        """Something long that nobody waits for, beside whatever runs, in place of what was asked before.

        Neither is called for what was given up: for something newer, or because the matter was closed.
        """
        self._newest(self._behind, question, then, otherwise)

    def find(
        self,
        typed: str,
        limit: int,
        then: Callable[[tuple[SearchHit, ...]], None],
        otherwise: Callable[[Trouble], None],
    ) -> None:
        """Search by words and by meaning, in place of the search before."""
        self._newest(
            self._finding, lambda desk, cancel: desk.finder.by_meaning(typed, limit, cancel), then, otherwise
        )

    def make_searchable(self, then: Callable[[None], None], otherwise: Callable[[Trouble], None]) -> None:
        """Index what is not indexed yet; given up as soon as documents are read or reviewed."""
        self._newest(self._indexing, lambda desk, cancel: desk.finder.index(cancel), then, otherwise)

    def _beside(self) -> tuple[_Newest, ...]:
        return self._behind, self._finding, self._indexing

    def _newest(
        self,
        lane: _Newest,
        question: Callable[[Desk, CancelToken], Result],
        then: Callable[[Result], None],
        otherwise: Callable[[Trouble], None],
    ) -> None:
        lane.cancel.cancel()
        desk = self._desk
        if desk is None:
            return
        cancel = lane.cancel = CancelToken()

        def work() -> Result:
            cancel.check()
            return question(desk, cancel)

        def unless_given_up(tell: Callable[[Any], None]) -> Callable[[Any], None]:
            return lambda told: None if cancel.cancelled else tell(told)

        self._run(lane.pool, work, unless_given_up(then), unless_given_up(otherwise))

    def apart(
        self,
        work: Callable[[], Result],
        then: Callable[[Result], None],
        otherwise: Callable[[Trouble], None] | None = None,
    ) -> None:
        """Something short that needs no matter."""
        self._run(self._short, work, then, otherwise)

    def decide(self, decisions: Sequence[Decision]) -> None:
        """Stored in order, whatever else runs; ``outcomes_changed`` follows."""
        kept = tuple(decisions)
        self.look_up(lambda desk: desk.decide(kept), self.outcomes_changed.emit)

    def add(self, paths: Sequence[Path]) -> None:
        """Read files and folders in."""
        files = tuple(paths)
        self._start("adding", lambda desk, cancel: desk.add(files, self._hear_document, self._hear, cancel))

    def read_again(self, documents: Sequence[str], password: str | None = None) -> None:
        """Read documents anew, with a password that opens them or without one."""
        keys = tuple(documents)
        self._start(
            "adding",
            lambda desk, cancel: desk.read_again(keys, password, self._hear_document, self._hear, cancel),
        )

    def review(self, scope: Scope) -> None:
        """Make the findings that are not there yet."""
        self._start(
            "reviewing", lambda desk, cancel: desk.review(scope, self._hear_finding, self._hear, cancel)
        )

    def ask(self, question: str, scope: Scope, keep: bool) -> None:
        """One question of one's own; ``keep``: its answers are a column."""
        self._start(
            "asking",
            lambda desk, cancel: desk.ask(question, scope, keep, self._hear_finding, self._hear, cancel),
        )

    def cancel(self) -> None:
        """Stop the long job at its next step; what it has finished is kept."""
        self._cancel.cancel()

    def shut_down(self) -> None:
        """Stop everything and wait for it; the window is going, and nothing more is told to it."""
        self._gone = True
        self._cancel.cancel()
        for beside in self._beside():
            beside.cancel.cancel()
        self._batches.stop()
        desk, self._desk = self._desk, None
        # first: a matter that is being closed is given back by way of the others
        self._short.shutdown(wait=True, cancel_futures=False)
        self._long.shutdown(wait=True, cancel_futures=True)
        for beside in self._beside():
            beside.pool.shutdown(wait=True, cancel_futures=True)
        if desk is not None:
            desk.close()

    @Slot()
    def flush(self) -> None:
        """Hand over what has gathered since the last time."""
        with self._lock:
            findings, self._findings = self._findings, []
            documents, self._documents = self._documents, []
            progress, self._progress = self._progress, None
        if documents:
            self.documents_changed.emit(tuple(documents))
        if findings:
            from app.domain.finding import Outcome

            self.outcomes_changed.emit(tuple(Outcome(finding=finding) for finding in findings))
        if progress is not None:
            self.progressed.emit(progress)

    def _start(self, job: str, work: Callable[[Desk, CancelToken], Any]) -> None:
        desk = self._desk
        if desk is None or self._job:
            return
        self._job = job
        cancel = self._cancel = CancelToken()
        self._batches.start()
        self.began.emit(job)
        self._run(
            self._long,
            lambda: _end_of(job, lambda: work(desk, cancel)),
            self._end,
            lambda trouble: self._end(JobEnd(job, "failed", trouble)),
        )

    def _end(self, end: JobEnd) -> None:
        self._batches.stop()
        self.flush()
        self._job = ""
        self.ended.emit(end)

    def _run(
        self,
        lane: ThreadPoolExecutor,
        work: Callable[[], Result],
        then: Callable[[Result], None],
        otherwise: Callable[[Trouble], None] | None = None,
    ) -> None:
        def job() -> None:
            try:
                result = work()
            except Exception as error:
                if not isinstance(error, PinciteError):
                    _log.exception("work behind the window failed")
                trouble = trouble_of(error)
                self._deliver.emit(lambda: (otherwise or self.failed.emit)(trouble))
            else:
                self._deliver.emit(lambda: then(result))

        lane.submit(job)

    @Slot(object)
    def _call(self, done: Callable[[], None]) -> None:
        if not self._gone:
            done()

    def _hear(self, progress: Progress) -> None:
        with self._lock:
            self._progress = progress

    def _hear_finding(self, finding: Finding) -> None:
        with self._lock:
            self._findings.append(finding)

    def _hear_document(self, document: Document) -> None:
        with self._lock:
            self._documents.append(document)


def _nothing() -> None:
    """Done when what was in its lane before it is."""


def _end_of(job: str, work: Callable[[], Any]) -> JobEnd:
    try:
        result = work()
    except Cancelled:
        return JobEnd(job, "cancelled")
    return JobEnd(job, "partial" if _is_partial(result) else "done", result=result)


def _is_partial(result: Any) -> bool:
    reviewed: Reviewed | None = result if hasattr(result, "failed") else None
    return reviewed is not None and bool(reviewed.failed or reviewed.left)
