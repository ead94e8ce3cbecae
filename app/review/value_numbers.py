"""Numbers with the unit they are written in: percentages, counts, measurements, blood pressure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from pydantic import JsonValue

from app.domain.units import Unit, unit_at
from app.review.value_dates import dates
from app.review.value_durations import durations
from app.review.value_money import amounts
from app.review.value_reading import LARGE_WORD, Reading, Readings, is_negative, words_in
from app.review.value_reading import large_number_of as large

_FIGURE = (
    r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,5}(?:\.[0-9]{1,6})?(?!,?[0-9])|[0-9]{1,9},[0-9]{1,2}(?=\s?%)"
    r"|[0-9]{1,12}(?:\.[0-9]{1,8})?(?![0-9]|,[0-9]{3})|\.[0-9]{1,8}(?![0-9]))"
)
_PART_OF_ONE = {
    "½": "0.5",
    "1/2": "0.5",
    "¼": "0.25",
    "1/4": "0.25",
    "¾": "0.75",
    "3/4": "0.75",
    "1/8": "0.125",
}
_PARTS = "|".join(_PART_OF_ONE)
_NUMBER = re.compile(
    rf"(?<![\w.,:/$€£¥￥₹#§^])(?<![$€£¥￥₹]\s)(?<!\w[-−])(?P<compare>[<>≤≥]=?\s?)?(?P<minus>(?<![\w)])[-−](?=[0-9.]))?"
    rf"(?:(?P<figure>{_FIGURE})(?:[\s-]?(?P<part>{_PARTS})(?![0-9/]))?|(?P<alone>{_PARTS})(?![0-9/]))"
    rf"(?P<close>\)(?=\s?%))?(?:[\s-](?P<scale>(?ai:thousand|million|billion))\b)?"
)
_RANGE = re.compile(rf"\s?(?:-|–|—|\bto\b|(?P<and>\band\b))\s?(?P<figure>{_FIGURE})", re.IGNORECASE)
_GAP = r"[\s‐‑–-]"
_WORDS = re.compile(
    rf"(?<![\w-])(?P<words>{LARGE_WORD}(?:{_GAP}{{1,20}}(?:and{_GAP}{{1,20}})?{LARGE_WORD}){{0,10}})"
    rf"(?P<half>\s+and\s+(?:a|one)[\s-]half)?(?:{_GAP}{{0,9}}\(\s?(?P<figure>{_FIGURE})\s?\))?(?![\w(]|[\s-]half\b)",
    re.IGNORECASE,
)
_PART_OF = re.compile(
    r"(?:\b(?:half|quarters?|thirds?|fourths?|tenths?|hundredths?)(?:\s?\([^()]{1,9}\))?\s+of\s+(?:an?\s+)?"
    r"|\bpoint\s|[0-9]\s|\b(?:to|or)\s)$",
    re.IGNORECASE,
)
"""What stands before a number word that is only the end of a number, or of a range."""
_PRESSURE = re.compile(
    r"(?<![\w/.])(?P<over>[0-9]{2,3})\s?/\s?(?P<under>[0-9]{2,3})(?![\w/]|[.,][0-9])(?P<unit>\s?mm\s?Hg\b)?"
)
_OF_BLOOD = re.compile(
    r"\b(?:BP|B/P|blood\s+pressures?)\b[^.;0-9]{0,40}(?:[0-9]{2,3}/[0-9]{2,3}[^.;0-9]{1,20})?$", re.IGNORECASE
)
_RATIO = re.compile(
    r"(?<![\w.,:/])(?P<figure>[0-9]{1,3}(?:\.[0-9]{1,4})?)\s?(?P<sign>:|to)\s?1(?:\.0{1,2})?(?![\w%]|[:.,/][0-9])"
)
_TIMES = re.compile(r"\s?[x×](?![\w\s])|\s?x(?=\s(?!10\b|[0-9]))", re.ASCII)
_NAMED = re.compile(
    r"(?:\b(?:section|sections|article|articles|exhibit|schedule|annex|appendix|paragraph|clause|item|items|note"
    r"|notes|page|pages|chapter|part|table|figure|rule|form|level|step|phase|type|grade|stage|suite|room|box|no|nos"
    r"|number|amendment|version|act|iso|asc|asu|ifrs|ias|fas|sfas|volume|vol|line|class|series|tier)\.?"
    r"|[A-Za-z]-|[#§(\[]|[0-9]\s?[-–])\s?$",
    re.IGNORECASE,
)
"""What stands before a figure that counts nothing."""
_NOT_ALONE = re.compile(r"[\w/:°²³]|[.,][0-9]|\)?\s?[-–]\s?[0-9]|\s?(?:st|nd|rd|th)\b|-|\s?%|[.)](?:\s|$)")
_LIKE_A_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_SCALES = {"thousand": 3, "million": 6, "billion": 9}


def numbers(text: str) -> Readings:
    """``{"number", "unit"}``, the unit as a code of UCUM, "1" for a bare figure; bare ones come last.

    A range has ``low`` and ``high`` instead of ``number``, a blood pressure ``systolic`` and ``diastolic``;
    ``comparator`` is "<", "<=", ">" or ">=" where such a sign stands before it. Money, dates and lengths
    of time are none.
    """
    taken = bytearray(len(text))
    for readings in (_pressures, _ratios, _with_units, _in_words):
        for reading in readings(text, taken):
            _take(taken, reading)
            yield reading
    yield from _bare(text, taken)


def _pressures(text: str, taken: bytearray) -> Iterator[Reading]:
    for found in _PRESSURE.finditer(text):
        over, under = int(found["over"]), int(found["under"])
        named = found["unit"] or _OF_BLOOD.search(text[max(0, found.start() - 80) : found.start()])
        if named and 30 <= under < over <= 350:
            shown = f"{over}/{under} mmHg"
            systolic, diastolic = Decimal(over), Decimal(under)
            yield _reading(
                shown, found.start(), found.end(), systolic=systolic, diastolic=diastolic, unit="mm[Hg]"
            )


def _ratios(text: str, taken: bytearray) -> Iterator[Reading]:
    """Covenants' "3.50 to 1.00"; hours of a clock have no decimals."""
    for found in _RATIO.finditer(text):
        number = Decimal(found["figure"])
        if "." in found["figure"] or (found["sign"] == ":" and number < 100):
            yield _reading(f"{_shown(number)}:1", found.start(), found.end(), number=number, unit="{ratio}")


