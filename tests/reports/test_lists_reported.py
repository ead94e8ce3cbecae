"""A list in every report: all its items, each with its page."""

from __future__ import annotations

import csv
import io

import openpyxl
import pymupdf
import pytest
from docx import Document as WordFile

from app.domain.finding import Outcome
from app.domain.kinds import DecisionKind
from app.domain.listing import ListedItem, list_value
from app.domain.ports import ReadFile
from app.reports.annotated_pdf import annotated_pdf
from app.reports.findings_csv import COLUMNS, findings_csv
from app.reports.findings_xlsx import GRID, ITEMS, LIST, findings_xlsx
from app.reports.review_memo_docx import review_memo
from tests.conftest import SAMPLES
from tests.reports.made import decided, found, quoted, reviewed

FILE = SAMPLES / "LinkPlus affiliate agreement.pdf"
LEFT_OUT = "2 more sentences were not read, the least likely ones: page 6."


@pytest.fixture
def listed(linkplus: ReadFile) -> Outcome:
    pages = linkplus.pages
    late, due = quoted(pages, "3.5.2 Payments", "received."), quoted(pages, "3.5.1 Payments", "quarter.")
    items = (
        ListedItem(display="45 days", words="within 45 days of the close", citation=0),
        ListedItem(
            display="30 days",
            words="within thirty (30) days after",
            value={"count": 30, "unit": "day"},
            citation=1,
        ),
    )
    return found(
        linkplus.document,
        "periods",
        "2 items: 45 days; 30 days",
        due,
        late,
        value=list_value(items),
        reason=LEFT_OUT,
    )


def pages_of(outcome: Outcome) -> list[int]:
    return [citation.page for citation in outcome.finding.citations]


def test_csv_has_a_line_for_each_item(listed: Outcome, linkplus: ReadFile) -> None:
    text = findings_csv([listed], {linkplus.document.id: linkplus.document}).decode("utf-8-sig")
    row = dict(zip(COLUMNS, list(csv.reader(io.StringIO(text, newline="")))[1], strict=True))
    first, second = pages_of(listed)
    assert row["value"].split("\n") == [
        f"p. {first} 45 days: within 45 days of the close",
        f"p. {second} 30 days: within thirty (30) days after",
    ]
    assert row["reason"] == LEFT_OUT


def test_the_workbook_has_a_sheet_with_a_row_for_each_item(listed: Outcome, linkplus: ReadFile) -> None:
    book = openpyxl.load_workbook(io.BytesIO(findings_xlsx(reviewed([linkplus.document], [listed]), {})))
    rows = list(book[ITEMS].iter_rows(min_row=2, values_only=True))
    assert [(row[3], row[4], row[5]) for row in rows] == [
        ("45 days", pages_of(listed)[0], "within 45 days of the close"),
        ("30 days", pages_of(listed)[1], "within thirty (30) days after"),
    ]
    assert book[LIST]["D2"].value.count("\n") == 1
    assert book[GRID]["B2"].value == "● 2 items: 45 days; 30 days"
    assert "30 days: within thirty (30) days after" in book[GRID]["B2"].comment.text


def test_a_workbook_without_lists_has_no_sheet_for_them(linkplus_review) -> None:  # type: ignore[no-untyped-def]
    assert ITEMS not in openpyxl.load_workbook(io.BytesIO(findings_xlsx(linkplus_review, {}))).sheetnames


def test_the_memo_has_a_table_of_the_items_and_says_what_is_left_out(
    listed: Outcome, linkplus: ReadFile
) -> None:
    memo = WordFile(io.BytesIO(review_memo(reviewed([linkplus.document], [listed]))))
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in memo.tables]
    held = next(table for table in tables if table[0] == ["Item", "Page", "In the text"])
    assert held[1] == ["45 days", str(pages_of(listed)[0]), "within 45 days of the close"]
    assert len(held) == 3
    said = [paragraph.text for paragraph in memo.paragraphs]
    assert "2 items" in said
    assert LEFT_OUT in said


def test_an_edited_list_says_what_the_analyst_says(listed: Outcome, linkplus: ReadFile) -> None:
    decision = decided(DecisionKind.EDIT, "45 days only").model_copy(update={"finding": listed.finding.id})
    edited = listed.model_copy(update={"decision": decision})
    review = reviewed([linkplus.document], [edited])
    memo = WordFile(io.BytesIO(review_memo(review)))
    assert "45 days only" in [paragraph.text for paragraph in memo.paragraphs]
    sheet = openpyxl.load_workbook(io.BytesIO(findings_xlsx(review, {})))[LIST]
    assert (sheet["D2"].value, sheet["E2"].value) == ("45 days only", "2 items: 45 days; 30 days")


def test_a_comment_in_the_pdf_names_the_item_that_it_stands_at(listed: Outcome) -> None:
    data = annotated_pdf(FILE, FILE.name, reviewed([], [listed]), [listed])
    with pymupdf.open(stream=data) as pdf:
        comments = [mark.info["content"] for page in pdf for mark in page.annots()]
    assert sorted(comment.split("\n")[0] for comment in comments) == ["periods: 30 days", "periods: 45 days"]


def test_an_item_with_a_figure_has_it_and_its_unit_in_cells_of_their_own(
    listed: Outcome, linkplus: ReadFile
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(findings_xlsx(reviewed([linkplus.document], [listed]), {})))
    rows = list(book[ITEMS].iter_rows(min_row=2, min_col=8, max_col=9, values_only=True))
    assert rows == [(None, None), (30, "day")]
