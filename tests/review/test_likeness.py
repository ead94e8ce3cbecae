"""Two readings of one picture are told from two different sentences."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.review.likeness import Folded, alike_places, nearest_ends


def distance(one: str, other: str) -> int:
    """Levenshtein's, by the book."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, against in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (letter != against))
    return row[-1]


@given(st.text("ab", min_size=1, max_size=8), st.text("abc", max_size=14), st.integers(0, 4))
def test_the_bits_count_as_the_definition_does(pattern: str, text: str, most: int) -> None:
    wanted = [
        (end, nearest)
        for end in range(1, len(text) + 1)
        if (nearest := min(distance(pattern, text[start:end]) for start in range(end + 1))) <= most
    ]
    assert nearest_ends(pattern, text, most) == wanted


def test_a_misread_sentence_is_found_with_whole_words() -> None:
    page = "Before it. The supp1ier shail deliver all goods to the warehouse, at its cost. After it."
    quote = "The supplier shall deliver all goods to the warehouse, at its cost."
    ((start, end),) = alike_places(Folded(quote), Folded(page))
    assert page[start:end] == "The supp1ier shail deliver all goods to the warehouse, at its cost."


def test_short_words_are_the_same_or_not() -> None:
    assert list(alike_places(Folded("the laws of Ohio"), Folded("the 1aws of Ohio"))) == []
