"""What is seen while no matter is open: open one, begin one, try the samples, get a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.desktop import figures, look
from app.desktop.buttons import ActionButton
from app.desktop.panels import Panel, TintedLabel, heading, note, scrolled
from app.desktop.quiet_table import ROW_HEIGHT, QuietDelegate, on_enter

if TYPE_CHECKING:
    from app.desktop.models_view import ModelRow

_WIDEST = 110 * look.STEP
_MOST_RECENT_SHOWN = 6


class DropArea(QWidget):
    """Takes files and folders that are dropped on it."""

    dropped = Signal(list)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.setMinimumHeight(10 * look.STEP)
        self._over = False
        rows = QVBoxLayout(self)
        label = look.muted(QLabel(text))
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        rows.addWidget(label)
        self.setAccessibleName(text)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Only what lies on a disk is taken."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._show_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802 - Qt's name
        """Nothing was dropped."""
        del event
        self._show_over(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Tell the paths."""
        self._show_over(False)
        event.acceptProposedAction()
        self.dropped.emit([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """A dashed frame; filled while something is held over it."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("accent" if self._over else "muted"), 1, Qt.PenStyle.DashLine))
        painter.setBrush(look.colour("selected" if self._over else "window"))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6.0, 6.0)

    def _show_over(self, over: bool) -> None:
        self._over = over
        self.update()


class ModelPanel(Panel):
    """The model that fits this machine: here already, or how to get it."""

    def __init__(self) -> None:
        super().__init__()
        self._model = ""
        self._sign = TintedLabel("circle-dashed", "muted")
        self.title = heading(self.tr("Looking for a model that fits this machine…"))
        self.title.setWordWrap(True)
        self.line = note()
        self.take = ActionButton(self.tr("Take it from a &file…"), "file-plus")
        look.named(
            self.take, self.tr("Take the model from a file"), self.tr("From a disk or a share"), "Alt+F"
        )
        self.fetch = ActionButton(self.tr("Fe&tch"), "download")
        look.named(self.fetch, self.tr("Fetch the model"), self.tr("Once, over the network"), "Alt+T")
        head = QHBoxLayout()
        head.setSpacing(look.STEP)
        head.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.title, 1)
        below = QHBoxLayout()
        below.setSpacing(look.STEP)
        below.addWidget(self.take)
        below.addWidget(self.fetch)
        below.addStretch(1)
        self.rows.addLayout(head)
        self.rows.addWidget(self.line)
        self.rows.addLayout(below)
        self.rows.addStretch(1)
        self._show_buttons(False, False)

    @property
    def model(self) -> str:
        """The proposed one's id; empty while there is none."""
        return self._model

    def show_model(self, row: ModelRow) -> None:
        """Proposed, or installed."""
        self._model = row.id
        told = self.tr("{size}, licence {licence}").format(size=figures.size(row.bytes), licence=row.licence)
        if row.installed:
            self._sign.show_icon("circle-check", "good")
            self.title.setText(self.tr("{} is installed").format(row.title))
            self.line.setText(self.tr("{}. Everything runs on this machine.").format(told))
        else:
            self._sign.show_icon("circle-dashed", "warning")
            self.title.setText(self.tr("{} fits this machine").format(row.title))
            why = "" if row.fetchable else row.why_not
            self.line.setText(f"{self.tr('{}. A review needs it.').format(told)} {why}".strip())
        self._show_buttons(not row.installed, row.fetchable)

    def _show_buttons(self, missing: bool, fetchable: bool) -> None:
        self.take.setVisible(missing)
        self.fetch.setVisible(missing)
        self.fetch.setEnabled(fetchable)


class FirstRun(QWidget):
    """Asks; who opens, makes and fetches is somebody else."""

    open_requested = Signal()
    new_requested = Signal()
    recent_chosen = Signal(str)
    samples_requested = Signal()
    import_requested = Signal()
    fetch_requested = Signal(str)
    files_dropped = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Start"))
        self.open = ActionButton(self.tr("&Open a matter…"), "folder-open")
        look.named(self.open, self.tr("Open a matter"), key="Ctrl+Shift+O")
        self.new = ActionButton(self.tr("&New matter…"), "plus")
        look.named(self.new, self.tr("New matter"), key="Ctrl+N")
        self.samples = ActionButton(self.tr("&Sample contracts"), "files", primary=True)
        look.named(
            self.samples,
            self.tr("Sample contracts"),
            self.tr("Three bundled contracts, to try everything on"),
            "Alt+S",
        )
        self.recent = QListWidget()
        self.recent.setFrameShape(QFrame.Shape.NoFrame)
        self.recent.setIconSize(QSize(16, 16))
        self.recent.setUniformItemSizes(True)
        self.recent.setItemDelegate(QuietDelegate(self.recent))
        look.named(self.recent, self.tr("Recent matters"), key="Enter")
        self._none = note(self.tr("Matters you open are listed here."))
        self.model = ModelPanel()
        self.drop = DropArea(self.tr("Drop files or folders here to begin a matter with them"))
        self._folders: tuple[str, ...] = ()
        self._connect()
        self._lay_out()
        self.show_recent(())

    def show_recent(self, folders: Sequence[str]) -> None:
        """Folders of matters, the latest first."""
        self._folders = tuple(folders)
        self._fill()
        self.recent.setVisible(bool(folders))
        self._none.setVisible(not folders)

    def show_model(self, row: ModelRow) -> None:
        """The model that is proposed for this machine, or the one that is here."""
        self.model.show_model(row)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Icons of the list in the new palette's colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.recent.count():
            self._fill()

    def _fill(self) -> None:
        self.recent.clear()
        for folder in self._folders:
            path = Path(folder)
            item = QListWidgetItem(look.icon("folder-open", "muted"), f"{path.name}   {path.parent}")
            item.setToolTip(folder)
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            self.recent.addItem(item)
        self.recent.setFixedHeight(ROW_HEIGHT * min(_MOST_RECENT_SHOWN, len(self._folders)) + 2)

    def _connect(self) -> None:
        self.open.clicked.connect(self.open_requested)
        self.new.clicked.connect(self.new_requested)
        self.samples.clicked.connect(self.samples_requested)
        self.recent.itemClicked.connect(self._choose)
        on_enter(self.recent, self._choose)
        self.model.take.clicked.connect(self.import_requested)
        self.model.fetch.clicked.connect(self._fetch)
        self.drop.dropped.connect(self.files_dropped)

    def _fetch(self) -> None:
        self.fetch_requested.emit(self.model.model)

    def _choose(self) -> None:
        place = self.recent.currentRow()
        if 0 <= place < len(self._folders):
            self.recent_chosen.emit(self._folders[place])

    def _lay_out(self) -> None:
        page = QWidget()
        page.setMaximumWidth(_WIDEST)
        rows = QVBoxLayout(page)
        rows.setContentsMargins(*[3 * look.STEP] * 4)
        rows.setSpacing(2 * look.STEP)
        buttons = QHBoxLayout()
        buttons.setSpacing(look.STEP)
        for button in (self.samples, self.open, self.new):
            buttons.addWidget(button)
        buttons.addStretch(1)
        recent = Panel(self.tr("Recent matters"))
        recent.rows.addWidget(self.recent)
        recent.rows.addWidget(self._none)
        recent.rows.addStretch(1)
        columns = QHBoxLayout()
        columns.setSpacing(2 * look.STEP)
        columns.addWidget(recent, 1)
        columns.addWidget(self.model, 1)
        rows.addStretch(2)
        rows.addWidget(heading(self.tr("Review documents, with a citation behind every finding"), 6))
        rows.addWidget(
            note(
                self.tr(
                    "Pincite reads contracts on this machine and shows the words each finding rests on. "
                    "Nothing leaves it. Try it on the sample contracts, or open a matter of your own."
                )
            )
        )
        rows.addLayout(buttons)
        rows.addLayout(columns)
        rows.addWidget(self.drop)
        rows.addStretch(3)
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(page, 100)
        row.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(middle))
