"""Proves a matter: every citation against the text, the ledger against itself."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.base import Frozen
from app.domain.ports import MatterReader
from app.domain.record import first_broken_link


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
    sealed = {str(entry.payload.get("finding")) for entry in entries}
    texts: dict[str, str] = {}
    citations = 0
    for outcome in matter.outcomes():
        finding = outcome.finding
        if finding.id not in sealed:
            problems.append(f"finding {finding.id} is not in the ledger")
        text = texts.setdefault(finding.document, matter.text(finding.document))
        for number, citation in enumerate(finding.citations, start=1):
            citations += 1
            if text[citation.start : citation.end] != citation.quote:
                problems.append(f"citation {number} of finding {finding.id} is not what stands in the text")
    return Checked(citations=citations, entries=len(entries), problems=tuple(problems))
