from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ingest.ocr.decoding import (
    Answer,
    Letter,
    Token,
    bounds_between,
    letters_of,
    mean_confidence,
    narrowed,
    tokens_of,
)

SIGNS = ("", *"abcdefghijklmnopqrstuvwxyz", " ")
SPACE = len(SIGNS) - 1


def answer(steps: str, chance: float = 0.9) -> Answer:
    """``-`` for no sign; the rest of a step's chance goes to no sign, or to z where that is likeliest."""
    made = np.zeros((len(steps), len(SIGNS)), np.float32)
    for step, sign in enumerate(steps):
        likely = 0 if sign == "-" else SIGNS.index(sign)
        made[step, likely] = chance
        made[step, 0 if likely else SIGNS.index("z")] = 1 - chance
    return made


def text(letters: list[Letter]) -> str:
    return "".join(letter.text for letter in letters)


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=30))
def test_doubled_letters_are_two_where_something_is_between(word: str) -> None:
    assert text(letters_of(answer("-".join(letter * 2 for letter in word) or "-"), SIGNS, 0.1)) == word


def test_letters_stand_where_their_steps_are() -> None:
    letters = letters_of(answer("aa--bbbb--"), SIGNS, 0.1)
    assert [letter.at for letter in letters] == [0.1, 0.6]
    assert mean_confidence(letters) == pytest.approx(0.9)


def test_a_space_that_is_likely_enough_counts_where_no_sign_is_likelier() -> None:
    seen = answer("aa--bb")
    seen[2, SPACE], seen[2, 0] = 0.2, 0.8
    assert text(letters_of(seen, SIGNS, 0.1)) == "a b"
    assert text(letters_of(seen, SIGNS, 0.3)) == "ab"


def test_wide_signs_become_plain_ones_except_between_ideographs() -> None:
    assert text(narrowed([Letter("a", 0, 1), Letter("；", 0.5, 1)])) == "a;"
    assert text(narrowed([Letter("好", 0, 1), Letter("；", 0.5, 1)])) == "好；"


def test_words_are_parted_where_there_is_no_ink() -> None:
    letters = letters_of(answer("aabb  ccdd"), SIGNS, 0.1)
    tokens = tokens_of(letters)
    inkless = np.array([False] * 43 + [True] * 10 + [False] * 47)
    assert [token.text for token in tokens] == ["ab", "cd"]
    assert bounds_between(tokens, inkless) == [(0, 48), (48, 100)]


def test_words_on_a_line_of_ink_are_parted_in_the_middle() -> None:
    tokens = [Token((Letter("a", 0.2, 1),)), Token((Letter("b", 0.6, 1),))]
    assert bounds_between(tokens, np.zeros(100, np.bool_)) == [(0, 40), (40, 100)]
