"""Answers to a question, one row a document: the value, how sure it is, and the words it rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.desktop import look, words
from app.desktop.grid_cells import cell_state, value_text
from app.desktop.grid_look import EDGE, GridLook
from app.domain.kinds import FindingStatus

if TYPE_CHECKING:
    from app.domain.finding import Finding, Outcome
    from app.wiring.questions import Quoted

Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_LINES = 2
_MOST_BEFORE = 80
_MOST_QUOTE = 400
_INSET = look.STEP // 2
_RADIUS = 4.0
_LOOKS = (
    QEvent.Type.PaletteChange,
    QEvent.Type.FontChange,
    QEvent.Type.StyleChange,
    QEvent.Type.DevicePixelRatioChange,
)


class AnswersModel(QAbstractListModel):
    """Rows in the order given. ``sentence_wanted``: the words around a finding's quote are to be shown."""

    sentence_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.answers: tuple[Outcome, ...] = ()
        self._names: Mapping[str, str] = {}
        self._sentences: dict[str, Quoted | None] = {}

    def show_answers(self, answers: Sequence[Outcome], names: Mapping[str, str]) -> None:
        """``names`` are documents' by id."""
        self.beginResetModel()
        self.answers, self._names = tuple(answers), names
        self.endResetModel()

    def show_sentence(self, finding: str, sentence: Quoted) -> None:
        """What ``sentence_wanted`` asked for, by the finding's id."""
        self._sentences[finding] = sentence
        for row, answer in enumerate(self.answers):
            if answer.finding.id == finding:
                self.dataChanged.emit(self.index(row), self.index(row))

    def row_of(self, document: str) -> int | None:
        """None for a document that has no answer here."""
        held = (row for row, answer in enumerate(self.answers) if answer.finding.document == document)
        return next(held, None)

    def rowCount(self, parent: Index = _NONE) -> int:  # noqa: N802 - Qt's name
        """One an answer."""
        return 0 if parent.isValid() else len(self.answers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Its value, and all of it for a screen reader; painters read the rows."""
        if not index.isValid():
            return None
        row = index.row()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.headline(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = (self.headline(row), self.sureness(row), self.place(row), self.quote(row)[0])
            return ", ".join(part for part in parts if part)
        return None

    def headline(self, row: int) -> str:
        """The value, edited or as found, else what there is in its place."""
        answer = self.answers[row]
        held = value_text(answer) or words.headline(answer.finding)
        return " ".join(held.split())

    def sureness(self, row: int) -> str:
        """In words; empty for what was not found."""
        finding = self.answers[row].finding
        return words.confidence(finding) if finding.status is FindingStatus.FOUND else ""

    def place(self, row: int) -> str:
        """Document, page, and what was decided."""
        answer = self.answers[row]
        finding = answer.finding
        parts = [self._names.get(finding.document, finding.document)]
        if finding.citations:
            parts.append(self.tr("p. {}").format(finding.citations[0].page))
        if answer.decision is not None:
            parts.append(words.state(answer.state))
        return " · ".join(parts)

    def quote(self, row: int) -> tuple[str, int, int]:
        """The words in their sentence, and where in that what matters begins and ends.

        That is the cited words, or the value where they are the whole sentence. Without words: why.
        """
        answer = self.answers[row]
        finding = answer.finding
        if not finding.citations:
            return words.explanation(finding), 0, 0
        sentence = self._sentence(finding)
        if sentence is None:
            return f"“{' '.join(finding.citations[0].quote.split())[:_MOST_QUOTE]}”", 0, 0
        before, after = sentence.before.lstrip(), sentence.after.rstrip()
        whole = f"{before}{sentence.words}{after}"
        start, end = len(before), len(before) + len(sentence.words)
        if end - start == len(whole):
            start, end = _inside(whole, finding.display)
        left_out = 0
        if start > _MOST_BEFORE:
            left_out = whole.find(" ", start - _MOST_BEFORE, start) + 1
        opening = "“…" if left_out else "“"
        shown = f"{opening}{whole[left_out : start + _MOST_QUOTE]}”"
        return shown, start - left_out + len(opening), end - left_out + len(opening)

    def _sentence(self, finding: Finding) -> Quoted | None:
        if finding.id not in self._sentences:
            self._sentences[finding.id] = None
            self.sentence_wanted.emit(finding)
        return self._sentences[finding.id]


class AnswersList(QListView):
    """``chosen`` and ``opened`` tell a document: arrows choose, Enter or a double click opens."""

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.answers = AnswersModel()
        self._quiet = False
        self._rows = _AnswerPainter(self)
        self.setModel(self.answers)
        self.setItemDelegate(self._rows)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        look.named(self, self.tr("Answers"), self.tr("Answers; Enter opens one in its document"))
        self.doubleClicked.connect(self._open)

    def show_answers(self, answers: Sequence[Outcome], names: Mapping[str, str]) -> None:
        """In this order; the cursor stays on its document and nobody is told."""
        held, scrolled = self.current_document(), self.verticalScrollBar().value()
        self._quiet = True
        self.answers.show_answers(answers, names)
        row = None if held is None else self.answers.row_of(held)
        if row is not None:
            self.setCurrentIndex(self.answers.index(row))
        self.verticalScrollBar().setValue(scrolled)
        self._quiet = False

    def choose_first(self) -> None:
        """As a person would."""
        self.setFocus()
        self.setCurrentIndex(self.answers.index(0))

    def current_document(self) -> str | None:
        """That of the answer the cursor is on."""
        row = self.currentIndex().row()
        return self.answers.answers[row].finding.document if row >= 0 else None

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802 - Qt's name
        """Tells of it."""
        super().currentChanged(current, previous)
        document = self.current_document()
        if document is not None and not self._quiet:
            self.chosen.emit(document)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter opens."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:  # noqa: N802 - Qt's name
        """Letters are keys of the dialog."""

    def event(self, event: QEvent) -> bool:
        """Painted anew in another look."""
        if event.type() in _LOOKS:
            self._rows.forget_look()
            self.viewport().update()
        return super().event(event)

    def _open(self) -> None:
        document = self.current_document()
        if document is not None:
            self.opened.emit(document)


class _AnswerPainter(QStyledItemDelegate):
    """Shape, value and confidence; document and page; the quote in its sentence, its words in bold."""

    def __init__(self, view: AnswersList) -> None:
        super().__init__(view)
        self._view = view
        self._look: GridLook | None = None

    def forget_look(self) -> None:
        """The palette, the font or the screen changed."""
        self._look = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        """Every row is of the same height."""
        return QSize(0, (2 + _LINES) * self._spacing() + 3 * look.STEP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """From the model's rows."""
        held = self._look = self._look or GridLook(self._view.font(), self._view.devicePixelRatioF())
        model, row = self._view.answers, index.row()
        place: QRect = option.rect  # type: ignore[attr-defined]
        painter.save()
        self._paint_ground(painter, held, place, option)
        shape = held.shapes[cell_state(model.answers[row])]
        box = place.adjusted(look.STEP + _INSET, look.STEP, -2 * look.STEP, -look.STEP)
        line = self._spacing()
        if shape is not None:
            painter.drawPixmap(box.left(), box.top() + (line - EDGE) // 2, shape)
        box.setLeft(box.left() + EDGE + look.STEP)
        right = self._paint_sureness(painter, box, model.sureness(row))
        bold = look.font(bold=True)
        head = QRect(box.left(), box.top(), right - box.left(), line)
        found = model.answers[row].finding.status is FindingStatus.FOUND
        painter.setPen(held.text if found else held.muted)
        self._paint_line(painter, head, model.headline(row), bold, Qt.TextElideMode.ElideRight)
        painter.setPen(held.muted)
        below = QRect(box.left(), box.top() + line + 2, box.width(), line)
        self._paint_line(painter, below, model.place(row), look.font(), Qt.TextElideMode.ElideMiddle)
        rest = QRectF(box.left(), below.bottom() + 3, box.width(), _LINES * line)
        painter.setPen(held.text if found else held.muted)
        self._paint_quote(painter, rest, *model.quote(row))
        painter.restore()

    def _spacing(self) -> int:
        return QFontMetrics(look.font()).lineSpacing()

    def _paint_ground(
        self, painter: QPainter, held: GridLook, place: QRect, option: QStyleOptionViewItem
    ) -> None:
        state = option.state  # type: ignore[attr-defined]
        if state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(held.accent if self._view.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(held.selected)
            inner = QRectF(place).adjusted(_INSET + 0.5, 1.5, -_INSET - 0.5, -1.5)
            painter.drawRoundedRect(inner, _RADIUS, _RADIUS)
        else:
            painter.setPen(held.border)
            painter.drawLine(
                place.left() + look.STEP, place.bottom(), place.right() - look.STEP, place.bottom()
            )

    def _paint_sureness(self, painter: QPainter, box: QRect, word: str) -> int:
        """A chip at the right; where the line before it ends."""
        if not word:
            return box.right()
        font = look.font(-1, bold=True)
        metrics = QFontMetrics(font)
        wide, high = metrics.horizontalAdvance(word) + 2 * look.STEP, metrics.height() + 4
        chip = QRectF(box.right() - wide, box.top(), wide, high)
        tone = "good" if word == words.tr("sure") else "warning"
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour(f"{tone}_ground"))
        painter.drawRoundedRect(chip, high / 2, high / 2)
        painter.setPen(look.colour(tone))
        painter.setFont(font)
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, word)
        return round(chip.left()) - look.STEP

    def _paint_line(
        self, painter: QPainter, box: QRect, text: str, font: QFont, mode: Qt.TextElideMode
    ) -> None:
        painter.setFont(font)
        shown = QFontMetrics(font).elidedText(text, mode, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def _paint_quote(self, painter: QPainter, box: QRectF, text: str, start: int, end: int) -> None:
        """As many lines as there is room for, the words from ``start`` to ``end`` in bold."""
        layout = QTextLayout(text, look.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        strong = QTextLayout.FormatRange()
        strong.start = _units(text[:start])  # type: ignore[attr-defined]
        strong.length = _units(text[start:end])  # type: ignore[attr-defined]
        weight = QTextCharFormat()
        weight.setFontWeight(QFont.Weight.Bold)
        strong.format = weight  # type: ignore[attr-defined]
        layout.setFormats([strong])
        fits = self._fits(layout, box.width())
        if fits < _units(text):
            held = text.encode("utf-16-le")[: 2 * (fits - 2)].decode("utf-16-le", "ignore")
            self._paint_quote(painter, box, held.rpartition(" ")[0] + " …", start, end)
            return
        layout.draw(painter, box.topLeft())

    def _fits(self, layout: QTextLayout, width: float) -> int:
        """Lay lines out; how much of the text (in UTF-16 units, as Qt counts) they hold."""
        held = 0
        layout.beginLayout()
        for place in range(_LINES):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(width)
            line.setPosition(QPointF(0, place * self._spacing()))
            held = line.textStart() + line.textLength()
        layout.endLayout()
        return held


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _inside(whole: str, value: str) -> tuple[int, int]:
    """Where a value stands in a sentence; nowhere if it is most of it, for then it says nothing new."""
    found = re.search(re.escape(value), whole, re.IGNORECASE) if value else None
    return found.span() if found is not None and 2 * len(value) < len(whole) else (0, 0)
