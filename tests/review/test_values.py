from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.kinds import ValueKind
from app.review.values import candidates, clause_display, grammar_for, supported
from tests.review.values_read import read

TYPED = (
    ValueKind.DATE,
    ValueKind.DURATION,
    ValueKind.JURISDICTION,
    ValueKind.MONEY,
    ValueKind.PARTIES,
    ValueKind.TITLE,
)


def test_spans_count_in_the_canonical_text() -> None:
    canonical = "x" * 100 + "Signed May 1, 2004." + "y" * 50 + "Ends June 2, 2005."
    found = candidates(ValueKind.DATE, [(100, canonical[100:119]), (169, canonical[169:])])
    assert [canonical[c.span.start : c.span.end] for c in found] == ["May 1, 2004", "June 2, 2005"]


def test_a_value_that_stands_twice_is_one_candidate_cited_where_it_stands_first() -> None:
    found = candidates(ValueKind.DATE, [(40, "5/1/2004"), (0, "May 1, 2004")])
    assert [(c.display, c.span.start) for c in found] == [("2004-05-01", 0)]


def test_a_value_is_supported_only_by_words_that_give_it() -> None:
    texts = [(0, "Signed on the 1st day of May, 2004.")]
    assert supported(ValueKind.DATE, {"date": "2004-05-01"}, texts)
    assert not supported(ValueKind.DATE, {"date": "2004-05-02"}, texts)
    assert supported(ValueKind.DATE, None, texts)
    assert not supported(ValueKind.DATE, {"date": "2004-05-01"}, [])


def test_parties_are_supported_name_by_name() -> None:
    texts = [(0, 'between Ebix, Inc. ("Ebix") and'), (50, "Acme Corp.")]
    assert supported(ValueKind.PARTIES, {"parties": ["Acme Corp.", "Ebix"]}, texts)
    assert not supported(ValueKind.PARTIES, {"parties": ["Acme Corp.", "Beta"]}, texts)
    assert not supported(ValueKind.PARTIES, {"parties": []}, texts)
    assert not supported(ValueKind.PARTIES, {"parties": "Ebix"}, texts)
    assert not supported(ValueKind.PARTIES, {"parties": [["Ebix"]]}, texts)


def test_clauses_and_free_text_are_their_own_value() -> None:
    for kind in (ValueKind.CLAUSE, ValueKind.TEXT):
        assert read(kind, "Signed May 1, 2004 for $5.") == ()


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(TYPED),
    st.lists(
        st.one_of(
            st.sampled_from(
                ["May ", "1st ", "day of ", "2004", ", ", "12/31/99 ", "thirty ", "(30) ", "days ", "$1,",
                 "000", "US$", " million", "¥", "yen ", "one ", "hundred ", "and ", "-", "1", "year ",
                 "business ", ".", "Ireland ", "Northern ", "OF ", "Bank ", "A ", "Sept. ", "___ ", "New ",
                 "York ", "laws of ", "Acme ", "Inc. ", "(the ", "“", "”", '"', ") "]
            ),
            st.text(max_size=6),
        ),
        max_size=15,
    ).map("".join),
    st.integers(0, 10_000),
)  # fmt: skip
def test_any_words_give_only_values_that_those_very_words_support(
    kind: ValueKind, text: str, start: int
) -> None:
    found = candidates(kind, [(start, text)])
    assert len({candidate.display for candidate in found}) == len(found)
    for candidate in found:
        first, last = candidate.span.start - start, candidate.span.end - start
        assert 0 <= first < last <= len(text)
        assert candidate.display
        assert supported(kind, candidate.value, [(start, text)])
        words = text[first:last]
        again = candidates(kind, [(0, words), (0, f'("{words}")')])
        if not set("¥￥") & set(words):  # the rest of the sentence tells their currency
            assert candidate.value in [c.value for c in again]
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)


HOSTILE = [
    "_", "9", "A", " ", "(", "one ", "A ", "Acme ", "AND ", "1,", "1 ", "$1", "$1,000,", "_ ", "(1) ",
    "Bank ", '("', "May ", "May 1 ", "day of ", "this ", "New ", "law ", "hundred and ", "1 (", "one-",
    "Inc., ", ",", "A, ", "¥1 yen ", "The (Acme) ", "day of _", "1/1/", "one\n", "calendar ",
    "one calendar ", "\n", "Republic of ", "Acme and ", "$1 to ", "one (", "first (",
]  # fmt: skip


@pytest.mark.parametrize("part", HOSTILE)
@pytest.mark.parametrize("kind", TYPED)
def test_long_runs_of_one_thing_are_read_in_no_time(kind: ValueKind, part: str) -> None:
    text = (part * 5000)[:5000]
    started = time.process_time()
    candidates(kind, [(0, text), (5000, "x" + text + "x")])
    assert time.process_time() - started < 5.0


def test_a_grammar_allows_exactly_what_it_is_given() -> None:
    assert grammar_for(["2004-05-01"]) == 'root ::= "2004-05-01"'
    assert grammar_for(['the "Big\\Small" Co', "two\nlines"]) == (
        'root ::= "the \\"Big\\\\Small\\" Co" | "two lines"'
    )


def test_a_clause_is_shown_in_one_short_line_that_ends_with_a_word() -> None:
    assert clause_display("Neither  party\n may assign.") == "Neither party may assign."
    shown = clause_display("word " * 100)
    assert len(shown) <= 120
    assert shown.endswith("word…")
