"""The process that reads untrusted files: ``python -m app.ingest.parser_child``.

It takes an ``Order``, one line of JSON on standard input, and answers on standard output with lines of
``app.ingest.messages``, in frames. Where a process can be forked safely it stays warm: each file is read by a
child of its own, confined before the file is looked into. That child has a pipe of its own and none of the
parser's, so that it can speak for its own file only, and the last frame is sent when it is no more. Elsewhere
the process reads one file itself and ends. What native code prints may hold the document's words, so standard
error is thrown away by whoever starts it.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.domain.kinds import DocumentState
from app.ingest.formats import HEAD_BYTES, FileKind, kind_of
from app.ingest.formats.reading import read as read_format
from app.ingest.formats.reading import warm_up as warm_up_format
from app.ingest.frames import END, framed
from app.ingest.limits import Limits
from app.ingest.messages import Ended, Inside, Order, PageRead
from app.ingest.pdf_text import read_pdf
from app.ingest.pdf_text import warm_up as warm_up_pdf
from app.platform.confinement import confine_this_process, end_with_starter
from app.platform.confinement import warm_up as warm_up_confinement
from app.platform.mapped_file import map_file
from app.platform.network_lock import lock_network

STAYS_WARM = sys.platform == "linux"
_PIECE = 1 << 16
_COLLECTED_AFTER = 100_000
"""Objects. A page is made of thousands, and hardly any of them refer to each other in circles."""


def main() -> None:
    """Serve orders until standard input ends."""
    end_with_starter()
    lock_network()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes the way of standard error
    warm_up_pdf()
    warm_up_confinement()
    gc.freeze()  # what stays is not looked through again, nor copied into each file's process
    gc.set_threshold(_COLLECTED_AFTER)
    for line in sys.stdin.buffer:
        order = Order.model_validate_json(line)
        head = _head_of(order)
        kind = kind_of(head, order.suffix)
        warm_up_format(kind)
        if STAYS_WARM:
            _serve_in_child(order, kind, head, out)
            continue
        for message in _lines(order, kind, head):
            out.write(framed(message))
            out.flush()
        out.write(END)
        out.flush()
        return


def _serve_in_child(order: Order, kind: FileKind, head: bytes, out: BinaryIO) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        out.close()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        with os.fdopen(writing, "wb", buffering=0) as own:
            for message in _lines(order, kind, head):
                own.write(message)
        os._exit(0)
    os.close(writing)
    while data := os.read(reading, _PIECE):
        out.write(framed(data))
        out.flush()  # what dies on page 400 has told its 399
    os.close(reading)
    os.waitpid(child, 0)
    out.write(END)
    out.flush()


def _head_of(order: Order) -> bytes:
    try:
        with Path(order.path).open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def _lines(order: Order, kind: FileKind, head: bytes) -> Iterator[bytes]:
    for message in _read(order, kind, head):
        yield message.model_dump_json().encode() + b"\n"


def _read(order: Order, kind: FileKind, head: bytes) -> Iterator[PageRead | Inside | Ended]:
    path, limits = Path(order.path), order.limits
    refusal = refusal_by_size(path, limits)
    if refusal is not None:
        yield refusal
    elif kind is FileKind.PDF:
        data = map_file(path)
        confine_this_process(limits)
        yield from read_pdf(data, limits, order.password)
    else:
        with path.open("rb") as file:
            confine_this_process(limits)
            yield from read_format(kind, file, limits, head, order.suffix, order.depth)


def refusal_by_size(path: Path, limits: Limits) -> Ended | None:
    """The end of a file that is not even opened."""
    size = path.stat().st_size
    if size == 0:
        return Ended(state=DocumentState.DAMAGED, reason="The file is empty.")
    if size > limits.file_bytes:
        return Ended(
            state=DocumentState.TOO_LARGE, reason=f"The file is larger than {limits.file_bytes >> 20} MB."
        )
    return None


if __name__ == "__main__":
    main()
