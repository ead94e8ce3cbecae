"""Progress and cancellation, as every use case takes them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.domain.base import Frozen
from app.domain.errors import Cancelled


class Progress(Frozen):
    """``done`` of ``total`` units of ``what``; ``total`` 0 while it is not known."""

    what: str
    done: int
    total: int


Report = Callable[[Progress], None]


class CancelToken:
    """Set once, from any thread; work looks at it between steps."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raise ``Cancelled`` if the work was stopped."""
        if self.cancelled:
            raise Cancelled
