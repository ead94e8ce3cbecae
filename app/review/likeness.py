"""Words that were recognised twice from one picture: the same but for the letters one reading got wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

FEWEST_CHARACTERS = 24
"""Shorter words are the same or they are not: too much else is like them."""

_WRONG = 10
"""One character in so many may be another."""
_PRESENT = 3
"""Of the words one in so many must stand on a page that is worth a search."""
_SHORT = 4
_ALIKE = 0.7
_NUMBER = re.compile(r"\d[\d.,:/-]*")
_WORD = re.compile(r"\w+")
_LOOKALIKES = str.maketrans("01|!iI", "olllll")


class Folded:
    """A text in which what is easily mistaken is the same; white space is one blank."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.letters = _folded(text)
        self.words = frozenset(_WORD.findall(self.letters))


def alike_places(quote: Folded, page: Folded) -> Iterator[tuple[int, int]]:
    """Where ``page`` says what ``quote`` does, but for letters; code points ``[start, end)`` of ``page``.

    Figures must be the same, and no word may be more or less: a reading that differs in these says something
    else.
    """
    if len(quote.text) < FEWEST_CHARACTERS:
        return
    if _PRESENT * len(quote.words & page.words) < len(quote.words):
        return
    needle, hay = quote.letters, page.letters
    most = len(needle) // _WRONG
    for end in _best_ends(nearest_ends(needle, hay, most), most):
        first = max(0, end - len(needle) - most)
        backwards = nearest_ends(needle[::-1], hay[first:end][::-1], most)
        length = min(backwards, key=lambda one: (one[1], abs(one[0] - len(needle))))[0]
        start, end = _whole_words(page.text, end - length, end)
        if _same_but_letters(quote.text, page.text[start:end]):
            yield start, end


def nearest_ends(pattern: str, text: str, most: int) -> list[tuple[int, int]]:
    """(end, distance) of all parts of ``text`` within ``most`` edits of ``pattern``.

    Bit-parallel (Myers, 1999, in the form of Hyyrö, 2001): a step per character of ``text``.
    """
    places: dict[str, int] = {}
    for number, letter in enumerate(pattern):
        places[letter] = places.get(letter, 0) | 1 << number
    everything = (1 << len(pattern)) - 1
    last = 1 << (len(pattern) - 1)
    more, less, distance = everything, 0, len(pattern)
    found: list[tuple[int, int]] = []
    for end, letter in enumerate(text, start=1):
        equal = places.get(letter, 0)
        across = (((equal & more) + more) ^ more) | equal
        rising = less | (~(across | more) & everything)
        falling = more & across
        distance += bool(rising & last) - bool(falling & last)
        rising, falling = (rising << 1) & everything, (falling << 1) & everything
        down = equal | less
        more, less = falling | (~(down | rising) & everything), rising & down
        if distance <= most:
            found.append((end, distance))
    return found


def _best_ends(ends: Sequence[tuple[int, int]], most: int) -> Iterator[int]:
    """Of ends that lie together, which are one place, the nearest."""
    group: list[tuple[int, int]] = []
    for one in ends:
        if group and one[0] - group[-1][0] > most + 1:
            yield min(group, key=lambda end: end[1])[0]
            group = []
        group.append(one)
    if group:
        yield min(group, key=lambda end: end[1])[0]


def _folded(text: str) -> str:
    """Letter for letter, with what is easily mistaken made the same."""
    return "".join(letter.lower()[:1] for letter in text).translate(_LOOKALIKES)


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and not text[start - 1].isspace() and not text[start].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace() and not text[end - 1].isspace():
        end += 1
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _same_but_letters(one: str, other: str) -> bool:
    first, second = _words(one), _words(other)
    if _figures(first) != _figures(second):
        return False
    folded = [[_folded(word) for word in words] for words in (first, second)]
    for what, start, end, begin, stop in SequenceMatcher(None, *folded, autojunk=False).get_opcodes():
        if what != "equal" and not _read_as(folded[0][start:end], folded[1][begin:stop]):
            return False
    return True


def _read_as(these: Sequence[str], those: Sequence[str]) -> bool:
    """Whether the words can be two readings of the same."""
    if len(these) == len(those):
        return all(map(_near, these, those))
    return "".join(these) == "".join(those)  # a blank that one of them saw


def _near(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < _SHORT:  # "not" and "now"
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE


def _words(text: str) -> list[str]:
    """Without what stands around them; a mark that stands alone is none."""
    stripped = (word.strip("\"'.,;:()[]{}*_~`´‘’“”„·•-–—") for word in text.split())
    return [word for word in stripped if any(letter.isalnum() for letter in word)]


def _figures(words: Sequence[str]) -> list[str]:
    bare = (word.strip("$€£%") for word in words)
    return [word for word in bare if _NUMBER.fullmatch(word)]
