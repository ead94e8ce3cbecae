import csv
import io

import pytest

from app.domain.finding import Citation, Finding, Outcome
from app.domain.kinds import DocumentState, FindingStatus
from app.domain.text import Document
from app.reports.finding_json import finding_json
from app.reports.findings_csv import COLUMNS, findings_csv, safe_cell

DOCUMENT = Document(id="a" * 16, name="=MSA.pdf", sha256="a" * 64, pages=1, state=DocumentState.READY)


def _outcome(quote: str) -> Outcome:
    cite = Citation(page=3, start=0, end=len(quote), quote=quote)
    return Outcome(
        finding=Finding(
            id="f1", document=DOCUMENT.id, task="parties", status=FindingStatus.FOUND, citations=(cite,)
        )
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\x0b=", " =", "\x00=", "\ufeff@"])
def test_no_text_opens_as_a_formula_whatever_a_program_drops_before_it(start: str) -> None:
    assert safe_cell(start + "1") == "'" + start + "1"


@pytest.mark.parametrize("text", ["", "Delaware", "a=b", "5 - 3", "“=”", "\nDelaware"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


def test_a_quote_with_lines_commas_and_marks_comes_back_whole() -> None:
    quote = 'one, "two"\nthree é'
    data = findings_csv([_outcome(quote)], {DOCUMENT.id: DOCUMENT})
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[0] == list(COLUMNS)
    assert rows[1][0] == "'=MSA.pdf"
    assert rows[1][6] == quote


def test_a_finding_has_exactly_the_keys_of_the_contract() -> None:
    made = finding_json(_outcome("words"), DOCUMENT)
    assert list(made) == [
        "id",
        "document",
        "task",
        "status",
        "value",
        "display",
        "confidence",
        "citations",
        "reason",
        "decision",
        "cost",
    ]
    assert made["decision"] is None
