"""Dates that a text writes out in full: months by name, ISO 8601, figures with strokes or points."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_NUMBER_OF_MONTH = {month[:3]: number for number, month in enumerate(MONTHS, start=1)}
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
]
_DAY_WORDS = (
    {word: number for number, word in enumerate(_ORDINALS, start=1)}
    | {f"twenty {word}": 20 + number for number, word in enumerate(_ORDINALS[:9], start=1)}
    | {"twentieth": 20, "thirtieth": 30, "thirty first": 31}
)

_MONTH = (
    r"(?P<month>"
    + "|".join("sep(?:t(?:ember)?)?" if m == "september" else f"{m[:3]}(?:{m[3:]})?" for m in MONTHS)
    + r")(?![a-z])\.?"
)
_TH = r"(?:\s?(?:s\s?t|n\s?d|r\s?d|t\s?h)(?![a-z]))"  # a raised ending is often set, and so read, apart
_TH_OF = r"(?:\s?(?:s\s?t|n\s?d|r\s?d|t\s?h))"
_YEAR = r"(?P<year>(?:1[89]|2[01])\d{2})(?!\d)"
_WORD_DAY = "|".join(word.replace(" ", r"[\s-]+") for word in sorted(_DAY_WORDS, key=len, reverse=True))

_MONTH_FIRST = re.compile(
    rf"\b{_MONTH}\s*(?P<day>\d{{1,2}})(?!\d)(?:{_TH}\s*,?|\s*[,.])?\s*(?:of\s+)?(?<!\d){_YEAR}", re.IGNORECASE
)
_DAY_FIRST = re.compile(
    rf"(?<![\w/.,-])(?P<open>(?:(?:{_WORD_DAY})\s?)?\(\s?)?(?P<day>\d{{1,2}}(?!\d)){_TH_OF}?(?(open)\s*\))[\s-]*(?:day\s*)?(?:of\s*)?(?:the\s+month\s+of\s+)?"
    rf"{_MONTH}[\s,-]*(?:in\s+the\s+year\s+(?:of\s+)?)?{_YEAR}",
    re.IGNORECASE,
)
_DAY_IN_WORDS = re.compile(
    rf"(?<![\w-])(?P<day>{_WORD_DAY})\s+(?:day\s+)?of\s+{_MONTH}[\s,]*(?:in\s+the\s+year\s+(?:of\s+)?)?{_YEAR}",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    r"(?<![\w/.-])(?P<year>\d{4})(?P<apart>[-/])(?P<month>\d{2})(?P=apart)(?P<day>\d{2})(?![\w/-])"
)
_POINTS = re.compile(
    r"(?<![\w/.-])(?<!version\s)(?<!section\s)(?<!release\s)(?<!v\.\s)(?<!no\.\s)"
    r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>(?:19|20)\d{2})(?![\w/-]|\.\d)",
    re.IGNORECASE,
)
"""31.12.2019, day first as wherever points are used."""
_FIGURES = re.compile(r"(?<![\w/.-])(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}|\d{2})(?![\d/])")
_HYPHENS = re.compile(r"(?<![\w/.-])(?P<month>\d{1,2})-(?P<day>\d{1,2})-(?P<year>(?:19|20)\d{2})(?![\w/-])")
"""Written so on both sides of the ocean: taken where only one of them can be a month."""


class WrittenDate(NamedTuple):
    """A day and where it is written: code points ``[start, end)`` of the text looked at."""

    day: date
    start: int
    end: int


def written_dates(text: str) -> Iterator[WrittenDate]:
    """One form after the other, each from the beginning of the text."""
    for pattern in (_MONTH_FIRST, _DAY_FIRST, _DAY_IN_WORDS, _YEAR_FIRST, _FIGURES, _POINTS, _HYPHENS):
        for found in pattern.finditer(text):
            if pattern is _MONTH_FIRST and found["month"] == "may":
                continue  # more often the verb than the month
            if pattern is _HYPHENS and max(int(found["month"]), int(found["day"])) <= 12:
                continue
            day = _date(found["year"], found["month"], found["day"], swap=pattern in (_FIGURES, _HYPHENS))
            if day is not None:
                yield WrittenDate(day, found.start(), found.end())


def _date(year: str, month: str, day: str, *, swap: bool) -> date | None:
    """Two figures of a year are of 1950 to 2049. Figures are month first, unless only day first can be."""
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 50 else 1900)
    name = month.casefold()[:3]
    number = int(month) if month.isdecimal() else _NUMBER_OF_MONTH.get(name, 0)
    count = int(day) if day.isdecimal() else _DAY_WORDS.get(" ".join(re.split(r"[\s-]+", day.casefold())), 0)
    if swap and number > 12 >= count:
        number, count = count, number
    try:
        return date(full, number, count) if 1800 <= full < 2200 else None
    except ValueError:
        return None
