"""Copies and repeated pages: compared behind the window, shown in it, and decisions carried to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog

from app.desktop.library_remarks import RepeatWords, repeat_words
from app.desktop.slots import only
from app.domain.kinds import DecisionKind

if TYPE_CHECKING:
    from app.desktop.bridge import Bridge, JobEnd
    from app.desktop.carry_dialog import CarryDialog
    from app.desktop.carry_model import CarryLine
    from app.desktop.decision_flow import DecisionFlow
    from app.desktop.matter_flow import MatterFlow
    from app.desktop.window import MainWindow
    from app.domain.cancel import CancelToken
    from app.domain.finding import Decision, Outcome
    from app.review.repeats import Repeats
    from app.review.repeats_by_document import DocumentRepeats
    from app.wiring.desk import Desk


@dataclass(frozen=True)
class _Compared:
    repeats: Repeats
    by_document: Mapping[str, DocumentRepeats]


class RepeatsFlow(QObject):
    """Compares when a matter was opened and when documents were read."""

    def __init__(
        self, window: MainWindow, bridge: Bridge, matters: MatterFlow, decisions: DecisionFlow
    ) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._matters = matters
        self._decisions = decisions
        self._held: _Compared | None = None
        """What was found; None while it is being looked for."""
        bridge.opened.connect(only(self._opened))
        bridge.closed.connect(self._forget)
        bridge.ended.connect(self._ended)
        window.actions_by_name["carry"].triggered.connect(only(self.carry))

    @property
    def compared(self) -> bool:
        """Whether all documents there are were compared."""
        return self._held is not None

    def carry(self) -> None:
        """Record decisions on copies, once they were looked over."""
        held = self._held
        if self._matters.folder is None:
            return
        if held is None:
            self._tell(self._window.tr("The documents are still being compared. Try again in a moment."))
        elif not any(one.copy_of for one in held.by_document.values()):
            self._tell(self._window.tr("No document of this matter is a copy of another."))
        else:
            at = datetime.now(UTC)
            self._bridge.look_up(lambda desk: desk.carriable(held.repeats, at), self._ask)

    def _opened(self) -> None:
        self._forget()
        self._compare()

    def _ended(self, end: JobEnd) -> None:
        if end.job == "adding":
            self._compare()

    def _forget(self) -> None:
        self._held = None
        self._show({})

    def _compare(self) -> None:
        self._held = None
        self._bridge.behind(_compare, self._found, lambda trouble: self._tell(trouble.message))

    def _found(self, found: _Compared) -> None:
        self._held = found
        documents = self._matters.documents
        self._show(
            {
                document: repeat_words(held, documents[held.copy_of].name if held.copy_of else "")
                for document, held in found.by_document.items()
                if held.copy_of is None or held.copy_of in documents
            }
        )

    def _show(self, words: Mapping[str, RepeatWords]) -> None:
        self._window.library.set_repeats(words)
        self._window.grid.set_copies({document: held.copy for document, held in words.items() if held.copy})

    def _ask(self, carriable: tuple[Decision, ...]) -> None:
        by_finding = {o.finding.id: o for o in self._decisions.outcomes.values() if o.decision is None}
        lines = [
            self._line(by_finding[decision.finding], decision)
            for decision in carriable
            if decision.finding in by_finding
        ]
        if not lines:
            self._tell(self._window.tr("No decision can be carried: copies have no undecided finding alike."))
            return
        from app.desktop.carry_dialog import CarryDialog

        dialog = CarryDialog(lines, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(partial(self._looked_over, dialog))
        self._decisions.clock.look_over([line.finding.id for line in lines])
        dialog.open()

    def _line(self, outcome: Outcome, decision: Decision) -> CarryLine:
        from app.desktop.carry_model import CarryLine

        finding = outcome.finding
        return CarryLine(
            finding,
            self._matters.documents[finding.document].name,
            self._decisions.titles.get(finding.task, finding.task),
            self._decisions.clock.was_looked_at(finding.id),
            decision,
            self._said(decision, finding.display),
        )

    def _said(self, decision: Decision, display: str) -> str:
        if decision.kind is DecisionKind.EDIT:
            return self._window.tr("edited: {}").format(decision.value)
        word = (
            self._window.tr("accepted")
            if decision.kind is DecisionKind.ACCEPT
            else self._window.tr("rejected")
        )
        return f"{word}: {display}" if display else word

    def _looked_over(self, dialog: CarryDialog, result: int) -> None:
        self._decisions.look_again()
        if result != QDialog.DialogCode.Accepted:
            return
        at, clock = datetime.now(UTC), self._decisions.clock
        held = {o.finding.id: o for o in self._decisions.outcomes.values() if o.decision is None}
        decided = [
            (
                held[line.finding.id],
                line.decision.model_copy(update={"at": at, "analyst_seconds": clock.take(line.finding.id)}),
            )
            for line in dialog.chosen
            if line.finding.id in held
        ]
        self._decisions.keep(decided)
        told = self._window.tr("{} carried. Press U to take all of them back.")
        self._tell(told.format(f"{len(decided):,}"))

    def _tell(self, sentence: str) -> None:
        self._window.status.tell(sentence)


def _compare(desk: Desk, cancel: CancelToken) -> _Compared:
    from app.review.repeats_by_document import by_document

    repeats = desk.repeats(cancel)
    return _Compared(repeats, by_document(repeats))
