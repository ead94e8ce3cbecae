"""All findings as a CSV file that spreadsheets open safely."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from app.domain.finding import Outcome
from app.domain.text import Document
from app.reports.wording import answered_by, listed_lines

COLUMNS = (
    "document", "task", "status", "value", "confidence", "page", "quote", "reason",
    "decision", "decided value", "note", "currency", "machine cost", "analyst cost", "quoted cost",
    "model",
)  # fmt: skip

_FORMULA_STARTS = ("=", "+", "-", "@")
_PASSED_OVER = "".join(map(chr, range(33))) + "\x7f\xa0\ufeff"


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula (OWASP, CSV injection), whatever it drops at its start."""
    formula = text.startswith(("\t", "\r")) or text.lstrip(_PASSED_OVER).startswith(_FORMULA_STARTS)
    return f"'{text}" if formula else text


def findings_csv(outcomes: Sequence[Outcome], documents: Mapping[str, Document]) -> bytes:
    """RFC 4180 with a byte order mark; a finding is one row, its citations and a list's items a line each."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for outcome in outcomes:
        writer.writerow(finding_row(outcome, documents[outcome.finding.document]))
    return out.getvalue().encode("utf-8-sig")


def finding_row(outcome: Outcome, document: Document) -> tuple[str | float | None, ...]:
    """One row in the order of ``COLUMNS``; numbers stay numbers, text is safe to open."""
    finding, decision = outcome.finding, outcome.decision
    return (
        safe_cell(document.name),
        safe_cell(finding.task),
        finding.status.value,
        safe_cell("\n".join(listed_lines(finding)) or finding.display),
        finding.confidence,
        "\n".join(str(citation.page) for citation in finding.citations),
        safe_cell("\n".join(citation.quote for citation in finding.citations)),
        safe_cell(finding.reason or ""),
        decision.kind.value if decision else "",
        safe_cell((decision.value or "") if decision else ""),
        safe_cell((decision.note or "") if decision else ""),
        finding.cost.currency,
        finding.cost.machine,
        finding.cost.analyst,
        finding.cost.quoted,
        safe_cell(answered_by(finding)),
    )
