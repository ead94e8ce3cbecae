"""Looking at findings and deciding on them: grid, document and card kept on the same finding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QDialog

from app.desktop.active_clock import ActiveClock
from app.desktop.bulk_choice import BulkChoice, choose
from app.desktop.desk_source import DeskSource
from app.desktop.slots import only
from app.domain.kinds import DecisionKind, FindingStatus

if TYPE_CHECKING:
    from app.desktop.bridge import Bridge, Opened
    from app.desktop.bulk_dialog import BulkDialog
    from app.desktop.bulk_model import BulkLine
    from app.desktop.matter_flow import MatterFlow
    from app.desktop.window import MainWindow
    from app.domain.finding import Decision, Outcome
    from app.domain.ports import SearchHit
    from app.domain.text import Page

_SHORT_QUOTE = 120
_AROUND = 110
_MOST_AT_ONCE = 20_000
_SIGNS_OF_LIFE = (
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.ApplicationActivate,
)


class DecisionFlow(QObject):
    """Keeps every outcome of the matter, and what is looked at."""

    outcomes_held = Signal()

    def __init__(self, window: MainWindow, bridge: Bridge, matters: MatterFlow) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._matters = matters
        self.clock = ActiveClock()
        self.outcomes: dict[tuple[str, str], Outcome] = {}
        self.titles: dict[str, str] = {}
        self._shown_document = ""
        self._undoable: list[tuple[Decision, ...]] = []
        """What was decided in one go, the latest at the end."""
        self._withdrawn: set[str] = set()
        """Findings whose withdrawal the store has not answered yet."""
        self._hit: SearchHit | None = None
        self._connect()

    def _connect(self) -> None:
        acts = self._window.actions_by_name
        card, grid, document = self._window.card, self._window.grid, self._window.document
        for name, wanted in (
            ("accept", self.accept),
            ("reject", self.reject),
            ("edit", card.begin_edit),
            ("undo", self.undo),
            ("note", card.focus_note),
            ("next", lambda: grid.go_next(True)),
            ("previous", lambda: grid.go_previous(True)),
            ("left", grid.go_left),
            ("right", grid.go_right),
            ("next-citation", document.next_citation),
            ("previous-citation", document.previous_citation),
            ("filter", grid.focus_filter),
            ("find", document.open_search),
            ("search", self._window.library.focus_search),
            ("accept-row", self.accept_row),
            ("accept-column", self.accept_column),
        ):
            acts[name].triggered.connect(only(wanted))
        card.accepted.connect(self.accept)
        card.rejected.connect(self.reject)
        card.edited.connect(self.edit)
        card.undone.connect(self.undo)
        card.left.connect(self._window.focus_grid)
        card.cited.connect(self._show_citation)
        document.citation_changed.connect(card.items.follow)
        grid.cell_chosen.connect(self.look_at)
        grid.cell_opened.connect(only(document.setFocus))
        grid.bulk_requested.connect(self.accept_many)
        self._window.library.document_chosen.connect(self.open_document)
        self._bridge.opened.connect(self._opened)
        self._bridge.outcomes_changed.connect(self._changed)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """The analyst's signs of life start and keep the clock; leaving the window stops it."""
        kind = event.type()
        if kind in _SIGNS_OF_LIFE:
            self.clock.touch()
        elif kind is QEvent.Type.ApplicationDeactivate:
            self.clock.leave()
        return False

    def look_at(self, document: str, task: str) -> None:
        """Show a finding: its card, its document, its words."""
        outcome = self.outcomes.get((document, task))
        self.clock.look_at(outcome.finding.id if outcome else None)
        self._show_card(outcome, task)
        self._window.library.select(document)
        self.open_document(document)

    def go_to(self, document: str, task: str) -> None:
        """Put the grid's cursor on a finding and look at it."""
        self._window.grid.select(document, task)
        self.look_at(document, task)

    def open_document(self, document: str) -> None:
        """Show a document, at the citation of what is looked at if that is in it."""
        held = self._matters.documents.get(document)
        if held is None:
            return
        if document == self._shown_document:
            self._cite()
            return
        self._shown_document = document
        if not held.state.readable:
            self._window.document.show_state(held)
            return
        self._bridge.look_up(
            lambda desk: DeskSource(self._bridge, held, desk.shapes(document), desk.original(document)),
            self._arrived,
        )

    def open_hit(self, hit: SearchHit) -> None:
        """Show a passage that a search found."""
        self._window.go_to("view-review")
        self._window.library.select(hit.document)
        self._hit = hit
        self.open_document(hit.document)

    def accept(self) -> None:
        """The finding that is looked at; if several cells are selected, those after one more look."""
        count = self._window.grid.selected_count
        if count <= 1:
            self._decide(DecisionKind.ACCEPT, None)
        elif self._can_be_looked_over(count):
            self.accept_many(self._window.grid.selected_findings())

    def reject(self) -> None:
        """The finding that is looked at."""
        self._decide(DecisionKind.REJECT, None)

    def edit(self, value: str) -> None:
        """The finding that is looked at, with the right value."""
        self._decide(DecisionKind.EDIT, value)

    def undo(self) -> None:
        """What was decided last, all of it; if another decided finding is looked at, the decision on that."""
        last, current = self._last_decided(), self._current()
        if current is not None and self._decided(current) and current not in last:
            self._withdraw([current])
        elif last:
            self._undoable.pop()
            if current not in last:
                self.go_to(last[0].finding.document, last[0].finding.task)
            self._withdraw(last)
            if len(last) > 1:
                told = self._window.tr("{} taken back.")
                self._window.status.tell(told.format(f"{len(last):,}"))

    def accept_row(self) -> None:
        """What can be accepted in the document that is looked at, after one more look."""
        self.accept_many(self._window.grid.row_findings())

    def accept_column(self) -> None:
        """What can be accepted of the task that is looked at, after one more look."""
        self.accept_many(self._window.grid.column_findings())

    def accept_many(self, outcomes: Sequence[Outcome]) -> None:
        """Those found and undecided among them, in this order, once they were looked over together."""
        if not self._can_be_looked_over(len(outcomes)):
            return
        choice = choose(outcomes)
        if not choice.acceptable:
            self._window.status.tell(self._nothing_to_accept(choice))
            return
        from app.desktop.bulk_dialog import BulkDialog

        dialog = BulkDialog(
            [self._line(outcome) for outcome in choice.acceptable], choice.left_out, self._window
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(partial(self._looked_over, dialog))
        self.clock.look_over([outcome.finding.id for outcome in choice.acceptable])
        dialog.open()

    def _can_be_looked_over(self, count: int) -> bool:
        if count > _MOST_AT_ONCE:
            said = self._window.tr("{} findings are too many to look over together. Select fewer, or filter.")
            self._window.status.tell(said.format(f"{count:,}"))
        return count <= _MOST_AT_ONCE

    def _nothing_to_accept(self, choice: BulkChoice) -> str:
        if not choice.left_out:
            return self._window.tr("There are no findings here. Review the document first.")
        return self._window.tr("Nothing here can be accepted together: {}. Decide them one by one.").format(
            choice.left_out
        )

    def _line(self, outcome: Outcome) -> BulkLine:
        from app.desktop.bulk_model import BulkLine

        finding = outcome.finding
        return BulkLine(
            finding,
            self._matters.documents[finding.document].name,
            self._title(finding.task),
            self.clock.was_looked_at(finding.id),
        )

    def _looked_over(self, dialog: BulkDialog, result: int) -> None:
        """What was agreed to is decided, if it still can be."""
        self.look_again()
        if result != QDialog.DialogCode.Accepted:
            return
        wanted = set(dialog.chosen)
        held = [o for o in self.outcomes.values() if o.finding.id in wanted]
        decided = [(o, self._decision(o, DecisionKind.ACCEPT, None, None)) for o in choose(held).acceptable]
        self.keep(decided)
        told = self._window.tr("{} accepted. Press U to take all of them back.")
        self._window.status.tell(told.format(f"{len(decided):,}"))

    def look_again(self) -> None:
        """After a dialog: attention goes back to the grid."""
        current = self._current()
        self.clock.look_at(current.finding.id if current else None)

    def _opened(self, state: Opened) -> None:
        self._shown_document = ""
        self._undoable = []
        self._withdrawn = set()
        self.outcomes = {(o.finding.document, o.finding.task): o for o in state.outcomes}
        self._window.document.close_document()
        self._window.document.prepare()
        self._show_card(None, "")
        self.outcomes_held.emit()

    def _changed(self, changed: Sequence[Outcome]) -> None:
        current = self._window.grid.current()
        for outcome in changed:
            self.outcomes[outcome.finding.document, outcome.finding.task] = outcome
            self._withdrawn.discard(outcome.finding.id)
        self._window.grid.update_outcomes(changed)
        self._matters.show_reviewed(tuple(self.outcomes.values()))
        if any((o.finding.document, o.finding.task) == current for o in changed):
            self._show_card(self._current(), current[1] if current else "")
            self._cite()
        self.outcomes_held.emit()

    def _decide(self, kind: DecisionKind, value: str | None) -> None:
        outcome = self._current()
        if outcome is None:
            return
        if outcome.finding.status is FindingStatus.FAILED and kind is DecisionKind.ACCEPT:
            self._window.status.tell(self._window.tr("A finding that failed has nothing to accept."))
            return
        self.keep([(outcome, self._decision(outcome, kind, value, self._window.card.note))])

    def keep(self, decided: Sequence[tuple[Outcome, Decision]]) -> None:
        """Shown at once, the store's answer follows; then on to what is undecided."""
        if not decided:
            return
        decisions = tuple(decision for _, decision in decided)
        self._undoable.append(decisions)
        self._changed([outcome.model_copy(update={"decision": decision}) for outcome, decision in decided])
        self._bridge.decide(decisions)
        self._window.grid.go_next(True)

    def _last_decided(self) -> list[Outcome]:
        """What was decided last in one go, as far as it stands; what was taken back by then is forgotten."""
        held = {outcome.finding.id: outcome for outcome in self.outcomes.values()}
        while self._undoable:
            made = {decision.finding: decision.at for decision in self._undoable[-1]}
            standing = [held[finding] for finding in made if finding in held and self._decided(held[finding])]
            standing = [o for o in standing if o.decision and o.decision.at == made[o.finding.id]]
            if standing:
                return standing
            self._undoable.pop()
        return []

    def _decided(self, outcome: Outcome) -> bool:
        return outcome.decision is not None and outcome.finding.id not in self._withdrawn

    def _withdraw(self, outcomes: Sequence[Outcome]) -> None:
        note = self._window.card.note
        decisions = [self._decision(outcome, DecisionKind.WITHDRAW, None, note) for outcome in outcomes]
        self._withdrawn.update(outcome.finding.id for outcome in outcomes)
        self._bridge.decide(decisions)

    def _decision(
        self, outcome: Outcome, kind: DecisionKind, value: str | None, note: str | None
    ) -> Decision:
        from app.domain.finding import Decision

        return Decision(
            finding=outcome.finding.id,
            kind=kind,
            value=value,
            note=note,
            at=datetime.now(UTC),
            analyst_seconds=self.clock.take(outcome.finding.id),
        )

    def _current(self) -> Outcome | None:
        current = self._window.grid.current()
        return self.outcomes.get(current) if current else None

    def _title(self, task: str) -> str:
        return self.titles.get(task, task)

    def _show_card(self, outcome: Outcome | None, task: str) -> None:
        self._window.card.show_outcome(outcome, self._title(task))
        if outcome is not None:
            self._show_context(outcome)
            self._show_hard_words(outcome)
        if outcome is not None and outcome.decision is not None:
            finding = outcome.finding.id
            self._bridge.look_up(
                lambda desk: desk.decisions(finding), lambda held: self._show_history(finding, held)
            )

    def _show_context(self, outcome: Outcome) -> None:
        """A short quote is read in its sentence."""
        finding = outcome.finding
        if not finding.citations or len(finding.citations[0].quote) > _SHORT_QUOTE:
            return
        cited = finding.citations[0]

        def around(page: Page) -> None:
            start, end = cited.start - page.start, cited.end - page.start
            before = " ".join(page.text[max(0, start - _AROUND) : start].split())
            after = " ".join(page.text[end : end + _AROUND].split())
            self._window.card.show_context(
                finding.id, before.partition(" ")[2] or before, after.rpartition(" ")[0] or after
            )

        self._bridge.look_up(lambda desk: desk.page(finding.document, cited.page), around)

    def _show_hard_words(self, outcome: Outcome) -> None:
        """Of cited words that were recognised in a picture."""
        finding = outcome.finding
        if finding.citations:
            self._bridge.look_up(
                lambda desk: desk.hard_to_read(finding.document, finding.citations),
                lambda count: self._window.card.show_hard_words(finding.id, count),
            )

    def _show_history(self, finding: str, history: Sequence[Decision]) -> None:
        outcome = self._current()
        if outcome is not None and outcome.finding.id == finding:
            self._window.card.show_history(history)

    def _show_citation(self, number: int) -> None:
        """One of the finding that is looked at."""
        outcome = self._current()
        if outcome is not None and outcome.finding.document == self._shown_document:
            self._window.document.show_citations(outcome.finding.citations, number)

    def _arrived(self, source: DeskSource) -> None:
        if source.document.id == self._shown_document:
            self._window.document.show_document(source)
            self._cite()

    def _cite(self) -> None:
        hit, self._hit = self._hit, None
        if hit is not None:
            self._bridge.look_up(
                lambda desk: desk.cite(hit),
                lambda cited: self._window.document.show_citations((cited,) if cited else (), 0),
            )
            return
        outcome = self._current()
        if outcome is not None and outcome.finding.document == self._shown_document:
            self._window.document.show_citations(outcome.finding.citations, 0)
        else:
            self._window.document.show_citations((), 0)
