"""Which documents a question is for: the one that is looked at, those marked in the library, or all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QRadioButton, QWidget

from app.desktop import figures, look

if TYPE_CHECKING:
    from app.domain.text import Document

_NAME_WIDTH = 30 * look.STEP


class AskWhere(QWidget):
    """What cannot be read is left out of every choice."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.this = QRadioButton()
        self.selected = QRadioButton()
        self.all = QRadioButton()
        self._this = ""
        self._selected: tuple[str, ...] = ()
        self._ready = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * look.STEP)
        for button in (self.this, self.selected, self.all):
            row.addWidget(button)
            button.toggled.connect(self._toggled)
        row.addStretch(1)
        self.all.setChecked(True)
        look.named(self.this, self.tr("The document that is looked at"), key="Alt+T")
        look.named(self.selected, self.tr("The documents marked in the library"), key="Alt+S")
        look.named(self.all, self.tr("All documents of the matter that could be read"), key="Alt+A")
        self.setAccessibleName(self.tr("Documents that are asked"))

    def set_documents(
        self,
        documents: Sequence[Document],
        looked_at: Document | None,
        selected: Sequence[Document],
        fresh: bool,
    ) -> None:
        """``fresh``: several that are marked are chosen first, else the one looked at, else all.

        What was chosen stays otherwise, if it is still there.
        """
        this = looked_at.id if looked_at is not None and looked_at.state.readable else ""
        marked = tuple(document.id for document in selected if document.state.readable)
        several = marked if len(marked) > 1 else ()
        self._this, self._selected = this, several
        self._ready = sum(document.state.readable for document in documents)
        blockers = [QSignalBlocker(button) for button in (self.this, self.selected, self.all)]
        name = looked_at.name if looked_at is not None and this else ""
        self.this.setText(self.tr("&This document: {}").format(self._fitted(name)))
        self.this.setToolTip(name)
        self.this.setVisible(bool(this))
        self.selected.setText(self.tr("&Selected: {}").format(figures.count(len(several))))
        self.selected.setVisible(bool(several))
        self.all.setText(
            figures.counted(self._ready, self.tr("&All: 1 document"), self.tr("&All: {} documents"))
        )
        if fresh or self._button().isHidden():
            (self.selected if several else self.this if this else self.all).setChecked(True)
        for blocker in blockers:
            blocker.unblock()
        self.changed.emit()

    @property
    def any_ready(self) -> bool:
        """Whether there is a document to ask."""
        return self._ready > 0

    @property
    def documents(self) -> tuple[str, ...]:
        """Ids; none means all."""
        if self.this.isChecked():
            return (self._this,)
        return self._selected if self.selected.isChecked() else ()

    def _button(self) -> QRadioButton:
        return next(button for button in (self.this, self.selected, self.all) if button.isChecked())

    def _toggled(self, on: bool) -> None:
        if on:
            self.changed.emit()

    def _fitted(self, name: str) -> str:
        shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _NAME_WIDTH)
        return shown.replace("&", "&&")
