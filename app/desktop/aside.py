"""Work of a view's own that takes longer than a blink, out of the window's thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

_log = logging.getLogger(__name__)


class Aside(QObject):
    """Runs ``work`` once. ``done`` brings what it gave, ``failed`` that it raised; one of them always comes.

    It belongs to nobody but its thread, so a view that closes meanwhile neither waits nor is called.
    """

    done = Signal(object)
    failed = Signal()

    def start(self, work: Callable[[], Any]) -> None:
        """Connect the signals first."""
        threading.Thread(target=self._run, args=(work,), name="pincite-aside", daemon=True).start()

    def _run(self, work: Callable[[], Any]) -> None:
        try:
            result = work()
        except Exception:
            _log.exception("work of a view failed")
            self.failed.emit()
        else:
            self.done.emit(result)
