"""The packs that are here: what each asks, where it is from, and whether it is locked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.desktop import figures, look
from app.desktop.buttons import ActionButton
from app.desktop.panels import Notice, Panel, TintedLabel, heading, note, plain
from app.desktop.quiet_table import ROW_HEIGHT, QuietDelegate, QuietTable, on_enter
from app.domain.kinds import TaskKind

if TYPE_CHECKING:
    from app.domain.task import Pack, Task

Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_WIDTHS = (32, 12, 60)
_LIST_WIDTH = 28 * look.STEP


class TasksModel(QAbstractTableModel):
    """One row a task of a pack."""

    def __init__(self) -> None:
        super().__init__()
        self._tasks: tuple[Task, ...] = ()

    def show_tasks(self, tasks: Sequence[Task]) -> None:
        """In the pack's order."""
        self.beginResetModel()
        self._tasks = tuple(tasks)
        self.endResetModel()

    def rowCount(self, parent: Index = _NONE) -> int:  # noqa: N802 - Qt's name
        """Tasks."""
        return 0 if parent.isValid() else len(self._tasks)

    def columnCount(self, parent: Index = _NONE) -> int:  # noqa: N802 - Qt's name
        """Title, kind, description."""
        return 0 if parent.isValid() else len(_WIDTHS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text and tip of a cell."""
        if not index.isValid():
            return None
        task = self._tasks[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (task.title, self._kind(task.kind), task.description)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{task.description}\n{task.question}"
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (self.tr("task"), self.tr("kind"), self.tr("what it looks for"))[section]

    def _kind(self, kind: TaskKind) -> str:
        return {
            TaskKind.EXTRACT: self.tr("find"),
            TaskKind.CHOOSE: self.tr("choose"),
            TaskKind.LIST: self.tr("list"),
            TaskKind.SUMMARY: self.tr("sum up"),
            TaskKind.ASK: self.tr("ask"),
        }[kind]


class PacksView(QWidget):
    """A list of packs and, beside it, the one that is selected."""

    pack_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Packs"))
        self._packs: dict[str, Pack] = {}
        self._chosen = ""
        self._locked: Collection[str] = ()
        self.list = QListWidget()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setIconSize(QSize(16, 16))
        self.list.setItemDelegate(QuietDelegate(self.list))
        look.named(self.list, self.tr("Packs that are here"))
        self.list.currentItemChanged.connect(self._show_selected)
        on_enter(self.list, self._use)
        self.choose = ActionButton(self.tr("&Use for this matter"), "check", primary=True)
        look.named(self.choose, self.tr("Use this pack for this matter"), key="Alt+U")
        self.choose.clicked.connect(self._choose)
        self.title = heading("", 3)
        self.description = note()
        self.lock = TintedLabel("lock", "muted")
        self._facts: dict[str, QLabel] = {}
        self._model = TasksModel()
        self.table = QuietTable()
        self._lay_out()

    @property
    def selected(self) -> Pack | None:
        """The one whose details are shown."""
        item = self.list.currentItem()
        return self._packs.get(item.data(Qt.ItemDataRole.UserRole)) if item else None  # pyright: ignore[reportUnnecessaryComparison]

    def show_packs(self, packs: Sequence[Pack], chosen: str, locked: Collection[str] = ()) -> None:
        """``chosen`` is the id of the one this matter is reviewed with; ``locked`` ones IT has fixed."""
        held = self.selected.ref.id if self.selected else chosen
        self._packs = {pack.ref.id: pack for pack in packs}
        self._chosen, self._locked = chosen, locked
        self.list.clear()
        for pack in packs:
            item = QListWidgetItem(f"{pack.title} {pack.ref.version}")
            item.setData(Qt.ItemDataRole.UserRole, pack.ref.id)
            item.setIcon(look.icon("lock" if pack.ref.id in locked else "package", "muted"))
            item.setFont(look.font(bold=pack.ref.id == chosen))
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            self.list.addItem(item)
        keys = list(self._packs)
        self.list.setCurrentRow(keys.index(held) if held in keys else 0)
        self._pages.setCurrentIndex(1 if packs else 0)
        self._show_selected()

    def _use(self) -> None:
        self.choose.click()

    def _choose(self) -> None:
        if self.selected is not None:
            self.pack_chosen.emit(self.selected.ref.id)

    def _show_selected(self) -> None:
        pack = self.selected
        if pack is None:
            return
        locked = pack.ref.id in self._locked
        self.title.setText(f"{pack.title} {pack.ref.version}")
        self.description.setText(pack.description)
        self.lock.setVisible(locked)
        for name, text in (
            ("licence", pack.licence),
            ("attribution", pack.attribution),
            ("signer", self.tr("unsigned, bundled")),
            ("lock", self.tr("locked: managed by your organisation") if locked else self.tr("not locked")),
            ("sha256", pack.ref.sha256),
        ):
            self._facts[name].setText(text)
        self._model.show_tasks(pack.tasks)
        self._count.setText(figures.counted(len(pack.tasks), self.tr("1 task"), self.tr("{} tasks")))
        in_use = pack.ref.id == self._chosen
        self.choose.setEnabled(not in_use)
        self.choose.setText(self.tr("In use for this matter") if in_use else self.tr("&Use for this matter"))

    def _lay_out(self) -> None:
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(*[3 * look.STEP] * 4)
        rows.setSpacing(2 * look.STEP)
        rows.addWidget(heading(self.tr("Packs"), 4))
        columns = QHBoxLayout()
        columns.setSpacing(2 * look.STEP)
        left = Panel(self.tr("Installed"))
        left.rows.addWidget(self.list)
        columns.addWidget(left)
        columns.addWidget(self._details(), 1)
        rows.addLayout(columns, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(
            Notice(
                "package",
                self.tr("No packs"),
                self.tr("Packs come with Pincite. Install it again to bring them back."),
            )
        )
        self._pages.addWidget(page)

    def _details(self) -> QWidget:
        panel = Panel()
        head = QHBoxLayout()
        head.setSpacing(look.STEP)
        head.addWidget(self.title)
        head.addWidget(self.lock)
        head.addStretch(1)
        head.addWidget(self.choose)
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * look.STEP)
        grid.setVerticalSpacing(look.STEP // 2)
        grid.setColumnStretch(1, 1)
        for place, (name, text) in enumerate((
            ("licence", self.tr("licence")),
            ("attribution", self.tr("attribution")),
            ("signer", self.tr("signed by")),
            ("lock", self.tr("policy")),
            ("sha256", "SHA-256"),
        )):  # fmt: skip
            self._facts[name] = plain()
            self._facts[name].setWordWrap(True)
            grid.addWidget(look.muted(QLabel(text)), place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self._facts[name], place, 1)
        self.table.show_model(self._model, _WIDTHS, stretched=2)
        self.table.setAccessibleName(self.tr("Tasks of the pack"))
        self._count = heading("")
        panel.rows.addLayout(head)
        panel.rows.addWidget(self.description)
        panel.rows.addLayout(grid)
        panel.rows.addSpacing(look.STEP)
        panel.rows.addWidget(self._count)
        panel.rows.addWidget(self.table, 1)
        return panel
