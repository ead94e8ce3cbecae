"""What runs through a document's pages beside its text: headers, footers, page and Bates numbers.

It needs only the first and last lines of each page, so that a book of 20,000 pages stays small.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

from app.ingest.messages import AsideKind, PageRead

_LINES = 3
_EDGE = 0.17
_LONGEST = 200
_DRIFT = 0.012
_ALIKE = 0.82
_FEWEST_PAGES = 3
_BACK = 2

_DIGITS = re.compile(r"\d+")
_BATES = re.compile(
    r"(?<![\w-])([A-Z][A-Z0-9&]{0,14}(?:[ _-]{1,3}[A-Z0-9]{1,10})?[ _-]{0,3})(\d{4,10})(?![\w-])"
)
_PAGE_NUMBER = re.compile(
    r"(?:page\s*|pg\.?\s*|p\.\s*)?[-\u2013\u2014\[(]?\s*"
    r"(?P<before>[A-Z]{1,3}-)?(?:(?P<number>\d{1,5})|(?P<roman>[ivxlc]{1,8}))"
    r"\s*[-\u2013\u2014\])]?(?:\s*(?:of|/)\s*\d{1,5})?",
    re.IGNORECASE | re.ASCII,
)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


class EdgeLine(NamedTuple):
    """A line near a page's edge: its code points in the page's text, its middle as a share of the height."""

    text: str
    start: int
    end: int
    middle: float


@dataclass(frozen=True, slots=True)
class PageLines:
    """The few lines of page ``number`` that may be beside its text; ``top`` and ``bottom`` go outside in."""

    number: int
    top: tuple[EdgeLine, ...] = ()
    bottom: tuple[EdgeLine, ...] = ()


class Bates(NamedTuple):
    """A document's stamps as written; ``gaps`` are pairs of them between which others are missing."""

    first: str
    last: str
    gaps: tuple[tuple[str, str], ...]


def page_lines(page: PageRead) -> PageLines:
    """What ``asides_of`` has to know of a page; a page without boxes has no edges."""
    words = page.words
    if not words or page.height <= 0:
        return PageLines(page.number)
    lines: list[tuple[float, int, int]] = []
    starts = words.starts
    start = 0
    for line in page.text.split("\n"):
        end = start + len(line)
        number = bisect_left(starts, start)
        if number < len(starts) and starts[number] < end:
            box = words[number].box
            lines.append(((box.y0 + box.y1) / 2 / page.height, start, end))
        start = end + 1
    top = sorted(line for line in lines if line[0] < _EDGE)[:_LINES]
    bottom = sorted((line for line in lines if line[0] > 1 - _EDGE), reverse=True)[:_LINES]
    return PageLines(page.number, tuple(_edges(page.text, top)), tuple(_edges(page.text, bottom)))


def _edges(text: str, lines: Sequence[tuple[float, int, int]]) -> Iterator[EdgeLine]:
    for middle, start, end in lines:
        if end - start <= _LONGEST:
            yield EdgeLine(text[start:end], start, end, middle)


def asides_of(pages: Sequence[PageLines]) -> dict[int, tuple[tuple[AsideKind, int, int], ...]]:
    """By page number; pages without any are left out. Spans of one page lie apart and in order."""
    found: dict[int, list[tuple[AsideKind, int, int]]] = {}
    for number, line, match in _stamps(pages):
        found.setdefault(number, []).append(("bates", line.start + match.start(), line.start + match.end()))
    for number, line in _numbered(pages):
        _add(found, number, "page-number", line)
    for number, line in _repeated([(page.number, page.top) for page in pages]):
        _add(found, number, "header", line)
    for number, line in _repeated([(page.number, page.bottom) for page in pages]):
        _add(found, number, "footer", line)
    return {number: tuple(sorted(spans, key=lambda span: span[1])) for number, spans in sorted(found.items())}


def _add(
    found: dict[int, list[tuple[AsideKind, int, int]]], number: int, kind: AsideKind, line: EdgeLine
) -> None:
    """The parts of a line that are nothing yet."""
    spans = found.setdefault(number, [])
    start = line.start
    for _, first, last in sorted(span for span in spans if line.start <= span[1] < line.end):
        spans += _part(line, kind, start, first)
        start = last
    spans += _part(line, kind, start, line.end)
    if not spans:
        del found[number]


