"""Typed values, found in the cited words themselves and so supported by them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any, cast

from pydantic import JsonValue

from app.domain.base import Frozen
from app.domain.task import ValueKind
from app.domain.text import Span

_MONTHS = [
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
_MONTH = r"(?P<month>" + "|".join(f"{m[:3]}(?:{m[3:]})?" for m in _MONTHS) + r")\.?"
_DAY = r"(?P<day>\d{1,2})\s?(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_MONTH}\s+{_DAY}\s*,?\s+(?P<year>\d{{4}})\b",
        rf"\b{_DAY}\s+(?:day\s+)?(?:of\s+)?{_MONTH}\s*,?\s*(?P<year>\d{{4}})\b",
        r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b",
        r"\b(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}|\d{2})\b",
    )
)
_NUMBERS = {
    word: number
    for number, word in enumerate(
        [
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
            "twenty",
        ],
        start=1,
    )
} | {"thirty": 30, "forty-five": 45, "sixty": 60, "ninety": 90}
_DURATION = re.compile(
    r"\b(?:(?P<word>"
    + "|".join(sorted(_NUMBERS, key=len, reverse=True))
    + r")(?:\s*\(\s*\d+\s*\))?|(?P<digits>\d{1,3}))"
    r"[\s-]+(?P<unit>day|week|month|year)s?\b",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"(?P<currency>US\$|USD|\$|€|EUR|£|GBP|¥|RMB|CHF|CAD)\s?(?P<amount>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:\s(?P<scale>thousand|million|billion))?",
    re.IGNORECASE,
)
_CURRENCIES = {"US$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY", "RMB": "CNY"}
_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
_FORMS = (
    r"Inc\.?|Incorporated|LLC|L\.L\.C\.|Ltd\.?|Limited|Corp\.?|Corporation|Company|Co\.|L\.P\.|LP|LLP|GmbH|AG|"
    r"S\.A\.|N\.A\.|B\.V\.|N\.V\.|PLC|plc|S\.r\.l\.|AB|Trust|Bank|University|Association"
)
_NAMED_PARTY = re.compile(
    rf"\b[A-Z0-9][\w&.'’-]*(?:,?\s+(?:of|and|the|&|[A-Z0-9(][\w&.'’)-]*)){{0,9}}?,?\s+(?i:{_FORMS})(?=[\s,;(.)]|$)"
)
_DEFINED = re.compile(r"\(\s*[^()]{0,80}?[\"“](?P<name>[^\"”()]{2,60})[\"”][^()]{0,60}\)")
_QUOTED = re.compile(r"[\"“](?P<name>[^\"”]{2,60})[\"”]")
_US_STATES = [
    "Alabama",
    "Alaska",
    "Arizona",
    "Arkansas",
    "California",
    "Colorado",
    "Connecticut",
    "Delaware",
    "Florida",
    "Georgia",
    "Hawaii",
    "Idaho",
    "Illinois",
    "Indiana",
    "Iowa",
    "Kansas",
    "Kentucky",
    "Louisiana",
    "Maine",
    "Maryland",
    "Massachusetts",
    "Michigan",
    "Minnesota",
    "Mississippi",
    "Missouri",
    "Montana",
    "Nebraska",
    "Nevada",
    "New Hampshire",
    "New Jersey",
    "New Mexico",
    "New York",
    "North Carolina",
    "North Dakota",
    "Ohio",
    "Oklahoma",
    "Oregon",
    "Pennsylvania",
    "Rhode Island",
    "South Carolina",
    "South Dakota",
    "Tennessee",
    "Texas",
    "Utah",
    "Vermont",
    "Virginia",
    "Washington",
    "West Virginia",
    "Wisconsin",
    "Wyoming",
    "District of Columbia",
    "Puerto Rico",
    "Ontario",
    "Quebec",
    "British Columbia",
    "Alberta",
    "Manitoba",
    "Nova Scotia",
    "England and Wales",
    "England",
    "Scotland",
    "Hong Kong",
    "People's Republic of China",
    "PRC",
    "United States",
]

_DESCRIPTION = re.compile(rf"(?:an?\s|the\s|(?:state\s+of\s+)?(?:{'|'.join(_US_STATES)})\b)", re.IGNORECASE)
"""How a party is described ("a Delaware corporation"), which is not what it is called."""


class Candidate(Frozen):
    """A value with the exact words that carry it, as a span of the canonical text."""

    value: JsonValue
    display: str
    span: Span
    score: float = 0.0


def candidates(kind: ValueKind, texts: Sequence[tuple[int, str]]) -> tuple[Candidate, ...]:
    """Best first, each value once; ``texts`` are sentences with their canonical starts.

    Clauses and free text have none: their words are their value.
    """
    finder = {
        ValueKind.DATE: _dates,
        ValueKind.DURATION: _durations,
        ValueKind.JURISDICTION: _jurisdictions,
        ValueKind.MONEY: _amounts,
        ValueKind.PARTIES: _parties,
    }.get(kind)
    if finder is None:
        return ()
    found = [
        Candidate(value=value, display=display, span=Span(start + a, start + b), score=score)
        for start, text in texts
        for value, display, a, b, score in finder(text)
    ]
    seen: dict[str, Candidate] = {}
    for candidate in sorted(found, key=lambda c: (-c.score, c.span)):
        seen.setdefault(candidate.display, candidate)
    return tuple(seen.values())


def supported(kind: ValueKind, value: JsonValue, texts: Sequence[tuple[int, str]]) -> bool:
    """Whether the words, normalised anew, give this value."""
    return any(candidate.value == value for candidate in candidates(kind, texts))


def grammar_for(displays: Iterable[str]) -> str:
    """GBNF that allows exactly these."""
    quoted = (display.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") for display in displays)
    return "root ::= " + " | ".join(f'"{text}"' for text in quoted)


def clause_display(text: str, most: int = 120) -> str:
    """A clause in one short line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + "…"


