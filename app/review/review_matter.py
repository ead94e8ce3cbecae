"""Reviewing a matter: every task on every document, each finding stored the moment it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from pydantic import Field, JsonValue

from app.domain.base import Frozen
from app.domain.cancel import CancelToken
from app.domain.cost import FindingCost, Usage
from app.domain.errors import Cancelled
from app.domain.finding import Finding, ModelRef, Outcome, finding_id
from app.domain.kinds import FindingStatus
from app.domain.ports import IndexedText, MatterStore
from app.domain.record import EntryKind
from app.domain.task import Pack
from app.domain.text import Document
from app.domain.work import Progress, Report


class WorkItem(Frozen):
    """One task on one document."""

    finding: str
    document: str
    task: str


class ReviewEngine(Protocol):
    """What makes findings. It survives its own crashes: an item that breaks it comes back as failed."""

    def index(self, documents: Sequence[str], cancel: CancelToken) -> Iterator[tuple[IndexedText, Usage]]:
        """In order. Raises Cancelled, EngineFailed."""
        ...

    def review(self, items: Sequence[WorkItem], cancel: CancelToken) -> Iterator[tuple[Finding, Usage]]:
        """One for every item, in order. Raises Cancelled, EngineFailed."""
        ...


class Priced(Frozen):
    """What a review may cost, how it is priced. A task goes by ``quoted_tasks``, else by ``quoted_each``."""

    currency: str
    quoted_each: float | None = None
    quoted_tasks: dict[str, float] = Field(default_factory=dict[str, float])
    most: float | None = None

    def quoted(self, task: str) -> float | None:
        """What the quote said for one finding of a task; None if there was none."""
        return self.quoted_tasks.get(task, self.quoted_each)


class Reviewed(Frozen):
    """How a review ended. ``skipped`` were there already; ``left`` were not reached.

    ``asked_again``: of how many a second model was asked; ``failed`` and ``left`` count those as well.
    """

    made: int = 0
    skipped: int = 0
    failed: int = 0
    left: int = 0
    asked_again: int = 0


def tell_nobody(_: Finding) -> None:
    """For callers that look when the review has ended."""


class ReviewMatter:
    """The use case. ``price`` turns machine use into money; ``told`` hears of every finding once stored."""

    def __init__(
        self,
        matter: MatterStore,
        engine: ReviewEngine,
        embedder: str,
        price: Callable[[Usage], float],
        told: Callable[[Finding], None] = tell_nobody,
    ) -> None:
        self._matter = matter
        self._engine = engine
        self._embedder = embedder
        self._price = price
        self._told = told

    def index(self, documents: Sequence[Document], report: Report, cancel: CancelToken) -> float:
        """Index what is not indexed yet; each document is stored when it is done. Returns what it cost."""
        held = set(self._matter.indexed_documents(self._embedder))
        wanted = [d.id for d in documents if d.state.readable and d.id not in held]
        spent = 0.0
        if not wanted:
            return spent
        report(Progress(what="indexing", done=0, total=len(wanted)))
        for done, (indexed, usage) in enumerate(self._engine.index(wanted, cancel), start=1):
            self._matter.put_indexed(indexed)
            money = self._price(usage)
            spent += money
            payload: dict[str, JsonValue] = {
                "document": indexed.document,
                **figures_of(usage),
                "machine": money,
            }
            self._matter.append(EntryKind.INDEXED, payload)
            report(Progress(what="indexing", done=done, total=len(wanted)))
        return spent

    def run(
        self,
        pack: Pack,
        model: ModelRef,
        tasks: Sequence[str],
        documents: Sequence[Document],
        priced: Priced,
        report: Report,
        cancel: CancelToken,
    ) -> Reviewed:
        """Do what is not done yet. Raises Cancelled with everything finished kept, EngineFailed."""
        everything = work_items(pack, model, tasks, documents)
        items = undone(everything, self._matter.outcomes())
        reviewed = Reviewed(skipped=len(everything) - len(items), left=len(items))
        if not items:
            return reviewed
        spent = self.index(documents, report, cancel)
        self._matter.append(
            EntryKind.RUN_STARTED,
            {
                "pack": pack.ref.model_dump(),
                "model": model.model_dump(),
                "findings": len(items),
                "quoted": quoted_together(priced, items),
            },
        )
        ending = "failed"
        try:
            reviewed = self._each(items, pack, model, priced, spent, reviewed, report, cancel)
            ending = "partial" if reviewed.failed or reviewed.left else "done"
        except Cancelled:
            ending = "cancelled"
            raise
        finally:
            self._matter.append(EntryKind.RUN_ENDED, {"ending": ending})
        return reviewed

    def _each(
        self,
        items: Sequence[WorkItem],
        pack: Pack,
        model: ModelRef,
        priced: Priced,
        spent: float,
        reviewed: Reviewed,
        report: Report,
        cancel: CancelToken,
    ) -> Reviewed:
        report(Progress(what="reviewing", done=0, total=len(items)))
        if priced.most is not None and spent >= priced.most:
            return reviewed
        for done, (finding, usage) in enumerate(self._engine.review(items, cancel), start=1):
            money = self._price(usage)
            spent += money
            quoted = priced.quoted(finding.task)
            cost = FindingCost(currency=priced.currency, machine=money, quoted=quoted)
            priced_finding = finding.model_copy(update={"cost": cost})
            self._matter.put_finding(
                priced_finding,
                {
                    "finding": finding.id,
                    "document": finding.document,
                    "task": finding.task,
                    "status": finding.status.value,
                    "pack": pack.ref.id,
                    "model": model.id,
                    **sent_of(finding),
                    **figures_of(usage),
                    "machine": money,
                    "quoted": quoted,
                },
            )
            self._told(priced_finding)
            reviewed = Reviewed(
                made=done,
                skipped=reviewed.skipped,
                failed=reviewed.failed + (finding.status is FindingStatus.FAILED),
                left=len(items) - done,
            )
            report(Progress(what="reviewing", done=done, total=len(items)))
            if priced.most is not None and spent >= priced.most:
                break
        return reviewed


def work_items(
    pack: Pack, model: ModelRef, tasks: Sequence[str], documents: Sequence[Document]
) -> tuple[WorkItem, ...]:
    """Document by document, so that one document's text and scores are at hand for all its tasks."""
    return tuple(
        WorkItem(finding=finding_id(d.id, task, pack.ref, model), document=d.id, task=task)
        for d in documents
        if d.state.readable
        for task in tasks
    )


def undone(items: Sequence[WorkItem], outcomes: Sequence[Outcome]) -> tuple[WorkItem, ...]:
    """Items without a finding, or whose finding failed and was not decided."""
    held = {
        outcome.finding.id
        for outcome in outcomes
        if outcome.decision is not None or outcome.finding.status is not FindingStatus.FAILED
    }
    return tuple(item for item in items if item.finding not in held)


def quoted_together(priced: Priced, items: Sequence[WorkItem]) -> float | None:
    """What the quote said for all of these; None if there was none."""
    quoted = [priced.quoted(item.task) for item in items]
    return sum(each for each in quoted if each is not None) if None not in quoted else None


def sent_of(finding: Finding) -> dict[str, JsonValue]:
    """What the ledger says of a finding for which passages were sent to a server."""
    return {"sent_to": list(finding.sent_to)} if finding.sent_to else {}


def figures_of(usage: Usage) -> dict[str, JsonValue]:
    """What the ledger says of machine use."""
    return {"seconds": usage.seconds, "kwh": usage.energy.kwh, "measured": usage.energy.measured}
