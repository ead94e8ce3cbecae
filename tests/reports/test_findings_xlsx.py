from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from app.domain.kinds import DecisionKind, DocumentState, FindingStatus, OutcomeState
from app.reports.findings_xlsx import ABOUT, COSTS, GRID, LIST, findings_xlsx
from app.reports.reviewed_matter import Costs, ReviewedMatter
from tests.reports.made import cited, decided, document, found, line, outcome, reviewed

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\x0b=1", " =1", "\x00=1", "\ufeff=1", "\n@x"]


def opened(review: ReviewedMatter, links: Mapping[str, str] | None = None) -> Workbook:
    return load_workbook(io.BytesIO(findings_xlsx(review, links or {})))


@pytest.fixture(scope="module")
def book(linkplus_review: ReviewedMatter) -> Workbook:
    return opened(linkplus_review)


def row_of(book: Workbook, task: str) -> dict[str, Any]:
    rows = list(book[LIST].iter_rows())
    names = [str(cell.value) for cell in rows[0]]
    (row,) = [row for row in rows[1:] if row[1].value == task]
    return dict(zip(names, row, strict=True))


def grid_cell(book: Workbook, task: str) -> Any:
    """In the row of the first document."""
    (column,) = [cell.column for cell in book[GRID][1] if cell.value == task]
    return book[GRID].cell(2, column)


def test_there_is_a_grid_a_list_the_costs_and_what_was_reviewed_with_what(book: Workbook) -> None:
    assert book.sheetnames == [GRID, LIST, COSTS, ABOUT]
    about = {row[0].value: row[1].value for row in book[ABOUT].iter_rows()}
    assert about["Matter"] == "Acme renewal 2026"
    assert about["Pack"] == f"contracts 1.2.0, SHA-256 {'ab' * 32}"
    assert about["Model"] == f"small-model, SHA-256 {'cd' * 32}"


def test_the_grid_has_tasks_by_title_and_the_standing_value_with_its_mark(book: Workbook) -> None:
    titles = [cell.value for cell in book[GRID][1]]
    assert titles[:3] == ["Document", "Parties", "Governing law"]
    shown = {str(title): grid_cell(book, str(title)).value for title in titles[1:]}
    assert shown["Parties"] == "✎ Link Plus and Axiometric"
    assert shown["Governing law"] == "✓ Maryland"
    assert shown["Insurance"] == "✗ Marketing"
    assert shown["Renewal term"] == "– absent"
    assert shown["Audit rights"] == "? not sure"
    assert shown["Expiration date"] == "! failed"


def test_a_decision_shows_in_the_cell_and_no_two_decisions_look_alike(book: Workbook) -> None:
    looks = {
        task: (
            cell.fill.fgColor.rgb if cell.fill.patternType else None,
            cell.font.color.rgb,
            cell.font.strike,
        )
        for task in (
            "Governing law",
            "Parties",
            "Insurance",
            "Anti-assignment",
            "Audit rights",
            "Expiration date",
        )
        for cell in [grid_cell(book, task)]
    }
    assert len(set(looks.values())) == len(looks)
    assert looks["Insurance"][2]
    assert not looks["Governing law"][2]


def test_a_comment_holds_pages_quotes_and_note_and_is_large_enough_to_read(
    linkplus_review: ReviewedMatter,
) -> None:
    data = findings_xlsx(linkplus_review, {})
    comment = grid_cell(load_workbook(io.BytesIO(data)), "Governing law").comment
    assert comment.text.startswith("p. 6 “7.4 This Agreement shall be construed")
    assert comment.text.endswith("Note: As in 7.4.")
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        (drawing,) = [name for name in held.namelist() if name.endswith(".vml")]
        sizes = re.findall(r"width:(\d+)px;height:(\d+)px", held.read(drawing).decode())
    assert {int(width) for width, _ in sizes} == {420}
    heights = [int(height) for _, height in sizes]
    assert all(30 <= height <= 500 for height in heights)
    assert max(heights) > 2 * min(heights)


def test_a_long_quote_is_cut_in_the_comment_and_whole_in_the_list() -> None:
    held = document("a.pdf")
    quote = "so it is said " * 400 + "END"
    made = opened(reviewed([held], [found(held, "parties", "Acme", cited(quote))]))
    comment = made[GRID]["B2"].comment
    assert comment is not None
    assert len(comment.text) < 2_000
    assert comment.text.endswith("The whole of it is in the list.")
    assert str(row_of(made, "Parties")["Quote"].value).endswith("END”")


def test_each_grid_cell_leads_to_its_row_of_the_list_and_back(book: Workbook) -> None:
    for cells in book[GRID].iter_rows(min_row=2, min_col=2):
        for cell in cells:
            sheet, place = str(cell.hyperlink.location).rsplit("!", 1)
            assert sheet.strip("'") == LIST
            row = book[LIST][place].row
            assert book[LIST].cell(row, 2).value == book[GRID].cell(1, cell.column).value
            back = book[LIST].cell(row, 2).hyperlink
            assert back.location == f"'{GRID}'!{cell.coordinate}"