def _part(line: EdgeLine, kind: AsideKind, start: int, end: int) -> list[tuple[AsideKind, int, int]]:
    part = line.text[start - line.start : end - line.start]
    start += len(part) - len(part.lstrip())
    end -= len(part) - len(part.rstrip())
    return [(kind, start, end)] if start < end else []


def bates_of(pages: Sequence[PageLines]) -> Bates | None:
    """The first and the last stamp, and where stamps are missing between one page and the next."""
    stamps = [(int(match[2]), match[0]) for _, _, match in _stamps(pages)]
    if not stamps:
        return None
    gaps = tuple((one[1], other[1]) for one, other in pairwise(stamps) if other[0] > one[0] + 1)
    return Bates(stamps[0][1], stamps[-1][1], gaps)


def _stamps(pages: Sequence[PageLines]) -> list[tuple[int, EdgeLine, re.Match[str]]]:
    """One a page, all of the prefix that most pages have, rising."""
    met: dict[tuple[str, int], list[tuple[int, EdgeLine, re.Match[str]]]] = {}
    for page in pages:
        for line in (*page.bottom, *page.top):
            for match in _BATES.finditer(line.text):
                held = met.setdefault((match[1], len(match[2])), [])
                if not held or held[-1][0] != page.number:
                    held.append((page.number, line, match))
    if not met:
        return []
    best = max(met.values(), key=len)
    rising = [*best[:1]]
    for stamp in best[1:]:
        if int(stamp[2][2]) > int(rising[-1][2][2]):
            rising.append(stamp)
    steps = Counter(int(two[2][2]) - int(one[2][2]) == two[0] - one[0] for one, two in pairwise(rising))
    enough = len(rising) >= 2 and 2 * len(rising) > len(pages) and steps[True] >= steps[False]
    return rising if enough else []


def _numbered(pages: Sequence[PageLines]) -> Iterator[tuple[int, EdgeLine]]:
    """Lines that are a number which rises with the pages."""
    met: dict[tuple[str, int], list[tuple[int, EdgeLine]]] = {}
    for page in pages:
        for line in (*page.bottom, *page.top):
            match = _PAGE_NUMBER.fullmatch(line.text.strip())
            if match is None:
                continue
            value = int(match["number"]) if match["number"] else _roman(match["roman"])
            series = (match["before"] or "") + ("roman" if match["roman"] else "")
            met.setdefault((series.lower(), value - page.number), []).append((page.number, line))
    for lines in met.values():
        near = {
            number for (one, _), (other, _) in pairwise(lines) if other - one <= 3 for number in (one, other)
        }
        yield from (pair for pair in lines if pair[0] in near)


def _roman(text: str) -> int:
    values = [_ROMAN[letter] for letter in text.lower()]
    return sum(-one if one < other else one for one, other in pairwise([*values, 0]))


@dataclass(slots=True)
class _Chain:
    """A line that comes back."""

    pages: int = 0


def _repeated(pages: Sequence[tuple[int, tuple[EdgeLine, ...]]]) -> Iterator[tuple[int, EdgeLine]]:
    """Lines that stand, but for their digits and for a misread letter, also on one of the pages before."""
    recent: list[list[tuple[str, EdgeLine, _Chain]]] = []
    linked: list[tuple[int, EdgeLine, _Chain]] = []
    for number, lines in pages:
        here: list[tuple[str, EdgeLine, _Chain]] = []
        for line in lines:
            key = _DIGITS.sub("#", line.text.casefold())
            chain = _link(key, line, recent)
            chain.pages += 1
            here.append((key, line, chain))
            linked.append((number, line, chain))
        recent = [here, *recent][:_BACK]
    return ((number, line) for number, line, chain in linked if chain.pages >= _FEWEST_PAGES)


def _link(key: str, line: EdgeLine, recent: Sequence[Sequence[tuple[str, EdgeLine, _Chain]]]) -> _Chain:
    for page in recent:
        for other, place, chain in page:
            if abs(place.middle - line.middle) <= _DRIFT and _alike(key, other):
                return chain
    return _Chain()


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    if abs(len(one) - len(other)) > 0.2 * max(len(one), len(other)):
        return False
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE
