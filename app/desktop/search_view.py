"""What a search over all documents of the matter found; one row a passage, best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter, QTextCharFormat, QTextLayout
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
_BOLD = Qt.ItemDataRole.UserRole + 2
_MOST_CHARACTERS = 400
_LINES = 2
_FAR, _BEFORE = 160, 60
"""A line begins so many characters before its first match where that is further in than so many."""


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

    def place(self, index: Index) -> tuple[str, int] | None:
        """Document and first code point of a row's passage."""
        if not index.isValid():
            return None
        hit = self._hits[index.row()]
        return hit.document, hit.start

    def row_of(self, place: tuple[str, int] | None) -> int:
        """Of the passage at a place; the first row for one that is not there."""
        places = [(hit.document, hit.start) for hit in self._hits]
        return places.index(place) if place in places else 0

    def rowCount(self, parent: Index = _NONE) -> int:  # noqa: N802
        """One a passage."""
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Its words, where it stands, and the hit itself."""
        if not index.isValid():
            return None
        hit = self._hits[index.row()]
        head = f"{self._names.get(hit.document, hit.document)}  ·  {self.tr('p.')} {hit.page}"
        head = f"{head}  ·  {hit.section}" if hit.section else head
        words, bold = line_of(hit)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{head}: {words}"
        return {Qt.ItemDataRole.DisplayRole: words, _HEAD: head, _HIT: hit, _BOLD: bold}.get(role)


def line_of(hit: SearchHit) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A hit's words on one line from about its first match, and the places of the matches in it."""
    places: list[int] = []
    line = ""
    for character in hit.text:  # runs of blanks are one blank
        if not character.isspace():
            line += character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
        elif line and line[-1] != " ":
            line += " "
        places.append(len(line))
    begins = [0, *places]
    spans = [(begins[m.start - hit.start], begins[m.end - hit.start]) for m in hit.matches]
    first = spans[0][0] if spans else 0
    cut = line.rfind(" ", 0, max(0, first - _BEFORE)) + 1 if first > _FAR else 0
    lead = "… " if cut else ""
    last = len(line)
    if last - cut > _MOST_CHARACTERS:
        most = cut + _MOST_CHARACTERS
        blank = line.rfind(" ", cut, most)
        last = most if blank < 0 else blank
    shown = lead + line[cut:last]
    moved = ((start - cut + len(lead), end - cut + len(lead)) for start, end in spans)
    bold = tuple((start, min(end, len(shown))) for start, end in moved if start < len(shown))
    return shown + (" …" if last < len(line) else ""), bold


class _Painter(QStyledItemDelegate):
    """Place in bold, then two lines of words, those that matched in bold."""

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
        head = QFontMetrics(look.font(bold=True)).elidedText(
            str(index.data(_HEAD)), Qt.TextElideMode.ElideRight, box.width()
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignTop, head)
        line = QFontMetrics(look.font()).lineSpacing()
        box = box.adjusted(0, line + 2, 0, 0)
        painter.setClipRect(box)
        words = _laid_out(str(index.data()), index.data(_BOLD), box.width())
        painter.setPen(look.colour("muted"))
        words.draw(painter, QPointF(box.topLeft()))
        painter.restore()


def _laid_out(text: str, bold: Sequence[tuple[int, int]], width: int) -> QTextLayout:
    """Two lines at most; the painter's pen colours what is not bold. Qt counts UTF-16 units."""
    layout = QTextLayout(text, look.font())
    strong = QTextCharFormat()
    strong.setFont(look.font(bold=True))
    strong.setForeground(look.colour("text"))
    formats: list[QTextLayout.FormatRange] = []
    for start, end in bold:
        part = QTextLayout.FormatRange()
        part.start = _units(text[:start])  # type: ignore[assignment]
        part.length = _units(text[start:end])  # type: ignore[assignment]
        part.format = strong  # type: ignore[assignment]
        formats.append(part)
    layout.setFormats(formats)
    layout.beginLayout()
    height = 0.0
    for _ in range(_LINES):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        line.setPosition(QPointF(0, height))
        height += line.height()
    layout.endLayout()
    return layout


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


class SearchView(QWidget):
    """Enter or a double click opens the document at the passage."""

    hit_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = HitsModel()
        self._query = ""
        self._found = False
        self._count = QLabel()
        self._count.setFont(look.font(+2, bold=True))
        self._state = look.muted(QLabel())
        self._state.setWordWrap(True)
        self._none = look.muted(QLabel(self.tr("Nothing was found.")))
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
        layout.addWidget(self._state)
        layout.addWidget(self._none)
        layout.addWidget(self.list, 1)

    def show_hits(self, query: str, hits: Sequence[SearchHit], names: Mapping[str, str]) -> None:
        """For the words that were searched. A cursor that was moved stays on its passage if it can."""
        moved = query == self._query and self.list.currentIndex().row() > 0
        held = self.model.place(self.list.currentIndex()) if moved else None
        self._query = query
        self.model.show_hits(hits, names)
        found = self.tr("1 passage") if len(hits) == 1 else self.tr("{} passages").format(len(hits))
        self._count.setText(self.tr("{found} for “{query}”").format(found=found, query=query))
        self._found = bool(hits)
        self.list.setCurrentIndex(self.model.index(self.model.row_of(held)))
        self.list.setFocus()

    def say(self, state: str) -> None:
        """What is still to come, or went wrong; empty for nothing."""
        self._state.setText(state)
        self._state.setVisible(bool(state))
        self._none.setVisible(not self._found and not state)

    def _chosen(self, index: QModelIndex) -> None:
        self.hit_chosen.emit(index.data(_HIT))
