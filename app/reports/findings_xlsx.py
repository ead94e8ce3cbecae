"""All findings as a workbook: a grid, a list, the outcome costs, and what was reviewed with what."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from pydantic import JsonValue

from app.domain.finding import Outcome
from app.domain.kinds import DecisionKind, OutcomeState
from app.domain.listing import cited_items, items_of
from app.domain.summary import sentences_of
from app.reports.findings_csv import safe_cell
from app.reports.reviewed_matter import CostLine, ReviewedMatter
from app.reports.typed_cells import typed_cell
from app.reports.wording import (
    MARKS,
    STATES,
    STATUSES,
    answered_by,
    confidence_words,
    day,
    listed_lines,
    money_format,
    one_line,
    printable,
    shortened,
    standing_value,
)

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.workbook.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

GRID, LIST, ITEMS, SENTENCES = "Findings", "All findings", "Items of lists", "Summaries"
COSTS, ABOUT = "Outcome costs", "About"


class _Look(NamedTuple):
    fill: str | None
    ink: str


_LOOKS = {
    OutcomeState.ACCEPTED: _Look("DDF1E0", "14532D"),
    OutcomeState.EDITED: _Look("DCE9FB", "1E3A6E"),
    OutcomeState.REJECTED: _Look("F3F4F6", "6B7280"),
    OutcomeState.UNDECIDED: _Look(None, "111827"),
    OutcomeState.ABSTAINED: _Look("FFF4D6", "7A4B00"),
    OutcomeState.ABSENT: _Look(None, "6B7280"),
    OutcomeState.FAILED: _Look("FBE3E4", "8F1D22"),
}
_LINK = "1D4ED8"
_MOST_CHARACTERS = 32_000  # a cell takes 32,767
_MOST_IN_GRID = 300
_MOST_IN_COMMENT = 1_800
_COMMENT_WIDTH, _COMMENT_LINE, _COMMENT_COLUMNS, _COMMENT_LINES = 420, 17, 62, 26  # pixels, characters
_LIST = (
    ("Document", 30), ("Task", 24), ("State", 15), ("Value", 36), ("Value before the edit", 24),
    ("Confidence", 11), ("In words", 11), ("Pages", 8), ("Quote", 70), ("Reason", 36),
    ("Note", 36), ("Decided", 13), ("Machine", 11), ("Analyst", 11), ("Quoted", 11), ("Figure", 14),
    ("Unit", 12), ("Model", 30),
)  # fmt: skip
_ITEMS = (
    ("Document", 30), ("Task", 24), ("State", 15), ("Item", 28), ("Page", 8), ("In the text", 60),
    ("Quote", 70), ("Figure", 14), ("Unit", 12),
)  # fmt: skip
_SENTENCES = (
    ("Document", 30), ("Task", 24), ("State", 15), ("Sentence", 60), ("Page", 8), ("Quote", 70),
)  # fmt: skip
_COSTS = (
    ("document", 34), *((state.value, 11) for state in OutcomeState), ("machine seconds", 12),
    ("kWh", 11), ("energy is", 11), ("machine", 12), ("analyst seconds", 12), ("analyst", 12),
    ("together", 12), ("quoted", 12), ("per accepted outcome", 14),
)  # fmt: skip
_SECONDS = "#,##0.0"

Value = str | float | date | None


def findings_xlsx(reviewed: ReviewedMatter, links: Mapping[str, str]) -> bytes:
    """``links`` leads from a document's id to its file, relative to the workbook; it may be empty."""
    from openpyxl import Workbook

    book = Workbook()
    grid = book.worksheets[0]
    grid.title = GRID
    places = _Places(reviewed)
    _fill_grid(grid, reviewed, places)
    _fill_list(book.create_sheet(LIST), reviewed, places, links)
    if any(items_of(outcome.finding.value) for outcome in reviewed.outcomes):
        _fill_items(book.create_sheet(ITEMS), reviewed)
    if any(sentences_of(outcome.finding.value) for outcome in reviewed.outcomes):
        _fill_items(book.create_sheet(SENTENCES), reviewed, of_summaries=True)
    _fill_costs(book.create_sheet(COSTS), reviewed)
    _fill_about(book.create_sheet(ABOUT), reviewed)
    return _saved(book)


