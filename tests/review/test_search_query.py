"""What was typed into a search, taken apart."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import SearchInvalid
from app.review.search_query import SearchQuery, date_range, page_range, search_query


def test_where_to_look_is_taken_out_of_the_words() -> None:
    typed = 'cap document:MSA section:"limitation of liability" page:3 "gross negligence"'
    assert search_query(typed) == SearchQuery(
        words='cap "gross negligence"',
        documents=("MSA",),
        section="limitation of liability",
        first_page=3,
        last_page=3,
    )


def test_several_documents_are_any_of_them_and_names_may_hold_blanks() -> None:
    assert search_query('Document:"MSA Acme.pdf" rent document:b.pdf').documents == ("MSA Acme.pdf", "b.pdf")


def test_a_word_with_a_colon_inside_is_a_word() -> None:
    assert search_query("the subdocument:x note: page").words == "the subdocument:x note: page"


@pytest.mark.parametrize(
    ("text", "pages"), [("3", (3, 3)), ("3-7", (3, 7)), ("3–7", (3, 7)), ("3-", (3, None)), ("-7", (1, 7))]
)
def test_pages_are_one_or_a_range(text: str, pages: tuple[int, int | None]) -> None:
    assert page_range(text) == pages


@pytest.mark.parametrize("text", ["", "-", "0", "7-3", "three", "3-7-9"])
def test_what_are_no_pages_is_said(text: str) -> None:
    with pytest.raises(SearchInvalid):
        page_range(text)


@given(st.text(max_size=60).filter(lambda text: "page" not in text.lower()))
def test_any_text_can_be_typed_and_what_names_no_field_is_words(text: str) -> None:
    asked = search_query(text)
    assert (asked.first_page, asked.last_page) == (1, None)
    if ":" not in text:
        assert asked == SearchQuery(words=" ".join(text.split()))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2019-03-05", date(2019, 3, 5), date(2019, 3, 5)),
        ("2019-03..2020", date(2019, 3, 1), date(2020, 12, 31)),
        ("2019..", date(2019, 1, 1), None),
        ("..2019-06", None, date(2019, 6, 30)),
    ],
)
def test_dates_are_a_year_a_month_a_day_or_from_one_to_another(
    text: str, first: date | None, last: date | None
) -> None:
    assert date_range(text) == (first, last)
    held = search_query(f"audit date:{text}")
    assert (held.words, held.first_day, held.last_day) == ("audit", first, last)


@pytest.mark.parametrize(
    "text", ["", "..", "19", "2019-13", "2019-02-30", "2020..2019", "March 2019", "2019-2020"]
)
def test_what_are_no_dates_is_said(text: str) -> None:
    with pytest.raises(SearchInvalid):
        date_range(text)
