"""Asking a question of one's own: the dialog, the quote, the answers as they come, the column they make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint

from app.desktop.ask_questions import AskedQuestions

if TYPE_CHECKING:
    from app.desktop.ask_dialog import AskChoice, AskDialog
    from app.desktop.bridge import Bridge, JobEnd, Opened, Trouble
    from app.desktop.decision_flow import DecisionFlow
    from app.desktop.matter_flow import MatterFlow
    from app.desktop.window import MainWindow
    from app.domain.cost import Quote
    from app.domain.finding import Finding, Outcome
    from app.domain.text import Document
    from app.domain.work import Progress
    from app.wiring.desk import Scope


class AskFlow(QObject):
    """Answers are a column while they are kept or looked at; ``columns_changed`` is called when that changes.

    ``scope`` gives the pack and the model in force.
    """

    def __init__(
        self,
        window: MainWindow,
        bridge: Bridge,
        matters: MatterFlow,
        decisions: DecisionFlow,
        scope: Callable[[], Scope],
        columns_changed: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._matters = matters
        self._decisions = decisions
        self._scope = scope
        self._columns_changed = columns_changed
        self.questions = AskedQuestions()
        self._dialog: AskDialog | None = None
        self._task = ""
        """Of the question whose answers are shown."""
        self._documents: tuple[str, ...] = ()
        self._all_there: AskChoice | None = None
        self._quoting = False
        self._to_quote: AskChoice | None = None
        self._came_from: tuple[str, str] | None = None
        bridge.began.connect(self._began)
        bridge.progressed.connect(self._progressed)
        bridge.outcomes_changed.connect(self._answered)
        bridge.ended.connect(self._ended)
        window.closing.connect(self._leave)

    def open_matter(self, state: Opened) -> None:
        """Another matter has other questions."""
        self.questions.hold(state.questions)
        self._task, self._came_from = "", None
        if self._dialog is not None:
            self._dialog.forget()
            self._dialog.close()

    def pending(self) -> list[tuple[str, str]]:
        """Documents and the task of the question that is being asked, in the order of the work."""
        if self._bridge.job != "asking":
            return []
        return [(document, self._task) for document in self._asked_documents()]

    def show(self) -> None:
        """The dialog, over the grid, for what is looked at now."""
        if self._matters.folder is None:
            return
        dialog = self._dialog or self._make()
        fresh = not dialog.isVisible()
        if fresh:
            self._came_from = self._window.grid.current()
            dialog.move(self._window.grid.mapToGlobal(QPoint(0, 0)))
        self._fill(dialog, fresh)
        dialog.present()

    def ask(self, choice: AskChoice) -> None:
        """Show what is there already, else look for it."""
        dialog = self._dialog
        known = choice == self._all_there
        if dialog is None or (self._bridge.job and not known):
            return
        self._task = self.questions.look_at(choice.question)
        self._documents = choice.documents
        kept = self.questions.is_kept(self._task)
        dialog.begin(self.questions.text(self._task), kept)
        dialog.set_recent(self.questions.latest)
        self._columns_changed()
        if known:
            self._show_answers()
            dialog.end()
        else:
            scope = self._scope().model_copy(update={"documents": choice.documents})
            self._bridge.ask(choice.question, scope, kept)
            self._show_answers()

    def _make(self) -> AskDialog:
        from app.desktop.ask_dialog import AskDialog

        window = self._window
        dialog = self._dialog = AskDialog(window)
        dialog.quote_wanted.connect(self._quote)
        dialog.ask_requested.connect(self.ask)
        dialog.stop_requested.connect(self._stop)
        dialog.answer_chosen.connect(self._choose)
        dialog.answer_opened.connect(self._open)
        dialog.keep_changed.connect(self._keep)
        dialog.closed.connect(self._leave)
        dialog.closed.connect(window.activateWindow)
        dialog.closed.connect(window.focus_grid)
        dialog.results.list.answers.sentence_wanted.connect(self._find_sentence)
        window.library.document_chosen.connect(self._refill)
        window.grid.cell_chosen.connect(self._refill)
        return dialog

    def _fill(self, dialog: AskDialog, fresh: bool) -> None:
        library = self._window.library
        marked = library.selected_documents()
        current = library.model.document_at(library.list.currentIndex().row())
        looked_at = current if current in marked else None
        dialog.set_where(tuple(self._matters.documents.values()), looked_at, marked, fresh)
        dialog.set_recent(self.questions.latest)
        dialog.set_busy(bool(self._bridge.job))

    def _refill(self) -> None:
        """Somebody looks at another document while the dialog stands."""
        if self._dialog is not None and self._dialog.isVisible():
            self._fill(self._dialog, fresh=False)

    def _quote(self, choice: AskChoice) -> None:
        """One at a time, the last wanted last: a quote in a large matter may take longer than typing."""
        if self._quoting:
            self._to_quote = choice
            return
        self._quoting = True
        scope = self._scope().model_copy(update={"documents": choice.documents})
        self._bridge.look_up(
            lambda desk: desk.quote_question(choice.question, scope),
            partial(self._quoted, choice),
            partial(self._not_quoted, choice),
        )

    def _quoted(self, choice: AskChoice, quote: Quote) -> None:
        self._all_there = None if quote.findings else choice
        if self._dialog is not None:
            self._dialog.show_quote(quote, choice)
        self._quote_next()

    def _not_quoted(self, choice: AskChoice, trouble: Trouble) -> None:
        self._all_there = None
        if self._dialog is not None:
            self._dialog.show_no_quote(trouble.message, trouble.hint, choice)
        self._quote_next()

    def _quote_next(self) -> None:
        self._quoting = False
        waiting, self._to_quote = self._to_quote, None
        if waiting is not None:
            self._quote(waiting)

    def _stop(self) -> None:
        if self._bridge.job == "asking":
            self._bridge.cancel()

    def _choose(self, document: str) -> None:
        self._window.go_to("view-review")
        self._decisions.go_to(document, self._task)

    def _open(self, document: str) -> None:
        """With the keys, to decide on it."""
        self._choose(document)
        self._window.activateWindow()
        self._window.focus_grid()

    def _keep(self, kept: bool) -> None:
        self.questions.keep(self._task, kept)
        text = self.questions.text(self._task)
        self._bridge.look_up(lambda desk: desk.keep_question(text, kept), lambda _: None, self._say)
        self._columns_changed()

    def _find_sentence(self, finding: Finding) -> None:
        dialog = self._dialog
        if dialog is not None:
            self._bridge.look_up(
                lambda desk: desk.in_sentence(finding.document, finding.citations[0]),
                partial(dialog.results.list.answers.show_sentence, finding.id),
            )

    def _began(self, job: str) -> None:
        if self._dialog is not None and job != "asking":
            self._dialog.set_busy(True)

    def _progressed(self, progress: Progress) -> None:
        if self._dialog is not None and self._bridge.job == "asking":
            self._dialog.show_progress(progress)

    def _answered(self, changed: Sequence[Outcome]) -> None:
        if self._task and any(outcome.finding.task == self._task for outcome in changed):
            self._show_answers()

    def _show_answers(self) -> None:
        from app.wiring.questions import best_first

        if self._dialog is None:
            return
        held = self._decisions.outcomes
        keys = ((document, self._task) for document in self._asked_documents())
        names = {key: document.name for key, document in self._matters.documents.items()}
        self._dialog.show_answers(best_first(held[key] for key in keys if key in held), names)

    def _asked_documents(self) -> tuple[str, ...]:
        documents: dict[str, Document] = self._matters.documents
        wanted = self._documents or tuple(documents)
        return tuple(key for key in wanted if key in documents and documents[key].state.readable)

    def _ended(self, end: JobEnd) -> None:
        dialog = self._dialog
        if dialog is None:
            return
        dialog.set_busy(False)
        if end.job != "asking":
            return
        if end.trouble is not None:
            dialog.end(end.trouble.message, end.trouble.hint)
        elif end.ending == "cancelled":
            dialog.end(self._window.tr("It was stopped."), self._window.tr("Ask again to go on."))
        else:
            dialog.end()

    def _leave(self) -> None:
        """What is not kept leaves the grid, and nobody waits for it any more."""
        if self._bridge.job == "asking" and not self.questions.is_kept(self._task):
            self._bridge.cancel()
        if self._bridge.desk is None or not self.questions.looks:
            return
        before = self._window.grid.current()
        self.questions.look_away()
        self._task = ""
        if self._dialog is not None:
            self._dialog.forget_answers()
        self._columns_changed()
        if before is not None and self._window.grid.current() != before:
            columns = self._window.grid.model.tasks
            self._decisions.go_to(*(self._came_from or (before[0], columns[0].id if columns else "")))

    def _say(self, trouble: Trouble) -> None:
        self._window.status.tell(f"{trouble.message} {trouble.hint}", stays=True)
