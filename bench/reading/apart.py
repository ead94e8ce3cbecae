"""Reads files each in a process of its own, so that a crash is a result and its peak of memory is its own.

The bench's own process has one thread and only forks, so nothing that a file does can reach it.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple, cast

from app.domain.cancel import CancelToken
from app.domain.kinds import DocumentState
from app.domain.text import canonical_text
from app.ingest.limits import Limits
from app.ingest.reader import ChildReader
from app.platform.confinement import limit_this_process

_FORK = multiprocessing.get_context("fork")
_POLL_SECONDS = 1.0
PATIENCE_SECONDS = 240.0
"""Beyond the limit on a file's text: each page that is recognised in its picture has time of its own."""
"""Beyond the limits' own: what has not answered by then hangs."""


class Reading(NamedTuple):
    """``state`` is None if there is none, and ``problem`` says why: an exception's name, or how it ended.

    ``peak_bytes`` is the resident memory of the largest process that the reading took: the warm parser,
    unless the file's own process outgrew it. One that was killed before it was waited for is left out.
    """

    path: Path
    state: str | None
    seconds: float
    peak_bytes: int
    problem: str | None = None


class Said(NamedTuple):
    """What came out of one process."""

    state: str | None
    problem: str | None
    seconds: float
    peak_bytes: int


Work = Callable[[Path, Limits], str]


class WordsInexact(Exception):
    """A page's words are not its text's, or have no box."""


@dataclass
class _Running:
    process: BaseProcess
    said: Connection
    path: Path
    since: float


def readings(paths: Iterable[Path], work: Work, limits: Limits, at_once: int) -> Iterator[Reading]:
    """One for every path, as they end; the next path is only taken when there is room for it."""
    left = iter(paths)
    running: dict[int, _Running] = {}
    while True:
        while len(running) < at_once and (path := next(left, None)) is not None:
            one = _started(path, work, limits)
            running[one.process.sentinel] = one
        if not running:
            return
        ended = cast(list[int], wait(list(running), timeout=_POLL_SECONDS))
        for sentinel in ended:
            yield _reading(running.pop(sentinel))
        late = time.monotonic() - limits.seconds - PATIENCE_SECONDS
        for sentinel in [sentinel for sentinel, one in running.items() if one.since < late]:
            one = running.pop(sentinel)
            os.killpg(cast(int, one.process.pid), signal.SIGKILL)
            one.process.join()
            yield Reading(one.path, None, time.monotonic() - one.since, 0, "hung")


def read_with_pincite(path: Path, limits: Limits) -> str:
    """The state in which the product leaves it. Raises WordsInexact."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    read = ChildReader(limits).read(path, path.name, digest, CancelToken())
    text = canonical_text(read.pages)
    for page in read.pages:
        words = page.words
        if words and "".join(text[word.start : word.end] for word in words) != "".join(page.text.split()):
            raise WordsInexact
        if any(word.box.x0 > word.box.x1 or word.box.y0 > word.box.y1 for word in words):
            raise WordsInexact
    return read.document.state.value


def read_with_mupdf(path: Path, limits: Limits) -> str:
    """The state that a few lines of plain PyMuPDF would give it."""
    import pymupdf

    mupdf = cast(Any, pymupdf)
    mupdf.TOOLS.mupdf_display_errors(False)
    mupdf.TOOLS.mupdf_display_warnings(False)
    limit_this_process(limits)
    try:
        document = mupdf.open(str(path), filetype="pdf")
    except Exception:
        return DocumentState.DAMAGED.value
    if document.needs_pass:
        return DocumentState.LOCKED.value
    letters, broken = False, 0
    for number in range(document.page_count):
        try:
            letters = bool(document[number].get_text().strip()) or letters
        except Exception:
            broken += 1
    if broken == document.page_count:
        return DocumentState.DAMAGED.value
    if not letters:
        return DocumentState.NO_TEXT.value
    return (DocumentState.PARTIAL if broken else DocumentState.READY).value


def _started(path: Path, work: Work, limits: Limits) -> _Running:
    hears, says = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_run, args=(says, path, work, limits))
    process.start()
    says.close()
    return _Running(process, hears, path, time.monotonic())


def _run(says: Connection, path: Path, work: Work, limits: Limits) -> None:
    os.setpgid(0, 0)
    begun = time.monotonic()
    state = problem = None
    try:
        state = work(path, limits)
    except BaseException as error:  # its name only: the words may be the document's
        problem = type(error).__name__
    seconds = time.monotonic() - begun
    # what it started itself, and what that started and waited for; plain reading starts nothing
    started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    peak = started or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    says.send(Said(state, problem, seconds, peak << 10))
    says.close()


def _reading(one: _Running) -> Reading:
    one.process.join()
    with one.said:
        try:
            said = cast(Said, one.said.recv())
        except EOFError:
            how = f"died ({one.process.exitcode})"
            return Reading(one.path, None, time.monotonic() - one.since, 0, how)
    return Reading(one.path, said.state, said.seconds, said.peak_bytes, said.problem)
