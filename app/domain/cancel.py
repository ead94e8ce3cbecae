"""How work is stopped."""

from __future__ import annotations

import threading

from app.domain.errors import Cancelled


class CancelToken:
    """Set once, from any thread; work looks at it between steps."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def rest(self, seconds: float) -> None:
        """Wait so long, less if the work is stopped meanwhile: then raise ``Cancelled``."""
        self._event.wait(seconds)
        self.check()

    def check(self) -> None:
        """Raise ``Cancelled`` if the work was stopped."""
        if self.cancelled:
            raise Cancelled
