"""Asked before decisions are carried to copies: all of them, each with what it is and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.desktop import look
from app.desktop.bulk_dialog import BulkTable
from app.desktop.buttons import ActionButton
from app.desktop.carry_model import CarryLine, CarryModel
from app.desktop.panels import heading, note, plain
from app.desktop.slots import only
from app.domain.kinds import DecisionKind

_WIDTH, _HEIGHT = 124 * look.STEP, 66 * look.STEP
_WIDTHS = (28, 20, 28, 30, 28)
_MOST_QUOTE = 400
_QUOTE_LINES = 3


class CarryDialog(QDialog):
    """Accepted if the analyst wants those that are ``chosen`` recorded, and rejected to go back."""

    def __init__(self, lines: Sequence[CarryLine], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Carry decisions to copies"))
        self.resize(_WIDTH, _HEIGHT)
        self.model = CarryModel(lines, self)
        self.table = BulkTable(self.model, _WIDTHS)
        look.named(self.table, self.tr("Decisions to carry"), key=self.tr("Space unticks"))
        self.title = heading("", 2)
        self.kinds = note()
        self.value = heading("")
        self.quote = plain()
        self.carry = ActionButton("", "check", primary=True)
        self.back = ActionButton(self.tr("&Go back"))
        self._lay_out()
        self._connect()
        self._count()
        self.table.selectRow(0)
        self.table.setFocus()

    @property
    def chosen(self) -> tuple[CarryLine, ...]:
        """Those that are ticked."""
        ticked = set(self.model.ticked)
        lines = (line for line in self.model.lines if line.finding.id in ticked)
        return tuple(line for line in lines if isinstance(line, CarryLine))

    def _connect(self) -> None:
        self.carry.clicked.connect(self.accept)
        self.carry.setDefault(True)
        self.back.clicked.connect(self.reject)
        look.named(self.back, self.tr("Go back"), self.tr("Carry nothing and go back"), "Esc")
        self.model.ticked_changed.connect(self._count)
        self.table.selectionModel().currentRowChanged.connect(only(self._show_words))

    def _count(self) -> None:
        count, documents = self.model.count, self.model.documents
        to = self.tr("1 copy") if documents == 1 else self.tr("{} copies").format(f"{documents:,}")
        self.title.setText(
            self.tr("Carry this decision to {}?").format(to)
            if count == 1
            else self.tr("Carry these {} decisions to {}?").format(f"{count:,}", to)
        )
        self.carry.setText(self.tr("&Carry {}").format(f"{count:,}"))
        self.carry.setEnabled(count > 0)
        look.named(self.carry, self.tr("Carry {} decisions").format(f"{count:,}"), key="Enter")
        self.carry.updateGeometry()
        self.kinds.setText(self._by_kind())

    def _by_kind(self) -> str:
        kinds = [line.decision.kind for line in self.chosen]
        parts = (
            (kinds.count(DecisionKind.ACCEPT), self.tr("accepted")),
            (kinds.count(DecisionKind.EDIT), self.tr("edited")),
            (kinds.count(DecisionKind.REJECT), self.tr("rejected")),
        )
        counted = ", ".join(f"{count:,} {word}" for count, word in parts if count)
        return self.tr("The same words were decided on another document: {}.").format(counted or "0")

    def _show_words(self) -> None:
        """The row one is at, with as many of its words as there is room for."""
        row = self.table.currentIndex().row()
        if row < 0:
            return
        line = self.model.lines[row]
        assert isinstance(line, CarryLine)
        self.value.setText(f"{line.task} · {line.said} · {line.decision.note}")
        quote = line.quote
        if len(quote) > _MOST_QUOTE:
            quote = quote[: _MOST_QUOTE - 1].rsplit(" ", 1)[0] + "…"
        self.quote.setText(f"“{quote}”" if quote else "")

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(*[2 * look.STEP] * 4)
        rows.setSpacing(look.STEP)
        for widget in (self.title, self.kinds):
            rows.addWidget(widget)
        rows.addWidget(self.table, 1)
        for label in (self.value, self.quote):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            rows.addWidget(label)
        self.quote.setFixedHeight(_QUOTE_LINES * self.quote.fontMetrics().lineSpacing())
        self.quote.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        below = QHBoxLayout()
        below.setSpacing(look.STEP)
        below.addWidget(note(self.tr("Space unticks a row. One undo takes all of it back.")), 1)
        below.addWidget(self.back)
        below.addWidget(self.carry)
        rows.addLayout(below)
