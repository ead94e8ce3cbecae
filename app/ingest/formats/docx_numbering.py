"""Numbers that Word counts and does not write: "4.2", "(a)", "Article IV". Readers see and cite them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from app.ingest.formats.docx_parts import is_on, value, w

BULLET = "•"
_LEVELS = 9
_MOST_NUMBER = 100_000
_PLACEHOLDER = re.compile(r"%([1-9])")
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
    (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_MOST_ROMAN = 3_999


@dataclass(frozen=True)
class _Level:
    start: int
    form: str
    text: str
    restarts: bool
    legal: bool


@dataclass
class _List:
    """Levels of an abstract numbering, and how far each has been counted."""

    levels: dict[int, _Level]
    counts: dict[int, int] = field(default_factory=dict[int, int])


class Numbering:
    """Counts in the order in which ``label`` is asked."""

    def __init__(self, root: Any | None) -> None:
        self._lists: dict[str, _List] = {}
        self._numbers: dict[str, tuple[str, dict[int, int], dict[int, _Level]]] = {}
        self._by_style: dict[tuple[str, str], int] = {}
        self._restarted: set[str] = set()
        for abstract in () if root is None else root.iterfind(w("abstractNum")):
            self._add_abstract(abstract)
        for number in () if root is None else root.iterfind(w("num")):
            self._add_number(number)

    def label(self, properties: Any | None, style: str | None) -> str:
        """Of the next paragraph with this ``w:numPr``; empty where it has none."""
        identity = value(properties, "numId")
        if identity is None or identity not in self._numbers:
            return ""
        abstract, starts, replaced = self._numbers[identity]
        stated = value(properties, "ilvl")
        level = self._by_style.get((abstract, style or ""), 0) if stated is None else _whole(stated, 0)
        counted = self._lists[abstract]
        levels = {**counted.levels, **replaced}
        if level not in levels:
            return ""
        if identity not in self._restarted:
            self._restarted.add(identity)
            for one in starts:
                counted.counts.pop(one, None)
        start = starts.get(level, levels[level].start)
        counted.counts[level] = min(counted.counts.get(level, start - 1) + 1, _MOST_NUMBER)
        for deeper in range(level + 1, _LEVELS):
            if deeper in levels and levels[deeper].restarts:
                counted.counts.pop(deeper, None)
        return _shown(levels, counted.counts, level)

    def _add_abstract(self, abstract: Any) -> None:
        identity = str(abstract.get(w("abstractNumId")))
        levels: dict[int, _Level] = {}
        for element in abstract.iterfind(w("lvl")):
            level = _whole(element.get(w("ilvl")), -1)
            if 0 <= level < _LEVELS:
                levels[level] = _level(element)
                if style := value(element, "pStyle"):
                    self._by_style.setdefault((identity, style), level)
        self._lists[identity] = _List(levels)

    def _add_number(self, number: Any) -> None:
        abstract = value(number, "abstractNumId")
        if abstract not in self._lists:
            return
        starts: dict[int, int] = {}
        levels: dict[int, _Level] = {}
        for override in number.iterfind(w("lvlOverride")):
            level = _whole(override.get(w("ilvl")), -1)
            if (start := value(override, "startOverride")) is not None:
                starts[level] = _whole(start, 1)
            if (element := override.find(w("lvl"))) is not None:
                levels[level] = _level(element)
        self._numbers.setdefault(str(number.get(w("numId"))), (str(abstract), starts, levels))


def _level(element: Any) -> _Level:
    return _Level(
        start=_whole(value(element, "start"), 1),
        form=value(element, "numFmt") or "decimal",
        text=(value(element, "lvlText") or "")[:100],
        restarts=value(element, "lvlRestart") != "0",
        legal=bool(is_on(element, "isLgl")),
    )


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"\d{1,6}", text) else otherwise


def _shown(levels: dict[int, _Level], counts: dict[int, int], level: int) -> str:
    if levels[level].form == "bullet":
        return BULLET
    if levels[level].form == "none" and "%" not in levels[level].text.replace(f"%{level + 1}", ""):
        return _PLACEHOLDER.sub("", levels[level].text)

    def number(match: re.Match[str]) -> str:
        one = int(match[1]) - 1
        if one not in levels:
            return ""
        form = "decimal" if levels[level].legal else levels[one].form
        return in_form(counts.get(one, levels[one].start), form)

    return _PLACEHOLDER.sub(number, levels[level].text).strip()


def in_form(number: int, form: str) -> str:
    """As Word writes a number in the commonest forms; plain digits in the others."""
    if form == "none":
        return ""
    if form in ("lowerLetter", "upperLetter") and number > 0:
        # after z come aa, bb, cc
        letter = chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 30)
        return letter if form == "lowerLetter" else letter.upper()
    if form in ("lowerRoman", "upperRoman") and 0 < number <= _MOST_ROMAN:
        written = ""
        for step, sign in _ROMAN:
            written += sign * (number // step)
            number %= step
        return written.lower() if form == "lowerRoman" else written
    if form == "decimalZero":
        return f"{number:02d}"
    if form == "ordinal":
        tail = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{tail}"
    return str(number)
