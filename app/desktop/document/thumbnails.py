"""A list of small pages; only those in sight are drawn."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.desktop import look
from app.desktop.document.marks import cited_colour

_WIDTH, _HEIGHT = 14 * look.STEP, 15 * look.STEP
_CITED = Qt.ItemDataRole.UserRole

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class ThumbnailModel(QAbstractListModel):
    """A row for each page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._cited: frozenset[int] = frozenset()

    def reset(self, count: int) -> None:
        """Another document."""
        self.beginResetModel()
        self._count, self._cited = count, frozenset()
        self.endResetModel()

    def set_cited(self, pages: frozenset[int]) -> None:
        """Pages that citations are on."""
        self._cited = pages
        if self._count:
            self.dataChanged.emit(self.index(0), self.index(self._count - 1), [_CITED])

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        """Of pages."""
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The page's number, and whether it is cited."""
        if not index.isValid() or index.row() >= self._count:
            return None
        number = index.row() + 1
        cited = number in self._cited
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{number:,}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.tr("Page {}, cited").format(number) if cited else self.tr("Page {}").format(number)
        return cited if role == _CITED else None


class ThumbnailDelegate(QStyledItemDelegate):
    """``image_of`` gives a page's small picture, or None while there is none."""

    def __init__(self, image_of: Callable[[int], QImage | None], parent: QWidget) -> None:
        super().__init__(parent)
        self._image_of = image_of

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """The same for every page."""
        return QSize(_WIDTH + 2 * look.STEP, _HEIGHT + 4 * look.STEP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The picture in its proportions, the number beneath."""
        rect = QRect(option.rect)  # type: ignore[attr-defined]
        room = QRect(rect.x() + (rect.width() - _WIDTH) // 2, rect.y() + look.STEP, _WIDTH, _HEIGHT)
        image = self._image_of(index.row() + 1)
        size = QSize(_WIDTH * 3 // 4, _HEIGHT)
        if image is not None and not image.isNull():
            size = image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        paper = QRect(
            room.x() + (room.width() - size.width()) // 2,
            room.y() + (room.height() - size.height()) // 2,
            size.width(),
            size.height(),
        )
        painter.fillRect(paper, Qt.GlobalColor.white)
        if image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(paper, image)
        current = index == self._current()
        edge = look.colour("accent" if current else "border")
        painter.setPen(QPen(edge, 2 if current else 1))
        painter.drawRect(paper.adjusted(-1, -1, 0, 0))
        if index.data(_CITED):
            painter.fillRect(
                paper.right() - look.STEP, paper.y(), look.STEP, 2 * look.STEP, cited_colour(True)
            )
        painter.setPen(look.colour("text" if current else "muted"))
        painter.setFont(look.font(-1, bold=current))
        line = QRect(rect.x(), room.bottom() + look.STEP // 2, rect.width(), 2 * look.STEP + 4)
        painter.drawText(line, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, index.data())

    def _current(self) -> QModelIndex:
        view = self.parent()
        assert isinstance(view, QListView)
        return view.currentIndex()


class Thumbnails(QListView):
    """Follows the page, and asks for one. Letters are the document's keys and go on to it."""

    page_wanted = Signal(int)
    pages_in_sight = Signal(list)

    def __init__(self, image_of: Callable[[int], QImage | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages = ThumbnailModel(self)
        self._following = False
        self.setModel(self._pages)
        self.setItemDelegate(ThumbnailDelegate(image_of, self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.setFixedWidth(_WIDTH + 5 * look.STEP)
        look.named(self, self.tr("Thumbnails"), self.tr("Go to a page"), "↑ ↓")

    def show_pages(self, count: int) -> None:
        """Another document."""
        self._pages.reset(count)
        self.show_page(1)

    def show_page(self, number: int) -> None:
        """The current one."""
        index = self._pages.index(number - 1)
        if index.isValid() and index != self.currentIndex():
            self._following = True
            self.setCurrentIndex(index)
            self._following = False

    def show_cited(self, pages: frozenset[int]) -> None:
        """Pages that citations are on."""
        self._pages.set_cited(pages)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """The arrows; letters are keys of the document and of the window."""
        if event.text() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802
        """Chosen by key or mouse."""
        super().currentChanged(current, previous)
        self.viewport().update()
        if not self._following and current.isValid():
            self.page_wanted.emit(current.row() + 1)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Say what is in sight."""
        super().paintEvent(event)
        first = self.indexAt(self.viewport().rect().topLeft())
        if first.isValid():
            step = self.sizeHintForRow(0)
            last = min(self._pages.rowCount(), first.row() + self.viewport().height() // step + 2)
            self.pages_in_sight.emit(list(range(first.row() + 1, last + 1)))

    def hideEvent(self, event: QEvent) -> None:  # type: ignore[override]  # noqa: N802
        """Nothing is in sight."""
        super().hideEvent(event)  # type: ignore[arg-type]
        self.pages_in_sight.emit([])
