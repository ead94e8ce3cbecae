"""What a search over all documents of the matter found; one row a passage, best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.desktop import look

if TYPE_CHECKING:
    from app.domain.ports import SearchHit

Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_HIT = Qt.ItemDataRole.UserRole
_HEAD = Qt.ItemDataRole.UserRole + 1
_MOST_CHARACTERS = 400


class HitsModel(QAbstractListModel):
    """Rows as they were found."""

    def __init__(self) -> None:
        super().__init__()
        self._hits: tuple[SearchHit, ...] = ()
        self._names: Mapping[str, str] = {}

    def show_hits(self, hits: Sequence[SearchHit], names: Mapping[str, str]) -> None:
        """``names`` are documents' by id."""
        self.beginResetModel()
        self._hits, self._names = tuple(hits), names
        self.endResetModel()

    def rowCount(self, parent: Index = _NONE) -> int:  # noqa: N802
        """One a passage."""
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Its words, where it stands, and the hit itself."""
        if not index.isValid():
            return None
        hit = self._hits[index.row()]
        head = f"{self._names.get(hit.document, hit.document)}  ·  {self.tr('p.')} {hit.page}"
        words = " ".join(hit.text.split())[:_MOST_CHARACTERS]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{head}: {words}"
        return {Qt.ItemDataRole.DisplayRole: words, _HEAD: head, _HIT: hit}.get(role)


class _Painter(QStyledItemDelegate):
    """Place in bold, then two lines of words."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """Every row is of the same height."""
        return QSize(0, 3 * QFontMetrics(look.font()).lineSpacing() + 3 * look.STEP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """On the accent's tint where the cursor is."""
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.fillRect(option.rect, look.colour("selected"))  # type: ignore[attr-defined]
        box = option.rect.adjusted(2 * look.STEP, look.STEP, -2 * look.STEP, -look.STEP)  # type: ignore[attr-defined]
        painter.setPen(look.colour("text"))
        painter.setFont(look.font(bold=True))
        painter.drawText(box, Qt.AlignmentFlag.AlignTop, str(index.data(_HEAD)))
        painter.setFont(look.font())
        painter.setPen(look.colour("muted"))
        line = QFontMetrics(look.font()).lineSpacing()
        flags = Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(box.adjusted(0, line + 2, 0, 0), int(flags), str(index.data()))
        painter.restore()


class SearchView(QWidget):
    """Enter or a double click opens the document at the passage."""

    hit_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = HitsModel()
        self._count = QLabel()
        self._count.setFont(look.font(+2, bold=True))
        self._none = look.muted(QLabel(self.tr("No passage has these words.")))
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Painter(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setAccessibleName(self.tr("Passages that were found"))
        self.list.activated.connect(self._chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * look.STEP, 3 * look.STEP, 3 * look.STEP, 0)
        layout.setSpacing(2 * look.STEP)
        layout.addWidget(self._count)
        layout.addWidget(self._none)
        layout.addWidget(self.list, 1)

    def show_hits(self, query: str, hits: Sequence[SearchHit], names: Mapping[str, str]) -> None:
        """For the words that were searched."""
        self.model.show_hits(hits, names)
        found = self.tr("1 passage") if len(hits) == 1 else self.tr("{} passages").format(len(hits))
        self._count.setText(self.tr("{found} for “{query}”").format(found=found, query=query))
        self._none.setVisible(not hits)
        self.list.setCurrentIndex(self.model.index(0))
        self.list.setFocus()

    def _chosen(self, index: QModelIndex) -> None:
        self.hit_chosen.emit(index.data(_HIT))
