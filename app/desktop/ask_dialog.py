"""A question of one's own: asked of one document, some or all, its price said first, its answers below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.desktop import figures, look
from app.desktop.ask_results import AskResults
from app.desktop.ask_where import AskWhere
from app.desktop.buttons import ActionButton
from app.desktop.outlines import Outlines
from app.desktop.panels import note
from app.desktop.slots import only

if TYPE_CHECKING:
    from app.domain.cost import Quote
    from app.domain.finding import Outcome
    from app.domain.text import Document
    from app.domain.work import Progress

_WIDTH, _HEIGHT = 84 * look.STEP, 80 * look.STEP
_QUOTE_WAITS_MILLISECONDS = 250


@dataclass(frozen=True)
class AskChoice:
    """A question and the ids of the documents it is for; none of them means all."""

    question: str
    documents: tuple[str, ...] = ()


class AskDialog(QDialog):
    """Stands beside the window's work. Signals say what a person wants; nothing is looked up here.

    ``answer_chosen`` and ``answer_opened`` tell a document, ``keep_changed`` whether the answers shown are
    to stay a column of the grid.
    """

    quote_wanted = Signal(object)
    ask_requested = Signal(object)
    stop_requested = Signal()
    answer_chosen = Signal(str)
    answer_opened = Signal(str)
    keep_changed = Signal(bool)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Ask"))
        self.resize(_WIDTH, _HEIGHT)
        self._quote: Quote | None = None
        self._shown: AskChoice | None = None
        self._busy = False
        self._running = False
        self.question = QComboBox()
        self.where = AskWhere()
        self.ask = ActionButton(self.tr("Ask"), "search", primary=True)
        self.stop = ActionButton(self.tr("Stop"), "pause")
        self.price = note()
        self.results = AskResults()
        self.keep = QCheckBox(self.tr("&Keep as a column"))
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_QUOTE_WAITS_MILLISECONDS)
        self._soon.timeout.connect(self._want_quote)
        self._name()
        self._lay_out()
        self._connect()
        Outlines(self)
        self._follow()

    def set_where(
        self,
        documents: Sequence[Document],
        looked_at: Document | None,
        selected: Sequence[Document] = (),
        fresh: bool = True,
    ) -> None:
        """All of the matter, the one that is looked at, and those that are marked in the library.

        ``fresh``: the nearest of them is chosen, whatever was before.
        """
        self.where.set_documents(documents, looked_at, selected, fresh)

    def set_recent(self, questions: Sequence[str]) -> None:
        """The last asked first; what is being written stays."""
        written = self.question.currentText()
        blocker = QSignalBlocker(self.question)
        self.question.clear()
        self.question.addItems(list(questions))
        self.question.setCurrentIndex(-1)
        self.question.setEditText(written)
        blocker.unblock()

    def present(self) -> None:
        """In front, ready to write."""
        self.show()
        self.raise_()
        self.activateWindow()
        self._focus_question()
        self._changed()

    @property
    def choice(self) -> AskChoice:
        """As it stands; the question may be blank."""
        return AskChoice(self.question.currentText().strip(), self.where.documents)

    def show_quote(self, quote: Quote, choice: AskChoice) -> None:
        """For the choice it was asked for; one that is out of date is left out."""
        if choice == self.choice and not self._soon.isActive():
            self._quote = quote
            self._follow()

    def show_no_quote(self, message: str, hint: str, choice: AskChoice) -> None:
        """Why there is none, and what to do."""
        if choice == self.choice:
            self._quote = None
            self._follow()
            self.price.setText(f"{message} {hint}")

    def set_busy(self, busy: bool) -> None:
        """Whether other long work runs, behind which a question has to wait."""
        self._busy = busy
        self._follow()

    def begin(self, question: str, kept: bool) -> None:
        """It is being answered."""
        self._running = True
        self._shown = self.choice
        self.results.begin(question)
        self._show_kept(kept)
        self._follow()

    def show_progress(self, progress: Progress) -> None:
        """While it runs."""
        self.results.show_progress(progress)

    def show_answers(self, answers: Sequence[Outcome], names: Mapping[str, str]) -> None:
        """Those there are so far, best first; ``names`` are documents' by id."""
        self.results.show_answers(answers, names)

    def end(self, told: str = "", hint: str = "") -> None:
        """No more answers will come; ``told`` says why there are not all, ``hint`` what to do."""
        self._running = False
        self.results.end(told, hint)
        self._follow()
        self._changed()
        if self.isActiveWindow() and self.results.list.answers.answers:
            self.results.list.choose_first()

    def forget(self) -> None:
        """Nothing was asked or written; as for another matter."""
        self.question.setEditText("")
        self.forget_answers()

    def forget_answers(self) -> None:
        """Nothing was asked."""
        self._running = False
        self._shown = None
        self.results.forget()
        self.keep.hide()
        self._follow()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter asks, wherever it is pressed but on an answer."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask()
        else:
            super().keyPressEvent(event)

    def _ask(self) -> None:
        if self.ask.isVisibleTo(self) and self.ask.isEnabled():
            self.ask_requested.emit(self.choice)

    def _changed(self) -> None:
        """Another question, so another quote, once the writing has stopped for a moment."""
        self._quote = None
        self._soon.stop()
        if self._stands():
            self._soon.start()
        self._follow()

    def _want_quote(self) -> None:
        if self._stands() and not self._running:
            self.quote_wanted.emit(self.choice)

    def _stands(self) -> bool:
        return bool(self.choice.question) and self.where.any_ready

    def _follow(self) -> None:
        """Buttons and the line of the price, by how things stand."""
        known = self._quote is not None and not self._quote.findings
        self.ask.setText(self.tr("Show") if known else self.tr("Ask"))
        self.ask.updateGeometry()
        self.ask.setVisible(not self._running)
        self.stop.setVisible(self._running)
        here = known and self._shown == self.choice
        self.ask.setEnabled(self._stands() and not here and (known or not self._busy))
        self.price.setText(self._price(known))

    def _price(self, known: bool) -> str:
        if not self.where.any_ready:
            return self.tr("No document is ready. Add documents first.")
        if self._running:
            return self.tr("Answers appear as they are found.")
        if not self.choice.question:
            return self.tr("What it costs is said here before you ask.")
        if known and self._shown == self.choice:
            return self.tr("The answers are below.")
        if known:
            return self.tr("Asked before: the answers are there. Press Enter to see them.")
        if self._busy:
            return self.tr("Other work is running. Ask when it is done, or pause it with Ctrl+. first.")
        if self._quote is None:
            return "…"
        quote = self._quote
        number = figures.counted(quote.findings, self.tr("1 answer"), self.tr("{} answers"))
        return " · ".join(
            (number, figures.interval(quote.cost, quote.currency), figures.about(quote.seconds))
        )

    def _show_kept(self, kept: bool) -> None:
        blocker = QSignalBlocker(self.keep)
        self.keep.setChecked(kept)
        blocker.unblock()
        self.keep.show()

    def _flip_keep(self) -> None:
        if self.keep.isVisible():
            self.keep.toggle()

    def _focus_question(self) -> None:
        self.question.setFocus(Qt.FocusReason.ShortcutFocusReason)
        line = self.question.lineEdit()
        if line is not None:
            line.selectAll()

    def _name(self) -> None:
        self.question.setEditable(True)
        self.question.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.question.setCompleter(None)  # type: ignore[arg-type]
        self.question.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        line = self.question.lineEdit()
        if line is not None:
            line.setPlaceholderText(self.tr("In words, as you would ask a colleague"))
        look.named(
            self.question,
            self.tr("Question"),
            self.tr("A question; Alt+Down shows those asked before"),
            "Ctrl+K",
        )
        look.named(self.ask, self.tr("Ask"), key="Enter")
        look.named(self.stop, self.tr("Stop; the answers so far are kept"), key="Ctrl+.")
        look.named(
            self.keep,
            self.tr("Keep as a column"),
            self.tr("Kept answers stay a column of the grid; others leave it with this window"),
            "K",
        )
        self.price.setAccessibleName(self.tr("What it costs"))
        self.keep.hide()

    def _connect(self) -> None:
        self.question.editTextChanged.connect(only(self._changed))
        self.where.changed.connect(self._changed)
        self.finished.connect(only(self.closed.emit))
        self.ask.clicked.connect(only(self._ask))
        self.stop.clicked.connect(self.stop_requested)
        self.keep.toggled.connect(self.keep_changed)
        self.results.list.chosen.connect(self.answer_chosen)
        self.results.list.opened.connect(self.answer_opened)
        for keys, wanted in (
            ("Ctrl+K", self._focus_question),
            ("Ctrl+.", self.stop_requested.emit),
            ("K", self._flip_keep),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(wanted)

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(*[2 * look.STEP] * 4)
        rows.setSpacing(look.STEP)
        first = QHBoxLayout()
        first.setSpacing(look.STEP)
        first.addWidget(self.question, 1)
        first.addWidget(self.ask)
        first.addWidget(self.stop)
        rows.addLayout(first)
        rows.addWidget(self.where)
        rows.addWidget(self.price)
        rows.addSpacing(look.STEP // 2)
        rows.addWidget(self.results, 1)
        below = QHBoxLayout()
        below.addWidget(self.keep)
        below.addStretch(1)
        below.addWidget(look.muted(QLabel(self.tr("Enter opens an answer · Esc closes"))))
        rows.addLayout(below)
