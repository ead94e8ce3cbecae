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
_LARGE = {"billion": 10**9, "million": 10**6}

NUMBER_WORD = "(?:" + "|".join(sorted([*UNITS, *TENS, *_SCALES], key=len, reverse=True)) + ")"
LARGE_WORD = f"(?:{'|'.join(_LARGE)}|{NUMBER_WORD})"
"""With millions and billions, of which a length of time is never said to have so many."""

_CELL = r"[$€£¥(−–-]?\s?[$€£¥(−–-]?\s?\.?[0-9]"
_CELL_AFTER = re.compile(
    rf"(?!\s{{0,9}}\d{{3}}[-.\s]\d{{4}}(?!\d))\s{{0,9}}(?:[\t\n|]\s{{0,9}})?(?:{_CELL}|[—–-]\s{{0,9}}(?:\Z|{_CELL}|[—–-]))"
)
"""Not so before the rest of a telephone number."""
_CELL_BEFORE = re.compile(r"(?:[0-9]\s?\)?|[0-9]\s?%\s?\)?|[0-9]\)%|[—–-])\s{1,9}$")
_SAID_BEFORE = re.compile(
    rf"\b(?:dollars?|euros?|sterling|per\s?cent|points?|billion|million|{NUMBER_WORD}|amounts?|sum)\s{{0,9}}$",
    re.IGNORECASE,
)


def is_negative(text: str, start: int, end: int) -> bool:
    """Whether what stands in brackets around ``[start, end)`` is below zero, as accountants write it.

    In a row of figures it is; elsewhere brackets only say again what was said, as in "ten percent (10%)".
    """
    if text[max(0, start - 1) : start] != "(" or text[end : end + 1] != ")":
        return False
    if _SAID_BEFORE.search(text[max(0, start - 40) : start - 1]):
        return False
    if _CELL_AFTER.match(text, end + 1):
        return True
    ends = not text[end + 1 : end + 40].partition("\n")[0].strip()
    return ends and _CELL_BEFORE.search(text[max(0, start - 20) : start - 1]) is not None


def large_number_of(words: Sequence[str]) -> int | None:
    """As ``number_of``, below a million million."""
    total, rest = 0, list(words)
    for word, scale in _LARGE.items():
        if word not in rest:
            continue
        place = rest.index(word)
        count = number_of(rest[:place])
        if count is None or count > 999:
            return None
        total += count * scale
        rest = rest[place + 1 :]
    below = number_of(rest) if rest else 0
    return None if below is None else total + below or None


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