class _Places:
    """Where a finding stands in the grid and in the list."""

    def __init__(self, reviewed: ReviewedMatter) -> None:
        self.rows = {document.id: row for row, document in enumerate(reviewed.documents, start=2)}
        self.columns = {task: column for column, task in enumerate(reviewed.titles, start=2)}

    def in_grid(self, outcome: Outcome) -> str:
        from openpyxl.utils import get_column_letter

        column = get_column_letter(self.columns[outcome.finding.task])
        return f"{column}{self.rows[outcome.finding.document]}"


def _fill_grid(sheet: Worksheet, reviewed: ReviewedMatter, places: _Places) -> None:
    from openpyxl.comments import Comment

    _header(sheet, [("Document", 34), *((title, 30) for title in reviewed.titles.values())])
    for document in reviewed.documents:
        cell = _put(sheet, places.rows[document.id], 1, document.name)
        cell.font = _font(bold=True)
        if not document.state.readable and document.reason and reviewed.titles:
            _put(sheet, places.rows[document.id], 2, document.reason).font = _font(ink="8F1D22")
    for row, outcome in enumerate(reviewed.outcomes, start=2):
        finding = outcome.finding
        place = (places.rows[finding.document], places.columns[finding.task])
        cell = _put(sheet, *place, _in_grid(outcome))
        _paint(cell, outcome.state)
        _go(cell, f"'{LIST}'!A{row}", "Go to this finding in the list")
        text = _comment(outcome)
        if text:
            cell.comment = Comment(
                text, "Pincite", height=_COMMENT_LINE * (_lines(text) + 1), width=_COMMENT_WIDTH
            )
    _finish(sheet, "B2", len(reviewed.documents) + 1)


def _in_grid(outcome: Outcome) -> str:
    value = standing_value(outcome) or STATUSES[outcome.finding.status]
    return f"{MARKS[outcome.state]} {shortened(one_line(value), _MOST_IN_GRID)}"


def _comment(outcome: Outcome) -> str:
    """What the cell rests on, short enough to be read in one look."""
    finding, decision = outcome.finding, outcome.decision
    parts = listed_lines(finding) or [f"p. {c.page} “{one_line(c.quote)}”" for c in finding.citations]
    if finding.reason:
        parts.append(one_line(finding.reason))
    if decision is not None and decision.note:
        parts.append(f"Note: {one_line(decision.note)}")
    text = "\n\n".join(parts)
    if len(text) > _MOST_IN_COMMENT:
        text = f"{shortened(text, _MOST_IN_COMMENT)}\n\nThe whole of it is in the list."
    return text


def _lines(text: str) -> int:
    needed = sum(max(1, math.ceil(len(line) / _COMMENT_COLUMNS)) for line in text.split("\n"))
    return min(needed, _COMMENT_LINES)


def _fill_list(sheet: Worksheet, reviewed: ReviewedMatter, places: _Places, links: Mapping[str, str]) -> None:
    _header(sheet, _LIST)
    names = {document.id: document.name for document in reviewed.documents}
    price = money_format(reviewed.costs.currency)
    for row, outcome in enumerate(reviewed.outcomes, start=2):
        finding = outcome.finding
        values = _list_row(outcome, names[finding.document], reviewed.title(finding.task))
        for column, value in enumerate(values, start=1):
            _put(sheet, row, column, value)
        _paint(_cell(sheet, row, 3), outcome.state)
        _cell(sheet, row, 6).number_format = "0%"
        _cell(sheet, row, 12).number_format = "yyyy-mm-dd"
        for column in (13, 14, 15):
            _cell(sheet, row, column).number_format = price
        _put_figure(sheet, row, 16, None if _edited(outcome) else finding.value)
        _put(sheet, row, 18, answered_by(finding))
        task = _cell(sheet, row, 2)
        _go(task, f"'{GRID}'!{places.in_grid(outcome)}", "Go to the grid")
        task.font = _font(ink=_LINK, underline=True)
        if finding.document in links:
            document = _cell(sheet, row, 1)
            document.hyperlink = links[finding.document]
            document.font = _font(ink=_LINK, underline=True)
    _finish(sheet, "C2", len(reviewed.outcomes) + 1)


