"""A matter on disk with findings of every kind, made without a model."""

from __future__ import annotations

from pathlib import Path

from app.domain.cancel import CancelToken
from app.domain.finding import Citation, Finding
from app.domain.kinds import FindingStatus
from app.store.opening import open_matter
from app.wiring.desk import Desk

TASKS = ("governing-law", "term", "anti-assignment", "cap-on-liability")
FOUND, ABSENT, ABSTAINED, FAILED = FindingStatus
TEXT = "This Agreement is governed by the laws of Delaware.\n"


def made_matter(folder: Path, rows: list[list[FindingStatus]], tasks: list[str]) -> Path:
    """``rows``: for each document the statuses of its findings, one a task."""
    sources = [folder.parent / f"Agreement {number}.txt" for number in range(len(rows))]
    for number, source in enumerate(sources):
        source.write_text(TEXT + f"Number {number}.\n")
    desk = Desk(folder, create=True)
    documents = desk.add(sources, lambda _: None, lambda _: None, CancelToken())
    desk.close()
    assert all(document.state.readable for document in documents)
    matter = open_matter(folder, create=False)
    for document, statuses in zip(documents, rows, strict=True):
        for task, status in zip(tasks, statuses, strict=True):
            finding = finding_of(document.id, task, status)
            matter.put_finding(finding, {"finding": finding.id, "status": status.value})
    matter.close()
    return folder


def finding_of(document: str, task: str, status: FindingStatus) -> Finding:
    """On a document that begins with ``TEXT``, where something is found."""
    found = status is FOUND
    quote = TEXT.strip()
    return Finding(
        id=f"{document[:8]}{task}",
        document=document,
        task=task,
        status=status,
        display=f"value of {task}" if found else "",
        confidence=0.95,
        citations=(Citation(page=1, start=0, end=len(quote), quote=quote),) if found else (),
        reason=None if status in (FOUND, ABSENT) else "It could not be told.",
    )
