"""A thread behind the window that always does what is wanted now."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot


class Worker(QObject):
    """Give it no parent, and keep it until it has ended. Nothing is heard of it after ``close``."""

    _deliver = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self._closed = False
        self._deliver.connect(self._call, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)

    @property
    def ended(self) -> bool:
        """Whether its thread is over, or never was."""
        return not self._thread.is_alive()

    def start(self) -> None:
        """Once."""
        self._thread.start()

    def close(self) -> None:
        """The thread ends after what it does now; returns at once."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def join(self, seconds: float) -> None:
        """Wait until it has ended."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _serve(self) -> None:
        """In the thread; ends when ``_closed`` is set."""
        raise NotImplementedError

    def _tell(self, news: Callable[[], None]) -> None:
        """From the thread: ``news`` is called in the window's, unless that has closed this meanwhile."""
        self._deliver.emit(news)

    @Slot(object)
    def _call(self, news: Callable[[], None]) -> None:
        if not self._closed:
            news()
