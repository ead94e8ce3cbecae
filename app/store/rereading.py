"""Findings of a document whose text is replaced, put right in the same transaction."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import JsonValue

from app.domain.finding import Decision, Finding, Outcome
from app.domain.kinds import DecisionKind
from app.domain.record import EntryKind
from app.domain.reread import LostFinding, ReadAnew, Settle
from app.domain.text import Page
from app.store.connection import damaged
from app.store.reader import decision_rows
from app.store.recording import append, decide
from app.store.rows import PAGE_COLUMNS, as_written, decision_from_row, page_from_row, rows_of, standing_row

_OF_THE_WORK = ("document", "task", "pack", "model", "measured")
"""What an entry on a finding says that is no figure of one run."""


@dataclass(frozen=True)
class Cited:
    """A document's findings with the decisions that stand, and the pages that they cite."""

    findings: tuple[Outcome, ...] = ()
    decided: frozenset[str] = frozenset()
    pages: dict[int, Page] = field(default_factory=dict[int, Page])


def cited_words(connection: sqlite3.Connection, document: str) -> Cited:
    """To be taken before the pages are replaced."""
    findings: list[Outcome] = []
    decided: set[str] = set()
    query = "SELECT id, body FROM findings WHERE document = ? ORDER BY position"
    for key, body in rows_of(connection, query, document):
        decisions = decision_rows(connection, key)
        stands = standing_row(decisions)
        with as_written():
            finding = Finding.model_validate_json(body)
        findings.append(
            Outcome(finding=finding, decision=None if stands is None else decision_from_row(stands))
        )
        if decisions:
            decided.add(key)
    numbers = {citation.page for outcome in findings for citation in outcome.finding.citations}
    pages = {n: page for n in sorted(numbers) if (page := _page(connection, document, n)) is not None}
    return Cited(tuple(findings), frozenset(decided), pages)


def settle_findings(
    connection: sqlite3.Connection, document: str, cited: Cited, settle: Settle, reader: int
) -> None:
    """What ``settle`` says, with the ledger's entries; the new pages are there already."""
    pages = "SELECT number, text, length(confidences) FROM pages WHERE document = ? ORDER BY number"
    rows = rows_of(connection, pages, document)

    def page_of(number: int) -> Page:
        page = _page(connection, document, number)
        if page is None:
            raise damaged()
        return page

    settled = settle(
        ReadAnew(
            outcomes=cited.findings,
            decided=cited.decided,
            before=cited.pages,
            texts=tuple(row[1] for row in rows),
            recognised=frozenset(row[0] for row in rows if row[2]),
            page=page_of,
        )
    )
    for finding in settled.kept:
        _replace(connection, finding)
    for lost in settled.lost:
        _fail(connection, lost)
    connection.executemany("DELETE FROM findings WHERE id = ?", [(key,) for key in settled.dropped])
    counts: dict[str, JsonValue] = {
        "document": document,
        "reader": reader,
        "kept": len(settled.kept),
        "lost": len(settled.lost),
        "dropped": len(settled.dropped),
    }
    append(connection, EntryKind.READ_AGAIN, counts)


def _fail(connection: sqlite3.Connection, lost: LostFinding) -> None:
    """Every decision that stands is withdrawn, and so kept; the ledger hears of each and of the failure."""
    finding = lost.finding
    while standing_row(decision_rows(connection, finding.id)) is not None:
        withdrawal = Decision(
            finding=finding.id, kind=DecisionKind.WITHDRAW, note=lost.note, at=datetime.now(UTC)
        )
        decide(connection, withdrawal, 0.0)
    _replace(connection, finding)
    payload = _last_entry(connection, finding.id)
    payload |= {"finding": finding.id, "status": finding.status.value, "machine": 0.0}
    append(connection, EntryKind.FINDING, payload)


def _replace(connection: sqlite3.Connection, finding: Finding) -> None:
    connection.execute(
        "UPDATE findings SET status = ?, body = ? WHERE id = ?",
        (finding.status.value, finding.model_dump_json(), finding.id),
    )


def _last_entry(connection: sqlite3.Connection, finding: str) -> dict[str, JsonValue]:
    rows = rows_of(
        connection,
        """
        SELECT payload FROM ledger WHERE kind = ? AND json_extract(payload, '$.finding') = ?
        ORDER BY sequence DESC LIMIT 1
        """,
        EntryKind.FINDING.value,
        finding,
    )
    if not rows:
        return {}
    with as_written():
        payload: dict[str, JsonValue] = json.loads(rows[0][0])
    return {key: payload[key] for key in _OF_THE_WORK if key in payload}


def _page(connection: sqlite3.Connection, document: str, number: int) -> Page | None:
    query = f"SELECT {PAGE_COLUMNS} FROM pages WHERE document = ? AND number = ?"
    rows = rows_of(connection, query, document, number)
    return page_from_row(rows[0]) if rows else None
