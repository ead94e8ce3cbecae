"""Dates that a text writes out, parts of the year, and dates whose day was left to be filled in by hand."""

from __future__ import annotations

import re

from pydantic import JsonValue

from app.domain.written_dates import MONTHS, written_dates
from app.review.value_reading import Reading, Readings

_BLANK = re.compile(
    r"(?:(?P<day>\b(?:the|this)\s+)?(?P<gap>(?<![_\s])[_\s]*+)?\bday\s+of\b(?P<rest>[\s_]*+,?[\s_]*+)|(?<!_)_{2}[\s_,]{0,200}+)"
    r"(?P<year>(?:19|20)\d{2})(?!\d)",
    re.IGNORECASE,
)
"""A date whose day was left to be filled in by hand: "this ___ day of ______, 2015"."""

_MONTH = "|".join(
    "Sep(?:t(?:ember)?)?" if name == "september" else f"{name[:3]}(?:{name[3:]})?" for name in MONTHS
)
_NUMBERS = {name[:3]: number for number, name in enumerate(MONTHS, start=1)}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_ORDINAL = "|".join(_ORDINALS)
_YEAR = r"(?P<year>(?:19|20)[0-9]{2})(?![0-9]|[.,][0-9])"
_IN_FISCAL = r"(?P<fiscal>(?:fiscal|financial)\s+(?:years?\s+)?|FY\s?)?"
_OF_MONTH = re.compile(rf"(?<![\w-])(?P<month>(?ai:{_MONTH}))(?![a-z])\.?,?\s+(?:of\s+)?{_YEAR}")
_OF_QUARTER = re.compile(
    rf"(?<![\w-])(?:Q(?P<number>[1-4])|(?P<ordinal>(?ai:{_ORDINAL}))\s+(?P<its>(?:fiscal\s+)?)quarter)"
    rf",?\s+(?:of\s+)?(?:the\s+)?{_IN_FISCAL}{_YEAR}",
    re.IGNORECASE,
)
_OF_FISCAL_YEAR = re.compile(
    rf"\b(?:(?:fiscal|financial)\s+(?:years?\s+)?{_YEAR}|FY\s?(?P<short>(?:20)?[0-9]{{2}})(?![\w.,-]?[0-9]))",
    re.IGNORECASE,
)
_DAY_BEFORE = re.compile(r"(?:[0-9](?:\s?(?:st|nd|rd|th))?|day)[\s,-]*(?:of\s*)?$|_\s*,?\s*$", re.IGNORECASE)
_PART = 0.5


def dates(text: str) -> Readings:
    """``{"date": ISO 8601}``, whole days first.

    Then months ("2019-05"), quarters ("2019-Q3", which ISO 8601 has not) and fiscal years, with
    ``"fiscal": true``. A blank one has no date but a year, and comes last.
    """
    whole: list[tuple[int, int]] = []
    for day, start, end in written_dates(text):
        whole.append((start, end))
        yield Reading({"date": day.isoformat()}, day.isoformat(), start, end, 1.0)
    for found in _BLANK.finditer(text):
        if found["rest"] is not None and not (found["day"] or "_" in found[0] or "," in found["rest"]):
            continue  # "the last day of 2004" leaves nothing blank
        start = found.start() + len(found[0]) - len(found[0].lstrip())
        value: dict[str, JsonValue] = {"date": None, "year": int(found["year"])}
        yield Reading(value, f"left blank, {found['year']}", start, found.end(), 0.0)
    for part in _parts_of_years(text):
        if all(part.end <= start or end <= part.start for start, end in whole):
            yield part


def _parts_of_years(text: str) -> Readings:
    for found in _OF_MONTH.finditer(text):
        before = text[max(0, found.start() - 12) : found.start()]
        if not found["month"][0].isupper() or _DAY_BEFORE.search(before):
            continue  # "he may, 2004 times", "the 31st of June, 2010"
        number = _NUMBERS[found["month"][:3].casefold()]
        shown = f"{MONTHS[number - 1].title()} {found['year']}"
        yield Reading({"date": f"{found['year']}-{number:02}"}, shown, found.start(), found.end(), _PART)
    quarters: list[tuple[int, int]] = []
    for found in _OF_QUARTER.finditer(text):
        number = found["number"] or _ORDINALS[found["ordinal"].casefold()]
        quarters.append(found.span())
        fiscal = bool(found["fiscal"] or found["its"])
        yield _part(f"{found['year']}-Q{number}", fiscal, found.start(), found.end())
    for found in _OF_FISCAL_YEAR.finditer(text):
        year = found["year"] or f"{2000 + int(found['short'][-2:])}"
        if all(found.end() <= start or end <= found.start() for start, end in quarters):
            yield _part(year, True, found.start(), found.end())


def _part(shown: str, fiscal: bool, start: int, end: int) -> Reading:
    year, _, quarter = shown.partition("-")
    display = " ".join((quarter, f"FY {year}")).strip() if fiscal else " ".join((quarter, year))
    value: dict[str, JsonValue] = {"date": shown}
    if fiscal:
        value["fiscal"] = True
    return Reading(value, display, start, end, _PART)
