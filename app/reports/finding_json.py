"""One finding as the command line's contract writes it."""

from __future__ import annotations

from pydantic import JsonValue

from app.domain.finding import Citation, Decision, Finding, Outcome
from app.domain.text import Document


def finding_json(outcome: Outcome, document: Document) -> dict[str, JsonValue]:
    """The keys of "JSON of one finding" in the command line's contract, in its order."""
    finding = outcome.finding
    return {
        "id": finding.id,
        "document": {"id": document.id, "name": document.name, "sha256": document.sha256},
        "task": finding.task,
        "status": finding.status.value,
        "value": finding.value,
        "display": finding.display,
        "confidence": finding.confidence,
        "citations": [_citation_json(citation) for citation in finding.citations],
        "reason": finding.reason,
        "decision": _decision_json(outcome.decision),
        "cost": finding.cost.model_dump(mode="json"),
        **_readings_json(finding),
    }


def _readings_json(finding: Finding) -> dict[str, JsonValue]:
    """Only where more than one model was asked, or one elsewhere: who answered, and what each one said."""
    by = finding.answered_by
    if by is None or (len(finding.readings) < 2 and not finding.sent_to):
        return {}
    read: list[JsonValue] = [
        one.model_dump(mode="json", exclude={"model_calls"} | ({"sent_to"} if not one.sent_to else set()))
        for one in finding.readings
    ]
    return {"model": by.model_dump(), "readings": read}


def _citation_json(citation: Citation) -> dict[str, JsonValue]:
    boxes: list[JsonValue] = [[*box] for box in citation.boxes]
    return {
        "page": citation.page,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "boxes": boxes,
    }


def _decision_json(decision: Decision | None) -> JsonValue:
    if decision is None:
        return None
    return {
        "kind": decision.kind.value,
        "value": decision.value,
        "note": decision.note,
        "at": decision.at.isoformat(),
    }
