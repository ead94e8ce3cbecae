"""Fake engines: the real child with a worker that does what an item's name says, and liars in one line.

``python -m tests.engine.fake_engine NOTES`` serves; every item it is asked for is a line of NOTES.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from app.domain.cancel import CancelToken
from app.domain.cost import Energy, Usage
from app.domain.errors import DocumentNotReadable, ModelDamaged, ServerAnswerInvalid, ServerNotReachable
from app.domain.finding import Evidence, Finding, ModelRef
from app.domain.kinds import FindingStatus
from app.domain.ports import IndexedText, SearchHit
from app.domain.spans import Span
from app.domain.task import Task
from app.domain.text import Passage, Sentence
from app.engine.child import serve
from app.engine.protocol import EVENT, CancelJob, Ended, Event, Job, SearchJob
from app.platform.logs import set_up_logging
from app.review.mixing import Readout
from app.review.review_matter import WorkItem
from app.review.second_opinion import read_by

ROOT = Path(__file__).parents[2]
MODEL = ModelRef(id="small", sha256="0" * 64)
SECRET = "SECRET WORDS of a document"


class FakeWorker:
    """``dies-once``, ``dies``, ``raises`` and so on are what the task, document or query asks of it."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    def index(self, document: str, cancel: CancelToken) -> IndexedText:
        self._do(document, document, cancel)
        span = Span(0, 4)
        return IndexedText(
            document=document,
            embedder="e" * 64,
            sentences=(Sentence(ordinal=0, page=1, span=span),),
            passages=(Passage(ordinal=0, page=1, span=span, first=0, last=0),),
            sentence_vectors=np.full((1, 3), 0.1, dtype=np.float32),
            passage_vectors=np.full((1, 3), 0.7, dtype=np.float32),
        )

    def answer(self, item: WorkItem, cancel: CancelToken) -> Finding:
        self._do(item.finding, item.task, cancel)
        finding = Finding(
            id=item.finding,
            document=item.document,
            task=item.task,
            status=FindingStatus.ABSENT,
            confidence=1.0,
        )
        return read_by(finding, MODEL, model_calls=2) if item.task == "asks the model" else finding

    def answer_own(self, item: WorkItem, task: Task, cancel: CancelToken) -> Finding:
        return self.answer(item, cancel).model_copy(update={"display": task.question})

    def search(self, job: SearchJob) -> tuple[SearchHit, ...]:
        self._do(job.query, job.query, CancelToken())
        return (SearchHit(document="d", page=1, start=0, end=4, text="said", score=0.5),)

    def evidence(self, document: str, task: str, budget: int | None) -> Evidence:
        self._do(document, task, CancelToken())
        return Evidence(document=document, task=task, sentences=(), presence=0.25)

    def read(self, evidence: Evidence, cancel: CancelToken) -> Readout:
        self._do(evidence.document, evidence.task, cancel)
        return Readout(asked=(0,), shares=(0.0,), yes=1.5)

    def lap(self) -> Usage:
        return Usage(seconds=1.5, energy=Energy(kwh=0.25, measured=True))

    def close(self) -> None:
        """It holds nothing."""

    def _do(self, what: str, how: str, cancel: CancelToken) -> None:
        before = asked(self._notes).count(what)
        with self._notes.open("a", encoding="utf-8") as notes:
            notes.write(f"{what}\n")
        if how == "dies" or (how == "dies-once" and not before):
            os._exit(9)
        if how == "raises":
            raise ValueError(SECRET)
        if how == "raises from":
            raise RuntimeError(SECRET) from KeyError(SECRET)
        if how == "is not readable":
            raise DocumentNotReadable("This one has no text.", "Add it again.")
        if how == "is not understood":
            raise ServerAnswerInvalid("The server was not understood.", "Ask who runs it.")
        if how == "has no server":
            raise ServerNotReachable("The server does not answer.", "See that it runs.")
        if how == "has no model":
            raise ModelDamaged("The model is damaged.", "Fetch it again.")
        if how == "prints":
            print("a library's chatter")
            os.write(1, b'{"kind": "ended", "ending": "failed"}\n')
            os.system("echo more of it")
        while how == "waits":
            cancel.check()
            time.sleep(0.01)
        if how == "hangs":
            time.sleep(600)


def asked(notes: Path) -> list[str]:
    """What the worker was asked for, in order."""
    return notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []


def fake_engine(notes: Path) -> list[str]:
    """The command of an engine with the fake worker."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
        "from tests.engine.fake_engine import main; main(sys.argv[1])"
    )
    return [sys.executable, "-c", code, str(notes)]


def fake_program(code: str, *arguments: str) -> list[str]:
    """The command of a program that only looks like an engine."""
    return [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}", *arguments]


class Line:
    """A running fake engine, spoken to as its owner would, every byte of its answers kept."""

    def __init__(self, notes: Path) -> None:
        self.process = subprocess.Popen(
            fake_engine(notes),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PINCITE_HOME": str(notes.parent / "home")},
        )
        self.heard = b""

    def say(self, *messages: Job | CancelJob | bytes) -> None:
        """All at once, in one write."""
        assert self.process.stdin is not None
        lines = (m if isinstance(m, bytes) else m.model_dump_json().encode() for m in messages)
        self.process.stdin.write(b"".join(line + b"\n" for line in lines))
        self.process.stdin.flush()

    def next(self) -> Event:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.heard += line
        return EVENT.validate_json(line)

    def until_the_end(self) -> list[Event]:
        """Events up to and with the first terminal one."""
        events = [self.next()]
        while not isinstance(events[-1], Ended):
            events.append(self.next())
        return events

    def hang_up(self) -> int:
        """The child's exit code after its standard input was closed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.heard += self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait(20)


@contextmanager
def line_to(notes: Path) -> Iterator[Line]:
    """A line that leaves no process behind."""
    line = Line(notes)
    watch = threading.Timer(120, line.process.kill)  # a lost answer fails its test instead of hanging it
    watch.start()
    with line.process:  # at the end closes the pipes and waits
        try:
            yield line
        finally:
            watch.cancel()
            line.process.kill()
    watch.join()


def main(notes: str) -> None:
    """The engine's process."""
    set_up_logging(verbose=False, name="engine")
    logging.getLogger("app").info("a fake engine began")
    serve(FakeWorker(Path(notes)))
