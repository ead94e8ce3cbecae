"""What is written beside others: decisions with their ledger entries, and the chain itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import JsonValue

from app.domain.errors import NothingToWithdraw
from app.domain.finding import Decision
from app.domain.kinds import DecisionKind
from app.domain.record import GENESIS, EntryKind, LedgerEntry, entry_hash
from app.store.reader import decision_rows, unknown_finding
from app.store.rows import (
    DECISION_COLUMNS,
    ENTRY_COLUMNS,
    decision_to_row,
    entry_to_row,
    rows_of,
    standing_row,
)


def decide(connection: sqlite3.Connection, decision: Decision, cost: float) -> None:
    """A decision and its entry. Raises FindingNotFound, NothingToWithdraw."""
    if not rows_of(connection, "SELECT 1 FROM findings WHERE id = ?", decision.finding):
        raise unknown_finding(decision.finding)
    withdraws = decision.kind is DecisionKind.WITHDRAW
    if withdraws and standing_row(decision_rows(connection, decision.finding)) is None:
        raise NothingToWithdraw(
            f"No decision on finding {decision.finding} stands.", "There is nothing to take back."
        )
    row = (*decision_to_row(decision), cost)
    insert(connection, "decisions", f"{DECISION_COLUMNS}, analyst_cost", [row])
    payload: dict[str, JsonValue] = {
        "finding": decision.finding,
        "kind": decision.kind.value,
        "seconds": decision.analyst_seconds,
        "analyst": cost,
    }
    append(connection, EntryKind.DECISION, payload)


def append(connection: sqlite3.Connection, kind: EntryKind, payload: dict[str, JsonValue]) -> LedgerEntry:
    """One more entry on the chain."""
    last = connection.execute("SELECT sequence, hash FROM ledger ORDER BY sequence DESC LIMIT 1").fetchone()
    sequence, previous = (last[0] + 1, last[1]) if last else (1, GENESIS)
    at = datetime.now(UTC)
    entry = LedgerEntry(
        sequence=sequence,
        at=at,
        kind=kind,
        payload=payload,
        previous=previous,
        hash=entry_hash(sequence, at, kind, payload, previous),
    )
    insert(connection, "ledger", ENTRY_COLUMNS, [entry_to_row(entry)])
    return entry


def insert(
    connection: sqlite3.Connection, table: str, columns: str, rows: Sequence[tuple[object, ...]]
) -> None:
    """Rows into a table."""
    marks = ", ".join("?" for _ in columns.split(","))
    connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
