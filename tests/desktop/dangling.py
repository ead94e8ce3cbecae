"""What a window must not leave behind: threads, child processes, timers that still run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psutil
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

_PATIENCE_SECONDS = 15.0


@pytest.fixture
def nothing_dangles() -> Iterator[None]:
    """Fails if the test leaves a thread, a child process or a running timer."""
    threads = set(threading.enumerate())
    children = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        application.processEvents()
        left = [thread.name for thread in threading.enumerate() if thread not in threads]
        born = [p.name() for p in psutil.Process().children(recursive=True) if p.pid not in children]
        if not left and not born:
            break
        time.sleep(0.02)
    assert left == []
    assert born == []
    for widget in application.topLevelWidgets():
        ticking = [t for t in widget.findChildren(QTimer) if t.isActive() and not t.isSingleShot()]
        assert ticking == [], widget
