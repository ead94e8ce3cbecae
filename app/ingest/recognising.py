"""Recognises pages in their pictures, several at once, each process one page at a time."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled
from app.ingest.limits import Limits
from app.ingest.messages import PageRead, RecogniseOrder
from app.ingest.parser_process import Overstepped, ParserProcess

RECOGNISER = (sys.executable, "-I", "-c", "import sys; sys.path.insert(0, sys.argv.pop(1)); "
              "from app.ingest.ocr_child import main; main()", str(Path(__file__).parents[2]))  # fmt: skip

PAGE_SECONDS = 120.0
"""Wall-clock time that a page may take, and the start of the process with the first one."""

MEMORY_BYTES = 4 << 30
"""Of address space, which the networks' threads and heaps reserve more of than they touch."""

_POLL_SECONDS = 0.1


def recognise_pages(
    path: Path,
    suffix: str,
    pages: Sequence[int],
    limits: Limits,
    cancel: CancelToken,
    told: Callable[[PageRead], None],
    workers: int,
    password: str | None = None,
    command: Sequence[str] = RECOGNISER,
) -> tuple[int, ...]:
    """Tell of each page on this thread as it comes, in no order; the numbers of those that failed.

    A page that takes too long, or its process down with it, costs itself alone. Raises Cancelled, and what
    ``told`` raises; nothing is left running then.
    """
    order = RecogniseOrder(
        path=str(path), suffix=suffix, limits=page_limits(limits), password=password, pages=()
    )
    work = _Work(order, pages)
    threads = [
        threading.Thread(target=work.serve, args=(command,), name=f"recognise-{number}", daemon=True)
        for number in range(max(1, min(workers, len(pages))))
    ]
    for thread in threads:
        thread.start()
    failed: list[int] = []
    try:
        for _ in pages:
            answer = work.next(cancel)
            if isinstance(answer, PageRead):
                told(answer)
            else:
                failed.append(answer)
    finally:
        work.stopped.cancel()
        for thread in threads:
            thread.join()
    return tuple(sorted(failed))


def page_limits(limits: Limits) -> Limits:
    """Those of one page, from those of its file."""
    return limits.model_copy(
        update={
            "seconds": min(limits.seconds, PAGE_SECONDS),
            "memory_bytes": max(limits.memory_bytes, MEMORY_BYTES),
        }
    )


class _Work:
    """Pages to do, and what came of them."""

    def __init__(self, order: RecogniseOrder, pages: Sequence[int]) -> None:
        self.stopped = CancelToken()
        self._order = order
        self._pages: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[PageRead | int] = queue.SimpleQueue()
        for number in pages:
            self._pages.put(number)

    def next(self, cancel: CancelToken) -> PageRead | int:
        """A page, or the number of one that failed. Raises Cancelled."""
        while True:
            cancel.check()
            try:
                return self._answers.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue

    def serve(self, command: Sequence[str]) -> None:
        """Do pages until none are left; on a thread of its own, with a process of its own."""
        with closing(ParserProcess(command)) as process:
            while not self.stopped.cancelled:
                try:
                    number = self._pages.get_nowait()
                except queue.Empty:
                    return
                try:
                    answer = self._recognised(process, number)
                except Cancelled:
                    return
                self._answers.put(number if answer is None else answer)

    def _recognised(self, process: ParserProcess, number: int) -> PageRead | None:
        order = self._order.model_copy(update={"pages": (number,)})
        page: PageRead | None = None
        try:
            for message in process.ask(order, self.stopped):
                if isinstance(message, PageRead) and message.number == number:
                    page = message
        except Overstepped:
            return None
        return page
