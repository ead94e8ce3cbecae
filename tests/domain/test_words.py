"""A page's packed words are the words that were given."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.domain.spans import Box, Word
from app.domain.words import Words

ADAPTER: TypeAdapter[Words] = TypeAdapter(Words)
offsets = st.integers(0, 1 << 20)
sides = st.integers(-100_000_000, 100_000_000).map(lambda hundredths: hundredths / 100)
boxes = st.builds(Box, sides, sides, sides, sides)
lists = st.lists(st.builds(Word, offsets, offsets, boxes), max_size=12)


@given(lists, offsets)
def test_what_comes_out_is_what_went_in(words: Sequence[Word], start: int) -> None:
    held = Words.of(words)
    assert list(held) == words == [held[number] for number in range(len(held))]
    assert [held[-number] for number in range(1, len(held) + 1)] == words[::-1]
    assert list(held[1:3]) == words[1:3]
    moved = held.moved(start)
    assert [(word.start - start, word.end - start, word.box) for word in moved] == words
    assert Words.unpacked(moved.packed(start)) == held
    assert Words.unpacked(moved.packed(), 0) == moved
    assert ADAPTER.validate_json(ADAPTER.dump_json(held)) == held


def test_boxes_are_kept_to_a_hundredth_of_a_point() -> None:
    (word,) = Words.of([Word(0, 1, Box(1.234, 5.675, 9.999, -0.004))])
    assert word.box == Box(1.23, pytest.approx(5.67, abs=0.011), 10.0, 0.0)


@given(lists, st.integers(0, 1 << 20))
def test_words_outside_of_their_text_are_known(words: Sequence[Word], length: int) -> None:
    inside = all(0 <= word.start <= word.end <= length for word in words)
    assert Words.of(words).lie_within(length) == inside


@pytest.mark.parametrize("said", ["1", 7, "not base64", "AAAA", ["AAAAAAAA"]])
def test_what_is_no_words_is_refused(said: object) -> None:
    with pytest.raises(ValidationError):
        ADAPTER.validate_python(said)


def test_there_is_no_word_beyond_the_last() -> None:
    held = Words.of([Word(0, 1, Box(0, 0, 1, 1))])
    for number in (1, -2):
        with pytest.raises(IndexError):
            held[number]