def _fill_items(sheet: Worksheet, reviewed: ReviewedMatter, of_summaries: bool = False) -> None:
    """One row for each item, so that amounts and dates can be filtered and sorted, or for each sentence."""
    _header(sheet, _SENTENCES if of_summaries else _ITEMS)
    names = {document.id: document.name for document in reviewed.documents}
    place = {outcome.finding.id: row for row, outcome in enumerate(reviewed.outcomes, start=2)}
    row = 1
    for outcome in reviewed.outcomes:
        finding = outcome.finding
        if of_summaries != bool(sentences_of(finding.value)):
            continue
        for item, citation in cited_items(finding):
            row += 1
            values: Sequence[Value] = (
                names[finding.document],
                reviewed.title(finding.task),
                f"{MARKS[outcome.state]} {STATES[outcome.state]}",
                item.display,
                citation.page,
                *(() if of_summaries else (item.words,)),
                citation.quote,
            )
            for column, value in enumerate(values, start=1):
                _put(sheet, row, column, value)
            _put_figure(sheet, row, 8, item.value)
            _paint(_cell(sheet, row, 3), outcome.state)
            _go(_cell(sheet, row, 2), f"'{LIST}'!A{place[finding.id]}", "Go to this finding in the list")
            _cell(sheet, row, 2).font = _font(ink=_LINK, underline=True)
    _finish(sheet, "D2", row)


def _put_figure(sheet: Worksheet, row: int, column: int, value: JsonValue) -> None:
    """The typed value and its unit, so that a column can be sorted and summed."""
    typed = typed_cell(value)
    if typed is not None:
        _put(sheet, row, column, typed.figure).number_format = typed.shape
        _put(sheet, row, column + 1, typed.unit)


def _edited(outcome: Outcome) -> bool:
    return outcome.decision is not None and outcome.decision.kind is DecisionKind.EDIT


def _list_row(outcome: Outcome, document: str, task: str) -> Sequence[Value]:
    finding, decision, edited = outcome.finding, outcome.decision, _edited(outcome)
    return (
        document,
        task,
        f"{MARKS[outcome.state]} {STATES[outcome.state]}",
        standing_value(outcome) if edited else "\n".join(listed_lines(finding)) or finding.display,
        finding.display if edited else "",
        finding.confidence,
        confidence_words(finding.confidence),
        ", ".join(dict.fromkeys(str(citation.page) for citation in finding.citations)),
        "\n\n".join(f"p. {c.page} “{c.quote}”" for c in finding.citations),
        finding.reason,
        decision.note if decision else None,
        decision.at.astimezone().replace(tzinfo=None) if decision else None,
        finding.cost.machine,
        finding.cost.analyst,
        finding.cost.quoted,
    )


def _fill_costs(sheet: Worksheet, reviewed: ReviewedMatter) -> None:
    _header(sheet, _COSTS)
    price = money_format(reviewed.costs.currency)
    formats = ["General", *["#,##0"] * len(OutcomeState), _SECONDS, "0.00####", "General", price, _SECONDS]
    formats += [price] * 4
    lines = (*reviewed.costs.rows, reviewed.costs.total)
    for row, line in enumerate(lines, start=2):
        for column, (value, shape) in enumerate(zip(_cost_row(line), formats, strict=True), start=1):
            cell = _put(sheet, row, column, value)
            cell.number_format = shape
            if row == len(lines) + 1:
                _underpin(cell)
    _finish(sheet, "B2", len(lines))
    notes = (
        f"Money is in {reviewed.costs.currency}: what the machine and the analyst took when it was done.",
        *reviewed.costs.sources,
    )
    for row, note in enumerate(notes, start=len(lines) + 3):
        cell = _put(sheet, row, 1, note)
        cell.font = _font(ink="6B7280")
        cell.alignment = _alignment(wrap=False)