Found = Iterator[tuple[JsonValue, str, int, int, float]]


def _dates(text: str) -> Found:
    for pattern in _DATES:
        for found in pattern.finditer(text):
            month, year = found["month"].lower(), int(found["year"])
            number = int(month) if month.isdigit() else 1 + [m[:3] for m in _MONTHS].index(month[:3])
            try:
                day = date(
                    year + (2000 if year < 50 else 1900) if year < 100 else year, number, int(found["day"])
                )
            except ValueError:
                continue
            yield {"date": day.isoformat()}, day.isoformat(), found.start(), found.end(), 1.0


def _durations(text: str) -> Found:
    for found in _DURATION.finditer(text):
        count = int(found["digits"]) if found["digits"] else _NUMBERS[found["word"].lower()]
        unit = found["unit"].lower()
        shown = f"{count} {unit}{'' if count == 1 else 's'}"
        score = 1.0 if unit == "year" else 0.5 if unit == "month" else 0.0
        yield {"count": count, "unit": unit}, shown, found.start(), found.end(), score


def _amounts(text: str) -> Found:
    for found in _MONEY.finditer(text):
        amount = float(found["amount"].replace(",", "")) * _SCALES.get((found["scale"] or "").lower(), 1.0)
        currency = _CURRENCIES.get(found["currency"].upper(), found["currency"].upper())
        yield (
            {"amount": amount, "currency": currency},
            f"{currency} {amount:,.0f}",
            found.start(),
            found.end(),
            0.0,
        )


@cache
def _places() -> re.Pattern[str]:
    """States, provinces and countries; babel's names come from the Unicode CLDR."""
    from babel import Locale

    territories = cast("dict[str, str]", dict(cast(Any, Locale("en")).territories))
    countries = [name for code, name in territories.items() if len(code) == 2]
    names = sorted({*_US_STATES, *countries}, key=len, reverse=True)
    pattern = "|".join(r"\s+".join(map(re.escape, name.split())) for name in names)
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


def _jurisdictions(text: str) -> Found:
    known = {name.casefold(): name for name in _US_STATES}
    for found in _places().finditer(text):
        if not found[0][0].isupper():
            continue
        words = " ".join(found[0].split())
        name = known.get(words.casefold(), words.title() if words.isupper() and len(words) > 3 else words)
        before = text[max(0, found.start() - 60) : found.start()].lower()
        score = 2.0 if re.search(r"\blaws?\b", before) else 0.0
        score -= 1.0 if re.search(r"\b(?:courts?|venue|corporation|located)\b", before[-30:]) else 0.0
        yield {"jurisdiction": name}, name, found.start(), found.end(), score


def _parties(text: str) -> Found:
    for found in _NAMED_PARTY.finditer(text):
        if _DESCRIPTION.match(found[0]):
            continue
        yield found[0], " ".join(found[0].split()), found.start(), found.end(), 1.0
    for outer in _DEFINED.finditer(text):
        for found in _QUOTED.finditer(text, outer.start(), outer.end()):
            name = found["name"].strip()
            if name.lower().removeprefix("the ") not in {"agreement", "effective date", "parties", "party"}:
                yield name, " ".join(name.split()), found.start("name"), found.end("name"), 0.5