def _with_units(text: str, taken: bytearray) -> Iterator[Reading]:
    place = 0
    while (found := _NUMBER.search(text, place)) is not None:
        place = found.end()
        if 1 in taken[found.start() : found.end()]:
            continue
        number = _number(found)
        times = None if found["close"] else _TIMES.match(text, found.end())
        if times is not None:
            yield _reading(f"{_shown(number)}x", found.start(), times.end(), number=number, unit="{times}")
            continue
        unit = unit_at(text, found.end())
        upper = _upper(text, found, unit)
        if upper is not None:
            high, its = upper
            place = its.end
            shown = _with_unit(f"{_shown(number)}–{_shown(high)}", high, its)
            yield _reading(shown, found.start(), its.end, low=number, high=high, unit=its.code)
        elif unit is not None:
            place = unit.end
            yield _measured(text, found, number, unit)


def _upper(text: str, found: re.Match[str], unit: Unit | None) -> tuple[Decimal, Unit] | None:
    """The upper end of a range whose lower end was ``found``, and the unit of both."""
    after = (
        None if found["scale"] or found["close"] else _RANGE.match(text, unit.end if unit else found.end())
    )
    its = unit_at(text, after.end()) if after else None
    if after is None or its is None or (unit is not None and unit.code != its.code):
        return None
    high = _decimal(after["figure"])
    before = text[max(0, found.start() - 16) : found.start()].casefold()
    listed = after["and"] and "between" not in before
    return None if listed or _number(found) >= high else (high, its)