def _cost_row(line: CostLine) -> Sequence[Value]:
    return (
        line.title,
        *(line.outcomes.get(state, 0) for state in OutcomeState),
        line.machine_seconds,
        line.kwh,
        "" if line.energy == "none" else line.energy,
        line.machine,
        line.analyst_seconds,
        line.analyst,
        line.actual,
        line.quoted,
        line.per_accepted,
    )


def _fill_about(sheet: Worksheet, reviewed: ReviewedMatter) -> None:
    _header(sheet, [("Matter", 18), (reviewed.name, 90)])
    rows: list[tuple[str, str]] = [("Date", day(reviewed.at))]
    rows += [("Pack", f"{pack.id} {pack.version}, SHA-256 {pack.sha256}") for pack in reviewed.packs]
    rows += [("Model", f"{model.id}, SHA-256 {model.sha256}") for model in reviewed.models]
    rows.append(("Citations", "Each was checked word for word against the text of its document."))
    for row, (name, text) in enumerate(rows, start=2):
        _put(sheet, row, 1, name)
        _put(sheet, row, 2, text)
    for row, state in enumerate(OutcomeState, start=len(rows) + 3):
        _paint(_put(sheet, row, 1, f"{MARKS[state]} {STATES[state]}"), state)
    _print_well(sheet)


def _header(sheet: Worksheet, columns: Sequence[tuple[str, int]]) -> None:
    from openpyxl.utils import get_column_letter

    for column, (title, width) in enumerate(columns, start=1):
        cell = _put(sheet, 1, column, title)
        cell.font = _font(bold=True)
        cell.fill = _fill("E5E7EB")
        sheet.column_dimensions[get_column_letter(column)].width = width


def _finish(sheet: Worksheet, frozen: str, rows: int) -> None:
    from openpyxl.utils import get_column_letter

    sheet.freeze_panes = frozen
    sheet.auto_filter.ref = f"A1:{get_column_letter(max(1, sheet.max_column))}{max(1, rows)}"
    _print_well(sheet)


def _print_well(sheet: Worksheet) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    cast(Any, sheet.oddFooter).center.text = "Page &P of &N"


def _put(sheet: Worksheet, row: int, column: int, value: Value) -> Cell:
    cell = _cell(sheet, row, column)
    # printable first: a control character that is dropped must not uncover a formula
    cell.value = safe_cell(printable(value))[:_MOST_CHARACTERS] if isinstance(value, str) else value
    cell.alignment = _alignment(wrap=True)
    return cell


def _cell(sheet: Worksheet, row: int, column: int) -> Cell:
    from openpyxl.cell.cell import Cell

    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    return cell


def _paint(cell: Cell, state: OutcomeState) -> None:
    look = _LOOKS[state]
    if look.fill is not None:
        cell.fill = _fill(look.fill)
    cell.font = _font(ink=look.ink, strike=state is OutcomeState.REJECTED)


def _underpin(cell: Cell) -> None:
    from openpyxl.styles import Border, Side

    cell.font = _font(bold=True)
    cell.border = Border(top=Side("thin", color="6B7280"))


def _go(cell: Cell, location: str, tip: str) -> None:
    from openpyxl.worksheet.hyperlink import Hyperlink

    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=location, tooltip=tip)


@cache
def _font(ink: str = "111827", bold: bool = False, strike: bool = False, underline: bool = False) -> Font:
    from openpyxl.styles import Font

    underlined = "single" if underline else None
    return Font(name="Calibri", size=11, color=ink, bold=bold, strike=strike, underline=underlined)


@cache
def _fill(colour: str) -> PatternFill:
    from openpyxl.styles import PatternFill

    return PatternFill("solid", fgColor=colour)


@cache
def _alignment(wrap: bool) -> Alignment:
    from openpyxl.styles import Alignment

    return Alignment(wrap_text=wrap, vertical="top")


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
