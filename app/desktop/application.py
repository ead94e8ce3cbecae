"""Starts the desktop: the window first, then whatever it needs."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QSettings
from PySide6.QtWidgets import QApplication

from app.desktop import look
from app.desktop.bridge import Bridge
from app.desktop.matter_flow import MatterFlow
from app.desktop.slots import only
from app.desktop.window import MainWindow, window_settings
from app.platform.logs import set_up_logging
from app.platform.network_lock import lock_network
from app.platform.paths import data_folder

_log = logging.getLogger(__name__)


class Desktop(QObject):
    """The window, its bridge and its flows, put together; ``close`` leaves nothing running."""

    def __init__(self, settings: QSettings) -> None:
        super().__init__()
        self.settings = settings
        self.bridge = Bridge()
        self.window = MainWindow(settings)
        self.window.closing.connect(self.close)
        self.matters = MatterFlow(self.window, self.bridge, settings)

    def furnish(self, matter: Path | None = None) -> None:
        """After the window stands: the views of the review, and what it all does."""
        self.window.furnish()
        self.matters.furnish()
        from app.desktop.decision_flow import DecisionFlow
        from app.desktop.places_flow import PlacesFlow
        from app.desktop.repeats_flow import RepeatsFlow
        from app.desktop.run_flow import RunFlow
        from app.desktop.search_flow import SearchFlow

        self.decisions = DecisionFlow(self.window, self.bridge, self.matters)
        self.repeats = RepeatsFlow(self.window, self.bridge, self.matters, self.decisions)
        self.searches = SearchFlow(self.window, self.bridge, self.matters, self.decisions)
        self.runs = RunFlow(self.window, self.bridge, self.matters, self.decisions, self.settings)
        self.places = PlacesFlow(
            self.window, self.bridge, self.matters, self.decisions, self.runs, self.settings
        )
        if matter is not None:
            self.matters.open(matter)

    def close(self) -> None:
        """Stops what runs; everything decided is stored by then."""
        if self.window.furnished:
            self.window.document.shut_down()
        self.bridge.shut_down()


def run(matter: Path | None = None) -> int:
    """Until the window is closed; the exit code."""
    if sys.platform.startswith("linux") and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        sys.stderr.write("There is no screen here for the window.\nUse the command line: pincite --help.\n")
        return 1
    set_up_logging(verbose=False, name="desktop")
    lock_network()
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Pincite")
    application.setDesktopFileName("pincite")
    data_folder().mkdir(parents=True, exist_ok=True)
    settings = window_settings(data_folder())

    def dress() -> None:
        look.dress(application, str(settings.value("theme", "system")))

    dress()
    application.styleHints().colorSchemeChanged.connect(only(dress))
    sys.excepthook = _logged
    signal.signal(signal.SIGINT, only(application.quit))
    desktop = Desktop(settings)

    def furnish() -> None:
        desktop.furnish(matter)
        gc.freeze()
        gc.enable()  # off since ``app.__main__``

    desktop.window.painted.connect(furnish)
    desktop.window.show()
    code = application.exec()
    desktop.close()
    return code


def _logged(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An error in a slot is logged, its places only, and the window lives on."""
    _log.error("the window met an error", exc_info=(kind, error, trace))
