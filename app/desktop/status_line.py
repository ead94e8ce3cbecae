"""The line below everything: how far the work is, how long it takes, and what it has cost so far."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QStatusBar, QToolButton, QWidget

from app.desktop import figures, look

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from app.domain.work import Progress

_MESSAGE_MILLISECONDS = 8000


class StatusLine(QStatusBar):
    """Progress at the left, money at the right, a calm message between them when there is one."""

    def __init__(self, pause: QAction) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self._began: dict[str, tuple[float, int]] = {}
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(26 * look.STEP)
        self._bar.setFixedHeight(look.STEP)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._done = QLabel()
        self._left = look.muted(QLabel())
        self._message = QLabel()
        self._message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._money = look.muted(QLabel())
        self._pause = QToolButton()
        self._pause.setDefaultAction(pause)
        self._pause.setAutoRaise(True)
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(2 * look.STEP, 2, look.STEP, 2)
        layout.setSpacing(look.STEP + look.STEP // 2)
        for widget in (self._bar, self._done, self._left):
            layout.addWidget(widget)
        layout.addWidget(self._message, 1)
        layout.addWidget(self._money)
        layout.addWidget(self._pause)
        self.addWidget(row, 1)
        self._fade = QTimer(self)
        self._fade.setSingleShot(True)
        self._fade.setInterval(_MESSAGE_MILLISECONDS)
        self._fade.timeout.connect(self._message.clear)
        self.show_idle()

    def show_idle(self) -> None:
        """Nothing runs."""
        self._began.clear()
        for widget in (self._bar, self._done, self._left, self._pause):
            widget.setVisible(False)

    def show_progress(self, progress: Progress) -> None:
        """Units done, and how long the rest takes at the pace so far."""
        for widget in (self._bar, self._done, self._left, self._pause):
            widget.setVisible(True)
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)
        if not progress.total:
            self._done.setText(self._named(progress.what))
            self._left.clear()
            return
        self._done.setText(
            self.tr("{done} of {total} {what}").format(
                done=f"{progress.done:,}", total=f"{progress.total:,}", what=self._unit(progress.what)
            )
        )
        self._left.setText(self._time_left(progress))

    def show_money(self, text: str) -> None:
        """What the matter has cost so far."""
        self._money.setText(text)

    def tell(self, text: str, stays: bool = False) -> None:
        """One calm line; it goes by itself unless it ``stays``."""
        self._message.setText(text)
        self._message.setToolTip(text)
        self._fade.stop()
        if not stays:
            self._fade.start()

    def _time_left(self, progress: Progress) -> str:
        now = time.monotonic()
        began, first = self._began.setdefault(progress.what, (now, progress.done))
        done = progress.done - first
        if done < 2 or progress.done >= progress.total:
            return ""
        left = (now - began) / done * (progress.total - progress.done)
        return self.tr("{} left").format(figures.duration(left))

    def _unit(self, what: str) -> str:
        return {
            "reading": self.tr("files read"),
            "recognising": self.tr("pages read"),
            "indexing": self.tr("documents indexed"),
            "reviewing": self.tr("findings"),
            "asking a second model": self.tr("second opinions"),
        }.get(what, self._named(what))

    def _named(self, what: str) -> str:
        return {"checking the model": self.tr("checking the model")}.get(what, what)
