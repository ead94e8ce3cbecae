"""Draws pages through a child process, which is started again when it dies; one document per child."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from app.domain.errors import Cancelled, PinciteError
from app.domain.spans import Box
from app.ingest.draw_child import CHANNELS, MOST_PIXELS, DrawPage, Pixels, Problem, Rotation
from app.ingest.limits import DEFAULT, Limits
from app.platform.confinement import end_with_this_process

_log = logging.getLogger(__name__)

PAGE_SECONDS = 10.0
"""Wall-clock time one answer may take."""

MOST_DEATHS = 2
"""So often may the child die over one request before that page counts as one that cannot be drawn."""

_ASK_SECONDS = 2.0
_HEADER_BYTES = 4096
_KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "LC_ALL")
DRAWER = (sys.executable, "-I", "-c", "import sys; sys.path.insert(0, sys.argv.pop(1)); "
          "from app.ingest.draw_child import main; main()", str(Path(__file__).parents[2]))  # fmt: skip


class PageNotDrawn(PinciteError):
    """This page has no picture; others may have."""

    code = "page.not-drawn"


@dataclass(frozen=True)
class Drawn:
    """RGB, a byte each; ``stride`` bytes a row."""

    width: int
    height: int
    stride: int
    data: bytes


class _Died(Exception):
    """The child ended, or said what it may not say."""


class _Child:
    """One drawing process; it waits for a document until it is given one."""

    def __init__(self, command: Sequence[str], limits: Limits, seconds: float) -> None:
        self._seconds = seconds
        self._process = subprocess.Popen(
            [*command, limits.model_dump_json(), str(2 * seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={key: os.environ[key] for key in _KEPT_VARIABLES if key in os.environ},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        end_with_this_process(self._process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def give(self, path: Path, password: str | None) -> None:
        """Once: the document that all requests are about."""
        with contextlib.suppress(OSError):  # a child that is gone shows at the first request
            self._say(json.dumps({"path": str(path), "password": password}))

    def ask(self, wanted: DrawPage) -> tuple[Pixels, bytes]:
        """Raises _Died, and TimeoutError when the child had to be killed."""
        overtime = threading.Event()

        def end() -> None:
            overtime.set()
            self._process.kill()

        watch = threading.Timer(self._seconds, end)
        watch.daemon = True
        watch.start()
        try:
            self._say(wanted.model_dump_json())
            return self._hear()
        except (OSError, ValueError, _Died):
            if overtime.is_set():
                raise TimeoutError from None
            raise _Died from None
        finally:
            watch.cancel()

    def kill(self) -> None:
        """At once; ``stop`` still has to follow."""
        self._process.kill()

    def stop(self) -> None:
        """Ask, wait, terminate, wait, kill, wait."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        for step, seconds in ((None, _ASK_SECONDS), (process.terminate, _ASK_SECONDS), (process.kill, None)):
            if step is not None:
                _log.warning("the drawing process did not stop when asked")
                step()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
                break
        process.stdout.close()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def _hear(self) -> tuple[Pixels, bytes]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline(_HEADER_BYTES)
        try:
            header = Pixels.model_validate_json(line)
        except ValidationError:
            raise _Died from None
        if header.problem is not None:
            return header, b""
        # the child reads untrusted files: what it says is held to the bounds again
        if not 0 < header.width * header.height <= MOST_PIXELS or header.stride != header.width * CHANNELS:
            raise _Died
        data = self._process.stdout.read(header.stride * header.height)
        if len(data) != header.stride * header.height:
            raise _Died
        return header, data


