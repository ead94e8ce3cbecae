"""A summary in every report: all its sentences, each with its page and the words it rests on."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pymupdf
import pytest
from docx import Document as WordFile

from app.domain.finding import Outcome
from app.domain.kinds import DecisionKind
from app.domain.ports import ReadFile
from app.domain.summary import SummarySentence, summary_value
from app.reports.annotated_pdf import annotated_pdf
from app.reports.finding_json import finding_json
from app.reports.findings_csv import COLUMNS, findings_csv
from app.reports.findings_xlsx import GRID, ITEMS, LIST, SENTENCES, findings_xlsx
from app.reports.review_memo_docx import review_memo
from tests.conftest import SAMPLES
from tests.reports.made import decided, found, quoted, reviewed

FILE = SAMPLES / "LinkPlus affiliate agreement.pdf"
LEFT_OUT = "1 sentence was left out: the document's words did not support it."
SAID = ("Payments are due within 45 days.", "Late payments bear interest.")


@pytest.fixture
def summed_up(linkplus: ReadFile) -> Outcome:
    pages = linkplus.pages
    late, due = quoted(pages, "3.5.2 Payments", "received."), quoted(pages, "3.5.1 Payments", "quarter.")
    return found(
        linkplus.document,
        "in-short",
        SAID[0],
        due,
        late,
        value=summary_value([SummarySentence(SAID[0], (0,)), SummarySentence(SAID[1], (1,))]),
        reason=LEFT_OUT,
    )


def pages_of(outcome: Outcome) -> list[int]:
    return [citation.page for citation in outcome.finding.citations]


def edited(outcome: Outcome, value: str) -> Outcome:
    decision = decided(DecisionKind.EDIT, value).model_copy(update={"finding": outcome.finding.id})
    return outcome.model_copy(update={"decision": decision})


def test_json_has_the_sentences_with_the_numbers_of_their_citations(
    summed_up: Outcome, linkplus: ReadFile
) -> None:
    written = json.loads(json.dumps(finding_json(summed_up, linkplus.document)))
    assert written["value"] == {
        "sentences": [{"text": SAID[0], "citations": [0]}, {"text": SAID[1], "citations": [1]}]
    }
    assert (written["display"], written["reason"]) == (SAID[0], LEFT_OUT)
    assert len(written["citations"]) == 2


def test_csv_has_a_line_for_each_sentence(summed_up: Outcome, linkplus: ReadFile) -> None:
    text = findings_csv([summed_up], {linkplus.document.id: linkplus.document}).decode("utf-8-sig")
    row = dict(zip(COLUMNS, list(csv.reader(io.StringIO(text, newline="")))[1], strict=True))
    lines = [f"p. {page} {said}" for page, said in zip(pages_of(summed_up), SAID, strict=True)]
    assert row["value"].split("\n") == lines
    assert row["reason"] == LEFT_OUT


def test_the_workbook_has_a_sheet_with_a_row_for_each_sentence(
    summed_up: Outcome, linkplus: ReadFile
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(findings_xlsx(reviewed([linkplus.document], [summed_up]), {})))
    assert ITEMS not in book.sheetnames
    rows = list(book[SENTENCES].iter_rows(values_only=True))
    assert rows[0][3:6] == ("Sentence", "Page", "Quote")
    assert [row[3:5] for row in rows[1:]] == list(zip(SAID, pages_of(summed_up), strict=True))
    assert rows[1][5] == summed_up.finding.citations[0].quote
    assert book[LIST]["D2"].value.count("\n") == 1
    assert book[GRID]["B2"].value == f"● {SAID[0]}"
    assert SAID[1] in book[GRID]["B2"].comment.text


def test_the_memo_has_the_sentences_beside_the_words_they_rest_on_and_says_what_is_left_out(
    summed_up: Outcome, linkplus: ReadFile
) -> None:
    memo = WordFile(io.BytesIO(review_memo(reviewed([linkplus.document], [summed_up]))))
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in memo.tables]
    held = next(table for table in tables if table[0] == ["Summed up", "Page", "In the text"])
    assert [row[0] for row in held[1:]] == list(SAID)
    assert held[1][2] == " ".join(summed_up.finding.citations[0].quote.split())
    said = [paragraph.text for paragraph in memo.paragraphs]
    assert "2 sentences" in said
    assert LEFT_OUT in said


def test_an_edited_summary_says_what_the_analyst_says(summed_up: Outcome, linkplus: ReadFile) -> None:
    review = reviewed([linkplus.document], [edited(summed_up, "Pay in time.")])
    memo = WordFile(io.BytesIO(review_memo(review)))
    assert "Pay in time." in [paragraph.text for paragraph in memo.paragraphs]
    sheet = openpyxl.load_workbook(io.BytesIO(findings_xlsx(review, {})))[LIST]
    assert (sheet["D2"].value, sheet["E2"].value) == ("Pay in time.", SAID[0])


def test_a_comment_in_the_pdf_has_the_sentence_that_rests_on_these_words(summed_up: Outcome) -> None:
    data = annotated_pdf(FILE, FILE.name, reviewed([], [summed_up]), [summed_up])
    with pymupdf.open(stream=data) as pdf:
        comments = [mark.info["content"] for page in pdf for mark in page.annots()]
    assert sorted(comment.split("\n")[0] for comment in comments) == sorted(f"in-short: {s}" for s in SAID)
