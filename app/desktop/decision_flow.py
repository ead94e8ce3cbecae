"""Looking at findings and deciding on them: grid, document and card kept on the same finding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QApplication, QMessageBox

from app.desktop import words
from app.desktop.active_clock import ActiveClock
from app.desktop.slots import only
from app.domain.kinds import DecisionKind, FindingStatus, OutcomeState

if TYPE_CHECKING:
    from app.desktop.bridge import Bridge, Opened
    from app.desktop.matter_flow import MatterFlow
    from app.desktop.window import MainWindow
    from app.domain.finding import Decision, Outcome
    from app.domain.ports import SearchHit
    from app.domain.text import Document, Page, PageShape

_SHORT_QUOTE = 120
_AROUND = 110
_SIGNS_OF_LIFE = (
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
)


class DeskSource:
    """A document of the open matter, as the viewer reads it in its worker threads."""

    def __init__(self, bridge: Bridge, document: Document, shapes: tuple[PageShape, ...], file: Path) -> None:
        self._bridge = bridge
        self.document = document
        self.shapes = shapes
        self.file = file

    def page(self, number: int) -> Page:
        """With words and boxes."""
        desk = self._bridge.desk
        if desk is None:
            raise RuntimeError("the matter was closed")
        return desk.page(self.document.id, number)

    def text(self) -> str:
        """Canonical text."""
        desk = self._bridge.desk
        return "" if desk is None else desk.text(self.document.id)


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
        self._undoable: list[str] = []
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
        ):
            acts[name].triggered.connect(only(wanted))
        card.accepted.connect(self.accept)
        card.rejected.connect(self.reject)
        card.edited.connect(self.edit)
        card.undone.connect(self.undo)
        card.left.connect(self._window.focus_grid)
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
        """The finding that is looked at."""
        self._decide(DecisionKind.ACCEPT, None)

    def reject(self) -> None:
        """The finding that is looked at."""
        self._decide(DecisionKind.REJECT, None)

    def edit(self, value: str) -> None:
        """The finding that is looked at, with the right value."""
        self._decide(DecisionKind.EDIT, value)

    def undo(self) -> None:
        """The decision on the finding that is looked at, else the last one that was made."""
        outcome = self._current()
        if outcome is None or outcome.decision is None:
            held = {o.finding.id: o for o in self.outcomes.values()}
            while self._undoable:
                last = held.get(self._undoable.pop())
                if last is not None and last.decision is not None:
                    self.go_to(last.finding.document, last.finding.task)
                    outcome = last
                    break
            else:
                return
        self._bridge.decide([self._decision(outcome, DecisionKind.WITHDRAW, None)])

    def accept_row(self) -> None:
        """Everything found and undecided in the document that is looked at, after one more look."""
        current = self._window.grid.current()
        if current is not None:
            mine = [o for (document, _), o in self.outcomes.items() if document == current[0]]
            self.accept_many([o.finding.id for o in mine if o.state is OutcomeState.UNDECIDED])

    def accept_many(self, findings: Sequence[str]) -> None:
        """Those found and undecided among them, after they were shown together."""
        wanted = set(findings)
        held = [
            o for o in self.outcomes.values() if o.finding.id in wanted and o.state is OutcomeState.UNDECIDED
        ]
        if not held:
            self._window.status.tell(self._window.tr("There is nothing undecided among these."))
            return
        if self._looked_over(held):
            self._bridge.decide([self._decision(outcome, DecisionKind.ACCEPT, None) for outcome in held])
            self._undoable.extend(outcome.finding.id for outcome in held)

    def _looked_over(self, held: Sequence[Outcome]) -> bool:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self._window.tr("Accept several findings"))
        box.setText(self._window.tr("Accept these {} findings?").format(len(held)))
        names = self._matters.documents
        box.setInformativeText(
            "\n".join(
                f"{names[o.finding.document].name}: {self._title(o.finding.task)} = {o.finding.display} "
                f"({words.confidence(o.finding)})"
                for o in held[:30]
            )
            + (f"\n… {len(held) - 30:,}" if len(held) > 30 else "")
        )
        box.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        return box.exec() == QMessageBox.StandardButton.Yes

    def _opened(self, state: Opened) -> None:
        self._shown_document = ""
        self._undoable = []
        self.outcomes = {(o.finding.document, o.finding.task): o for o in state.outcomes}
        self._window.document.close_document()
        self._window.document.prepare()
        self._show_card(None, "")
        self.outcomes_held.emit()

    def _changed(self, changed: Sequence[Outcome]) -> None:
        current = self._window.grid.current()
        for outcome in changed:
            self.outcomes[outcome.finding.document, outcome.finding.task] = outcome
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
        decision = self._decision(outcome, kind, value)
        self._undoable.append(outcome.finding.id)
        # shown at once; the store's answer follows
        self._changed([outcome.model_copy(update={"decision": decision})])
        self._bridge.decide([decision])
        self._window.grid.go_next(True)

    def _decision(self, outcome: Outcome, kind: DecisionKind, value: str | None) -> Decision:
        from app.domain.finding import Decision

        return Decision(
            finding=outcome.finding.id,
            kind=kind,
            value=value,
            note=self._window.card.note,
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

    def _show_history(self, finding: str, history: Sequence[Decision]) -> None:
        outcome = self._current()
        if outcome is not None and outcome.finding.id == finding:
            self._window.card.show_history(history)

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
