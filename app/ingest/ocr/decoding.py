"""From a network's answer along a line of text to letters and words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BLANK = 0

Answer = NDArray[np.float32]
"""(T, C): at each of T steps along the line the probability of each of C signs; sign 0 is none."""


_IDEOGRAPHS, _FULL_WIDTH = "\u2e80", "\uff00"
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


class Letter(NamedTuple):
    """``at`` is the middle of the steps that showed it, 0 to 1 along the line."""

    text: str
    at: float
    confidence: float


class Token(NamedTuple):
    """Letters between two spaces."""

    letters: tuple[Letter, ...]

    @property
    def text(self) -> str:
        """The word."""
        return "".join(letter.text for letter in self.letters)

    @property
    def confidence(self) -> float:
        """Of a letter, on average."""
        return sum(letter.confidence for letter in self.letters) / len(self.letters)


def letters_of(answer: Answer, signs: Sequence[str], space: float) -> list[Letter]:
    """The likeliest sign of each step, repeated ones once (connectionist temporal classification, greedy).

    The last of the signs is the space; it also stands where no sign is the likeliest between two letters,
    but its own chance is above ``space`` in one of the steps.
    """
    best = answer.argmax(axis=1)
    chance = answer[np.arange(len(best)), best]
    steps, last = len(best), len(signs) - 1
    letters: list[Letter] = []
    for sign, run in groupby(range(steps), key=lambda step: int(best[step])):
        shown = list(run)
        middle = (shown[0] + shown[-1] + 1) / 2 / steps
        if sign != BLANK:
            letters.append(Letter(signs[sign], middle, float(chance[shown].max())))
        elif letters and not letters[-1].text.isspace():
            likely = float(answer[shown, last].max())
            if likely > space:
                letters.append(Letter(" ", middle, likely))
    return letters


def mean_confidence(letters: Sequence[Letter]) -> float:
    """Of those that are no spaces; 0 where there are none."""
    seen = [letter.confidence for letter in letters if not letter.text.isspace()]
    return sum(seen) / len(seen) if seen else 0.0


def narrowed(letters: Sequence[Letter]) -> list[Letter]:
    """Signs as wide as Chinese ones, which the network also sees in other languages, as ASCII has them."""
    if any(_IDEOGRAPHS <= letter.text < _FULL_WIDTH for letter in letters):
        return list(letters)
    return [letter._replace(text=letter.text.translate(_NARROW)) for letter in letters]


def tokens_of(letters: Sequence[Letter]) -> list[Token]:
    """Letters parted at spaces."""
    parts = groupby(letters, key=lambda letter: letter.text.isspace())
    return [Token(tuple(part)) for space, part in parts if not space]


def bounds_between(tokens: Sequence[Token], inkless: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """For each token the columns ``[start, end)`` that hold it: parted in the widest inkless stretch between.

    ``inkless``: for each of the line's columns whether it holds no ink.
    """
    columns = len(inkless)
    cuts = [0]
    for one, other in pairwise(tokens):
        first, last = (round(letter.at * columns) for letter in (one.letters[-1], other.letters[0]))
        cuts.append(max(cuts[-1], _widest(inkless, first, max(last, first + 1))))
    cuts.append(columns)
    return list(pairwise(cuts))


def _widest(inkless: NDArray[np.bool_], first: int, last: int) -> int:
    stretches: list[tuple[int, int]] = []
    place = first
    for empty, run in groupby(inkless[first:last].tolist()):
        length = sum(1 for _ in run)
        if empty:
            stretches.append((length, place + length // 2))
        place += length
    return max(stretches)[1] if stretches else (first + last) // 2
