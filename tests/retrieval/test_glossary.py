from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from retrieval.glossary import Entry, Glossary

GLOSSARY = Glossary(
    [
        Entry(asked=("capex", "capital spending"), written=("purchases of property", "additions to plant")),
        Entry(asked=("working capital",), written=("total current assets", "total current liabilities")),
        Entry(asked=("net working capital",), written=("inventories", "total current assets")),
        Entry(asked=("R&D",), written=("research and development",)),
    ]
)


def test_a_word_of_the_field_says_what_documents_write() -> None:
    assert GLOSSARY.written("What was the CAPEX in 2022?") == ("purchases of property", "additions to plant")
    assert GLOSSARY.written("r&d or capital\nspending") == (
        "purchases of property",
        "additions to plant",
        "research and development",
    )


def test_only_whole_words_in_their_order_count() -> None:
    for query in ("capexes", "spending of capital", "the capital; the spending", "", "?!"):
        assert GLOSSARY.written(query) == ()


def test_a_longer_term_uses_up_its_words() -> None:
    assert GLOSSARY.written("net working capital") == ("inventories", "total current assets")
    assert GLOSSARY.written("working capital, not net working capital") == (
        "inventories",
        "total current assets",
        "total current liabilities",
    )


@given(st.text(max_size=60))
def test_any_text_is_a_query(query: str) -> None:
    assert isinstance(Glossary.load().written(query), tuple)


def test_no_term_of_the_glossary_of_this_build_stands_twice() -> None:
    glossary = Glossary.load()
    terms = [term for term, _ in glossary.terms]
    assert len(terms) == len(set(terms)) > 50
