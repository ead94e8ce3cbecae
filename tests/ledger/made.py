"""Ledger entries and outcomes for tests of costs and of the chain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from pydantic import JsonValue

from app.domain.finding import Citation, Decision, Finding, Outcome
from app.domain.kinds import DecisionKind, DocumentState, FindingStatus
from app.domain.record import GENESIS, EntryKind, LedgerEntry, entry_hash
from app.domain.text import Document

DECIDING = (DecisionKind.ACCEPT, DecisionKind.EDIT, DecisionKind.REJECT)
NOVEMBER = datetime(2026, 11, 30, 12, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, 12, tzinfo=UTC)
Step = tuple[datetime, EntryKind, dict[str, JsonValue]]


def chained(steps: Iterable[Step]) -> list[LedgerEntry]:
    """Entries in which each follows from the one before."""
    entries: list[LedgerEntry] = []
    previous = GENESIS
    for sequence, (at, kind, payload) in enumerate(steps, start=1):
        seal = entry_hash(sequence, at, kind, payload, previous)
        entries.append(
            LedgerEntry(sequence=sequence, at=at, kind=kind, payload=payload, previous=previous, hash=seal)
        )
        previous = seal
    return entries


def resealed(entry: LedgerEntry, **changes: object) -> LedgerEntry:
    """A changed entry whose own hash is right again: what a forger would write."""
    changed = entry.model_copy(update=changes)
    seal = entry_hash(changed.sequence, changed.at, changed.kind, changed.payload, changed.previous)
    return changed.model_copy(update={"hash": seal})


def document(number: int) -> Document:
    sha256 = f"{number:02x}" * 32
    return Document(
        id=sha256[:16], name=f"contract {number}.pdf", sha256=sha256, pages=1, state=DocumentState.READY
    )


def outcome(
    finding: str = "f1",
    task: str = "governing-law",
    status: FindingStatus = FindingStatus.FOUND,
    decided: DecisionKind | None = None,
    on: int = 1,
) -> Outcome:
    found = status is FindingStatus.FOUND
    decision = None
    if decided is not None:
        value = "Ohio" if decided is DecisionKind.EDIT else None
        decision = Decision(finding=finding, kind=decided, value=value, at=NOVEMBER)
    return Outcome(
        finding=Finding(
            id=finding,
            document=document(on).id,
            task=task,
            status=status,
            citations=(Citation(page=1, start=0, end=4, quote="Ohio"),) if found else (),
            reason=None if found or status is FindingStatus.ABSENT else "why",
        ),
        decision=decision,
    )


def run(made: Outcome, at: datetime = NOVEMBER, **figures: JsonValue) -> Step:
    """One run that made a finding. ``figures`` replace or add to what the ledger says of it."""
    payload: dict[str, JsonValue] = {
        "finding": made.finding.id,
        "document": made.finding.document,
        "task": made.finding.task,
        "status": made.finding.status.value,
        "pack": "contracts",
        "seconds": 2.0,
        "kwh": 0.001,
        "measured": False,
        "machine": 0.5,
        "quoted": None,
        **figures,
    }
    return at, EntryKind.FINDING, payload


def decision(finding: str, at: datetime = NOVEMBER, **figures: JsonValue) -> Step:
    return at, EntryKind.DECISION, {"finding": finding, "seconds": 30.0, "analyst": 0.25, **figures}


def indexing(on: int = 1, at: datetime = NOVEMBER, **figures: JsonValue) -> Step:
    payload: dict[str, JsonValue] = {
        "document": document(on).id,
        "seconds": 4.0,
        "kwh": 0.002,
        "measured": False,
        "machine": 0.125,
        **figures,
    }
    return at, EntryKind.INDEXED, payload