def _measured(text: str, found: re.Match[str], number: Decimal, unit: Unit) -> Reading:
    start, end = found.start(), unit.end
    if found["close"] and text[max(0, start - 1) : start] == "(":
        number, start = -number, start - 1  # "(3.1)%"
    elif is_negative(text, start, end):
        number, start, end = -number, start - 1, end + 1
    more = _compared(found)
    shown = _with_unit(_shown(number), number, unit)
    return _reading(
        f"{more['comparator']} {shown}" if more else shown, start, end, number=number, unit=unit.code, **more
    )


def _in_words(text: str, taken: bytearray) -> Iterator[Reading]:
    """ "five percent", "five (5) percent": the figure wins over the words."""
    for found in _WORDS.finditer(text):
        unit = unit_at(text, found.end())
        if unit is None or 1 in taken[found.start() : unit.end]:
            continue
        if _PART_OF.search(text[max(0, found.start() - 40) : found.start()]):
            continue
        words = large(words_in(found["words"]))
        number = _decimal(found["figure"]) if found["figure"] else None if words is None else Decimal(words)
        if number is not None:
            number += Decimal("0.5") if found["half"] and not found["figure"] else 0
            shown = _with_unit(_shown(number), number, unit)
            yield _reading(shown, found.start(), unit.end, number=number, unit=unit.code)._replace(score=0.5)


def _bare(text: str, taken: bytearray) -> Iterator[Reading]:
    """Figures without a unit that are no date, length of time, amount, year, or number of a place."""
    others: bytearray | None = None
    for found in _NUMBER.finditer(text):
        start, end, figure = found.start(), found.end(), found["figure"]
        if not figure or found["close"] or 1 in taken[start:end]:
            continue
        bracketed = is_negative(text, start, end)
        if not bracketed and (_LIKE_A_YEAR.fullmatch(figure) and not found["minus"]):
            continue
        if not bracketed and (_NAMED.search(text[max(0, start - 14) : start]) or _NOT_ALONE.match(text, end)):
            continue
        if others is None:
            others = bytearray(len(text))
            for read in (dates, durations, amounts):
                for reading in read(text):
                    _take(others, reading)
        if 1 not in others[start:end]:
            number = -_number(found) if bracketed else _number(found)
            more = _compared(found)
            shown = f"{more['comparator']} {_shown(number)}" if more else _shown(number)
            read_off = _reading(shown, start - bracketed, end + bracketed, number=number, unit="1", **more)
            yield read_off._replace(score=0.0)


def _number(found: re.Match[str]) -> Decimal:
    figure = _decimal(found["figure"]) if found["figure"] else Decimal(0)
    part = found["part"] or found["alone"]
    number = (figure + Decimal(_PART_OF_ONE[part])) if part else figure
    if found["scale"]:
        number = number.scaleb(_SCALES[found["scale"].casefold()])
    return -number if found["minus"] else number


def _decimal(figure: str) -> Decimal:
    if re.fullmatch(r"[0-9]+,[0-9]{1,2}", figure):
        figure = figure.replace(",", ".")
    return Decimal(figure.replace(",", ""))


def _take(taken: bytearray, reading: Reading) -> None:
    taken[reading.start : reading.end] = b"\1" * (reading.end - reading.start)


def _compared(found: re.Match[str]) -> dict[str, str]:
    sign = (found["compare"] or "").strip().replace("≤", "<=").replace("≥", ">=")
    return {"comparator": sign} if sign else {}


def _reading(display: str, start: int, end: int, **fields: Decimal | str) -> Reading:
    value: dict[str, JsonValue] = {
        name: field if isinstance(field, str) else _plain(field) for name, field in fields.items()
    }
    return Reading(value, display, start, end, 1.0)


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _shown(number: Decimal) -> str:
    plain = number.normalize()
    exponent = plain.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return f"{plain:,.{places}f}".replace("-", "−")


def _with_unit(figure: str, number: Decimal, unit: Unit) -> str:
    if unit.display.startswith("%"):
        return figure + unit.display
    alone = number == 1 and unit.code.startswith("{") and unit.code.endswith("}")
    return f"{figure} {unit.code[1:-1] if alone else unit.display}"
