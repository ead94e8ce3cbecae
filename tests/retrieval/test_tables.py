"""Rows of tables are told from prose, and each keeps what heads its table."""

from __future__ import annotations

from app.domain.text import Aside, Page, canonical_text
from retrieval.passages import split_passages
from retrieval.sentences import split_sentences, without_asides
from retrieval.tables import tables_of

ROWS = (
    "Cash and cash equivalents $ 1,526 $ 1,499",
    "Accounts receivable, net 657 542",
    "Inventories 110 —",
    "Other accrued liabilities (2,151 ) (2,114 )",
    "Total current assets $ 2,526 $ 2,376",
)
HEAD = "BALANCE SHEETS\n\n(In millions)\n\nJune 30, 2023 2022"
SHEET = "\n".join((HEAD, "Current assets:", *ROWS))
PROSE = """We lease space in 12 cities. As of June 30, 2023 our leases ran to
June 30, 2030 and their cost was, on average and before taxes, in each of these years, $1,200 or more
a month. We paid rent of $300 in 2023 and of $280 in 2022, as well as dues of 15.0%
of what we had taken in from those who rent from us."""


def page_of(text: str, *asides: Aside) -> Page:
    return Page(number=1, start=0, text=text, width=612, height=792, asides=asides)


def test_a_table_has_rows_and_a_head_without_the_headings_of_its_parts() -> None:
    (table,) = tables_of(f"Words before.\n\n{SHEET}\n\nWords after.")
    text = f"Words before.\n\n{SHEET}\n\nWords after."
    assert [text[row.start : row.end] for row in table.rows] == list(ROWS)
    assert table.head is not None
    assert text[table.head.start : table.head.end] == HEAD


def test_prose_numbers_of_pages_and_contents_are_no_tables() -> None:
    assert tables_of(PROSE) == ()
    assert tables_of("1\n2\n3\n4\n- 5 -\n6.1\n6.2") == ()
    assert tables_of("Item 1. Business 5\nItem 2. Properties 17\nItem 3. Legal 18\nItem 4. Mines 19") == ()
    assert tables_of("Notes due\n2025\n2026\n2027\n2028") == ()


def test_a_second_line_of_years_begins_another_table() -> None:
    text = f"{SHEET}\n\nCASH FLOWS\nYears ended June 30, 2023 2022 2021\n" + "\n".join(ROWS)
    first, second = tables_of(text)
    assert len(first.rows) == len(second.rows) == len(ROWS)
    assert second.head is not None
    assert text[second.head.start : second.head.end] == "CASH FLOWS\nYears ended June 30, 2023 2022 2021"


def test_a_table_that_goes_right_on_from_another_takes_no_rows_for_its_head() -> None:
    text = f"{SHEET}\n" + "\n".join(["Words"] * 8) + "\n" + "\n".join(ROWS)
    _, second = tables_of(text)
    assert second.head is None or text[second.head.start : second.head.end].startswith("Words")


def test_each_row_is_a_sentence_with_the_words_above_it() -> None:
    page = page_of(SHEET)
    sentences = [SHEET[s.span.start : s.span.end] for s in split_sentences([page])]
    assert sentences[-4:] == list(ROWS[1:])
    assert sentences[-5] == f"Current assets:\n{ROWS[0]}"


def test_rows_behind_the_first_passage_know_what_heads_their_table() -> None:
    text = SHEET + "\n" + "\n".join(ROWS * 6) + "\n\nWhat follows is no part of it, and says so at length."
    pages = (page_of(text),)
    passages = split_passages(pages, split_sentences(pages))
    assert len(passages) > 2
    assert passages[0].table is None
    for passage in passages[1:]:
        assert passage.table is not None
        assert canonical_text(pages)[passage.table.start : passage.table.end] == HEAD


def test_a_running_header_is_no_part_of_a_head() -> None:
    header = "Annual Report 2023"
    text = f"{header}\n{SHEET}"
    page = page_of(text, Aside("header", 0, len(header)))
    (table,) = tables_of(without_asides(page))
    assert table.head is not None
    assert text[table.head.start : table.head.end] == HEAD


def test_a_row_in_capitals_is_no_heading() -> None:
    text = "\n".join((HEAD, *ROWS, "TOTAL ASSETS 5 6", *ROWS))
    pages = (page_of(text),)
    for passage in split_passages(pages, split_sentences(pages)):
        if passage.heading is not None:
            assert "TOTAL" not in text[passage.heading.start : passage.heading.end]
