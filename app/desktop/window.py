"""The one window: its places, docks, menus and layout. What happens in it is the flows' business."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLineEdit,
    QMainWindow,
    QMenu,
    QPlainTextEdit,
    QSplitter,
    QStackedWidget,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.desktop import actions, look
from app.desktop.document.document_view import DocumentView
from app.desktop.finding_card import FindingCard
from app.desktop.grid_panel import GridPanel
from app.desktop.library_panel import LibraryPanel
from app.desktop.slots import only
from app.desktop.status_line import StatusLine
from app.desktop.top_bar import TopBar

PLACES = ("view-review", "view-costs", "view-problems", "view-models", "view-packs")
_LAYOUT_VERSION = 1


class MainWindow(QMainWindow):
    """Views that are not the review are made when first shown, by the maker that a flow gave for them."""

    shown = Signal(str)
    closing = Signal()

    def __init__(self, settings: QSettings) -> None:
        super().__init__()
        self._settings = settings
        self.setWindowTitle("Pincite")
        self.setAcceptDrops(False)
        self.setDockNestingEnabled(True)
        self.actions_by_name = actions.make(self)
        self.library = LibraryPanel()
        self.grid = GridPanel()
        self.document = DocumentView()
        self.card = FindingCard()
        self.stack = QStackedWidget()
        self._places: dict[str, int] = {}
        self.add_place("view-review", self.grid)
        self.setCentralWidget(self.stack)
        self._library_dock = self._dock("library", self.tr("Library"), self.library, "left")
        self._document_dock = self._dock("document", self.tr("Document"), self._reading(), "right")
        group = QActionGroup(self)
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        for name in PLACES:
            action = self.actions_by_name[name]
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(only(partial(self.go_to, name)))
        self.top = TopBar(self.actions_by_name["review"], [self.actions_by_name[name] for name in PLACES])
        self.addToolBar(self.top)
        self.status = StatusLine(self.actions_by_name["pause"])
        self.setStatusBar(self.status)
        self._make_menus()
        QApplication.instance().focusChanged.connect(self._typing_changed)  # type: ignore[union-attr]
        self._restore()

    def add_place(self, name: str, view: QWidget) -> None:
        """A view of the middle, by the name of the action that shows it."""
        self._places[name] = self.stack.addWidget(view)

    def has_place(self, name: str) -> bool:
        """Whether the view was made."""
        return name in self._places

    def go_to(self, name: str) -> None:
        """Show a place; the docks belong to the review."""
        self.shown.emit(name)
        self.stack.setCurrentIndex(self._places[name])
        for place in PLACES:
            self.actions_by_name[place].setChecked(place == name)
        reviewing = name == "view-review"
        for dock, wanted in ((self._library_dock, "library"), (self._document_dock, "document")):
            dock.setVisible(reviewing and not self._settings.value(f"hidden/{wanted}", False, bool))

    def focus_grid(self) -> None:
        """Give the keys back to the grid."""
        self.grid.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Remember the layout; the flows stop what runs."""
        self.go_to("view-review")
        self._settings.setValue("layout/geometry", self.saveGeometry())
        self._settings.setValue("layout/state", self.saveState(_LAYOUT_VERSION))
        self._settings.setValue("layout/reading", self._split.saveState())
        self._settings.setValue("layout/grid", self.grid.save_state())
        self._settings.sync()
        self.hide()
        self.closing.emit()
        super().closeEvent(event)

    def _reading(self) -> QWidget:
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.document)
        self._split.addWidget(self.card)
        self._split.setStretchFactor(0, 1)
        self._split.setSizes([700, 22 * look.STEP])
        holder = QWidget()
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._split)
        return holder

    def _dock(self, name: str, title: str, view: QWidget, side: str) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(view)
        area = (
            Qt.DockWidgetArea.LeftDockWidgetArea if side == "left" else Qt.DockWidgetArea.RightDockWidgetArea
        )
        self.addDockWidget(area, dock)
        toggle = dock.toggleViewAction()

        def hide(shown: bool) -> None:
            self._settings.setValue(f"hidden/{name}", not shown)

        toggle.triggered.connect(hide)
        return dock

    def _make_menus(self) -> None:
        menus: dict[str, QMenu] = {}
        for row in actions.rows():
            menu = menus.get(row.group)
            if menu is None:
                menu = menus[row.group] = self.menuBar().addMenu(row.group)
            menu.addAction(self.actions_by_name[row.name])
        view = menus[actions.rows()[26].group]
        view.addSeparator()
        view.addAction(self._library_dock.toggleViewAction())
        view.addAction(self._document_dock.toggleViewAction())

    def _typing_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Single letters are keys only while nobody writes."""
        writes = isinstance(now, QLineEdit | QPlainTextEdit | QTextEdit) and not now.isReadOnly()
        for name in actions.typed_names():
            self._silence(self.actions_by_name[name], writes)

    def _silence(self, action: QAction, silent: bool) -> None:
        context = Qt.ShortcutContext.WidgetShortcut if silent else Qt.ShortcutContext.WindowShortcut
        if action.shortcutContext() is not context:
            action.setShortcutContext(context)

    def _restore(self) -> None:
        self.resize(1600, 1000)
        held = self._settings
        if held.value("layout/geometry") is not None:
            self.restoreGeometry(held.value("layout/geometry"))
            self.restoreState(held.value("layout/state"), _LAYOUT_VERSION)
            self._split.restoreState(held.value("layout/reading"))
            self.grid.restore_state(held.value("layout/grid"))
        else:
            self.resizeDocks([self._library_dock, self._document_dock], [220, 620], Qt.Orientation.Horizontal)


def window_settings(folder: Path) -> QSettings:
    """What the window remembers, beside the user's other data."""
    return QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
