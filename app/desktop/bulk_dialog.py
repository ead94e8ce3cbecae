"""Asked before several findings are accepted at once: all of them, each with its value and its words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStyleOptionViewItem, QVBoxLayout, QWidget

from app.desktop import look
from app.desktop.bulk_model import QUOTE, BulkLine, BulkModel
from app.desktop.buttons import ActionButton
from app.desktop.panels import TintedLabel, heading, note, plain
from app.desktop.quiet_table import QuietDelegate, QuietTable
from app.desktop.slots import only

_WIDTH, _HEIGHT = 124 * look.STEP, 66 * look.STEP
_WIDTHS = (30, 22, 26, 40, 18)
"""In characters."""
_MOST_QUOTE = 400
_QUOTE_LINES = 4


class BoxDelegate(QuietDelegate):
    """Boxes that can be seen in the dark: Fusion draws them in a darker tone of the window."""

    def initStyleOption(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """As ``Outlines`` does it for controls."""
        super().initStyleOption(option, index)
        if look.is_dark():
            option.palette.setColor(QPalette.ColorRole.Window, look.colour("muted"))


class BulkTable(QuietTable):
    """Space unticks the row, or ticks it again."""

    def __init__(self, rows: BulkModel, widths: tuple[int, ...] = _WIDTHS) -> None:
        """``widths`` of the columns, in characters."""
        super().__init__()
        self._rows = rows
        self.setItemDelegate(BoxDelegate(self))
        self.show_model(rows, widths, QUOTE)
        look.named(self, self.tr("Findings to accept"), key=self.tr("Space unticks"))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """The ticks; other characters, Enter and Escape too, are the dialog's."""
        if event.text() == " " and self.currentIndex().isValid():
            self._rows.turn(self.currentIndex().row())
        elif event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)


class BulkDialog(QDialog):
    """Accepted if the analyst wants those that are ``chosen`` accepted, and rejected to go back.

    ``left_out`` says in words how many of what cannot be accepted.
    """

    def __init__(self, lines: Sequence[BulkLine], left_out: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Accept several findings"))
        self.resize(_WIDTH, _HEIGHT)
        self.model = BulkModel(lines, self)
        self.table = BulkTable(self.model)
        self.title = heading("", 2)
        self.left_out = note(self.tr("Left out: {}.").format(left_out) if left_out else "")
        self.left_out.setVisible(bool(left_out))
        self.unseen = note()
        self.unseen.setForegroundRole(QPalette.ColorRole.Text)
        self._sign = TintedLabel("circle-dashed", "warning")
        self.value = heading("")
        self.quote = plain()
        self.accept_all = ActionButton("", "check", primary=True)
        self.back = ActionButton(self.tr("&Go back"))
        self._lay_out()
        self._connect()
        self._count()
        self.table.selectRow(0)
        self.table.setFocus()

    @property
    def chosen(self) -> tuple[str, ...]:
        """Ids of the findings that are ticked."""
        return self.model.ticked

    def _connect(self) -> None:
        self.accept_all.clicked.connect(self.accept)
        self.accept_all.setDefault(True)
        self.back.clicked.connect(self.reject)
        look.named(self.back, self.tr("Go back"), self.tr("Accept nothing and go back"), "Esc")
        self.model.ticked_changed.connect(self._count)
        self.table.selectionModel().currentRowChanged.connect(only(self._show_words))

    def _count(self) -> None:
        count, unseen = self.model.count, self.model.unseen
        self.title.setText(
            self.tr("Accept this finding?")
            if count == 1
            else self.tr("Accept these {} findings?").format(f"{count:,}")
        )
        self.accept_all.setText(self.tr("&Accept {}").format(f"{count:,}"))
        self.accept_all.setEnabled(count > 0)
        look.named(self.accept_all, self.tr("Accept {} findings").format(f"{count:,}"), key="Enter")
        self.accept_all.updateGeometry()
        self.unseen.setText(self._unseen_words(unseen, count))
        for part in (self._sign, self.unseen):
            part.setVisible(unseen > 0)

    def _unseen_words(self, unseen: int, count: int) -> str:
        if unseen == count:
            return self.tr("None of them was looked at since Pincite was started.")
        if unseen == 1:
            return self.tr("One of them was not looked at since Pincite was started.")
        return self.tr("{} of them were not looked at since Pincite was started.").format(f"{unseen:,}")

    def _show_words(self) -> None:
        """The row one is at, with as many of its words as there is room for."""
        row = self.table.currentIndex().row()
        if row >= 0:
            line = self.model.lines[row]
            self.value.setText(f"{line.task}: {line.finding.display}")
            self.quote.setText(f"“{_shortened(line.quote)}”")

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(*[2 * look.STEP] * 4)
        rows.setSpacing(look.STEP)
        rows.addWidget(self.title)
        rows.addLayout(self._warning())
        rows.addWidget(self.left_out)
        rows.addWidget(self.table, 1)
        for label in (self.value, self.quote):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        lines = self.quote.fontMetrics().lineSpacing()
        self.quote.setFixedHeight(_QUOTE_LINES * lines)
        self.quote.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        rows.addWidget(self.value)
        rows.addWidget(self.quote)
        below = QHBoxLayout()
        below.setSpacing(look.STEP)
        below.addWidget(note(self.tr("Space unticks a row. One undo takes all of it back.")), 1)
        below.addWidget(self.back)
        below.addWidget(self.accept_all)
        rows.addLayout(below)

    def _warning(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(look.STEP)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.unseen, 1)
        return row


def _shortened(quote: str) -> str:
    if len(quote) <= _MOST_QUOTE:
        return quote
    return quote[: _MOST_QUOTE - 1].rsplit(" ", 1)[0] + "…"