def test_a_document_leads_to_its_file_only_where_there_is_a_link(linkplus_review: ReviewedMatter) -> None:
    key = linkplus_review.documents[0].id
    linked = opened(linkplus_review, {key: "files/8d/8dbc"})[LIST]["A2"]
    assert linked.hyperlink.target == "files/8d/8dbc"
    assert linked.value == "LinkPlus affiliate agreement.pdf"
    assert opened(linkplus_review)[LIST]["A2"].hyperlink is None


def test_the_list_has_every_finding_with_figures_as_figures(
    book: Workbook, linkplus_review: ReviewedMatter
) -> None:
    assert book[LIST].max_row == 1 + len(linkplus_review.outcomes)
    law = row_of(book, "Governing law")
    assert (law["Value"].value, law["State"].value) == ("Maryland", "✓ Accepted")
    assert (law["Confidence"].value, law["Confidence"].number_format) == (0.94, "0%")
    assert law["In words"].value == "Sure"
    assert (law["Machine"].value, law["Machine"].number_format) == (0.0011, '"$"#,##0.00####')
    assert law["Decided"].value.year == 2026
    citation = linkplus_review.outcomes[1].finding.citations[0]
    assert law["Quote"].value == f"p. 6 “{citation.quote}”"
    parties = row_of(book, "Parties")
    assert parties["Value"].value == "Link Plus and Axiometric"
    assert parties["Value before the edit"].value == "Link Plus Corporation; Axiometric, LLC"
    assert row_of(book, "Audit rights")["Reason"].value == "The evidence speaks both ways."


def test_costs_have_the_currency_and_a_total(linkplus_review: ReviewedMatter) -> None:
    total = line("total", linkplus_review.outcomes)
    costs = Costs(currency="EUR", rows=(line("a.pdf"), line("b.pdf")), total=total, sources=("A source.",))
    sheet = opened(linkplus_review.model_copy(update={"costs": costs}))[COSTS]
    names = [cell.value for cell in sheet[1]]
    last = dict(zip(names, sheet[4], strict=True))
    assert last["document"].value == "total"
    assert last["document"].font.bold
    assert (last["analyst"].value, last["analyst"].number_format) == (2.80, '"€"#,##0.00####')
    assert last["energy is"].value == "estimated"
    assert [last[state.value].value for state in OutcomeState] == [1] * 7
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "A source." in texts
    assert not any("token" in text.lower() for text in texts)


@pytest.mark.parametrize("sheet", [GRID, LIST, COSTS])
def test_tables_can_be_filtered_scrolled_under_their_header_and_printed(book: Workbook, sheet: str) -> None:
    held = book[sheet]
    assert held.freeze_panes in ("B2", "C2")
    assert str(held.auto_filter.ref).startswith("A1:")
    assert (held.page_setup.orientation, held.page_setup.fitToWidth, held.page_setup.fitToHeight) == (
        "landscape",
        1,
        0,
    )
    assert held.sheet_properties.pageSetUpPr is not None
    assert held.sheet_properties.pageSetUpPr.fitToPage
    assert held.print_title_rows == "$1:$1"
    assert held["A2"].alignment.wrap_text


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_from_a_document_or_a_person_becomes_a_formula(text: str) -> None:
    held = document(text, reason=text)
    outcomes = [
        found(held, "parties", text, cited(text), decision=decided(DecisionKind.EDIT, text, text)),
        outcome(held, "law", FindingStatus.FAILED, reason=text),
    ]
    costs = Costs(currency="USD", rows=(line(text),), total=line(text), sources=(text,))
    made = opened(reviewed([held], outcomes, name=text, titles={"parties": text, "law": text}, costs=costs))
    for sheet in made:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                if isinstance(cell.value, str):
                    assert not cell.value.lstrip().startswith(("=", "+", "-", "@"))


def test_control_characters_and_halves_of_characters_do_no_harm() -> None:
    held = document("a.pdf")
    text = "wo\x0brd\x00\x1f\ud800\ufffe"
    made = opened(reviewed([held], [found(held, "parties", text, cited(text))]))
    assert row_of(made, "Parties")["Quote"].value == "p. 1 “wo rd”"
    assert made[GRID]["B2"].comment.text == "p. 1 “wo rd”"


def test_a_document_without_text_says_why_in_its_row() -> None:
    locked = document("Exhibit B.pdf", state=DocumentState.LOCKED, reason="The file needs a password.")
    other = document("b.pdf", 2)
    made = opened(reviewed([locked, other], [found(other, "parties", "Acme", cited("Acme"))]))
    assert made[GRID]["A2"].value == "Exhibit B.pdf"
    assert made[GRID]["B2"].value == "The file needs a password."
    assert made[GRID]["B3"].value == "● Acme"


def test_an_empty_matter_makes_a_workbook_that_opens() -> None:
    made = opened(reviewed([], []))
    assert made[GRID]["A1"].value == "Document"
    assert made[LIST].max_row == 1


def test_a_value_longer_than_a_cell_takes_is_cut() -> None:
    held = document("a.pdf")
    made = opened(reviewed([held], [found(held, "parties", "x " * 40_000, cited("x"))]))
    assert len(row_of(made, "Parties")["Value"].value) == 32_000
    assert len(made[GRID]["B2"].value) < 310
