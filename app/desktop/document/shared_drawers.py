"""Drawers for the documents of one view, made when the first is opened: imports and processes take time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.errors import Cancelled

if TYPE_CHECKING:
    from app.desktop.document.source import Drawer, Drawers


class SharedDrawers:
    """``open`` and ``prepare`` are for worker threads."""

    def __init__(self, make: Callable[[], Drawers]) -> None:
        self._make = make
        self._made: Drawers | None = None
        self._closed = False
        self._guard = threading.Lock()

    def open(self, path: Path, password: str | None = None) -> Drawer:
        """Raises Cancelled if it was closed."""
        with self._guard:
            return self._drawers().open(path, password)

    def prepare(self) -> None:
        """Make the next ``open`` quick."""
        with self._guard, contextlib.suppress(Cancelled, OSError):
            self._drawers().prepare()

    def prepare_aside(self) -> threading.Thread:
        """The same from the window's thread; returns at once."""
        return _aside(self.prepare)

    def close_aside(self) -> threading.Thread:
        """Returns at once; the thread ends when nothing is left."""
        self._closed = True
        return _aside(self._close)

    def _drawers(self) -> Drawers:
        if self._closed:
            raise Cancelled
        if self._made is None:
            self._made = self._make()
        return self._made

    def _close(self) -> None:
        with self._guard:
            if self._made is not None:
                self._made.close()


def real_drawers() -> Drawers:
    """Those that the wiring builds."""
    from app.wiring.pages import page_drawers

    return page_drawers()


def _aside(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, name="pincite-drawers", daemon=True)
    thread.start()
    return thread
