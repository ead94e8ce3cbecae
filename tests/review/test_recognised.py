from __future__ import annotations

from app.domain.spans import Box, Span, Word
from app.domain.text import Page
from app.domain.words import Words
from app.review.recognised import surety, unsure_within, unsure_words

TEXT = "This Agreement was void"


def page(number: int, start: int, confidences: tuple[float, ...]) -> Page:
    words: list[Word] = []
    for place, word in enumerate(TEXT.split()):
        at = start + TEXT.index(word)
        words.append(Word(at, at + len(word), Box(10.0 * place, 0.0, 10.0 * place + 8, 10.0)))
    return Page(
        number=number,
        start=start,
        text=TEXT,
        width=100,
        height=100,
        words=Words.of(words),
        confidences=confidences,
    )


SURE = page(1, 0, (0.99, 0.8, 0.9, 0.95))
DOUBTFUL = page(2, 23, (0.99, 0.79, 0.2, 0.9))
OWN = page(3, 47, ())


def test_words_under_four_fifths_are_unsure_and_no_others() -> None:
    assert [(word.start, word.end) for word in unsure_words(DOUBTFUL)] == [(28, 37), (38, 41)]
    assert unsure_words(SURE) == ()


def test_a_page_with_text_of_its_own_was_not_recognised() -> None:
    assert surety(OWN) is None
    assert unsure_words(OWN) == ()


def test_a_page_is_as_sure_as_its_words_are_on_average() -> None:
    assert surety(DOUBTFUL) == (0.99 + 0.79 + 0.2 + 0.9) / 4


def test_only_unsure_words_that_are_cited_count_and_each_once() -> None:
    pages = (SURE, DOUBTFUL, OWN)
    whole = Span(23, 46)
    assert unsure_within(pages, [whole]) == 2
    assert unsure_within(pages, [whole, Span(36, 39)]) == 2
    assert unsure_within(pages, [Span(23, 28)]) == 0
    assert unsure_within(pages, [Span(0, 22), Span(39, 46)]) == 1
