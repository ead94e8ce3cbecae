"""What failed, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from app.desktop import figures, look
from app.desktop.buttons import ActionButton
from app.desktop.panels import Notice, Panel, heading, note
from app.desktop.quiet_table import QuietTable, on_enter
from app.domain.kinds import DocumentState, OutcomeState

if TYPE_CHECKING:
    from app.domain.finding import Outcome
    from app.domain.text import Document

Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_WIDTHS = (28, 22, 40, 52)


@dataclass(frozen=True)
class Failure:
    """``key`` is a finding's id, or a document's; only findings can be tried again as they are."""

    key: str
    what: str
    where: str
    reason: str
    remedy: str
    retryable: bool


def _tr(text: str) -> str:
    return QCoreApplication.translate("FailuresView", text)


def failures_of(
    documents: Sequence[Document], outcomes: Sequence[Outcome], titles: Mapping[str, str]
) -> tuple[Failure, ...]:
    """Documents that were not read, or not whole, then findings that failed."""
    names = {document.id: document.name for document in documents}
    opened = {document.parent for document in documents}  # an archive has no text, and nothing failed
    read = [
        Failure(
            document.id, _tr("not read whole") if document.state.readable else _tr("not read"),
            document.name, document.reason or "", _remedy(document.state), False,
        )
        for document in documents
        if document.state is not DocumentState.READY and document.id not in opened
    ]  # fmt: skip
    failed = [
        Failure(
            outcome.finding.id, titles.get(outcome.finding.task, outcome.finding.task),
            names.get(outcome.finding.document, outcome.finding.document), outcome.finding.reason or "",
            _tr("Try again. If it fails again, look at Models and hardware."), True,
        )
        for outcome in outcomes
        if outcome.state is OutcomeState.FAILED or (outcome.decision is None and outcome.finding.broke)
    ]  # fmt: skip
    return (*read, *failed)


def _remedy(state: DocumentState) -> str:
    return {
        DocumentState.PARTIAL: _tr("Look at the missing pages yourself, or add a whole copy."),
        DocumentState.LOCKED: _tr("Choose it in the library and press Enter to type its password."),
        DocumentState.NO_TEXT: _tr("Look at it yourself; a better scan may help."),
        DocumentState.DAMAGED: _tr("Get the file again and add it."),
        DocumentState.TOO_LARGE: _tr("Split it and add the parts."),
        DocumentState.UNSUPPORTED: _tr("Save it as PDF or DOCX and add that."),
        DocumentState.REFUSED: _tr("Ask whoever manages Pincite here."),
    }.get(state, "")


class FailuresModel(QAbstractTableModel):
    """One row a failure."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[Failure, ...] = ()

    def show_failures(self, rows: Sequence[Failure]) -> None:
        """In the order given."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    @property
    def rows(self) -> tuple[Failure, ...]:
        """All of them."""
        return self._rows

    def rowCount(self, parent: Index = _NONE) -> int:  # noqa: N802 - Qt's name
        """Failures."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NONE) -> int:  # noqa: N802 - Qt's name
        """Document, what, reason, remedy."""
        return 0 if parent.isValid() else len(_WIDTHS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, tip and sign of a cell."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return (row.where, row.what, row.reason, row.remedy)[index.column()]
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 1:
            return look.icon("circle-alert", "bad") if row.retryable else look.icon("file-text", "warning")
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (self.tr("document"), self.tr("what"), self.tr("why"), self.tr("what to do"))[section]


class FailuresView(QWidget):
    """A table, and the whole words of the row the cursor is in."""

    retry_requested = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Problems"))
        self.model = FailuresModel()
        self.table = QuietTable()
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setAccessibleName(self.tr("What failed"))
        self.retry = ActionButton(self.tr("&Try again"), "refresh-cw", primary=True)
        look.named(self.retry, self.tr("Try the selected findings again"), key="Alt+T")
        self.retry_all = ActionButton(self.tr("Try a&ll again"), "refresh-cw")
        look.named(self.retry_all, self.tr("Try all findings that failed again"), key="Alt+L")
        self._count = look.muted(note())
        self.reason = heading("")
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.reason.setWordWrap(True)
        self.remedy = note()
        self._lay_out()
        self.table.selectionModel().selectionChanged.connect(self._selected)
        self.retry.clicked.connect(self._retry)
        self.retry_all.clicked.connect(self._retry_all)
        on_enter(self.table, self.retry.click)

    def show_failures(
        self, documents: Sequence[Document], outcomes: Sequence[Outcome], titles: Mapping[str, str]
    ) -> None:
        """Of a matter; ``titles`` names tasks by their ids."""
        rows = failures_of(documents, outcomes, titles)
        self.model.show_failures(rows)
        self._pages.setCurrentIndex(1 if rows else 0)
        self._count.setText(figures.counted(len(rows), self.tr("1 problem"), self.tr("{} problems")))
        self.retry_all.setEnabled(bool(self._keys()))
        self.table.selectRow(0)
        self._selected()

    def _retry(self) -> None:
        self.retry_requested.emit(self._selected_keys())

    def _retry_all(self) -> None:
        self.retry_requested.emit(self._keys())

    def _keys(self) -> list[str]:
        return [row.key for row in self.model.rows if row.retryable]

    def _selected_keys(self) -> list[str]:
        places = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.rows[place].key for place in places if self.model.rows[place].retryable]

    def _selected(self) -> None:
        self.retry.setEnabled(bool(self._selected_keys()))
        place = self.table.currentIndex().row()
        row = self.model.rows[place] if 0 <= place < len(self.model.rows) else None
        self.reason.setText(f"{row.where}: {row.reason or row.what}" if row else "")
        self.remedy.setText(row.remedy if row else "")

    def _lay_out(self) -> None:
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(*[3 * look.STEP] * 4)
        rows.setSpacing(2 * look.STEP)
        head = QHBoxLayout()
        head.setSpacing(look.STEP)
        head.addWidget(heading(self.tr("Problems"), 4))
        head.addWidget(self._count, 1)
        head.addWidget(self.retry_all)
        head.addWidget(self.retry)
        panel = Panel()
        self.table.show_model(self.model, _WIDTHS, stretched=2)
        panel.rows.addWidget(self.table, 1)
        details = Panel()
        details.rows.setSpacing(2)
        details.rows.addWidget(self.reason)
        details.rows.addWidget(self.remedy)
        rows.addLayout(head)
        rows.addWidget(panel, 1)
        rows.addWidget(details)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(
            Notice(
                "circle-check",
                self.tr("Nothing failed"),
                self.tr("Documents that cannot be read and findings that broke are listed here."),
            )
        )
        self._pages.addWidget(page)
