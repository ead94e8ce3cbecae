"""What others ask, as it is edited: every figure with its source, saved together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.desktop import look
from app.desktop.buttons import ActionButton
from app.desktop.outlines import Outlines
from app.desktop.panels import Panel, TintedLabel, note, plain, scrolled
from app.desktop.price_editor import figure_of

if TYPE_CHECKING:
    from app.domain.cost import Reference

_WIDTH, _HEIGHT = 96 * look.STEP, 84 * look.STEP
_FIGURE_WIDTH = 10 * look.STEP


def _tr(text: str) -> str:
    return QCoreApplication.translate("References", text)


def unit_of(reference: Reference) -> str:
    """What its figures are for: "USD a document"."""
    if reference.unit == "minute":
        return _tr("minutes a document")
    return {
        "document": _tr("{} a document"),
        "accepted": _tr("{} an accepted finding"),
        "million-characters": _tr("{} a million characters"),
    }[reference.unit].format(reference.currency)


class ReferenceRow(Panel):
    """One reference: from, to, source; under them what is wrong with them."""

    edited = Signal()

    def __init__(self, reference: Reference) -> None:
        super().__init__()
        self.reference = reference
        self.low, self.high, self.source = QLineEdit(), QLineEdit(), QLineEdit()
        self._sign = TintedLabel("circle-alert", "bad")
        self._error = QLabel()
        title = reference.title
        look.named(self.low, self.tr("{title}, from, {unit}").format(title=title, unit=unit_of(reference)))
        look.named(self.high, self.tr("{title}, to, {unit}").format(title=title, unit=unit_of(reference)))
        look.named(self.source, self.tr("Source: {}").format(title))
        self.source.setMaxLength(300)
        self.source.setPlaceholderText(self.tr("where this figure is from"))
        name = plain(title)
        name.setFont(look.font(bold=True))
        fields = QHBoxLayout()
        fields.setSpacing(look.STEP)
        for field in (self.low, self.high):
            field.setFixedWidth(_FIGURE_WIDTH)
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
        fields.addWidget(self.low)
        fields.addWidget(look.muted(QLabel(self.tr("to"))))
        fields.addWidget(self.high)
        fields.addWidget(look.muted(QLabel(unit_of(reference))))
        fields.addStretch(1)
        self.rows.addWidget(name)
        self.rows.addLayout(fields)
        self.rows.addWidget(self.source)
        said = QHBoxLayout()
        said.setSpacing(look.STEP // 2)
        said.addWidget(self._sign)
        said.addWidget(self._error, 1)
        self.rows.addLayout(said)
        for field in (self.low, self.high, self.source):
            field.textEdited.connect(self._edited)
        self.revert()

    def revert(self) -> None:
        """Back to the figures in force."""
        self.low.setText(f"{self.reference.low:g}")
        self.high.setText(f"{self.reference.high:g}")
        self.source.setText(self.reference.source)
        self.source.setCursorPosition(0)
        self._show_error()

    @property
    def changed(self) -> bool:
        """Whether it is not what is in force."""
        return self._figures_changed or self.source.text().strip() != self.reference.source.strip()

    @property
    def error(self) -> str:
        """One sentence; empty if all is well."""
        low, high = figure_of(self.low.text()), figure_of(self.high.text())
        if low is None or high is None or low != low or high != high:
            return self.tr("Write two numbers, as 0.50 and 3.")
        if low < 0:
            return self.tr("A price cannot be negative.")
        if low > high:
            return self.tr("The first figure is the lower one; swap them.")
        source = self.source.text().strip()
        if not source:
            return self.tr("Say where this figure is from.")
        if self._figures_changed and source == self.reference.source.strip():
            return self.tr("That was the source of the earlier figure; say where this one is from.")
        return ""

    def written(self) -> Reference:
        """With what was typed; only without an error."""
        if not self.changed:
            return self.reference
        low, high = figure_of(self.low.text()), figure_of(self.high.text())
        return self.reference.model_copy(
            update={"low": low, "high": high, "source": self.source.text().strip()}
        )

    @property
    def _figures_changed(self) -> bool:
        shown = (f"{self.reference.low:g}", f"{self.reference.high:g}")
        held = tuple(map(figure_of, (self.low.text(), self.high.text())))
        return held != tuple(map(figure_of, shown))

    def _edited(self) -> None:
        self._show_error()
        self.edited.emit()

    def _show_error(self) -> None:
        error = self.error
        self._error.setText(error)
        self._error.setVisible(bool(error))
        self._sign.setVisible(bool(error))
        for field in (self.low, self.high, self.source):
            field.setAccessibleDescription(error)


class ReferencesDialog(QDialog):
    """Saved all at once, and only when every figure is in order; Esc asks once before it drops any."""

    saved = Signal(object)

    def __init__(self, references: Sequence[Reference], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("What the same work costs elsewhere"))
        self.resize(_WIDTH, _HEIGHT)
        self._warned = False
        self.references = tuple(ReferenceRow(reference) for reference in references)
        self.unsaved = note(self.tr("The figures are not saved yet. Esc again closes without them."))
        self.unsaved.hide()
        self.save = ActionButton(self.tr("&Save figures"), "check", primary=True)
        look.named(self.save, self.tr("Save figures"), key="Alt+S")
        self.save.clicked.connect(self._save)
        self.undo = ActionButton(self.tr("&Undo changes"), "undo-2")
        look.named(self.undo, self.tr("Back to the figures in force"), key="Alt+U")
        self.undo.clicked.connect(self._undo)
        self.shut = ActionButton(self.tr("&Close"))
        look.named(self.shut, self.tr("Close"), key="Esc")
        self.shut.clicked.connect(self.reject)
        self._lay_out()
        Outlines(self)
        self._follow()

    def reject(self) -> None:
        """Esc: closes, but not before it was said that figures wait to be saved."""
        if self.save_waits and not self._warned:
            self._warned = True
            self.unsaved.show()
            return
        super().reject()

    @property
    def save_waits(self) -> bool:
        """Whether something is not saved."""
        return any(row.changed for row in self.references)

    def _follow(self) -> None:
        waits = self.save_waits
        self.save.setEnabled(waits and not any(row.error for row in self.references))
        self.undo.setEnabled(waits)

    def _undo(self) -> None:
        for row in self.references:
            row.revert()
        self._follow()

    def _save(self) -> None:
        self.saved.emit(tuple(row.written() for row in self.references))
        self.accept()

    def _lay_out(self) -> None:
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(*[2 * look.STEP] * 4)
        rows.setSpacing(2 * look.STEP)
        rows.addWidget(note(self.tr("None of these was measured here; each names where it was read.")))
        for row in self.references:
            rows.addWidget(row)
            row.edited.connect(self._follow)
            for field in (row.low, row.high, row.source):
                field.returnPressed.connect(self.save.click)
        rows.addStretch(1)
        below = QHBoxLayout()
        below.setContentsMargins(2 * look.STEP, 0, 2 * look.STEP, 2 * look.STEP)
        below.addWidget(self.unsaved, 1)
        below.addStretch(0)
        for button in (self.undo, self.save, self.shut):
            below.addWidget(button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(page), 1)
        outer.addLayout(below)
