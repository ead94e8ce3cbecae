from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from retrieval.named_documents import named_in

FILINGS = [
    ("a", "ACME_2022_10K.pdf"),
    ("b", "ACME_2023_10K.pdf"),
    ("c", "BOLTWORKS_2022_10K.pdf"),
    ("d", "Lease of the old mill.docx"),
]


def test_company_and_year_choose_the_document() -> None:
    assert named_in("What was the revenue of Acme in FY2023?", FILINGS) == ("b",)
    assert named_in("Bolt's capital expenditure", FILINGS) == ("c",)
    assert named_in("Acme's auditors", FILINGS) == ("a", "b")


def test_a_query_that_names_nothing_chooses_nothing() -> None:
    assert named_in("limitation of liability", FILINGS) == ()
    assert named_in("pdf", FILINGS) == ()
    assert named_in("acme", []) == ()


def test_a_word_of_most_names_tells_nothing() -> None:
    assert named_in("notes of 2022", [(str(n), f"Report {n} 2022.pdf") for n in range(9)]) == ()


@given(st.text(max_size=30), st.lists(st.text(max_size=10), max_size=6))
def test_any_words_and_names_will_do(query: str, names: list[str]) -> None:
    assert set(named_in(query, list(zip("abcdef", names, strict=False)))) <= set("abcdef")
