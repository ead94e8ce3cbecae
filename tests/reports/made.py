"""A matter reviewed by hand over sample contracts that were really read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.domain.cancel import CancelToken
from app.domain.cost import FindingCost
from app.domain.finding import Citation, Decision, Finding, ModelRef, Outcome, PackRef
from app.domain.kinds import DecisionKind, DocumentState, FindingStatus, OutcomeState
from app.domain.ports import ReadFile
from app.domain.spans import Span
from app.domain.text import Document, Page
from app.ingest.reader import ChildReader
from app.platform.files import sha256_of
from app.reports.reviewed_matter import CostLine, Costs, ReviewedMatter
from app.review.ground import cite

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
PACK = PackRef(id="contracts", version="1.2.0", sha256="ab" * 32)
MODEL = ModelRef(id="small-model", sha256="cd" * 32)
TITLES = {
    "parties": "Parties",
    "governing-law": "Governing law",
    "anti-assignment": "Anti-assignment",
    "renewal-term": "Renewal term",
    "insurance": "Insurance",
    "audit-rights": "Audit rights",
    "expiration-date": "Expiration date",
}
LAW = "7.4 This Agreement shall be construed and governed"
ASSIGNMENT = "7.1 This Agreement may not be assigned in whole or in part"


def read(path: Path) -> ReadFile:
    return ChildReader().read(path, path.name, sha256_of(path), CancelToken())


def quoted(pages: Sequence[Page], beginning: str, end: str = "") -> Citation:
    """From where ``beginning`` first stands to the end of ``end`` after it, white space as it comes."""
    for page in pages:
        flat = page.text.replace("\n", " ")
        start = flat.find(beginning)
        if start >= 0:
            stop = flat.index(end, start) + len(end) if end else start + len(beginning)
            citation = cite(Span(page.start + start, page.start + stop), pages)
            assert citation is not None
            return citation
    raise AssertionError(beginning)


def found(document: Document, task: str, display: str, *citations: Citation, **more: Any) -> Outcome:
    return outcome(document, task, FindingStatus.FOUND, display=display, citations=citations, **more)


def outcome(document: Document, task: str, status: FindingStatus, **more: Any) -> Outcome:
    decision = more.pop("decision", None)
    finding = Finding(
        id=f"{document.id[:8]}{task}",
        document=document.id,
        task=task,
        status=status,
        **{"confidence": 0.94, "cost": FindingCost(machine=0.0011, analyst=0.4, quoted=0.0013), **more},
    )
    if decision is not None:
        decision = decision.model_copy(update={"finding": finding.id})
    return Outcome(finding=finding, decision=decision)


def decided(kind: DecisionKind, value: str | None = None, note: str | None = None) -> Decision:
    return Decision(finding="", kind=kind, value=value, note=note, at=AT, analyst_seconds=24.0)


def linkplus_outcomes(read_file: ReadFile) -> tuple[Outcome, ...]:
    """One of every state, over the LinkPlus sample."""
    document, pages = read_file.document, read_file.pages
    law = quoted(pages, LAW, "execution and performance.")
    return (
        found(
            document,
            "parties",
            "Link Plus Corporation; Axiometric, LLC",
            quoted(pages, "Link Plus Corporation"),
            quoted(pages, "Axiometric, LLC"),
            decision=decided(DecisionKind.EDIT, "Link Plus and Axiometric", "Short names do."),
        ),
        found(
            document,
            "governing-law",
            "Maryland",
            law,
            decision=decided(DecisionKind.ACCEPT, None, "As in 7.4."),
        ),
        found(
            document,
            "anti-assignment",
            ASSIGNMENT,
            quoted(pages, ASSIGNMENT, "of the other."),
            confidence=0.74,
        ),
        found(
            document,
            "insurance",
            "Marketing",
            quoted(pages, "Product Suites"),
            decision=decided(DecisionKind.REJECT, None, "Speaks of products, not of insurance."),
        ),
        outcome(document, "renewal-term", FindingStatus.ABSENT),
        outcome(document, "audit-rights", FindingStatus.ABSTAINED, reason="The evidence speaks both ways."),
        outcome(document, "expiration-date", FindingStatus.FAILED, reason="The model ran out of memory."),
    )


def line(title: str, outcomes: Sequence[Outcome] = ()) -> CostLine:
    states = [outcome.state for outcome in outcomes]
    return CostLine(
        title=title,
        outcomes={state: states.count(state) for state in OutcomeState},
        machine_seconds=42.0,
        kwh=0.00076,
        energy="estimated",
        machine=0.0077,
        analyst_seconds=168.0,
        analyst=2.80,
        quoted=0.0091,
        actual=2.8077,
        per_accepted=1.40,
    )


def reviewed(documents: Sequence[Document], outcomes: Sequence[Outcome], **more: Any) -> ReviewedMatter:
    tasks = dict.fromkeys(one.finding.task for one in outcomes)
    held: dict[str, Any] = {
        "name": "Acme renewal 2026",
        "at": AT,
        "packs": (PACK,),
        "models": (MODEL,),
        "documents": tuple(documents),
        "outcomes": tuple(outcomes),
        "titles": {task: TITLES.get(task, task) for task in tasks},
        "costs": Costs(
            currency="USD",
            rows=tuple(line(document.name) for document in documents),
            total=line("total", outcomes),
            sources=("Analyst $60.00 an hour (assumed).",),
        ),
    }
    return ReviewedMatter(**{**held, **more})


def document(name: str, number: int = 1, **more: Any) -> Document:
    sha256 = f"{number:064x}"[::-1]
    return Document(
        **{
            "id": sha256[:16],
            "name": name,
            "sha256": sha256,
            "pages": 1,
            "state": DocumentState.READY,
            **more,
        }
    )


def cited(words: str, page: int = 1) -> Citation:
    """A citation of words that stand nowhere: for tests of form only."""
    return Citation(page=page, start=0, end=len(words), quote=words)
