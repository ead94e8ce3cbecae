"""The ledger's entries: an append-only chain in which every entry seals the one before it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import StrEnum

from pydantic import Field, JsonValue

from app.domain.base import Frozen, Sha256

GENESIS = "0" * 64
"""What the first entry names as its predecessor."""


class EntryKind(StrEnum):
    RUN_STARTED = "run-started"
    QUOTED = "quoted"
    INDEXED = "indexed"
    READ_AGAIN = "read-again"
    FINDING = "finding"
    DECISION = "decision"
    RUN_ENDED = "run-ended"


class LedgerEntry(Frozen):
    """``payload`` holds ids and figures, never a document's words."""

    sequence: int = Field(ge=1)
    at: datetime
    kind: EntryKind
    payload: dict[str, JsonValue]
    previous: Sha256
    hash: Sha256


def entry_hash(
    sequence: int, at: datetime, kind: EntryKind, payload: dict[str, JsonValue], previous: str
) -> str:
    """SHA-256 over the canonical JSON (sorted keys, no spaces, UTF-8) of everything but the hash."""
    body = json.dumps(
        [sequence, at.isoformat(), kind.value, payload, previous],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )
    return hashlib.sha256(body.encode()).hexdigest()


def first_broken_link(entries: list[LedgerEntry]) -> int | None:
    """The sequence number of the first entry that does not follow from the one before; None if whole."""
    previous = GENESIS
    for expected, entry in enumerate(entries, start=1):
        try:
            seal = entry_hash(entry.sequence, entry.at, entry.kind, entry.payload, entry.previous)
        except ValueError:  # not a number, or half a character: nothing that was ever sealed
            return expected
        if entry.sequence != expected or entry.previous != previous or entry.hash != seal:
            return expected
        previous = entry.hash
    return None
