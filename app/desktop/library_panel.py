"""The library as a view of its own: the matter's documents, and how more of them come in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QIcon,
    QKeyEvent,
)
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.desktop import look
from app.desktop.library_details import LibraryDetails
from app.desktop.library_drop import DashedArea, DropArea, EmptyLibrary, paths_in
from app.desktop.library_list import LibraryList
from app.desktop.library_model import LibraryModel
from app.desktop.panels import note
from app.domain.kinds import OPENED_WITH_A_PASSWORD, DocumentState

if TYPE_CHECKING:
    from app.desktop.library_remarks import RepeatWords
    from app.domain.text import Document

_LIST, _EMPTY, _NO_MATCH = range(3)


class SearchField(QLineEdit):
    """Typing narrows the names; Enter asks for a search over every word; Esc clears."""

    asked = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = self.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        self.setPlaceholderText(self.tr("Find a name"))
        self.setClearButtonEnabled(True)
        self.setAcceptDrops(False)  # a file dropped here is a document, not its path as text
        self.setFixedHeight(look.STEP * 7 // 2)
        look.named(
            self,
            self.tr("Find a document"),
            self.tr("Type a part of a name; Enter searches the words of all documents"),
            "Ctrl+Shift+F",
        )
        self._dress()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102, N802
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & ~_KEYPAD:
            self.asked.emit()
        elif key == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Down):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: D102, N802
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        self._sign.setIcon(look.icon("search", "muted"))


_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class LibraryPanel(QWidget):
    """``document_chosen`` and ``password_requested`` tell an id, ``files_dropped`` paths, the others ids.

    The whole panel takes drops of files and folders.
    """

    document_chosen = Signal(str)
    files_dropped = Signal(list)
    add_requested = Signal()
    search_requested = Signal(str)
    review_requested = Signal(list)
    samples_requested = Signal()
    password_requested = Signal(str)
    reread_requested = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = LibraryModel(self)
        self.title = look.muted(QLabel())
        self.field = SearchField()
        self.list = LibraryList(self.model)
        self.empty = EmptyLibrary()
        self.details = LibraryDetails()
        self.drop = DropArea()
        self.stack = QStackedWidget()
        self._wanted: str | None = None
        self._set_up()
        self._connect()
        self._refresh()

    def set_documents(self, documents: Sequence[Document]) -> None:
        """All there are, in the order they were added."""
        self.model.set_documents(documents)
        self._restore()

    def set_queued(self, names: Sequence[str]) -> None:
        """Files that are being read in; the first is the one at which reading is."""
        self.model.set_queued(names)
        self._refresh()

    def set_reviewed(self, ids: Collection[str]) -> None:
        """Documents of which nothing is left to decide."""
        self.model.set_reviewed(ids)

    def set_repeats(self, repeats: Mapping[str, RepeatWords]) -> None:
        """What is a copy, and what repeats in it, by document."""
        self.model.set_repeats(repeats)
        self._refresh()

    def select(self, document_id: str) -> None:
        """Show this document as the one that is looked at, and tell nobody."""
        self._wanted = document_id
        self._restore()

    def focus_search(self) -> None:
        """Type what to look for."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def selected_documents(self) -> list[Document]:
        """Those marked in the list, from top to bottom."""
        rows = sorted(index.row() for index in self.list.selectedIndexes())
        held = (self.model.document_at(row) for row in rows)
        return [document for document in held if document is not None]

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: D102, N802
        if paths_in(event.mimeData()):
            self._set_hot(True)
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: D102, N802
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: D102, N802
        self._set_hot(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: D102, N802
        self._set_hot(False)
        paths = paths_in(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.files_dropped.emit(paths)

    def menu_for(self, documents: Sequence[Document]) -> QMenu:
        """What can be done with these."""
        menu = QMenu(self)
        first = documents[0]
        menu.addAction(self.tr("Open") + "\tEnter", lambda: self.document_chosen.emit(first.id))
        several = len(documents) > 1
        text = (
            self.tr("Review only these {}").format(len(documents)) if several else self.tr("Review only this")
        )
        readable = [document.id for document in documents if document.state.readable]
        review = menu.addAction(text, lambda: self.review_requested.emit(readable))
        review.setEnabled(bool(readable))
        locked = first.state is DocumentState.LOCKED
        if not several and (locked or OPENED_WITH_A_PASSWORD in first.flags):
            text = self.tr("Type its password…") + ("\tEnter" if locked else "")
            menu.addAction(text, lambda: self.password_requested.emit(first.id))
        ids = [document.id for document in documents]
        again = self.tr("Read these {} again").format(len(ids)) if several else self.tr("Read again")
        menu.addAction(again, lambda: self.reread_requested.emit(ids))
        names = "\n".join(document.name for document in documents)
        copy = self.tr("Copy names") if several else self.tr("Copy name")
        menu.addAction(copy, lambda: QGuiApplication.clipboard().setText(names))
        return menu

    def _set_up(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, look.STEP, 0, look.STEP)
        column.setSpacing(look.STEP)
        font = look.font(-1.0, bold=True)
        font.setLetterSpacing(font.SpacingType.AbsoluteSpacing, 0.6)
        self.title.setFont(font)
        self.title.setContentsMargins(look.STEP // 2, 0, 0, 0)
        nothing = note(self.tr("No name matches. Press Enter to search the words of all documents."))
        nothing.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        for page in (self.list, _inset(self.empty), _inset(nothing)):
            self.stack.addWidget(page)
        column.addWidget(_inset(self.title))
        column.addWidget(_inset(self.field))
        column.addWidget(self.stack, 1)
        column.addWidget(_inset(self.details))
        column.addWidget(_inset(self.drop))
        self.setAcceptDrops(True)
        self.setMinimumWidth(look.STEP * 26)
        self.setFocusProxy(self.list)
        self.setAccessibleName(self.tr("Library"))

    def _connect(self) -> None:
        self.field.textChanged.connect(self._filter)
        self.field.asked.connect(self._search)
        self.field.left.connect(self.list.setFocus)
        self.list.chosen.connect(self._choose)
        self.list.entered_on.connect(self._enter)
        self.list.customContextMenuRequested.connect(self._menu)
        self.drop.add_requested.connect(self.add_requested)
        self.empty.add_requested.connect(self.add_requested)
        self.empty.samples_requested.connect(self.samples_requested)

    def _choose(self) -> None:
        document = self.model.document_at(self.list.currentIndex().row())
        self._show_details()
        if document is not None:
            self._wanted = document.id
            self.document_chosen.emit(document.id)

    def _enter(self) -> None:
        document = self.model.document_at(self.list.currentIndex().row())
        if document is not None and document.state is DocumentState.LOCKED:
            self.password_requested.emit(document.id)
        else:
            self._choose()

    def _filter(self, text: str) -> None:
        self.model.set_filter(text)
        self._restore()

    def _search(self) -> None:
        if text := self.field.text().strip():
            self.search_requested.emit(text)

    def _restore(self) -> None:
        """The mark on the document that is looked at, if its name is shown."""
        row = None if self._wanted is None else self.model.row_of(self._wanted)
        if row is not None and row != self.list.currentIndex().row():
            self.list.go(row)
        self._refresh()

    def _refresh(self) -> None:
        count = len(self.model.documents)
        self.title.setText(self.tr("LIBRARY · {}").format(f"{count:,}") if count else self.tr("LIBRARY"))
        self.title.setAccessibleName(self.tr("Library, {} documents").format(count))
        empty = not count and not self.model.queued
        page = _EMPTY if empty else _LIST if self.model.rowCount() else _NO_MATCH
        self.stack.setCurrentIndex(page)
        self.field.setVisible(not empty)
        self.drop.setVisible(not empty)
        self._show_details()

    def _show_details(self) -> None:
        row = self.list.currentIndex().row()
        known = self.model.document_at(row) is not None and self.stack.currentIndex() == _LIST
        self.details.show_remarks(
            self.model.name_at(row) if known else "", self.model.remarks_at(row) if known else ()
        )

    def _set_hot(self, hot: bool) -> None:
        areas: tuple[DashedArea, ...] = (self.drop, self.empty)
        for area in areas:
            area.set_hot(hot)

    def _menu(self, at: QPoint) -> None:
        documents = self.selected_documents()
        if documents:
            menu = self.menu_for(documents)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.list.viewport().mapToGlobal(at))


def _inset(inside: QWidget) -> QWidget:
    """With a margin at both sides, hidden and shown together with what it holds."""
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(look.STEP, 0, look.STEP, 0)
    layout.addWidget(inside)
    return holder