class PageDrawer:
    """The pages of one PDF as pixels. One thread draws at a time; ``interrupt`` and ``close`` come from any.

    ``command`` starts a child that takes limits and seconds as arguments. It is started when first needed.
    """

    def __init__(
        self,
        path: Path,
        limits: Limits = DEFAULT,
        command: Sequence[str] = DRAWER,
        seconds: float = PAGE_SECONDS,
        password: str | None = None,
    ) -> None:
        self._path = path
        self._password = password
        self._limits = limits
        self._command = command
        self._seconds = seconds
        self._child: _Child | None = None
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._busy = self._interrupted = self._closed = False

    @property
    def pid(self) -> int | None:
        """Of the running child."""
        child = self._child
        return child.pid if child is not None and child.alive else None

    def draw(self, number: int, zoom: float, clip: Box | None = None, rotation: Rotation = 0) -> Drawn:
        """Page ``number`` (from 1) at ``zoom`` pixels per point, turned clockwise by ``rotation``.

        ``clip`` is in the page's points, before the turn. Raises PageNotDrawn, and Cancelled after
        ``interrupt`` or ``close``.
        """
        wanted = DrawPage(number=number, zoom=zoom, clip=clip, rotation=rotation)
        with self._turn:
            try:
                for _ in range(MOST_DEATHS):
                    child = self._ready()
                    try:
                        header, data = child.ask(wanted)
                    except _Died:
                        self._drop(child)
                        if self._closed or self._interrupted:
                            raise Cancelled from None
                        continue
                    except TimeoutError:
                        self._drop(child)
                        raise _overtime(number) from None
                    if header.problem is not None:
                        raise _not_drawn(number, header.problem)
                    return Drawn(header.width, header.height, header.stride, data)
                _log.warning("the drawing process died twice over page %d", number)
                raise _not_drawn(number, Problem.FAILED)
            finally:
                with self._guard:
                    self._busy = self._interrupted = False

    def interrupt(self) -> None:
        """Give up the page that is being drawn, if one is; returns at once."""
        with self._guard:
            if self._busy and self._child is not None:
                self._interrupted = True
                self._child.kill()

    def close(self) -> None:
        """Stop the child and wait for its end. Safe to call twice."""
        with self._guard:
            self._closed = True
            child = self._child
        if child is not None:
            child.stop()
        with self._turn:
            self._child = None

    def adopt(self, child: _Child) -> None:
        """Use a child that was started in advance."""
        child.give(self._path, self._password)
        self._child = child

    def _ready(self) -> _Child:
        with self._guard:
            if self._closed or self._interrupted:
                raise Cancelled
            if self._child is not None and not self._child.alive:
                self._child.stop()
                self._child = None
            if self._child is None:
                self._child = self._start()
                self._child.give(self._path, self._password)
            self._busy = True
            return self._child

    def _start(self) -> _Child:
        try:
            return _Child(self._command, self._limits, self._seconds)
        except OSError as error:
            raise PageNotDrawn(
                "The process that draws pages could not be started.", "Close other programs, then zoom."
            ) from error

    def _drop(self, child: _Child) -> None:
        child.kill()
        child.stop()
        with self._guard:
            self._child = None


class PageDrawers:
    """A drawer for one document after another; a child that has loaded MuPDF waits for the next of them."""

    def __init__(
        self, limits: Limits = DEFAULT, command: Sequence[str] = DRAWER, seconds: float = PAGE_SECONDS
    ) -> None:
        self._limits = limits
        self._command = command
        self._seconds = seconds
        self._spare: _Child | None = None
        self._guard = threading.Lock()
        self._closed = False

    def open(self, path: Path, password: str | None = None) -> PageDrawer:
        """Whoever opens it closes it. Raises Cancelled after ``close``."""
        drawer = PageDrawer(path, self._limits, self._command, self._seconds, password)
        with self._guard:
            if self._closed:
                raise Cancelled
            spare, self._spare = self._spare, None
        if spare is not None:
            drawer.adopt(spare)
        return drawer

    def prepare(self) -> None:
        """Have a child wait for the next document; when one does already, nothing happens."""
        with self._guard:
            if self._closed:
                raise Cancelled
            if self._spare is None:
                self._spare = _Child(self._command, self._limits, self._seconds)

    def close(self) -> None:
        """Stop the child that waits. Safe to call twice."""
        with self._guard:
            self._closed = True
            spare, self._spare = self._spare, None
        if spare is not None:
            spare.stop()


def _overtime(number: int) -> PageNotDrawn:
    return PageNotDrawn(f"Page {number} took too long to draw.", "Its text can still be searched and copied.")


def _not_drawn(number: int, problem: Problem) -> PageNotDrawn:
    sentence, hint = {
        Problem.LOCKED: ("To show this page the file needs its password again.", "Type it in the library."),
        Problem.DAMAGED: ("The file is damaged and could not be opened.", "Ask for the file again."),
        Problem.NO_SUCH_PAGE: (f"The file has no page {number}.", "Add the file again."),
        Problem.TOO_LARGE: (f"Page {number} is too large to draw at this size.", "Zoom out."),
        Problem.FAILED: (f"Page {number} cannot be drawn.", "Its text can still be searched and copied."),
    }[problem]
    return PageNotDrawn(sentence, hint)
