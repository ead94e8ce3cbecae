"""An author's words are found where they stand, whatever white space does."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.errors import GoldInvalid
from app.domain.gold import GoldAnswer, GoldDocument, GoldSpan
from app.domain.spans import Span
from app.review.gold_places import places_of

SECRET = "a secret sum"
TEXT = f"The rent is {SECRET}.\n\nIt is paid\fin May. The rent is due."


def placed(*quotes: str, spans: tuple[GoldSpan, ...] = (), text: str = TEXT) -> tuple[Span, ...]:
    answer = GoldAnswer(quotes=quotes, spans=spans)
    gold = GoldDocument(file="a.txt", group="a.txt", answers={"rent": answer})
    return places_of(gold, text)["rent"]


def test_a_quote_may_run_over_lines_and_pages_and_is_right_wherever_it_stands() -> None:
    assert [TEXT[a:b] for a, b in placed("It is  paid in\nMay.")] == ["It is paid\fin May."]
    assert placed("The rent is") == (Span(0, 11), Span(46, 57))
    assert placed() == ()


def test_a_span_is_checked_by_its_text() -> None:
    assert placed(spans=(GoldSpan(start=0, end=8, text="The rent"),)) == (Span(0, 8),)
    for span in (
        GoldSpan(start=0, end=8, text="The lent"),
        GoldSpan(start=0, end=500),
        GoldSpan(start=25, end=27),
    ):
        with pytest.raises(GoldInvalid, match=r"^a\.txt, task rent: span 1 "):
            placed(spans=(span,))


@pytest.mark.parametrize("quote", ["a secret loan", "A SECRET SUM"])
def test_words_that_are_not_there_are_an_error_that_quotes_nothing(quote: str) -> None:
    with pytest.raises(GoldInvalid) as error:
        placed("It is", quote)
    assert error.value.message == "a.txt, task rent: quote 2 is not in the document's text."
    assert quote not in error.value.hint


def test_words_that_stand_everywhere_mark_nothing() -> None:
    with pytest.raises(GoldInvalid, match="quote 1 stands in 30 places"):
        placed("rent", text="rent " * 30)


@settings(max_examples=40)
@given(st.text(min_size=1, max_size=20), st.data())
def test_whatever_is_copied_from_a_text_is_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    assume(quote.strip())
    held = placed(quote, text=text)
    assert any(text[a:b].split() == quote.split() for a, b in held)
