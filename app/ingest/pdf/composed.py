"""A page's canonical text from its rows, with each word's exact place in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
    """The text; a span and a box for each word, in the text's order."""

    text: str = ""
    spans: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    boxes: list[Corners] = field(default_factory=list[Corners])
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
    making = _Making(lexicon)
    lexicon.learn([word[4] for row in rows for run in row.runs for word in run.words])
    above: Row | None = None
    for row in rows:
        runs = row.runs
        words = runs[0].words if len(runs) == 1 else [word for run in runs for word in run.words]
        making.add(row, words, above)
        above = row
    made = making.made
    made.text = "".join(making.pieces)
    return made


class _Making:
    def __init__(self, lexicon: Lexicon) -> None:
        self.made = Composed()
        self.pieces: list[str] = []
        self._lexicon = lexicon
        self._length = 0

    def add(self, row: Row, words: Sequence[Glyphs], above: Row | None) -> None:
        """This loop is most of what Python does for a page: it does nothing twice."""
        pieces, spans, boxes = self.pieces, self.made.spans, self.made.boxes
        gap = ("\n\n" if row.begins else "\n") if pieces else ""
        if pieces and above is not None and pieces[-1].endswith(_HYPHENS):
            following = clean(words[0][4])
            if _goes_on(pieces[-1], following, row, above):
                self._join(following, words[0])
                words = words[1:]
                gap = "\n"
        length = self._length
        begin = length + len(gap)
        before = len(spans)
        above_raw = below_raw = top = bottom = 0.0
        for x0, y0, x1, y1, raw, _, _, _ in words:
            word = raw if raw.isprintable() else clean(raw)
            if not word:
                continue
            pieces.append(gap)
            pieces.append(word)
            length += len(gap)
            end = length + len(word)
            spans.append((length, end))
            # to hundredths, as round() does, which alone would take half of the time
            if y0 != above_raw or y1 != below_raw:
                top, bottom = (y0 * 100 + 0.5) // 1 / 100, (y1 * 100 + 0.5) // 1 / 100
                above_raw, below_raw = y0, y1
            boxes.append(((x0 * 100 + 0.5) // 1 / 100, top, (x1 * 100 + 0.5) // 1 / 100, bottom))
            length = end
            gap = " "
        self._length = length
        if len(spans) > before:
            self.made.lines.append(_line(row, begin, length))

    def _join(self, following: str, told: Glyphs) -> None:
        """Put the rest of a broken word behind its beginning, with the hyphen only where it is the word's."""
        made, length = self.made, self._length
        tail = self.pieces[-1][:-1]
        if not self._lexicon.keeps_hyphen(tail, following):
            length -= 1
            self.pieces[-1] = tail
            made.spans[-1] = (made.spans[-1][0], length)
        self.pieces.append(following)
        end = length + len(following)
        made.spans.append((length, end))
        made.boxes.append(rounded(told))
        made.lines[-1] = made.lines[-1]._replace(end=end)
        self._length = end


def _goes_on(word: str, following: str, row: Row, above: Row) -> bool:
    """Whether ``word``, which ends in a hyphen, is one with the first of the next row."""
    if not following[:1].islower() or len(word) < 3 or not word[-2].isalpha():
        return False
    return not row.begins or row.runs[0].top < above.runs[-1].top  # or at the top of the next column


def _line(row: Row, start: int, end: int) -> Line:
    runs = row.runs
    longest = max(runs, key=lambda run: run.right - run.left) if len(runs) > 1 else runs[0]
    return Line(start, end, longest.size, all(run.bold for run in runs), longest.top, row.begins)


def rounded(box: tuple[Any, ...]) -> Corners:
    """To hundredths of a point; what is no number, or far away, is brought to where JSON can say it."""
    x0, y0, x1, y1 = (round(min(max(side, -_FAR), _FAR), 2) if side == side else 0.0 for side in box[:4])
    return x0, y0, x1, y1


def clean(word: str) -> str:
    """A word without control characters, white space inside it and lone surrogates."""
    if word.isprintable() and " " not in word:
        return word
    return "".join(
        "\ufffd" if "\ud800" <= letter <= "\udfff" else letter
        for letter in word
        if unicodedata.category(letter) != "Cc" and not letter.isspace()
    )
