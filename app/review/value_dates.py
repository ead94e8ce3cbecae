"""Dates that a text writes out, and those whose day was left to be filled in by hand."""

from __future__ import annotations

import re

from pydantic import JsonValue

from app.domain.written_dates import written_dates
from app.review.value_reading import Reading, Readings

_BLANK = re.compile(
    r"(?:(?P<day>\b(?:the|this)\s+)?(?P<gap>(?<![_\s])[_\s]*+)?\bday\s+of\b(?P<rest>[\s_]*+,?[\s_]*+)|(?<!_)_{2}[\s_,]{0,200}+)"
    r"(?P<year>(?:19|20)\d{2})(?!\d)",
    re.IGNORECASE,
)
"""A date whose day was left to be filled in by hand: "this ___ day of ______, 2015"."""


def dates(text: str) -> Readings:
    """``{"date": ISO 8601}``; a blank one has no date but a year, and comes last."""
    for day, start, end in written_dates(text):
        yield Reading({"date": day.isoformat()}, day.isoformat(), start, end, 1.0)
    for found in _BLANK.finditer(text):
        if found["rest"] is not None and not (found["day"] or "_" in found[0] or "," in found["rest"]):
            continue  # "the last day of 2004" leaves nothing blank
        start = found.start() + len(found[0]) - len(found[0].lstrip())
        value: dict[str, JsonValue] = {"date": None, "year": int(found["year"])}
        yield Reading(value, f"left blank, {found['year']}", start, found.end(), 0.0)
