"""The card under the document: what was found, how sure it is, the words it rests on, and the decision."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desktop import look, words
from app.desktop.buttons import ActionButton
from app.desktop.chip import Chip
from app.desktop.document.eliding_label import ElidingLabel
from app.desktop.hard_words import HardWords
from app.desktop.listed_items import ListedItems
from app.desktop.slots import only
from app.domain.kinds import DecisionKind, FindingStatus, OutcomeState
from app.domain.listing import cited_items
from app.domain.summary import sentences_of

if TYPE_CHECKING:
    from app.domain.finding import Decision, Finding, Outcome

_MOST_QUOTE = 400
_TONES = {
    OutcomeState.ACCEPTED: "good",
    OutcomeState.EDITED: "good",
    OutcomeState.REJECTED: "bad",
    OutcomeState.ABSTAINED: "warning",
    OutcomeState.FAILED: "bad",
}


class FindingCard(QFrame):
    """Signals carry what the analyst wants; ``left``: the keys belong to the grid again.

    ``cited``: the citation of an item of a list is to be shown, counted from 0.
    """

    accepted = Signal()
    edited = Signal(str)
    rejected = Signal()
    undone = Signal()
    left = Signal()
    cited = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outcome: Outcome | None = None
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._value = ElidingLabel()
        self._value.setFont(look.font(+2, bold=True))
        self._confidence, self._state = Chip(), Chip()
        self._task = look.muted(QLabel())
        self._quote = QLabel()
        self._quote.setWordWrap(True)
        self._quote.setTextFormat(Qt.TextFormat.PlainText)
        self._quote.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._quote.setMinimumHeight(self._quote.fontMetrics().lineSpacing() * 5)
        self._quote.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.items = ListedItems()
        self.items.chosen.connect(self.cited)
        self._said = look.muted(QLabel())
        self._said.setWordWrap(True)
        self._hard = HardWords()
        self._history = look.muted(QLabel())
        self._history.setWordWrap(True)
        self._note = QLineEdit()
        self._note.setPlaceholderText(self.tr("Note, kept with the decision"))
        self._note.setClearButtonEnabled(True)
        look.named(
            self._note,
            self.tr("Note"),
            self.tr("A note that is kept with the decision; Enter goes back"),
            "M",
        )
        self._foot = QStackedWidget()
        self._foot.addWidget(self._buttons())
        self._foot.addWidget(self._editor())
        self._foot.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._lay_out()
        self.show_outcome(None, "")

    @property
    def note(self) -> str | None:
        """What was written for the next decision."""
        return self._note.text().strip() or None

    def show_history(self, history: Sequence[Decision]) -> None:
        """Every decision on the finding that is shown, oldest first."""
        self._history.setText(self._told(history))
        self._history.setVisible(bool(history))

    def show_outcome(self, outcome: Outcome | None, task: str) -> None:
        """``task`` is its title; None: no finding is looked at."""
        same = (
            outcome is not None
            and self._outcome is not None
            and outcome.finding.id == self._outcome.finding.id
        )
        self._outcome = outcome
        if not same:
            self._note.clear()
            self._hard.show_count(0)
            self._foot.setCurrentIndex(0)
        self._foot.setEnabled(outcome is not None)
        self._note.setEnabled(outcome is not None)
        if outcome is None:
            self._value.setText(self.tr("No finding chosen"))
            self._task.clear()
            self._quote.setText(self.tr("Choose a cell of the grid to see what it rests on."))
            self._show_items(None)
            self._confidence.show_word("")
            self._state.show_word("")
            self._history.clear()
            return
        self._fill(outcome, task)
        self.show_history(())

    def show_context(self, finding: str, before: str, after: str) -> None:
        """The words around a short quote; ignored if another finding is shown by now."""
        if self._outcome is None or self._outcome.finding.id != finding or self.items.isVisibleTo(self):
            return
        quote = " ".join(self._outcome.finding.citations[0].quote.split())
        parts = (html.escape(part) for part in (before, quote, after))
        self._quote.setTextFormat(Qt.TextFormat.RichText)
        self._quote.setText("…{} <b>{}</b> {}…".format(*parts))

    def show_hard_words(self, finding: str, count: int) -> None:
        """How many of the cited words were hard to read; ignored if another finding is shown by now."""
        if self._outcome is not None and self._outcome.finding.id == finding:
            self._hard.show_count(count)

    def begin_edit(self) -> None:
        """Put the value into a field."""
        if self._outcome is None:
            return
        decision = self._outcome.decision
        held = decision.value if decision and decision.value else words.editable(self._outcome.finding)
        self._field.setText(held)
        self._foot.setCurrentIndex(1)
        self._field.setFocus()
        self._field.selectAll()

    def focus_note(self) -> None:
        """Let a note be written."""
        self._note.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Escape leaves a field without a decision."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self._foot.setCurrentIndex(0)
            self.left.emit()
            return True
        return super().eventFilter(watched, event)

    def _fill(self, outcome: Outcome, task: str) -> None:
        finding, decision = outcome.finding, outcome.decision
        edited = decision.value if decision and decision.kind is DecisionKind.EDIT else None
        headline = edited or words.headline(finding)
        self._value.setText(headline)
        self._value.setToolTip(headline)
        found = finding.status is FindingStatus.FOUND
        tone = "good" if finding.confidence >= words.SURE else "warning"
        self._confidence.show_word(words.confidence(finding) if found else "", tone)
        self._state.show_word(words.state(outcome.state), _TONES.get(outcome.state, "plain"))
        pages = sorted({citation.page for citation in finding.citations})
        shown = ", ".join(map(str, pages))
        said = [task, f"{self.tr('p.')} {shown}" if pages else "", words.second_opinion(finding)]
        said.append(words.sent_to(finding))
        self._task.setText(" · ".join(filter(None, said)))
        quotes = " … ".join(" ".join(c.quote.split()) for c in finding.citations)
        if len(quotes) > _MOST_QUOTE:
            quotes = quotes[: _MOST_QUOTE - 1].rsplit(" ", 1)[0] + "…"
        self._quote.setTextFormat(Qt.TextFormat.PlainText)
        self._quote.setText(f"“{quotes}”" if quotes else words.explanation(finding))
        self._show_items(finding)
        self.setAccessibleName(f"{task}: {headline}, {words.state(outcome.state)}")
        self._undo.setEnabled(decision is not None)

    def _show_items(self, finding: Finding | None) -> None:
        """A list's items, or a summary's sentences, in the place of the quotes; below what they leave out."""
        rows = cited_items(finding) if finding is not None else ()
        self.items.show_items(rows, whole=finding is not None and bool(sentences_of(finding.value)))
        self._quote.setVisible(not rows)
        self._said.setText((finding.reason or "") if finding is not None and rows else "")
        self._said.setVisible(bool(self._said.text()))

    def _told(self, history: Sequence[Decision]) -> str:
        told: list[str] = []
        for decision in history[-3:]:
            kind = {
                DecisionKind.ACCEPT: self.tr("accepted"),
                DecisionKind.EDIT: self.tr("edited"),
                DecisionKind.REJECT: self.tr("rejected"),
            }.get(decision.kind, self.tr("undone"))
            when = decision.at.astimezone().strftime("%d %b, %H:%M")
            said = f": {decision.note}" if decision.note else ""
            told.append(f"{kind} {when}{said}")
        return " · ".join(told)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(look.STEP)
        head.addWidget(self._value, 1)
        head.addWidget(self._confidence)
        head.addWidget(self._state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * look.STEP, look.STEP, 2 * look.STEP, look.STEP + look.STEP // 2)
        layout.setSpacing(look.STEP // 2)
        layout.addLayout(head)
        layout.addWidget(self._task)
        layout.addWidget(self._quote, 1)
        layout.addWidget(self.items, 1)
        layout.addWidget(self._said)
        layout.addWidget(self._hard)
        layout.addWidget(self._history)
        layout.addWidget(self._note)
        layout.addSpacing(look.STEP // 2)
        layout.addWidget(self._foot)

    def _buttons(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(look.STEP)
        self._accept = self._button(self.tr("Accept"), "A", "check", self.accepted.emit, primary=True)
        self._edit = self._button(self.tr("Edit"), "E", "pencil", self.begin_edit)
        self._reject = self._button(self.tr("Reject"), "R", "x", self.rejected.emit)
        self._undo = self._button(self.tr("Undo"), "U", "undo-2", self.undone.emit)
        for button in (self._accept, self._edit, self._reject, self._undo):
            layout.addWidget(button)
        layout.addStretch(1)
        return row

    def _button(
        self, text: str, key: str, icon: str, wanted: Callable[[], object], primary: bool = False
    ) -> ActionButton:
        button = ActionButton(f"{text}  {key}", icon, primary)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        look.named(button, text, text, key)
        button.clicked.connect(only(wanted))
        return button

    def _editor(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        self._field = QLineEdit()
        self._field.installEventFilter(self)
        self._note.installEventFilter(self)
        self._note.returnPressed.connect(self.left)
        look.named(self._field, self.tr("The right value"), self.tr("Enter keeps it, Escape leaves it"))
        self._field.returnPressed.connect(self._keep_edit)
        keep = ActionButton(self.tr("Keep"), "check", primary=True)
        look.named(keep, self.tr("Keep the edited value"), key="Enter")
        keep.clicked.connect(self._keep_edit)
        layout.addWidget(self._field, 1)
        layout.addWidget(keep)
        return row

    def _keep_edit(self) -> None:
        value = self._field.text().strip()
        if value:
            self._foot.setCurrentIndex(0)
            self.edited.emit(value)
            self.left.emit()
