"""Lengths of time: a whole number as it is written, never a part of one."""

from __future__ import annotations

import re

from app.review.value_reading import NUMBER_WORD, Reading, Readings, number_of, words_in

_GAP = r"[\s‐‑–-]"
_FIGURE = r"[0-9]{1,3}(?:(?:,[0-9]{3})+|(?![0-9]))(?:\.[0-9]{1,4})?(?:[\s-]?(?:½|1/2))?(?![0-9/])"
_WORDS = rf"{NUMBER_WORD}(?:{_GAP}{{1,40}}(?:and{_GAP}{{1,40}})?{NUMBER_WORD}){{0,8}}"
_DURATION = re.compile(
    rf"(?:(?<![\w-])(?P<words>{_WORDS})(?P<half>\s+and\s+(?:a|one)[\s-]+half)?"
    rf"(?:{_GAP}{{0,40}}\(\s?\#?(?P<named>{_FIGURE})\s?\))?"
    rf"|(?<![\w.,/$€£¥½#-])(?<![$€£¥]\s)(?P<figure>{_FIGURE})(?:\s?\((?P<spelt>{_WORDS})\))?"
    r"|(?<!\w)\((?P<alone>[0-9]{2,3})\))"
    rf"(?(named){_GAP}{{0,40}}|(?(figure){_GAP}{{0,40}}|(?(alone){_GAP}{{0,40}}|{_GAP}{{1,40}})))"
    r"(?P<kind>(?:(?:calendar|consecutive|successive|additional|further|full|business|working)\s{1,40}){0,3})"
    r"(?P<unit>minute|hour|day|week|month|year)(?P<many>s)?\b",
    re.IGNORECASE,
)
_NOT_ONE = re.compile(
    r"\s+(?:old|of\s+age)\b|-(?:end|to)\b|\s+[12][0-9]{3}\b|"  # an age, the end of a year, "Year 2000"
    r"\s+(?:a|per|each|every|in\s+(?:a|each|any))\s+(?:calendar\s+)?(?:day|week|month|year)\b",  # how often
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"(?:[0-9]\s?\)?|\b{NUMBER_WORD})\s{{0,9}}(?:to|or|through|-|–|—)\s{{0,9}}\(?$|[0-9]\s{{1,9}}$"
    rf"|\b(?:hundred|thousand)(?:\s?\([0-9,]+\))?\s{{0,9}}(?:and)?\s{{0,9}}\(?$|\bhalf\s+(?:of\s+)?(?:an?\s+)?$"
    r"|\bbetween\s[^.;]{1,30}\sand\s{1,9}$",
    re.IGNORECASE,
)
"""What stands before a number that is only the end of one, or of a range."""
_LAST_WORDS = re.compile(rf"\b(?P<words>{_WORDS})\s{{1,9}}$", re.IGNORECASE)
_DAY_OF_MONTH = re.compile(
    r"\s+of\s*(?:_|,|the\s+month|$|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE
)
_SCORES = {"year": 1.0, "month": 0.5}


def durations(text: str) -> Readings:
    """``{"count", "unit"}``, with ``"business": true`` for working days; years come first, then months."""
    for found in _DURATION.finditer(text):
        count = _count(found)
        unit = found["unit"].casefold()
        business = any(word in found["kind"].casefold() for word in ("business", "working"))
        if count is None or (business and unit not in ("hour", "day")) or _NOT_ONE.match(text, found.end()):
            continue
        before = text[max(0, found.start() - 60) : found.start()]
        after = text[found.end() : found.end() + 24]
        if _RANGE.search(before) or (found["figure"] and not _agrees(before, count)):
            continue
        if unit == "day" and not found["many"] and _DAY_OF_MONTH.match(after):
            continue  # "this 10 day of January"
        if count != int(count) and not (found["many"] or "-" in found[0] or re.match(r"\s+[a-z]", after)):
            continue  # the number of a section, as in "1.2 Day"
        value = {"count": count, "unit": unit} | ({"business": True} if business else {})
        shown = f"{count:,} {'business ' if business else ''}{unit}{'' if count == 1 else 's'}"
        yield Reading(value, shown, found.start(), found.end(), _SCORES.get(unit, 0.0))


def _count(found: re.Match[str]) -> int | float | None:
    """The figure wins over the words; without one, the words must make a number."""
    figure = found["named"] or found["figure"] or found["alone"]
    if figure is None:
        whole = number_of(words_in(found["words"]))
        return None if whole is None else whole + 0.5 if found["half"] else whole
    count = _number(figure)
    if found["spelt"] and number_of(words_in(found["spelt"])) != count:
        return None
    return count or None


def _number(figure: str) -> int | float:
    plain = re.sub(r"[\s-]?(?:½|1/2)$", "", figure).replace(",", "")
    number = float(plain) + (0.5 if plain != figure.replace(",", "") else 0.0)
    return int(number) if number == int(number) else number


def _agrees(before: str, count: float) -> bool:
    """Whether number words right before a figure, as in "sixty 60 days", say the same."""
    words = _LAST_WORDS.search(before)
    return words is None or number_of(words_in(words["words"])) == count
