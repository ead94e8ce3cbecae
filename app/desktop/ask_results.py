"""What became of a question: nothing yet, on its way, its answers, or why there are none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from app.desktop import look
from app.desktop.ask_answers import AnswersList
from app.desktop.document.eliding_label import ElidingLabel
from app.desktop.panels import Notice, Panel, note
from app.domain.kinds import FindingStatus

if TYPE_CHECKING:
    from app.domain.finding import Outcome
    from app.domain.work import Progress

_SHARE_WIDTH = 14 * look.STEP


class AskResults(QWidget):
    """Over the answers: the question they are to, how many of which kind, and how far it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = AnswersList()
        self.asked = ElidingLabel()
        self.asked.setFont(look.font(1, bold=True))
        self.counts = note()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(_SHARE_WIDTH, look.STEP)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.done = look.muted(QLabel())
        self.before = Notice(
            "search",
            self.tr("Ask anything of these documents"),
            self.tr(
                "Every answer comes with the words it rests on; where a document says nothing, so is said."
            ),
        )
        self.waiting = Notice("hourglass", self.tr("Looking for an answer"), "")
        self.failed = Notice("circle-alert", "", "")
        self.stack = QStackedWidget()
        self._ended = True
        self._lay_out()
        self.forget()

    def forget(self) -> None:
        """Nothing was asked."""
        self._ended = True
        self.list.show_answers((), {})
        self.asked.setText("")
        self._head.hide()
        self.stack.setCurrentWidget(self.before)

    def begin(self, question: str) -> None:
        """Its answers are on their way."""
        self._ended = False
        self.list.show_answers((), {})
        self.asked.setText(question)
        self.counts.setText("")
        self.counts.hide()
        self.bar.setRange(0, 0)
        self.done.setText("")
        self.bar.show()
        self.done.show()
        self._head.show()
        self.stack.setCurrentWidget(self.waiting)

    def show_progress(self, progress: Progress) -> None:
        """How many documents are done; a moving bar while that is not known."""
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        self.done.setText(self._told(progress))

    def show_answers(self, answers: Sequence[Outcome], names: Mapping[str, str]) -> None:
        """In this order; ``names`` are documents' by id."""
        self.list.show_answers(answers, names)
        if answers:
            self.counts.setText(self._counted(answers))
            self.counts.show()
            self.stack.setCurrentWidget(self.list_panel)

    def end(self, told: str, hint: str) -> None:
        """``told`` says why there are not all answers, ``hint`` what to do; both empty: they are all here."""
        self._ended = True
        self.bar.hide()
        self.done.hide()
        answers = self.list.answers.answers
        if answers:
            parts = (self._counted(answers), told, hint)
            self.counts.setText(" ".join(part for part in parts if part))
        else:
            self.failed.title.setText(told or self.tr("There is no answer"))
            self.failed.text.setText(hint or self.tr("No document could be asked. See Problems, Ctrl+3."))
            self.stack.setCurrentWidget(self.failed)

    def _counted(self, answers: Sequence[Outcome]) -> str:
        count = Counter(answer.finding.status for answer in answers)
        parts = [
            text.format(f"{count[status]:,}")
            for status, text in (
                (FindingStatus.FOUND, self.tr("{} found")),
                (FindingStatus.ABSTAINED, self.tr("{} not sure")),
                (FindingStatus.FAILED, self.tr("{} failed")),
                (FindingStatus.ABSENT, self.tr("{} absent")),
            )
            if count[status]
        ]
        counted = ", ".join(parts) + "."
        if self._ended and not count[FindingStatus.FOUND]:
            return self.tr(
                "Nothing was found: {} Ask it in other words, or search with Ctrl+Shift+F."
            ).format(counted)
        return counted

    def _told(self, progress: Progress) -> str:
        what = {
            "checking the model": self.tr("checking the model"),
            "indexing": self.tr("documents indexed"),
            "reviewing": self.tr("documents asked"),
        }.get(progress.what, progress.what)
        if not progress.total:
            return what
        return self.tr("{done} of {total} {what}").format(
            done=f"{progress.done:,}", total=f"{progress.total:,}", what=what
        )

    def _lay_out(self) -> None:
        self._head = QWidget()
        head = QVBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(2)
        line = QHBoxLayout()
        line.setSpacing(look.STEP)
        line.addWidget(self.asked, 1)
        line.addWidget(self.done)
        line.addWidget(self.bar)
        head.addLayout(line)
        head.addWidget(self.counts)
        self.list_panel = Panel()
        self.list_panel.rows.setContentsMargins(1, look.STEP // 2, 1, look.STEP // 2)
        self.list_panel.rows.addWidget(self.list)
        self.list_panel.setFrameShape(QFrame.Shape.NoFrame)
        for page in (self.before, self.waiting, self.failed, self.list_panel):
            self.stack.addWidget(page)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(look.STEP)
        rows.addWidget(self._head)
        rows.addWidget(self.stack, 1)
