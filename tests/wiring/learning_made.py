"""Leases whose deposit goes by another name than the pack's, and decisions on them."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app import wiring
from app.domain.cancel import CancelToken
from app.domain.finding import Citation, Decision, Finding
from app.domain.kinds import DecisionKind, FindingStatus
from app.store.opening import open_matter

SUMS = ("EUR 800", "EUR 950", "EUR 1,200", "EUR 640", "EUR 1,500", "EUR 720", "EUR 1,050", "EUR 880")
CAUTION = (
    "The tenant hands caution money of {} to the agent when the keys are given.",
    "Caution money amounting to {} is held by the agent until the flat is empty.",
)
DECOY = "Tenants may rent a security deposit box in the cellar of the bank next door."
AROUND = (
    "The flat lies on the second floor and has two rooms.",
    "Rent is paid by standing order on the first working day.",
    "Washing machines run between eight and twenty hours.",
    "The landlord repairs windows, doors and the heating.",
    "Bicycles stand in the yard and never in the hall.",
    "Either party gives notice three months before the end of a quarter.",
    "The stairs are swept in turns by all who live there.",
    "Smoking is allowed on the balcony.",
    "Meters are read in January by the owner.",
    "The garden is for everybody in the house.",
)
DAY = datetime(2026, 11, 24, 12, tzinfo=UTC)


def caution(number: int) -> str:
    return CAUTION[number % 2].format(SUMS[number % len(SUMS)])


def lease(number: int, deposit: bool = True) -> str:
    """Its sentences turn, so that no place tells anything; each is a paragraph."""
    turned = [*AROUND[number % 10 :], *AROUND[: number % 10]]
    turned.insert(3, DECOY)
    if deposit:
        turned.insert(8 - number % 4, caution(number))
    return "\n\n".join([f"Lease of flat {number}.", *turned])


def add(folder: Path, texts: dict[str, str]) -> None:
    source = folder.parent / f"{folder.name} files"
    source.mkdir(exist_ok=True)
    for name, text in texts.items():
        (source / name).write_text(text, encoding="utf-8")
    wiring.add_files(folder, [source / name for name in texts], lambda _: None, CancelToken())


def find(folder: Path, name: str, quote: str | None, task: str = "deposit", pack: str = "leases") -> str:
    """A finding on a document, found in these words or absent; its id."""
    matter = open_matter(folder, create=False)
    try:
        document = matter.document(name).id
        citations: tuple[Citation, ...] = ()
        if quote is not None:
            start = matter.text(document).index(quote)
            citations = (Citation(page=1, start=start, end=start + len(quote), quote=quote),)
        finding = Finding(
            id=f"{document[:8]}-{task}-{zlib.crc32(repr(quote).encode())}",
            document=document,
            task=task,
            status=FindingStatus.ABSENT if quote is None else FindingStatus.FOUND,
            citations=citations,
        )
        matter.put_finding(finding, {"finding": finding.id, "status": finding.status.value, "pack": pack})
        return finding.id
    finally:
        matter.close()


def decide(folder: Path, finding: str, kind: DecisionKind, day: int = 0) -> None:
    value = "EUR 1" if kind is DecisionKind.EDIT else None
    wiring.decide(folder, Decision(finding=finding, kind=kind, value=value, at=DAY + timedelta(days=day)))


def decided_matter(folder: Path, many: int = 8) -> Path:
    """Leases with an accepted, an edited … deposit, and two without one where its absence was accepted."""
    names = {f"lease {number}.txt": lease(number) for number in range(many)}
    names |= {f"bare {number}.txt": lease(20 + number, deposit=False) for number in range(2)}
    add(folder, names)
    for number in range(many):
        finding = find(folder, f"lease {number}.txt", caution(number))
        decide(folder, finding, DecisionKind.EDIT if number == 1 else DecisionKind.ACCEPT)
    for number in range(2):
        decide(folder, find(folder, f"bare {number}.txt", None), DecisionKind.ACCEPT)
    return folder
