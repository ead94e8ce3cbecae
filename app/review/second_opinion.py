"""A second opinion: what one model was not sure of is asked of another one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.domain.base import Frozen
from app.domain.cancel import CancelToken
from app.domain.cost import FindingCost, Usage
from app.domain.errors import Cancelled
from app.domain.finding import Finding, ModelRef, Outcome, Reading
from app.domain.kinds import FindingStatus
from app.domain.ports import MatterStore
from app.domain.record import EntryKind
from app.domain.task import Pack
from app.domain.work import Progress, Report
from app.review.review_matter import (
    Priced,
    Reviewed,
    ReviewEngine,
    WorkItem,
    figures_of,
    sent_of,
    tell_nobody,
)

SECOND = "second"
"""In a ledger's entry: of a run or a finding of which a second model was asked."""

PROGRESS = "asking a second model"
_COUNTS = {2: "Two", 3: "Three", 4: "Four"}


class Models(Frozen):
    """Who was asked first and who is asked now."""

    first: ModelRef
    second: ModelRef


def read_by(finding: Finding, model: ModelRef, model_calls: int, server: str = "") -> Finding:
    """The finding with the reading that it is; ``server`` is where the model runs, if not here."""
    reading = _reading(finding, model, model_calls, server if model_calls else "")
    return finding.model_copy(update={"readings": (reading,)})


def unsure(outcomes: Sequence[Outcome], items: Sequence[WorkItem], models: Models) -> tuple[Finding, ...]:
    """Findings of these items to ask the second model about, in the items' order.

    They abstained, nobody decided on them, a model was asked of them, and the second one was not yet or
    failed. Those that retrieval alone left open are not among them: another model would not be asked either.
    """
    held = {
        outcome.finding.id: outcome.finding
        for outcome in outcomes
        if outcome.decision is None and _open(outcome.finding, models.second)
    }
    return tuple(held[item.finding] for item in items if item.finding in held)


def settled(first: Finding, second: Finding, models: Models) -> Finding:
    """What becomes of ``first`` once the second model was asked: its answer, or that it has none either."""
    kept = [one for one in first.readings if one.status is not FindingStatus.FAILED]
    kept = kept or [_reading(first, models.first, 1)]
    (read,) = second.readings or (_reading(second, models.second, 0),)
    readings = (*kept, read)
    if read.status in (FindingStatus.FOUND, FindingStatus.ABSENT):
        return second.model_copy(update={"id": first.id, "readings": readings})
    return first.model_copy(update={"readings": readings, "reason": _told(readings)})


class SecondOpinion:
    """The use case. A finding keeps its id and its place; one decided in the meantime stays as it is.

    ``price`` turns machine use into money; ``told`` hears of every finding that changed, once stored.
    """

    def __init__(
        self,
        matter: MatterStore,
        engine: ReviewEngine,
        price: Callable[[Usage], float],
        told: Callable[[Finding], None] = tell_nobody,
    ) -> None:
        """``engine`` asks the second model."""
        self._matter = matter
        self._engine = engine
        self._price = price
        self._told = told

    def run(
        self,
        pack: Pack,
        models: Models,
        findings: Sequence[Finding],
        priced: Priced,
        report: Report,
        cancel: CancelToken,
    ) -> Reviewed:
        """Ask about these, each stored when it is settled. Raises Cancelled, EngineFailed.

        ``failed`` counts those over which the second model broke; they keep their first answer.
        """
        reviewed = Reviewed(left=len(findings))
        if not findings or (priced.most is not None and priced.most <= 0):
            return reviewed
        self._matter.append(
            EntryKind.RUN_STARTED,
            {
                "pack": pack.ref.model_dump(),
                "model": models.first.model_dump(),
                SECOND: models.second.model_dump(),
                "findings": len(findings),
                "quoted": priced.quoted_each and priced.quoted_each * len(findings),
            },
        )
        ending = "failed"
        try:
            reviewed = self._each(pack, models, findings, priced, report, cancel)
            ending = "partial" if reviewed.failed or reviewed.left else "done"
        except Cancelled:
            ending = "cancelled"
            raise
        finally:
            self._matter.append(EntryKind.RUN_ENDED, {"ending": ending})
        return reviewed

    def _each(
        self,
        pack: Pack,
        models: Models,
        findings: Sequence[Finding],
        priced: Priced,
        report: Report,
        cancel: CancelToken,
    ) -> Reviewed:
        items = [WorkItem(finding=f.id, document=f.document, task=f.task) for f in findings]
        first = {finding.id: finding for finding in findings}
        spent, failed, done = 0.0, 0, 0
        report(Progress(what=PROGRESS, done=0, total=len(items)))
        for done, (answer, usage) in enumerate(self._engine.review(items, cancel), start=1):
            money = self._price(usage)
            spent += money
            failed += answer.status is FindingStatus.FAILED
            self._keep(first[answer.id], answer, pack, models, priced, usage, money)
            report(Progress(what=PROGRESS, done=done, total=len(items)))
            if priced.most is not None and spent >= priced.most:
                break
        return Reviewed(made=done, failed=failed, left=len(items) - done)

    def _keep(
        self,
        first: Finding,
        answer: Finding,
        pack: Pack,
        models: Models,
        priced: Priced,
        usage: Usage,
        money: float,
    ) -> None:
        quoted = [q for q in (first.cost.quoted, priced.quoted_each) if q is not None]
        cost = FindingCost(
            currency=priced.currency,
            machine=first.cost.machine + money,
            quoted=sum(quoted) if quoted else None,
        )
        now = settled(first, answer, models).model_copy(update={"cost": cost})
        payload = {
            "finding": first.id,
            "document": first.document,
            "task": first.task,
            "status": now.status.value,
            "pack": pack.ref.id,
            "model": models.second.id,
            SECOND: True,
            **sent_of(answer),
            **figures_of(usage),
            "machine": money,
            "quoted": priced.quoted_each,
        }
        self._matter.put_finding(now, payload)
        if self._matter.outcome(first.id).decision is None:
            self._told(now)
        else:  # decided while it was asked about: that stands, and what asking took was spent all the same
            self._matter.append(EntryKind.FINDING, payload | {"status": first.status.value})


def _open(finding: Finding, second: ModelRef) -> bool:
    if finding.status is not FindingStatus.ABSTAINED or any(
        one.model == second and one.status is not FindingStatus.FAILED for one in finding.readings
    ):
        return False
    return not finding.readings or finding.readings[0].model_calls > 0


def _reading(finding: Finding, model: ModelRef, model_calls: int, sent_to: str = "") -> Reading:
    return Reading(
        model=model,
        status=finding.status,
        confidence=finding.confidence,
        reason=finding.reason,
        model_calls=model_calls,
        sent_to=sent_to,
    )


def _told(readings: Sequence[Reading]) -> str:
    """The first one's reason, and what asking others came to."""
    unsure = [one for one in readings if one.status is FindingStatus.ABSTAINED]
    said = [unsure[0].reason or ""]
    if len(unsure) > 1:
        names = [one.model.id for one in unsure]
        count = _COUNTS.get(len(names), str(len(names)))
        neither = "neither" if len(names) == 2 else "none"
        said.append(
            f"{count} models were asked, {', '.join(names[:-1])} and {names[-1]}, and {neither} could tell."
        )
    said += [
        f"The second opinion of {one.model.id} failed: {one.reason}"
        for one in readings
        if one.status is FindingStatus.FAILED
    ]
    return " ".join(said)
