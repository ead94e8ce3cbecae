"""Reads files through parser children: one file per child, killed when it oversteps."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from app.domain.cancel import CancelToken
from app.domain.kinds import DocumentState
from app.domain.ports import ReadFile
from app.domain.text import Document, Page, document_id
from app.ingest.limits import DEFAULT, Limits
from app.ingest.messages import LINE, Ended, PageRead

_POLL_SECONDS = 0.1
_STOP_SECONDS = 2.0
_KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "LC_ALL")
PARSER = (sys.executable, "-I", "-c", "import sys; sys.path.insert(0, sys.argv.pop(1)); "
          "from app.ingest.parser_child import main; main()", str(Path(__file__).parents[2]))  # fmt: skip


class ChildReader:
    """``command`` starts a parser that takes limits, a path and the name's suffix as arguments."""

    def __init__(self, limits: Limits = DEFAULT, command: Sequence[str] = PARSER) -> None:
        self._limits = limits
        self._command = command

    def read(self, path: Path, name: str, sha256: str, cancel: CancelToken) -> ReadFile:
        """Never raises for a bad file: that is a state. Raises Cancelled; then nothing is left running."""
        pages, ended = self._listen(self._start(path, Path(name).suffix), cancel)
        return _as_read(name, sha256, pages, ended)

    def _start(self, path: Path, suffix: str) -> subprocess.Popen[bytes]:
        environment = {key: os.environ[key] for key in _KEPT_VARIABLES if key in os.environ}
        return subprocess.Popen(
            [*self._command, self._limits.model_dump_json(), str(path), suffix],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )

    def _listen(self, child: subprocess.Popen[bytes], cancel: CancelToken) -> tuple[list[PageRead], Ended]:
        lines: queue.Queue[bytes | None] = queue.Queue(maxsize=64)
        listener = threading.Thread(target=_pump, args=(child, lines), daemon=True)
        listener.start()
        pages: list[PageRead] = []
        taken = 0
        until = time.monotonic() + self._limits.seconds
        try:
            while True:
                cancel.check()
                if time.monotonic() > until:
                    return pages, _cut("took longer than is allowed", pages)
                try:
                    line = lines.get(timeout=_POLL_SECONDS)
                except queue.Empty:
                    continue
                if line is None:
                    return pages, _cut("made the reader stop", pages)
                taken += len(line)
                if taken > self._limits.output_bytes:
                    return pages, _cut("holds more text than is allowed", pages)
                try:
                    message = LINE.validate_json(line)
                except ValidationError:
                    return pages, _cut("made the reader stop", pages)
                if isinstance(message, Ended):
                    return pages, message
                pages.append(message)
        finally:
            _stop(child)
            while listener.is_alive():  # a full queue must not keep the listener from seeing the end
                with contextlib.suppress(queue.Empty):
                    lines.get(timeout=_POLL_SECONDS)
            listener.join()


def _pump(child: subprocess.Popen[bytes], lines: queue.Queue[bytes | None]) -> None:
    assert child.stdout is not None
    with child.stdout:
        for line in child.stdout:
            lines.put(line)
    lines.put(None)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Terminate, wait, kill, wait."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _cut(how: str, pages: Sequence[PageRead]) -> Ended:
    if any(page.text.strip() for page in pages):
        return Ended(
            state=DocumentState.PARTIAL,
            reason=f"The file {how} after page {len(pages)}; those before are kept.",
        )
    return Ended(state=DocumentState.DAMAGED, reason=f"The file {how} before any page was read.")


def _as_read(name: str, sha256: str, read: Sequence[PageRead], ended: Ended) -> ReadFile:
    pages: list[Page] = []
    start = 0
    if ended.state.readable:
        for number, page in enumerate(read, start=1):
            pages.append(
                Page(
                    number=number,
                    start=start,
                    text=page.text,
                    width=page.width,
                    height=page.height,
                    words=page.words(start),
                )
            )
            start += len(page.text) + 1
    document = Document(
        id=document_id(sha256),
        name=name.encode(errors="replace").decode(),  # a file's name on Linux need not be Unicode
        sha256=sha256,
        pages=len(read),
        state=ended.state,
        reason=ended.reason,
        flags=ended.flags,
    )
    return ReadFile(document=document, pages=tuple(pages))
