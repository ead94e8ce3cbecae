"""The tasks of a review, to be ticked: grouped by what they do, each with what it looks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from app.desktop import look
from app.desktop.buttons import ActionButton
from app.desktop.panels import Panel, heading
from app.domain.kinds import TaskKind

if TYPE_CHECKING:
    from app.domain.task import Task

_ROW = 3 * look.STEP + 2
_TITLE_WIDTH = 27 * look.STEP


class TaskChecklist(Panel):
    """All are ticked at first; a group's box ticks all of its tasks."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.tree = QTreeWidget()
        self.tree.setColumnCount(2)
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setIndentation(2 * look.STEP)
        self.tree.setFrameShape(QFrame.Shape.NoFrame)
        look.named(self.tree, self.tr("Tasks"), key=self.tr("Space ticks"))
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.tree.header().resizeSection(0, _TITLE_WIDTH)
        self.tree.header().setStretchLastSection(True)
        self._title = heading(self.tr("Tasks"))
        self.every = ActionButton(self.tr("&Tick all"))
        look.named(self.every, self.tr("Tick all tasks"), key="Alt+T")
        self.none = ActionButton(self.tr("Tick n&one"))
        look.named(self.none, self.tr("Tick no task"), key="Alt+O")
        self._tasks: list[tuple[str, QTreeWidgetItem]] = []
        self._filling = False
        self.tree.itemChanged.connect(self._ticked)
        self.every.clicked.connect(self._tick_all)
        self.none.clicked.connect(self._tick_none)
        self._lay_out()

    def show_tasks(self, tasks: Sequence[Task]) -> None:
        """In the pack's order, all ticked."""
        self._filling = True
        self.tree.clear()
        self._tasks = []
        for kind in dict.fromkeys(task.kind for task in tasks):
            group = QTreeWidgetItem(self.tree, [self._named(kind)])
            group.setFlags(group.flags() | Qt.ItemFlag.ItemIsAutoTristate | Qt.ItemFlag.ItemIsUserCheckable)
            group.setSizeHint(0, QSize(0, _ROW))
            group.setFont(0, look.font(bold=True))
            group.setFirstColumnSpanned(True)
            for task in tasks:
                if task.kind is kind:
                    self._tasks.append((task.id, self._row(group, task)))
        self.tree.expandAll()
        if self._tasks:
            self.tree.setCurrentItem(self._tasks[0][1])
        self._filling = False
        self._count()

    @property
    def chosen(self) -> tuple[str, ...]:
        """Ids of those that are ticked."""
        return tuple(key for key, item in self._tasks if item.checkState(0) is Qt.CheckState.Checked)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Descriptions in the new palette's colour."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._filling = True
            for _, item in self._tasks:
                item.setForeground(1, look.colour("muted"))
            self._filling = False

    def _row(self, group: QTreeWidgetItem, task: Task) -> QTreeWidgetItem:
        item = QTreeWidgetItem(group, [task.title, task.description])
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(0, Qt.CheckState.Checked)
        item.setForeground(1, look.colour("muted"))
        item.setToolTip(0, task.title)
        item.setToolTip(1, task.description)
        item.setSizeHint(0, QSize(0, _ROW))
        return item

    def _tick_all(self) -> None:
        self._tick(Qt.CheckState.Checked)

    def _tick_none(self) -> None:
        self._tick(Qt.CheckState.Unchecked)

    def _tick(self, state: Qt.CheckState) -> None:
        self._filling = True
        for _, item in self._tasks:
            item.setCheckState(0, state)
        self._filling = False
        self._ticked()

    def _ticked(self) -> None:
        if not self._filling:
            self._count()
            self.changed.emit()

    def _count(self) -> None:
        self._title.setText(
            self.tr("{chosen} of {all} tasks").format(chosen=len(self.chosen), all=len(self._tasks))
        )

    def _named(self, kind: TaskKind) -> str:
        return {
            TaskKind.EXTRACT: self.tr("Find"),
            TaskKind.CHOOSE: self.tr("Choose"),
            TaskKind.LIST: self.tr("List"),
            TaskKind.SUMMARY: self.tr("Sum up"),
            TaskKind.ASK: self.tr("Your questions"),
        }[kind]

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(look.STEP)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.every)
        head.addWidget(self.none)
        self.rows.addLayout(head)
        self.rows.addWidget(self.tree, 1)
