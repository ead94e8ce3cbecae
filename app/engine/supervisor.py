"""The owner's side: starts the engine, hears its events, starts it again when it dies, and stops it."""

from __future__ import annotations

import contextlib
import logging
import queue
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from app.domain.cancel import CancelToken
from app.domain.cost import Energy, Usage
from app.domain.errors import Cancelled, EngineFailed, PinciteError
from app.domain.finding import Evidence, Finding
from app.domain.ports import IndexedText, SearchHit
from app.domain.task import Task
from app.engine.child import failed_finding
from app.engine.protocol import (
    EVENT,
    Begun,
    CancelJob,
    Ended,
    Event,
    EvidenceJob,
    Given,
    Hits,
    Indexed,
    IndexJob,
    Job,
    Made,
    ReadJob,
    ReviewJob,
    Said,
    SearchJob,
    indexed_text,
)
from app.review.mixing import Readout
from app.review.review_matter import WorkItem

_log = logging.getLogger(__name__)
_POLL_SECONDS = 0.1
_ASK_SECONDS = 3.0
_CANCEL_SECONDS = 20.0
MOST_DEATHS = 2
"""So often may the engine die over the same work before that work counts as failed."""


class _Died(Exception):
    """The engine ended in the middle of a job."""


class EngineSupervisor:
    """One engine process. ``command`` starts it; it is started when first needed."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._listener: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """Of the running engine."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def index(self, documents: Sequence[str], cancel: CancelToken) -> Iterator[tuple[IndexedText, Usage]]:
        """In order. Raises Cancelled, EngineFailed."""
        left = list(documents)
        deaths = 0
        while left:
            try:
                for event in self._run(IndexJob(documents=tuple(left)), cancel):
                    if isinstance(event, Indexed):
                        left.remove(event.document)
                        deaths = 0
                        yield indexed_text(event), event.usage
            except _Died:
                deaths += 1
                if deaths >= MOST_DEATHS:
                    raise _engine_failed() from None

    def review(
        self, items: Sequence[WorkItem], cancel: CancelToken, tasks: Sequence[Task] = ()
    ) -> Iterator[tuple[Finding, Usage]]:
        """One for every item; ``tasks`` are those of theirs that are not the pack's.

        An item over which the engine dies twice is a failed finding.
        """
        left: list[WorkItem] = list(items)
        deaths: dict[str, int] = {}
        while left:
            begun: WorkItem | None = None
            try:
                for event in self._run(ReviewJob(items=tuple(left), tasks=tuple(tasks)), cancel):
                    if isinstance(event, Begun):
                        begun = event.item
                    elif isinstance(event, Made):
                        left = [item for item in left if item.finding != event.finding.id]
                        begun = None
                        deaths.pop("", None)  # there was progress
                        yield event.finding, event.usage
            except _Died:
                key = begun.finding if begun is not None else ""
                deaths[key] = deaths.get(key, 0) + 1
                if deaths[key] < MOST_DEATHS:
                    continue
                if begun is None:
                    raise _engine_failed() from None
                left.remove(begun)
                nothing = Usage(seconds=0.0, energy=Energy(kwh=0.0, measured=False))
                yield failed_finding(begun, "The engine stopped while working on it, twice."), nothing

    def search(self, job: SearchJob, cancel: CancelToken) -> tuple[SearchHit, ...]:
        """Best first."""
        for event in self._once(job, cancel):
            if isinstance(event, Hits):
                return event.hits
        raise _engine_failed()

    def evidence(self, job: EvidenceJob, cancel: CancelToken) -> tuple[Evidence, ...]:
        """One for each document, in order."""
        return tuple(event.evidence for event in self._once(job, cancel) if isinstance(event, Given))

    def read(self, evidence: Sequence[Evidence], cancel: CancelToken) -> Iterator[Readout]:
        """The model's reading of each, in order. Raises Cancelled, EngineFailed."""
        left = list(evidence)
        deaths = 0
        while left:
            try:
                for event in self._run(ReadJob(evidence=tuple(left)), cancel):
                    if isinstance(event, Said):
                        left.pop(0)
                        deaths = 0
                        yield event.reading
            except _Died:
                deaths += 1
                if deaths >= MOST_DEATHS:
                    raise _engine_failed() from None

    def close(self) -> None:
        """Ask, wait, terminate, wait, kill."""
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        with contextlib.suppress(OSError):
            child.stdin.close()
        for stop, seconds in ((None, _ASK_SECONDS), (child.terminate, _ASK_SECONDS), (child.kill, None)):
            if stop is not None:
                stop()
            try:
                child.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                _log.warning("the engine did not stop when asked")
        if self._listener is not None:
            self._listener.join()

    def _once(self, job: Job, cancel: CancelToken) -> list[Event]:
        """A short job: all its events, with a second try if the engine dies."""
        for _ in range(MOST_DEATHS):
            try:
                return list(self._run(job, cancel))
            except _Died:
                continue
        raise _engine_failed()

    def _run(self, job: Job, cancel: CancelToken) -> Iterator[Event]:
        """Events of one job until its end. Raises Cancelled, _Died, or the error the job failed with."""
        cancel.check()
        self._start()
        self._say(job)
        asked_at: float | None = None
        finished = False
        try:
            while True:
                if cancel.cancelled and asked_at is None:
                    asked_at = time.monotonic()
                    self._say(CancelJob())
                if asked_at is not None and time.monotonic() - asked_at > _CANCEL_SECONDS:
                    raise Cancelled
                event = self._hear()
                if isinstance(event, Ended):
                    finished = True
                    _raise_unless_done(event)
                    return
                if event is not None:
                    yield event
        finally:
            if not finished:  # stopped listening in the middle: the rest must not reach the next job
                self.close()

    def _start(self) -> None:
        if self.pid is not None:
            return
        self.close()
        self._lines = queue.Queue()
        self._child = subprocess.Popen(
            list(self._command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._listener = threading.Thread(target=_pump, args=(self._child, self._lines), daemon=True)
        self._listener.start()

    def _say(self, message: Job | CancelJob) -> None:
        child = self._child
        assert child is not None
        assert child.stdin is not None
        try:
            child.stdin.write(message.model_dump_json().encode() + b"\n")
            child.stdin.flush()
        except OSError:
            _log.warning("the engine was gone when spoken to")

    def _hear(self) -> Event | None:
        """The next event, None if there is none yet. Raises _Died."""
        try:
            line = self._lines.get(timeout=_POLL_SECONDS)
        except queue.Empty:
            return None
        if line is None:
            _log.warning("the engine died")
            raise _Died
        try:
            return EVENT.validate_json(line)
        except ValidationError:
            raise _Died from None


def _pump(child: subprocess.Popen[bytes], lines: queue.Queue[bytes | None]) -> None:
    assert child.stdout is not None
    with child.stdout:
        for line in child.stdout:
            lines.put(line)
    lines.put(None)


def _raise_unless_done(event: Ended) -> None:
    if event.ending == "cancelled":
        raise Cancelled
    if event.ending == "failed":
        error = PinciteError(event.message, event.hint)
        error.code = event.code
        raise error


def _engine_failed() -> EngineFailed:
    return EngineFailed(
        "The engine stopped again and again.", "What was finished is kept. Run `pincite doctor` to see why."
    )
