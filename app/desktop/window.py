"""The one window: its places, docks, menus and layout. What happens in it is the flows' business."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QPaintEvent
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
from app.desktop.first_run import FirstRun
from app.desktop.slots import only
from app.desktop.status_line import StatusLine
from app.desktop.top_bar import TopBar

if TYPE_CHECKING:
    from app.desktop.document.document_view import DocumentView
    from app.desktop.finding_card import FindingCard
    from app.desktop.grid_panel import GridPanel
    from app.desktop.library_panel import LibraryPanel

PLACES = ("view-review", "view-costs", "view-problems", "view-models", "view-packs")
_LAYOUT_VERSION = 1


class MainWindow(QMainWindow):
    """Shown as soon as its frame and start page stand; ``furnish`` brings the review's views.

    Other views are made when first shown, by the maker that a flow gave for them.
    """

    library: LibraryPanel
    grid: GridPanel
    document: DocumentView
    card: FindingCard

    shown = Signal(str)
    painted = Signal()
    """Once, when the first frame is on the screen."""
    closing = Signal()

    def __init__(self, settings: QSettings) -> None:
        super().__init__()
        self._settings = settings
        self._painted = False
        self.setWindowTitle("Pincite")
        self.setAcceptDrops(False)
        self.setDockNestingEnabled(True)
        self.actions_by_name = actions.make(self)
        self.start = FirstRun()
        self.stack = QStackedWidget()
        self._places: dict[str, int] = {}
        self._docks: dict[str, QDockWidget] = {}
        self.add_place("start", self.start)
        self.setCentralWidget(self.stack)
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
        self.resize(1600, 1000)
        if settings.value("layout/geometry") is not None:
            self.restoreGeometry(settings.value("layout/geometry"))

    @property
    def furnished(self) -> bool:
        """Whether the review's views are there."""
        return bool(self._docks)

    def furnish(self) -> None:
        """Library, grid, document and finding, as they were left."""
        from app.desktop.document.document_view import DocumentView
        from app.desktop.finding_card import FindingCard
        from app.desktop.grid_panel import GridPanel
        from app.desktop.library_panel import LibraryPanel

        self.library = LibraryPanel()
        self.grid = GridPanel()
        self.document = DocumentView()
        self.card = FindingCard()
        self.add_place("view-review", self.grid)
        self._dock("library", self.tr("Library"), self.library, Qt.DockWidgetArea.LeftDockWidgetArea)
        self._dock("document", self.tr("Document"), self._reading(), Qt.DockWidgetArea.RightDockWidgetArea)
        self._restore()
        self._show_docks(self.stack.currentWidget() is self.grid)

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
        self._show_docks(name == "view-review")

    def _show_docks(self, reviewing: bool) -> None:
        for wanted, dock in self._docks.items():
            dock.setVisible(reviewing and not self._settings.value(f"hidden/{wanted}", False, bool))

    def focus_grid(self) -> None:
        """Give the keys back to the grid."""
        self.grid.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The first one is told once its frame has been handed over."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Remember the layout; the flows stop what runs."""
        if self.furnished:
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

    def _dock(self, name: str, title: str, view: QWidget, area: Qt.DockWidgetArea) -> None:
        dock = self._docks[name] = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(view)
        self.addDockWidget(area, dock)
        toggle = dock.toggleViewAction()
        self._views_menu.addAction(toggle)

        def hide(shown: bool) -> None:
            self._settings.setValue(f"hidden/{name}", not shown)

        toggle.triggered.connect(hide)

    def _make_menus(self) -> None:
        menus: dict[str, QMenu] = {}
        for row in actions.rows():
            menu = menus.get(row.group)
            if menu is None:
                menu = menus[row.group] = self.menuBar().addMenu(row.group)
            menu.addAction(self.actions_by_name[row.name])
        self._views_menu = menus[next(row.group for row in actions.rows() if row.name == PLACES[0])]
        self._views_menu.addSeparator()

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
        held = self._settings
        if held.value("layout/state") is not None:
            self.restoreState(held.value("layout/state"), _LAYOUT_VERSION)
            self._split.restoreState(held.value("layout/reading"))
            self.grid.restore_state(held.value("layout/grid"))
        else:
            self.resizeDocks(list(self._docks.values()), [220, 620], Qt.Orientation.Horizontal)


def window_settings(folder: Path) -> QSettings:
    """What the window remembers, beside the user's other data."""
    return QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
