"""One open matter for a face that stays: one writer, one engine, and every change told as it happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from app.domain.base import Frozen
from app.domain.cancel import CancelToken
from app.domain.cost import Quote, RateCard
from app.domain.finding import Citation, Decision, Finding, Outcome
from app.domain.ports import SearchHit
from app.domain.question import Question
from app.domain.spans import Span
from app.domain.text import Document, Page, PageShape
from app.domain.work import Progress, Report
from app.engine.supervisor import EngineSupervisor
from app.ingest.files import collect_files
from app.ingest.version import READER_VERSION
from app.ledger.costs import CostRow, CostTable, Grouping, cost_table
from app.ledger.references import Beside
from app.platform.settings import load_rate_card
from app.review.carry import carried
from app.review.ground import cite
from app.review.questions import question_task
from app.review.recognised import unsure_within
from app.review.repeats import Repeats
from app.review.review_matter import Reviewed
from app.store.opening import open_matter
from app.wiring.beside import matter_beside
from app.wiring.catalogs import chosen_model, need_model
from app.wiring.finder import Finder
from app.wiring.matters import current, without_password
from app.wiring.questions import Quoted, in_sentence
from app.wiring.reading import add_to
from app.wiring.repeats import KnownFingerprints, matter_repeats
from app.wiring.reports import report_of
from app.wiring.reviews import Order, engine_command, order_of, quote_in
from app.wiring.second_models import need_second
from app.wiring.second_opinions import review_with_both

GROUPINGS: tuple[Grouping, ...] = ("task", "document", "pack", "month")
_REST = 3.0
"""While a review runs, comparing documents rests so many times as long as it works."""
_REST_SECONDS = 0.02


class Scope(Frozen):
    """What a review takes in; no tasks or no documents named means all of them.

    ``second`` gives a second opinion: a model's id, "none", or None for what policy or the settings name.
    """

    pack: str
    model: str | None = None
    tasks: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    most: float | None = None
    second: str | None = None


class Desk:
    """May be used from several threads: the store lets one in at a time, the engine has its own lock."""

    def __init__(self, folder: Path, create: bool) -> None:
        """Raises MatterNotFound (only without ``create``), MatterBusy, MatterTooNew, MatterDamaged."""
        self.folder = folder
        self._matter = open_matter(folder, create, load_rate_card())
        self._engine: EngineSupervisor | None = None
        self._serves: tuple[str, str] = ("", "")
        self._passwords: dict[str, str] = {}
        self._working = threading.Lock()
        self.finder = Finder(folder, self._matter)
        self._fingerprints = KnownFingerprints()

    def documents(self) -> tuple[Document, ...]:
        """In the order they were added."""
        return self._matter.documents()

    def shapes(self, document: str) -> tuple[PageShape, ...]:
        """Sizes and places of the pages, without their words."""
        return self._matter.shapes(document)

    def page(self, document: str, number: int) -> Page:
        """One page with its words."""
        return self._matter.page(document, number)

    def text(self, document: str) -> str:
        """Canonical text."""
        return self._matter.text(document)

    def original(self, document: str) -> Path:
        """The sealed file."""
        return self._matter.original(document)

    def outcomes(self) -> tuple[Outcome, ...]:
        """The newest of every task on every document, or the decided one where that is older."""
        return current(self._matter)

    def outcome(self, finding: str) -> Outcome:
        """With its standing decision."""
        return self._matter.outcome(finding)

    def decisions(self, finding: str) -> tuple[Decision, ...]:
        """Everything that was ever decided on it, oldest first."""
        return self._matter.decisions(finding)

    def questions(self) -> tuple[Question, ...]:
        """Questions of one's own, oldest first, also those whose answers are no column."""
        return self._matter.questions()

    def add(
        self, paths: Sequence[Path], told: Callable[[Document], None], report: Report, cancel: CancelToken
    ) -> tuple[Document, ...]:
        """Read files in; each is told when it is stored."""
        with self.finder.undisturbed():
            return add_to(self._matter, collect_files(paths), told, report, cancel)

    def unread(self) -> tuple[str, ...]:
        """Names of files that were taken in and are not read to their end: ``add`` goes on with them."""
        return tuple(file.name for file in self._matter.unread())

    def outdated(self) -> tuple[Document, ...]:
        """What an older reader read and ``read_again`` can read better without a password."""
        return without_password(self._matter.outdated(READER_VERSION))

    def read_again(
        self,
        documents: Sequence[str],
        password: str | None,
        told: Callable[[Document], None],
        report: Report,
        cancel: CancelToken,
    ) -> tuple[Document, ...]:
        """Read them anew; decisions stay wherever their words are still there.

        A password that opens one is kept until the matter is closed, and nowhere else.
        """
        passwords = {key: self._passwords[key] for key in documents if key in self._passwords}
        passwords |= dict.fromkeys(documents, password) if password is not None else {}
        with self.finder.undisturbed():
            read = add_to(self._matter, (), told, report, cancel, documents, passwords)
        self._passwords |= {
            document.id: passwords[document.id]
            for document in read
            if document.id in passwords and document.state.readable
        }
        return read

    def password(self, document: str) -> str | None:
        """What opens it, if somebody typed it since the matter was opened."""
        return self._passwords.get(document)

    def quote(self, scope: Scope) -> Quote:
        """What the undone part of a review will cost."""
        return quote_in(self._matter, self._order(scope), load_rate_card())

    def review(
        self, scope: Scope, told: Callable[[Finding], None], report: Report, cancel: CancelToken
    ) -> Reviewed:
        """Make the findings that are not there yet. Raises Cancelled with everything finished kept."""
        return self._reviewed(self._order(scope), told, report, cancel)

    def quote_question(self, question: str, scope: Scope) -> Quote:
        """What asking the documents of ``scope`` will cost where it was not asked yet.

        Raises QuestionInvalid.
        """
        return quote_in(self._matter, self._asking(question, scope), load_rate_card())

    def ask(
        self,
        question: str,
        scope: Scope,
        keep: bool,
        told: Callable[[Finding], None],
        report: Report,
        cancel: CancelToken,
    ) -> Reviewed:
        """One question over the documents of ``scope``; ``keep``: its answers are a column.

        Raises QuestionInvalid, Cancelled with everything finished kept.
        """
        order = self._asking(question, scope)
        self.keep_question(question, keep)
        return self._reviewed(order, told, report, cancel)

    def keep_question(self, question: str, keep: bool) -> None:
        """Whether the answers to a question, by its text, are a column; it may be asked later."""
        held = self._matter.put_question(question)
        if held.kept is not keep:
            self._matter.keep_question(held.id, keep)

    def in_sentence(self, document: str, citation: Citation) -> Quoted:
        """A citation's words with the sentence around them."""
        return in_sentence(citation, self._matter.page(document, citation.page))

    def cite(self, hit: SearchHit) -> Citation | None:
        """The best sentence of a hit, or all of its words, with their boxes."""
        return cite(hit.best or Span(hit.start, hit.end), (self._matter.page(hit.document, hit.page),))

    def decide(self, decisions: Sequence[Decision]) -> tuple[Outcome, ...]:
        """All or none; the outcomes that changed."""
        self._matter.put_decisions(decisions)
        return tuple(self._matter.outcome(finding) for finding in {d.finding: None for d in decisions})

    def hard_to_read(self, document: str, citations: Sequence[Citation]) -> int:
        """How many of the cited words were recognised with little confidence."""
        pages = [self._matter.page(document, number) for number in sorted({c.page for c in citations})]
        return unsure_within(pages, [Span(citation.start, citation.end) for citation in citations])

    def repeats(self, cancel: CancelToken) -> Repeats:
        """What repeats in the matter; for one thread at a time, which gives way to a review that runs.

        What was compared once is known the next time, also after a cancel. A matter of one document has
        nothing to compare. Raises Cancelled.
        """
        if sum(document.state.readable for document in self._matter.documents()) < 2:
            return Repeats()
        since = time.monotonic()

        def give_way(_: Progress) -> None:
            nonlocal since
            until = time.monotonic() + _REST * (time.monotonic() - since)
            while self._working.locked() and not cancel.cancelled and time.monotonic() < until:
                time.sleep(_REST_SECONDS)
            since = time.monotonic()

        return matter_repeats(self._matter, self._fingerprints, give_way, cancel)

    def carriable(self, repeats: Repeats, at: datetime) -> tuple[Decision, ...]:
        """Decisions on documents that would hold for undecided findings of their copies; none is made."""
        names = {document.id: document.name for document in self._matter.documents()}
        return carried(current(self._matter), repeats, names, at)

    def costs(self) -> dict[Grouping, CostTable]:
        """Outcome costs, in every grouping."""
        outcomes, entries, documents = current(self._matter), self._matter.entries(), self.documents()
        return {by: cost_table(outcomes, entries, documents, load_rate_card(), by) for by in GROUPINGS}

    def beside(self, total: CostRow) -> Beside:
        """The total of one of those tables beside what the same work costs elsewhere."""
        return matter_beside(self._matter, current(self._matter), total, load_rate_card())

    def rate_card(self) -> RateCard:
        """The prices in force."""
        return load_rate_card()

    def export(self, form: str, out: Path, decided_only: bool, document: str | None) -> tuple[Path, ...]:
        """Prove the citations, then write; the files that were written."""
        return report_of(self._matter, form, out, decided_only, document)

    def close(self) -> None:
        """Stop the engines, give the matter back."""
        self._stop_engine()
        self.finder.close()
        self._matter.close()

    def _order(self, scope: Scope) -> Order:
        return order_of(scope.pack, scope.tasks, scope.documents, scope.model, scope.most, scope.second)

    def _asking(self, question: str, scope: Scope) -> Order:
        return replace(self._order(scope), tasks=(question_task(question),), second=None)

    def _reviewed(
        self, order: Order, told: Callable[[Finding], None], report: Report, cancel: CancelToken
    ) -> Reviewed:
        report(Progress(what="checking the model", done=0, total=0))
        need_model(chosen_model(order.model.id))
        if order.second is not None and self._engine is None:
            need_second(order.second)
        pack = str(order.pack.folder)
        with self._working, self.finder.undisturbed():
            return review_with_both(
                self._matter,
                lambda model: self._engine_for(pack, model),
                order,
                load_rate_card(),
                told,
                report,
                cancel,
            )[1]

    def _engine_for(self, pack: str, model: str) -> EngineSupervisor:
        """One for another model is stopped first: two are never in memory together."""
        if self._engine is None or self._serves != (pack, model):
            self._stop_engine()
            self._engine = EngineSupervisor(engine_command(self.folder, pack, model))
            self._serves = (pack, model)
        return self._engine

    def _stop_engine(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None
