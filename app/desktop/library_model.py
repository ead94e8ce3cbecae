"""The documents of a matter, and behind them the files that are being read, as an item model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.desktop.grid_cells import plain_tip
from app.desktop.grid_changes import rectangles
from app.desktop.library_remarks import NO_REMARK, Remark, RepeatWords, has_remark, remark, remarks
from app.desktop.library_words import StateSign, inside_sign, page_count, queue_sign, spoken, state_sign, why
from app.domain.kinds import DocumentState

if TYPE_CHECKING:
    from app.domain.text import Document

AnyIndex = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class LibraryRole(IntEnum):
    """What ``data()`` gives besides Qt's own roles."""

    DOCUMENT = Qt.ItemDataRole.UserRole
    SIGN = Qt.ItemDataRole.UserRole + 1
    REVIEWED = Qt.ItemDataRole.UserRole + 2
    REMARK = Qt.ItemDataRole.UserRole + 3


class LibraryModel(QAbstractListModel):
    """Documents in the order given, those whose name matches; then the names of files that wait."""

    remarks_changed = Signal()
    """Whether ``has_remarks``."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.documents: list[Document] = []
        self.queued: list[str] = []
        self._reviewed: frozenset[str] = frozenset()
        self._wanted = ""
        self._shown: list[int] = []
        self._waiting: list[str] = []
        self._rows: dict[str, int] = {}
        self._insides: Counter[str] = Counter()
        self._repeats: Mapping[str, RepeatWords] = {}
        self.has_remarks = False
        """Whether any document has something to say below its name."""

    def set_documents(self, documents: Sequence[Document]) -> None:
        """Documents at the end are added in place, as while files are read in; anything else is a reset."""
        held = len(self.documents)
        self._insides = Counter(d.parent for d in documents if d.parent is not None)
        if [d.id for d in documents[:held]] == [d.id for d in self.documents]:
            self._renew(documents[:held])
            self._append(documents[held:])
        else:
            self.beginResetModel()
            self.documents = list(documents)
            self._show()
            self.endResetModel()
        self._look_for_remarks()

    def set_repeats(self, repeats: Mapping[str, RepeatWords]) -> None:
        """What is a copy, and what repeats in it, by document; those not named repeat nothing."""
        held, self._repeats = self._repeats, repeats
        changed = [id_ for id_ in {*held, *repeats} if held.get(id_) != repeats.get(id_)]
        for part in rectangles((self._rows[id_], 0) for id_ in changed if id_ in self._rows):
            self.dataChanged.emit(self.index(part.top), self.index(part.bottom))
        self._look_for_remarks()

    def set_queued(self, names: Sequence[str]) -> None:
        """Files that are not documents yet; the first is being read."""
        self.queued = list(names)
        wanted = [name for name in self.queued if self._wanted in name.casefold()]
        first, gone = len(self._shown), len(self._waiting) - len(wanted)
        if gone <= 0 or self._waiting[gone:] != wanted:
            gone = len(self._waiting)
        if gone:
            self.beginRemoveRows(_ROOT, first, first + gone - 1)
            del self._waiting[:gone]
            self.endRemoveRows()
        if wanted != self._waiting:
            self.beginInsertRows(_ROOT, first, first + len(wanted) - 1)
            self._waiting = wanted
            self.endInsertRows()
        elif wanted:
            self.dataChanged.emit(self.index(first), self.index(first))

    def set_reviewed(self, ids: Collection[str]) -> None:
        """Documents of which nothing is left to decide."""
        wanted = frozenset(ids)
        changed = wanted ^ self._reviewed
        self._reviewed = wanted
        for part in rectangles((self._rows[id_], 0) for id_ in changed if id_ in self._rows):
            self.dataChanged.emit(self.index(part.top), self.index(part.bottom))

    def set_filter(self, text: str) -> None:
        """Only names that hold ``text``."""
        wanted = text.strip().casefold()
        if wanted != self._wanted:
            self.beginResetModel()
            self._wanted = wanted
            self._show()
            self.endResetModel()

    def document_at(self, row: int) -> Document | None:
        """None for a file that is still waiting, and for no row (-1)."""
        return self.documents[self._shown[row]] if 0 <= row < len(self._shown) else None

    def row_of(self, document: str) -> int | None:
        """None for a document whose name does not match, or that is not there."""
        return self._rows.get(document)

    def name_at(self, row: int) -> str:
        """A document's or a waiting file's."""
        document = self.document_at(row)
        return self._waiting[row - len(self._shown)] if document is None else document.name

    def sign_at(self, row: int) -> StateSign:
        """How the state is shown; a whole document is told by its pages."""
        document = self.document_at(row)
        if document is None:
            return queue_sign(reading=row == len(self._shown) and self._reads_first())
        insides = self._insides[document.id]
        if insides and not document.state.readable:
            return inside_sign(insides)
        sign = state_sign(document.state)
        whole = document.state is DocumentState.READY
        return sign._replace(word=page_count(document.pages)) if whole else sign

    def remark_at(self, row: int) -> Remark:
        """What stands below the name."""
        document = self.document_at(row)
        if document is None or not has_remark(document, self._repeats.get(document.id)):
            return NO_REMARK
        return remark(document, self._words_of(document), self._holds_files(document))

    def remarks_at(self, row: int) -> Sequence[str]:
        """The same one by one."""
        document = self.document_at(row)
        if document is None:
            return ()
        return remarks(document, self._words_of(document), self._holds_files(document))

    def lies_inside(self, row: int) -> bool:
        """Whether it came out of another document, as an attachment or a member of an archive."""
        document = self.document_at(row)
        return document is not None and document.parent is not None

    def reviewed_at(self, row: int) -> bool:
        """Whether nothing is left to decide."""
        document = self.document_at(row)
        return document is not None and document.id in self._reviewed

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:  # noqa: D102, N802
        return 0 if parent.isValid() else len(self._shown) + len(self._waiting)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: D102
        if not index.isValid():
            return None
        row = index.row()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.name_at(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            document = self.document_at(row)
            said = [self.sign_at(row).word] if document is None else self.remarks_at(row) or [why(document)]
            return plain_tip(self.name_at(row), *said)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row)
        if role == LibraryRole.DOCUMENT:
            return self.document_at(row)
        if role == LibraryRole.SIGN:
            return self.sign_at(row)
        if role == LibraryRole.REMARK:
            return self.remark_at(row)
        return self.reviewed_at(row) if role == LibraryRole.REVIEWED else None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:  # noqa: D102
        waits = index.isValid() and self.document_at(index.row()) is None
        return Qt.ItemFlag.ItemNeverHasChildren if waits else super().flags(index)

    def _spoken(self, row: int) -> str:
        document = self.document_at(row)
        if document is None:
            return f"{self.name_at(row)}, {self.sign_at(row).word}"
        return ", ".join([spoken(document, self.reviewed_at(row)), *filter(None, self._words_of(document))])

    def _words_of(self, document: Document) -> RepeatWords:
        return self._repeats.get(document.id, RepeatWords())

    def _holds_files(self, document: Document) -> bool:
        return bool(self._insides[document.id]) and not document.state.readable

    def _look_for_remarks(self) -> None:
        held, repeats = self.has_remarks, self._repeats
        self.has_remarks = any(has_remark(one, repeats.get(one.id)) for one in self.documents)
        if held is not self.has_remarks:
            self.remarks_changed.emit()

    def _reads_first(self) -> bool:
        """Whether the first name that is shown is the one being read, and not a later one that matches."""
        return bool(self.queued) and self._waiting[:1] == self.queued[:1]

    def _renew(self, documents: Sequence[Document]) -> None:
        for place, document in enumerate(documents):
            held = self.documents[place]
            if document is not held and document != held:
                self.documents[place] = document
                if (row := self._rows.get(document.id)) is not None:
                    self.dataChanged.emit(self.index(row), self.index(row))

    def _append(self, documents: Sequence[Document]) -> None:
        first = len(self.documents)
        self.documents.extend(documents)
        added = [first + at for at, d in enumerate(documents) if self._wanted in d.name.casefold()]
        if added:
            row = len(self._shown)
            self.beginInsertRows(_ROOT, row, row + len(added) - 1)
            self._shown.extend(added)
            self._rows.update({self.documents[place].id: row + at for at, place in enumerate(added)})
            self.endInsertRows()

    def _show(self) -> None:
        wanted = self._wanted
        self._shown = [at for at, d in enumerate(self.documents) if wanted in d.name.casefold()]
        self._rows = {self.documents[place].id: row for row, place in enumerate(self._shown)}
        self._waiting = [name for name in self.queued if wanted in name.casefold()]
