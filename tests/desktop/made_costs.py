"""Cost tables as the ledger makes them, without a ledger."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.kinds import OutcomeState
from app.ledger.costs import CostRow, CostTable, EnergySource, Grouping, Spent


def row(
    key: str,
    title: str = "",
    *,
    states: dict[str, int] | None = None,
    machine: float = 0.0,
    analyst: float = 0.0,
    quoted: float | None = None,
    energy: EnergySource = "measured",
    lost: tuple[float, float] = (0.0, 0.0),
) -> CostRow:
    """``lost`` is what the machine and the analyst spent on rejects."""
    outcomes = {state: (states or {}).get(state.value, 0) for state in OutcomeState}
    accepted = outcomes[OutcomeState.ACCEPTED] + outcomes[OutcomeState.EDITED]
    return CostRow(
        key=key, title=title or key, outcomes=outcomes, machine_seconds=machine * 36_000, kwh=machine,
        energy=energy, machine=machine, analyst_seconds=analyst * 60, analyst=analyst, quoted=quoted,
        actual=machine + analyst, per_accepted=(machine + analyst) / accepted if accepted else None,
        rejects=Spent(machine=lost[0], analyst=lost[1], actual=sum(lost)),
    )  # fmt: skip


def table(by: Grouping, rows: Sequence[CostRow], currency: str = "USD") -> CostTable:
    states = {state.value: sum(r.outcomes[state] for r in rows) for state in OutcomeState}
    quotes = [r.quoted for r in rows if r.quoted is not None]
    total = row(
        "total", states=states, machine=sum(r.machine for r in rows), analyst=sum(r.analyst for r in rows),
        quoted=sum(quotes) if quotes else None,
        lost=(sum(r.rejects.machine for r in rows), sum(r.rejects.analyst for r in rows)),
    )  # fmt: skip
    return CostTable(by=by, currency=currency, rows=tuple(rows), total=total)


TASKS = (
    row("parties", states={"accepted": 10}, machine=0.2, analyst=0.8, quoted=0.25),
    row(
        "governing-law",
        states={"accepted": 3, "edited": 1, "rejected": 2},
        machine=0.1,
        analyst=1.9,
        lost=(0.04, 0.7),
    ),
    row("exclusivity", states={"abstained": 4}, machine=0.1, lost=(0.1, 0.0)),
    row("reading and indexing", machine=0.05),
)
DOCUMENTS = (
    row("d1", "Bolt.pdf", states={"accepted": 9}, machine=0.15, analyst=0.6, quoted=0.2),
    row(
        "d2",
        "acme.pdf",
        states={"accepted": 4, "edited": 1, "rejected": 2},
        machine=0.2,
        analyst=2.1,
        lost=(0.04, 0.7),
    ),
    row("d3", "=cmd|' /C calc'!A0.pdf", states={"abstained": 4}, machine=0.1, lost=(0.1, 0.0)),
)
MONTHS = (
    row("2026-10", states={"accepted": 10}, machine=0.2, analyst=2.2),
    row("2026-11", states={"accepted": 4}, machine=0.25, analyst=0.5),
)
TABLES = {
    "task": table("task", TASKS),
    "document": table("document", DOCUMENTS),
    "pack": table("pack", [row("contracts", states={"accepted": 14}, machine=0.45, analyst=2.7)]),
    "month": table("month", MONTHS),
}
