"""A page's canonical text from its rows, with each word's exact place in it."""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice
from typing import Any, NamedTuple

from app.domain.words import Words
from app.ingest.pdf.order import Row
from app.ingest.pdf.text_pass import Corners, Glyphs

# in words broken at these the hyphen is the word's own
_PREFIXES = frozenset({
    "all", "anti", "arm's", "best", "bi", "bona", "by", "co", "cross", "de", "end", "ex", "extra",
    "fair", "fifth", "first", "five", "forty", "four", "fourth", "full", "go", "good", "half", "hard",
    "high", "in", "inter", "intra", "lock", "long", "low", "macro", "mid", "multi", "near", "net",
    "new", "nine", "non", "off", "on", "one", "open", "out", "over", "part", "past", "per", "post",
    "pre", "pro", "pseudo", "quasi", "re", "read", "real", "right", "self", "semi", "set", "seven",
    "short", "side", "six", "so", "soft", "state", "stock", "sub", "tax", "ten", "third", "thirty",
    "three", "tie", "time", "top", "two", "ultra", "un", "under", "up", "user", "vice", "well", "wide",
    "work", "write", "year",
})  # fmt: skip
_HYPHENS = ("-", "\u2010", "\u00ad")
_MOST_KNOWN = 200_000
_FAR = 1e6


class Line(NamedTuple):
    """A row in the page's text: code points ``[start, end)``, its letters' size in points."""

    start: int
    end: int
    size: float
    bold: bool
    top: float
    begins: bool


@dataclass
class Composed:
    """The text, its words in their order, and its lines."""

    text: str = ""
    words: Words = field(default_factory=Words)
    lines: list[Line] = field(default_factory=list[Line])


class Lexicon:
    """The words met so far in a document: they tell how one that is broken at a line's end is written."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def learn(self, words: Iterable[str]) -> None:
        """Up to a bound."""
        if len(self._known) < _MOST_KNOWN:
            self._known.update(words)

    def keeps_hyphen(self, first: str, last: str) -> bool:
        """Whether ``first-last`` is the word, and not ``firstlast``."""
        last = last.rstrip(".,;:)]\u201d\"'")
        if first + last in self._known or (first + last).lower() in self._known:
            return False
        if f"{first}-{last}" in self._known or "-" in first:
            return True
        stem = first.lower().lstrip("(\u201c\"'[")
        return stem in _PREFIXES or (len(stem) > 3 and stem in self._known and last in self._known)


def composed(rows: Sequence[Row], lexicon: Lexicon) -> Composed:
    """Words are parted by a space, rows by a line break, paragraphs by an empty line.

    A word broken at a row's end is one run of letters, and has an entry for each of its two boxes.
    """
    counts = [sum(len(run.words) for run in row.runs) for row in rows]
    words = [word for row in rows for run in row.runs for word in run.words]
    texts = [word[4] for word in words]
    if not all(texts) or not "".join(texts).isprintable():
        counts, words, texts = _cleaned(counts, words, texts)
    lexicon.learn(texts)
    making = _Making(lexicon, words, texts)
    above: Row | None = None
    for row, count in zip(rows, counts, strict=True):
        if count:
            making.add(row, count, above)
        above = row
    return making.whole()


def _cleaned(
    counts: Sequence[int], words: Sequence[Glyphs], texts: Sequence[str]
) -> tuple[list[int], list[Glyphs], list[str]]:
    """Without what is nothing but signs that no text holds."""
    cleaned = [clean(text) for text in texts]
    left: list[int] = []
    first = 0
    for count in counts:
        left.append(sum(map(bool, cleaned[first : first + count])))
        first += count
    return left, list(compress(words, cleaned)), list(filter(None, cleaned))


class _Making:
    """Most of what Python does for a page: as much of it as can be is done for all words at once."""

    def __init__(self, lexicon: Lexicon, words: Sequence[Glyphs], texts: list[str]) -> None:
        self._lexicon = lexicon
        self._words = words
        self._texts = texts
        self._lengths = list(map(len, texts))
        self._pieces: list[str] = []
        self._done = 0
        self._length = 0
        self._lines: list[Line] = []
        self._starts: list[int] = []
        self._ends: list[int] = []

    def whole(self) -> Composed:
        columns = array("i", self._starts)
        columns += array("i", self._ends)
        for sides in islice(zip(*self._words, strict=True), 4):
            try:
                columns += array("i", [int(side * 100 + 0.5) for side in sides])
            except (ValueError, OverflowError):
                columns += array("i", [hundredths(side) for side in sides])
        return Composed("".join(self._pieces), Words(columns), self._lines)

    def add(self, row: Row, count: int, above: Row | None) -> None:
        """The next ``count`` words."""
        first, last = self._done, self._done + count
        self._done = last
        gap = ("\n\n" if row.begins else "\n") if first else ""
        texts = self._texts
        if first and above is not None and _goes_on(texts[first - 1], texts[first], row, above):
            self._join(first)
            first += 1
            gap = "\n"
            if first == last:
                return
        begin = end = self._length + len(gap)
        starts, ends = self._starts, self._ends
        for length in self._lengths[first:last]:
            starts.append(end)
            end += length
            ends.append(end)
            end += 1
        self._length = end - 1
        self._pieces += (gap, " ".join(texts[first:last]))
        self._lines.append(_line(row, begin, end - 1))

    def _join(self, number: int) -> None:
        """Put the rest of a broken word behind its beginning, with the hyphen only where it is the word's."""
        if not self._lexicon.keeps_hyphen(self._texts[number - 1][:-1], self._texts[number]):
            self._pieces[-1] = self._pieces[-1][:-1]
            self._length -= 1
            self._ends[-1] -= 1
        self._pieces.append(self._texts[number])
        self._starts.append(self._length)
        self._length += self._lengths[number]
        self._ends.append(self._length)
        self._lines[-1] = self._lines[-1]._replace(end=self._length)


def _goes_on(word: str, following: str, row: Row, above: Row) -> bool:
    """Whether ``word``, which ends in a hyphen, is one with the first of the next row."""
    if not word.endswith(_HYPHENS) or not following[:1].islower() or len(word) < 3 or not word[-2].isalpha():
        return False
    return not row.begins or row.runs[0].top < above.runs[-1].top  # or at the top of the next column


def _line(row: Row, start: int, end: int) -> Line:
    runs = row.runs
    longest = max(runs, key=lambda run: run.right - run.left) if len(runs) > 1 else runs[0]
    return Line(start, end, longest.size, all(run.bold for run in runs), longest.top, row.begins)


def rounded(box: tuple[Any, ...]) -> Corners:
    """To hundredths of a point; what is no number, or far away, is brought to where JSON can say it."""
    x0, y0, x1, y1 = (hundredths(side) / 100 for side in box[:4])
    return x0, y0, x1, y1


def hundredths(side: float) -> int:
    """Of a point; what is no number, or far away, is brought to what an int32 holds."""
    return round(min(max(side, -_FAR), _FAR) * 100) if side == side else 0


def clean(word: str) -> str:
    """A word without control characters, white space inside it and lone surrogates."""
    if word.isprintable() and " " not in word:
        return word
    return "".join(
        "\ufffd" if "\ud800" <= letter <= "\udfff" else letter
        for letter in word
        if unicodedata.category(letter) != "Cc" and not letter.isspace()
    )
