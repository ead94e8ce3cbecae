"""The cost table: what outcomes took, by task, document, pack or month."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC
from typing import Literal, NamedTuple

from pydantic import JsonValue

from app.domain.base import Frozen
from app.domain.cost import Energy, RateCard, Usage
from app.domain.finding import Finding, Outcome, standing
from app.domain.kinds import DecisionKind, FindingStatus, OutcomeState
from app.domain.record import EntryKind, LedgerEntry
from app.domain.text import Document
from app.ledger.rate_card import analyst_cost, machine_cost

Grouping = Literal["task", "document", "pack", "month"]
EnergySource = Literal["measured", "estimated", "mixed", "none"]

INDEXING = "reading and indexing"
"""The row of what belongs to no task and no pack."""

UNKNOWN = "unknown"
"""The row of what the ledger does not say it belongs to."""

_ACCEPTED = (OutcomeState.ACCEPTED, OutcomeState.EDITED)
_REJECTS = (OutcomeState.REJECTED, OutcomeState.ABSTAINED, OutcomeState.FAILED)


class Spent(Frozen):
    """Seconds, kilowatt-hours and money that went into some of the work; ``actual`` is both together."""

    machine_seconds: float = 0.0
    kwh: float = 0.0
    machine: float = 0.0
    analyst_seconds: float = 0.0
    analyst: float = 0.0
    actual: float = 0.0


class CostRow(Frozen):
    """Money in the table's currency. ``key`` is a task, document id, pack, or month as 2026-11.

    ``quoted`` is what quotes before the runs said, None where there was none; ``actual`` is machine and
    analyst together; ``per_accepted`` divides it by accepted and edited outcomes, None without any.
    ``rejects`` is the part of it all that went into outcomes that were rejected, abstained or failed.
    """

    key: str
    title: str
    outcomes: dict[OutcomeState, int]
    machine_seconds: float
    kwh: float
    energy: EnergySource
    machine: float
    analyst_seconds: float
    analyst: float
    quoted: float | None
    actual: float
    per_accepted: float | None
    rejects: Spent = Spent()


class CostTable(Frozen):
    """Rows and their total. The total is summed from the ledger, not from the rows."""

    by: Grouping
    currency: str
    rows: tuple[CostRow, ...]
    total: CostRow

    def to_json(self) -> dict[str, JsonValue]:
        """As ``pincite costs --json`` prints it; every state is counted, also those with none."""
        return self.model_dump(mode="json")


class _Item(NamedTuple):
    """A ledger entry that took something, with all that it can be grouped by."""

    document: str
    task: str
    pack: str
    month: str
    entry: LedgerEntry

    def key(self, by: Grouping) -> str:
        return {"task": self.task, "document": self.document, "pack": self.pack, "month": self.month}[by]


@dataclass
class _Took:
    machine_seconds: float = 0.0
    kwh: float = 0.0
    machine: float = 0.0
    analyst_seconds: float = 0.0
    analyst: float = 0.0

    def add(self, entry: LedgerEntry, card: RateCard) -> None:
        payload = entry.payload
        seconds = _figure(payload, "seconds") or 0.0
        if entry.kind is EntryKind.DECISION:
            cost = _figure(payload, "analyst")
            self.analyst_seconds += seconds
            self.analyst += analyst_cost(seconds, card) if cost is None else cost
            return
        energy = Energy(kwh=_figure(payload, "kwh") or 0.0, measured=_measured(entry))
        cost = _figure(payload, "machine")
        self.machine_seconds += seconds
        self.kwh += energy.kwh
        self.machine += machine_cost(Usage(seconds=seconds, energy=energy), card) if cost is None else cost


@dataclass
class _Sums:
    outcomes: dict[OutcomeState, int] = field(default_factory=lambda: dict.fromkeys(OutcomeState, 0))
    sources: set[bool] = field(default_factory=set[bool])
    took: _Took = field(default_factory=_Took)
    rejects: _Took = field(default_factory=_Took)
    quoted: float | None = None


def cost_table(
    outcomes: Sequence[Outcome],
    entries: Sequence[LedgerEntry],
    documents: Sequence[Document],
    card: RateCard,
    by: Grouping,
) -> CostTable:
    """What is in the ledger, grouped. A finding that was run again costs what all its runs took.

    Money is what the ledger recorded when it was spent; the card prices only what bears no price. By
    month, an outcome counts in the month (UTC) of the last thing that happened to it, and what was spent
    on it in the months in which it was spent.
    """
    items = _items(entries, {outcome.finding.id: outcome.finding for outcome in outcomes})
    last = {_text(item.entry.payload, "finding"): item for item in items}
    keys = [_outcome_key(outcome.finding, last.get(outcome.finding.id), by) for outcome in outcomes]
    groups = {key: _Sums() for key in (*keys, *(item.key(by) for item in items))}
    total = _Sums()
    rejects = _rejects(outcomes, entries)
    for outcome, key in zip(outcomes, keys, strict=True):
        for sums in (groups[key], total):
            sums.outcomes[outcome.state] += 1
    for item in items:
        for sums in (groups[item.key(by)], total):
            _add(sums, item.entry, card, rejects)
    names = {document.id: document.name for document in documents}
    return CostTable(
        by=by,
        currency=card.currency,
        rows=tuple(_row(key, names.get(key, key), groups[key]) for key in _ordered(groups, documents, by)),
        total=_row("total", "total", total),
    )


def _items(entries: Iterable[LedgerEntry], findings: Mapping[str, Finding]) -> list[_Item]:
    items: list[_Item] = []
    runs: dict[str, _Item] = {}
    for entry in entries:
        payload, month = entry.payload, entry.at.astimezone(UTC).strftime("%Y-%m")
        finding = _text(payload, "finding")
        if entry.kind is EntryKind.INDEXED:
            items.append(_Item(_text(payload, "document"), INDEXING, INDEXING, month, entry))
        elif entry.kind is EntryKind.FINDING:
            run = _Item(
                _text(payload, "document"), _text(payload, "task"), _text(payload, "pack"), month, entry
            )
            runs[finding] = run
            items.append(run)
        elif entry.kind is EntryKind.DECISION:
            known = findings.get(finding)
            unknown = (known.document, known.task) if known else (UNKNOWN, UNKNOWN)
            run = runs.get(finding, _Item(*unknown, UNKNOWN, month, entry))
            items.append(run._replace(month=month, entry=entry))
    return items


def _outcome_key(finding: Finding, last: _Item | None, by: Grouping) -> str:
    if last is not None:
        return last.key(by)
    return {"task": finding.task, "document": finding.document}.get(by, UNKNOWN)


def _rejects(outcomes: Iterable[Outcome], entries: Iterable[LedgerEntry]) -> set[str]:
    """Ids of findings that came to nothing.

    One that another model's or pack's run replaced is no outcome any more; what the ledger says of it
    holds: its last decision, or how its last run ended.
    """
    came: dict[str, bool] = {}
    decided: dict[str, list[str]] = {}
    for entry in entries:
        finding = _text(entry.payload, "finding")
        if entry.kind is EntryKind.FINDING:
            ended = _text(entry.payload, "status")
            came[finding] = ended in (FindingStatus.ABSTAINED, FindingStatus.FAILED)
        elif entry.kind is EntryKind.DECISION:
            decided.setdefault(finding, []).append(_text(entry.payload, "kind"))
    for finding, kinds in decided.items():
        place = standing(kinds)
        if place is not None:
            came[finding] = kinds[place] == DecisionKind.REJECT
    came |= {outcome.finding.id: outcome.state in _REJECTS for outcome in outcomes}
    return {finding for finding, rejected in came.items() if rejected}


def _add(sums: _Sums, entry: LedgerEntry, card: RateCard, rejects: Collection[str]) -> None:
    sums.took.add(entry, card)
    if entry.payload.get("finding") in rejects:
        sums.rejects.add(entry, card)
    if entry.kind is EntryKind.DECISION:
        return
    quoted = _figure(entry.payload, "quoted")
    sums.sources.add(_measured(entry))
    if quoted is not None:
        sums.quoted = (sums.quoted or 0.0) + quoted


def _row(key: str, title: str, sums: _Sums) -> CostRow:
    accepted = sum(sums.outcomes[state] for state in _ACCEPTED)
    took = _spent(sums.took)
    return CostRow(
        key=key,
        title=title,
        outcomes=sums.outcomes,
        machine_seconds=took.machine_seconds,
        kwh=took.kwh,
        energy=_source(sums.sources),
        machine=took.machine,
        analyst_seconds=took.analyst_seconds,
        analyst=took.analyst,
        quoted=sums.quoted,
        actual=took.actual,
        per_accepted=took.actual / accepted if accepted else None,
        rejects=_spent(sums.rejects),
    )


def _spent(took: _Took) -> Spent:
    return Spent(**asdict(took), actual=took.machine + took.analyst)


def _measured(entry: LedgerEntry) -> bool:
    return entry.payload.get("measured") is True


def _source(sources: set[bool]) -> EnergySource:
    if not sources:
        return "none"
    if len(sources) > 1:
        return "mixed"
    return "measured" if True in sources else "estimated"


def _ordered(groups: Mapping[str, _Sums], documents: Sequence[Document], by: Grouping) -> list[str]:
    """Documents as they were added, months as they passed, tasks and packs as they came; then the rest."""
    if by == "month":
        return sorted(groups)
    if by == "document":
        known = [document.id for document in documents if document.id in groups]
        return [*known, *(key for key in groups if key not in set(known))]
    return sorted(groups, key=lambda key: key in (INDEXING, UNKNOWN))


def _text(payload: Mapping[str, JsonValue], key: str) -> str:
    value = payload.get(key)
    return value if isinstance(value, str) else UNKNOWN


def _figure(payload: Mapping[str, JsonValue], key: str) -> float | None:
    value = payload.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
