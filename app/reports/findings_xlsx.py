"""All findings as a workbook: a grid, a list and the outcome costs."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from app.domain.finding import FindingStatus, Outcome
from app.domain.text import Document
from app.reports.findings_csv import COLUMNS, finding_row, safe_cell

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

_LOOKS = {
    FindingStatus.FOUND: ("● ", "DDEFDD"),
    FindingStatus.ABSENT: ("○ ", "EEEEEE"),
    FindingStatus.ABSTAINED: ("? ", "FFF2CC"),
    FindingStatus.FAILED: ("✕ ", "F8D7DA"),
}
_MOST_CHARACTERS = 32_000  # a cell takes 32,767


def findings_xlsx(
    outcomes: Sequence[Outcome],
    documents: Mapping[str, Document],
    titles: Mapping[str, str],
    costs: Sequence[Sequence[str | float | None]],
) -> bytes:
    """``titles`` names tasks by id, in the order of the columns; ``costs`` is a table, header first."""
    from openpyxl import Workbook

    book = Workbook()
    grid = book.worksheets[0]
    grid.title = "Findings"
    _fill_grid(grid, outcomes, documents, titles)
    everything = book.create_sheet("All findings")
    _fill_table(everything, [COLUMNS, *(finding_row(o, documents[o.finding.document]) for o in outcomes)])
    _fill_table(book.create_sheet("Outcome costs"), costs)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill_grid(
    sheet: Worksheet,
    outcomes: Sequence[Outcome],
    documents: Mapping[str, Document],
    titles: Mapping[str, str],
) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    _fill_table(sheet, [["Document", *titles.values()]])
    rows = {document: row for row, document in enumerate(documents, start=2)}
    columns = {task: column for column, task in enumerate(titles, start=2)}
    for document, row in rows.items():
        _put(sheet, row, 1, documents[document].name)
    for outcome in outcomes:
        finding = outcome.finding
        mark, colour = _LOOKS[finding.status]
        cell = _put(
            sheet, rows[finding.document], columns[finding.task], mark + (finding.display or finding.status)
        )
        cell.fill = PatternFill("solid", fgColor=colour)
        notes = [f"p. {citation.page} “{citation.quote}”" for citation in finding.citations]
        if notes or finding.reason:
            text = _without_controls("\n".join(notes) or finding.reason or "")
            cell.comment = Comment(text[:_MOST_CHARACTERS], "Pincite")


def _fill_table(sheet: Worksheet, rows: Sequence[Sequence[str | float | None]]) -> None:
    from openpyxl.styles import Font

    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = _put(sheet, number, column, value)
            if number == 1:
                cell.font = Font(bold=True)
                sheet.column_dimensions[cell.column_letter].width = 24
    sheet.freeze_panes = "A2"


def _put(sheet: Worksheet, row: int, column: int, value: str | float | None) -> Cell:
    from openpyxl.cell.cell import Cell

    shown = _without_controls(safe_cell(value))[:_MOST_CHARACTERS] if isinstance(value, str) else value
    cell = sheet.cell(row, column, shown)
    assert isinstance(cell, Cell)
    return cell


def _without_controls(text: str) -> str:
    """XML cannot hold control characters; a page may."""
    return "".join(c if c >= " " or c in "\t\n\r" else " " for c in text)
