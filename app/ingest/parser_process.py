"""A parser's process as its user sees it: one order at a time, and an end whatever the file does."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from pydantic import ValidationError

from app.domain.cancel import CancelToken
from app.ingest.frames import read_frames
from app.ingest.messages import LINE, Ended, Inside, Order, PageRead, RecogniseOrder
from app.platform.confinement import end_with_this_process

_POLL_SECONDS = 0.1
_KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "LC_ALL")
PARSER = (sys.executable, "-I", "-c", "import sys; sys.path.insert(0, sys.argv.pop(1)); "
          "from app.ingest.parser_child import main; main()", str(Path(__file__).parents[2]))  # fmt: skip


class Overstepped(Exception):
    """The file did more than it may; the argument goes on "The file …"."""


class ParserProcess:
    """Started by the first order; started anew after one that had to be killed. For one thread."""

    def __init__(self, command: Sequence[str] = PARSER) -> None:
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[bytes | None] = queue.Queue(maxsize=64)
        self._listener: threading.Thread | None = None

    def ask(self, order: Order | RecogniseOrder, cancel: CancelToken) -> Iterator[PageRead | Inside | Ended]:
        """What it says of the file; ``Ended`` is last. Raises Overstepped, Cancelled.

        It goes on with the next order only if it was listened to until the end.
        """
        if self._child is None or self._child.poll() is not None:
            self.close()
            self._start()
        try:
            yield from self._answers(order, cancel)
        except BaseException:
            self.close()
            raise

    def _answers(
        self, order: Order | RecogniseOrder, cancel: CancelToken
    ) -> Iterator[PageRead | Inside | Ended]:
        limits = order.limits
        self._tell(order)
        until = time.monotonic() + limits.seconds
        taken = 0
        ended: Ended | None = None
        while True:
            cancel.check()
            if time.monotonic() > until:
                raise Overstepped("took longer than is allowed")
            try:
                line = self._lines.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if not line:  # its reader is no more, or the whole process
                if ended is None:
                    raise Overstepped("made the reader stop")
                yield ended
                return
            message = _message_of(line)
            taken += len(line)
            if taken > limits.output_bytes:
                raise Overstepped("holds more text than is allowed")
            if isinstance(message, Ended):
                ended = message
            elif ended is None:
                yield message

    def close(self) -> None:
        """Nothing of it is left running. Safe to call twice."""
        child, self._child = self._child, None
        if child is None:
            return
        _stop(child)
        assert self._listener is not None
        while self._listener.is_alive():  # a full queue must not keep the listener from seeing the end
            with contextlib.suppress(queue.Empty):
                self._lines.get(timeout=_POLL_SECONDS)
        self._listener.join()
        self._lines = queue.Queue(maxsize=64)

    def _start(self) -> None:
        environment = {key: os.environ[key] for key in _KEPT_VARIABLES if key in os.environ}
        self._child = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # a group of its own, so that what it forks dies with it
        )
        end_with_this_process(self._child)
        self._listener = threading.Thread(target=_pump, args=(self._child, self._lines), daemon=True)
        self._listener.start()

    def _tell(self, order: Order | RecogniseOrder) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        with contextlib.suppress(OSError):  # it died already: its listener says so
            self._child.stdin.write(order.model_dump_json().encode() + b"\n")
            self._child.stdin.flush()


def _message_of(line: bytes) -> PageRead | Inside | Ended:
    try:
        return LINE.validate_json(line)
    except ValidationError:
        raise Overstepped("made the reader stop") from None


def _pump(child: subprocess.Popen[bytes], lines: queue.Queue[bytes | None]) -> None:
    """Lines as they come; empty where the reader of a file is no more, None where the process is."""
    assert child.stdout is not None
    begun: list[bytes] = []
    with child.stdout as stream:
        for data in read_frames(cast(BinaryIO, stream)):
            if not data:
                begun.clear()
                lines.put(b"")
                continue
            *whole, rest = data.split(b"\n")
            for line in whole:
                lines.put(b"".join((*begun, line)))
                begun.clear()
            if rest:
                begun.append(rest)
    lines.put(None)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Kill it and all that it started: it holds nothing that has to be put in order."""
    assert child.stdin is not None
    with contextlib.suppress(OSError):
        child.stdin.close()
    if sys.platform == "win32":
        child.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    child.wait()
