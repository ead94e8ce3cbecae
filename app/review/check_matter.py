"""Proves a matter: every citation against the text, the ledger against itself."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from app.domain.base import Frozen
from app.domain.finding import Citation, standing
from app.domain.ports import MatterReader
from app.domain.record import EntryKind, LedgerEntry, first_broken_link
from app.domain.text import PAGE_BREAK


class Checked(Frozen):
    """What was looked at and what is wrong; problems name ids, never words."""

    citations: int
    entries: int
    problems: tuple[str, ...]


def check_matter(matter: MatterReader, integrity: Sequence[str]) -> Checked:
    """Every citation must be the document's words at its place; every entry must follow from the last."""
    problems = list(integrity)
    entries = list(matter.entries())
    broken = first_broken_link(entries)
    if broken is not None:
        problems.append(f"ledger entry {broken} does not follow from the one before it")
    statuses = _last(entries, EntryKind.FINDING, "status")
    decisions = _decided(entries)
    texts: dict[str, str] = {}
    citations = 0
    for outcome in matter.outcomes():
        finding, decision = outcome.finding, outcome.decision
        if finding.id not in statuses:
            problems.append(f"finding {finding.id} is not in the ledger")
        elif statuses[finding.id] not in (None, finding.status.value):
            problems.append(f"finding {finding.id} is not what the ledger says of it")
        if decisions.get(finding.id) != (decision.kind.value if decision else None):
            problems.append(f"the decision on finding {finding.id} is not the one in the ledger")
        if finding.document not in texts:
            texts[finding.document] = matter.text(finding.document)
        for number, citation in enumerate(finding.citations, start=1):
            citations += 1
            if not _stands_in(texts[finding.document], citation):
                problems.append(f"citation {number} of finding {finding.id} is not what stands in the text")
    return Checked(citations=citations, entries=len(entries), problems=tuple(problems))


def _decided(entries: Sequence[LedgerEntry]) -> dict[str, str]:
    """By finding, the kind of the decision that stands; findings without one are left out."""
    kinds: dict[str, list[str]] = {}
    for entry in entries:
        if entry.kind is EntryKind.DECISION:
            kinds.setdefault(str(entry.payload.get("finding")), []).append(str(entry.payload.get("kind")))
    return {finding: held[place] for finding, held in kinds.items() if (place := standing(held)) is not None}


def _last(entries: Sequence[LedgerEntry], kind: EntryKind, key: str) -> dict[str, JsonValue]:
    """By finding, what its last entry of a kind says."""
    return {
        str(entry.payload.get("finding")): entry.payload.get(key) for entry in entries if entry.kind is kind
    }


def _stands_in(text: str, citation: Citation) -> bool:
    """The very words, at their place, on their page."""
    page = 1 + text.count(PAGE_BREAK, 0, citation.start)
    return page == citation.page and text[citation.start : citation.end] == citation.quote
