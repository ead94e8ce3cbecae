"""The engine's side: takes jobs on standard input, answers on standard output."""

from __future__ import annotations

import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol

from pydantic import ValidationError

from app.domain.cancel import CancelToken
from app.domain.cost import Usage
from app.domain.errors import Cancelled, PinciteError
from app.domain.finding import Evidence, Finding
from app.domain.kinds import FindingStatus
from app.domain.ports import IndexedText, SearchHit
from app.domain.task import Task
from app.engine.protocol import (
    REQUEST,
    Begun,
    CancelJob,
    Ended,
    Event,
    EvidenceJob,
    Given,
    Hits,
    IndexJob,
    Job,
    Made,
    ReadJob,
    ReviewJob,
    Said,
    SearchJob,
    indexed_event,
)
from app.review.mixing import Readout
from app.review.review_matter import WorkItem

_log = logging.getLogger(__name__)

_ENDING = frozenset(
    {
        "cancelled",
        "matter.damaged",
        "model.damaged",
        "model.does-not-fit",
        "model.header-invalid",
        "model.not-allowed",
        "model.not-installed",
        "model.not-loaded",
        "pack.invalid",
        "server.busy",
        "server.not-reachable",
        "server.not-trusted",
        "server.refused",
        "server.slow",
    }
)
"""What every further finding would end with, too: the job ends with it, and nothing more is asked."""

_OF_THE_SERVER = frozenset({"server.answer-invalid", "server.answer-too-large", "server.failed"})
MOST_IN_A_ROW = 10
"""So many findings may such an error cost, one after the other; then it is not the findings' own fault."""


class Worker(Protocol):
    """What the engine does, put together by wiring."""

    def index(self, document: str, cancel: CancelToken) -> IndexedText:
        """Split and embed."""
        ...

    def answer(self, item: WorkItem, cancel: CancelToken) -> Finding:
        """A grounded finding for a task of the pack."""
        ...

    def answer_own(self, item: WorkItem, task: Task, cancel: CancelToken) -> Finding:
        """A grounded finding for a task that came with the job."""
        ...

    def search(self, job: SearchJob) -> tuple[SearchHit, ...]:
        """Best first."""
        ...

    def evidence(self, document: str, task: str, budget: int | None) -> Evidence:
        """What the model would be given, or the best of ``budget`` characters."""
        ...

    def read(self, evidence: Evidence, cancel: CancelToken) -> Readout:
        """What the model says of it, for a task of the pack."""
        ...

    def lap(self) -> Usage:
        """What was used since the last lap."""
        ...

    def close(self) -> None:
        """Keep what was made of the index; asked from another thread, while a job may be running."""
        ...


def serve(worker: Worker) -> None:
    """Until standard input closes. The owner's death closes it, and then nothing here goes on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the owner decides; the terminal tells both
    out = _own_output()
    jobs: queue.Queue[tuple[Job, CancelToken]] = queue.Queue()
    threading.Thread(target=_listen, args=(worker, jobs), daemon=True).start()
    while True:
        job, cancel = jobs.get()
        for event in _answered(worker, job, cancel):
            out.write(event.model_dump_json().encode() + b"\n")
            out.flush()


def _own_output() -> BinaryIO:
    """Keep the pipe for events alone: whatever prints from here on goes to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _listen(worker: Worker, jobs: queue.Queue[tuple[Job, CancelToken]]) -> None:
    cancel = CancelToken()
    for line in sys.stdin.buffer:
        try:
            request = REQUEST.validate_json(line)
        except ValidationError:
            _log.error("a request could not be read")
            continue
        if isinstance(request, CancelJob):
            cancel.cancel()
        else:
            cancel = CancelToken()  # made here: the wish to stop may come before the job is begun
            jobs.put((request, cancel))
    try:
        worker.close()
    except Exception:
        _log.exception("the engine could not be closed")
    os._exit(0)  # a native call may be running; it holds nothing that is not stored or derived


def _answered(worker: Worker, job: Job, cancel: CancelToken) -> Iterator[Event]:
    try:
        yield from _events(worker, job, cancel)
        yield Ended(ending="done")
    except Cancelled:
        yield Ended(ending="cancelled")
    except PinciteError as error:
        yield Ended(ending="failed", code=error.code, message=error.message, hint=error.hint)
    except Exception as error:  # its words may be a document's: only its type leaves this process
        _log.exception("a job failed")
        name = type(error).__name__
        yield Ended(
            ending="failed",
            code="engine.failed",
            message=f"The engine could not finish ({name}).",
            hint="Run the same command again; if it happens again, run `pincite doctor`.",
        )


def _events(worker: Worker, job: Job, cancel: CancelToken) -> Iterator[Event]:
    worker.lap()
    match job:
        case IndexJob():
            for document in job.documents:
                cancel.check()
                yield indexed_event(worker.index(document, cancel), worker.lap())
        case ReviewJob():
            yield from _findings(worker, job, cancel)
        case SearchJob():
            yield Hits(hits=worker.search(job))
        case EvidenceJob():
            for document in job.documents:
                cancel.check()
                yield Given(evidence=worker.evidence(document, job.task, job.budget))
        case ReadJob():
            for evidence in job.evidence:
                cancel.check()
                yield Said(reading=worker.read(evidence, cancel))


def _findings(worker: Worker, job: ReviewJob, cancel: CancelToken) -> Iterator[Event]:
    """One that breaks is a failed finding, and the others go on. Raises what would break these, too."""
    in_a_row = 0
    for item in job.items:
        cancel.check()
        yield Begun(item=item)
        try:
            finding = _finding(worker, item, job.tasks, cancel)
            if any(reading.model_calls for reading in finding.readings):
                in_a_row = 0
        except PinciteError as error:
            in_a_row += error.code in _OF_THE_SERVER
            if error.code in _ENDING or in_a_row == MOST_IN_A_ROW:
                raise
            finding = failed_finding(item, error.message)
        except Exception as error:
            _log.exception("finding %s failed", item.finding)
            finding = failed_finding(item, f"Something went wrong inside Pincite ({type(error).__name__}).")
        yield Made(finding=finding, usage=worker.lap())


def _finding(worker: Worker, item: WorkItem, tasks: Sequence[Task], cancel: CancelToken) -> Finding:
    """The job's own tasks come before the pack's."""
    own = next((task for task in tasks if task.id == item.task), None)
    return worker.answer(item, cancel) if own is None else worker.answer_own(item, own, cancel)


def failed_finding(item: WorkItem, reason: str) -> Finding:
    """A finding that says what broke."""
    return Finding(
        id=item.finding, document=item.document, task=item.task, status=FindingStatus.FAILED, reason=reason
    )
