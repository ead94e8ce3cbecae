"""What one look at a text found, and number words, which dates and durations share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pydantic import JsonValue


class Reading(NamedTuple):
    """A value with its words: code points ``[start, end)`` of the text looked at. Higher scores first."""

    value: JsonValue
    display: str
    start: int
    end: int
    score: float


Readings = Iterator[Reading]

_UNDER_TWENTY = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
UNITS = {word: number for number, word in enumerate(_UNDER_TWENTY, start=1)}
TENS = {word: 10 * number for number, word in enumerate(_TENS, start=2)} | {"fourty": 40, "ninty": 90}
_SCALES = {"hundred": 100, "thousand": 1000}

NUMBER_WORD = "(?:" + "|".join(sorted([*UNITS, *TENS, *_SCALES], key=len, reverse=True)) + ")"


def number_of(words: Sequence[str]) -> int | None:
    """The number these words make, up to 999,999; none where they make none, as "two five"."""
    total, below, last = 0, 0, 1_000_000  # ``last`` is what the next part must be smaller than
    for word in words:
        if word in _SCALES:
            scale = _SCALES[word]
            if below == 0 or (scale == 100 and below > 9) or (scale == 1000 and total):
                return None
            if scale == 1000:
                total, below, last = below * 1000, 0, 1000
            else:
                below, last = below * 100, 100
            continue
        number = UNITS.get(word) or TENS.get(word)
        if number is None or number >= last:
            return None
        below += number
        last = 10 if word in TENS else 1
    return total + below or None


def words_in(text: str) -> list[str]:
    """The number words in it, without "and"."""
    return [word for word in re.findall(r"[^\W\d_]+", text.casefold()) if word != "and"]
