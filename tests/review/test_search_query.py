"""What was typed into a search, taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import SearchInvalid
from app.review.search_query import SearchQuery, page_range, search_query


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
