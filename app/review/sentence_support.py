"""Whether a sentence that a model wrote says nothing but what its source says.

Nothing is understood here: both are lists of words, and the written ones have to be found in the source, in
its order. So what is said in another order is refused, too; that is the price for telling who pays whom.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from app.domain.base import Frozen, Probability
from app.domain.kinds import ValueKind
from app.review.value_reading import TENS, UNITS, number_of
from app.review.values import candidates
from app.review.word_families import MAY, NOT, UNLESS, family, opposite

LEAST_SHARE = 0.75
"""Of a sentence's words, those that must stand in its source. See ``bench.quality.summaries``."""

_REACH = 4
"""A denial in the source counts for so many of the words that follow it."""

_AFTER = 3
"""A condition that begins so soon after the last word that was taken belongs to it."""

_KINDS = (ValueKind.DATE, ValueKind.DURATION, ValueKind.MONEY)
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+?n['’]t\b|[^\W\d_]+|[$€£¥%]")
_IDIOM = re.compile(r"\bas the case may be\b|\bas may be\b", re.IGNORECASE)
"""Gives nobody leave to do anything."""

_STOP = re.compile(r"[.;:](?=\s|$)")
_SMALL_WORDS = """
    agreement contract document a an the and or of to in on at by for with as that this
    these those it its their his her which who whom what is are be been being was were has have had do
    does did there here such any all each every both either shall must will would agree agrees agreed
    required hereby herein hereof hereto hereunder thereof thereto between into upon under if than then
    so s also"""
_SMALL = frozenset(_SMALL_WORDS.split())
"""Words that say little by themselves: they may stand anywhere, or be missing."""
_UNNAMED = frozenset({"party", "parties"})
"""With a capital they stand for somebody."""
_FACTS = frozenset({NOT, MAY, UNLESS, "only", "percent", "million", "billion"})
_NUMBERS = {**UNITS, **TENS, "hundred": 100, "thousand": 1000}
_LIMITS = frozenset({UNLESS, "only", "provided"})


_FOUND_FACT, _FOUND, _GAP = 200, 100, 2
_PASS, _TAKE, _SKIP = range(3)
"""Steps of an alignment: past a word of the sentence, both taken, past one of the source. Ties: the last."""


class Why(StrEnum):
    """Why a sentence is refused."""

    EMPTY = "it says nothing"
    UNFINISHED = "it was not written to its end"
    FACT = "a number, a name or another fact is not the source's, or not of this"
    VALUE = "a date, a period or an amount is not one of the source's"
    DENIED = "what the source denies or allows is stated otherwise"
    LIMIT = "a condition of the source is missing"
    WORDS = "too many words are not the source's"


class Support(Frozen):
    """``share`` of the sentence's words that the source has, in its order; ``refused`` says what is wrong."""

    share: Probability
    refused: Why | None = None


@dataclass(frozen=True)
class _Word:
    key: str
    fact: bool
    clause: int
    start: int
    name: bool = False
    joined: bool = False
    """To the word before, without a small word between them."""


Taken = dict[int, int]
"""Places in the sentence with their places in the source, both rising but for denials."""


def support_of(sentence: str, source: str) -> Support:
    """Facts (numbers, names, denials, leave) must all be the source's; of other words most."""
    said, given = _words(sentence), _words(source)
    if not said:
        return Support(share=0.0, refused=Why.EMPTY)
    taken = _with_denials(said, given, _aligned(said, given))
    share = len(taken) / len(said)
    checks: tuple[tuple[Why, Callable[[], bool]], ...] = (
        (Why.FACT, lambda: _facts_taken(said, given, taken)),
        (Why.VALUE, lambda: _values_held(sentence, source, said, taken)),
        (Why.DENIED, lambda: _nothing_turned(given, taken)),
        (Why.LIMIT, lambda: _limits_kept(given, taken)),
        (Why.WORDS, lambda: share >= LEAST_SHARE),
    )
    return Support(share=share, refused=next((why for why, holds in checks if not holds()), None))


def _words(text: str) -> list[_Word]:
    """Without small words; a number in words and in figures is one, once."""
    text = _IDIOM.sub(lambda found: " " * len(found[0]), text)
    words: list[_Word] = []
    number: list[str] = []
    stops = [found.start() for found in _STOP.finditer(text)]
    tokens = list(_TOKEN.finditer(text))
    for place, token in enumerate(tokens):
        low = token[0].casefold()
        following = tokens[place + 1][0].casefold() if place + 1 < len(tokens) else ""
        clause = bisect(stops, token.start())
        if low in _NUMBERS:
            number.append(low)
            if following not in _NUMBERS:
                keys = (key for key in _counted(number) if not _repeats(words, key))
                words += [_Word(key, True, clause, token.start()) for key in keys]
                number = []
        elif low[0].isdecimal():
            if not _repeats(words, _figure(low)):
                words.append(_Word(_figure(low), True, clause, token.start()))
        elif token[0] not in _UNNAMED and low not in _SMALL:
            joined = place > 0 and tokens[place - 1][0].casefold() not in _SMALL
            words.append(_word(token[0], clause, token.start(), joined, first=not words))
    return words


def _word(raw: str, clause: int, start: int, joined: bool, first: bool) -> _Word:
    """A capital makes a name, and what a sentence begins with is whom it is said of."""
    low = raw.casefold()
    key = NOT if low.endswith(("n't", "n’t")) else family(low)
    name = raw[0].isupper() and key not in _FACTS
    return _Word(key, first or not raw[0].islower() or key in _FACTS, clause, start, name, joined)


def _counted(words: Sequence[str]) -> list[str]:
    count = number_of(words)
    return [str(count)] if count is not None else [str(_NUMBERS[word]) for word in words]


def _figure(low: str) -> str:
    bare = low.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", low) else low
    return bare.rstrip("0").rstrip(".") if "." in bare else bare.lstrip("0") or "0"


def _repeats(words: Sequence[_Word], key: str) -> bool:
    """As the second of "five (5)"."""
    return bool(words) and words[-1].key == key


def _aligned(said: Sequence[_Word], given: Sequence[_Word]) -> Taken:
    """As many words in the same order as can be, facts first, as close together as can be.

    A local alignment (Smith and Waterman, 1981): a word of the source that is passed over costs little, one
    of the sentence that is not found nothing. Of equals the one that goes on with the word before it.
    """
    rows, columns = len(said) + 1, len(given) + 1
    best = [[0] * columns for _ in range(rows)]
    step = [[_PASS] * columns for _ in range(rows)]
    for row in range(1, rows):
        for column in range(1, columns):
            word = said[row - 1]
            options = [(best[row - 1][column], _PASS)]
            if best[row][column - 1] > 0:
                options.append((best[row][column - 1] - _GAP, _SKIP))
            if word.key == given[column - 1].key:
                options.append((best[row - 1][column - 1] + (_FOUND_FACT if word.fact else _FOUND), _TAKE))
            best[row][column], step[row][column] = max(options)
    row = rows - 1
    column = max(range(columns), key=lambda place: best[row][place])
    places: dict[int, int] = {}
    while row and column and best[row][column] > 0:
        taken_by = step[row][column]
        if taken_by == _TAKE:
            row, column = row - 1, column - 1
            places[row] = column
        elif taken_by == _PASS:
            row -= 1
        else:
            column -= 1
    return dict(sorted(places.items()))


def _facts_taken(said: Sequence[_Word], given: Sequence[_Word], taken: Taken) -> bool:
    keys = {word.key for word in given}
    for place, word in enumerate(said):
        if place in taken:
            continue
        if word.fact or any(opposite(word.key, key) for key in keys):
            return False
    return _same_subjects(said, given, taken)


def _same_subjects(said: Sequence[_Word], given: Sequence[_Word], taken: Taken) -> bool:
    """What is said of a name is not what the source says of another one right before it.

    And no name is put together of two, with one between them left out.
    """
    names = {word.key for word in said if word.name}
    for (one, at), (other, then) in pairwise(sorted(taken.items())):
        skipped = given[then - 1]
        led = said[one].name and not said[other].name and at < then - 1
        if led and skipped.name and skipped.key not in names:
            return False
        mixed = said[one].name and said[other].name and said[other].joined and other == one + 1
        if mixed and any(given[n].name for n in range(at + 1, then)):
            return False
    return True


def _with_denials(said: Sequence[_Word], given: Sequence[_Word], taken: Taken) -> Taken:
    """With denials that stand before other words, and deny the same: "in no event is", "is not"."""
    places = dict(taken)
    for place, word in enumerate(said):
        if word.key != NOT or place in places:
            continue
        denied = {places[n] for n in range(place + 1, place + 1 + _REACH) if n in places}
        for at, other in enumerate(given):
            same = other.key == NOT and at not in places.values()
            if same and denied.intersection(_follows(given, at, _REACH)):
                places[place] = at
                break
    return places


def _follows(given: Sequence[_Word], place: int, reach: int) -> list[int]:
    """The next words of its clause."""
    after = range(place + 1, min(len(given), place + 1 + reach))
    return [n for n in after if given[n].clause == given[place].clause]


def _values_held(sentence: str, source: str, said: Sequence[_Word], taken: Taken) -> bool:
    """Dates, periods and amounts are the source's, or their words are neighbours there as well."""
    for kind in _KINDS:
        held = [candidate.value for candidate in candidates(kind, [(0, source)])]
        for value, (start, end) in ((c.value, c.span) for c in candidates(kind, [(0, sentence)])):
            places = [taken.get(n, -1) for n, word in enumerate(said) if start <= word.start < end]
            together = -1 not in places and max(places) - min(places) == len(places) - 1
            if value not in held and not together:
                return False
    return True


def _nothing_turned(given: Sequence[_Word], taken: Taken) -> bool:
    """No denial of the source is lost, and no leave turned into a statement."""
    inside = frozenset(taken.values())
    kept = [place for place in inside if given[place].key == NOT]
    for place, word in enumerate(given):
        if place in inside or word.key not in (NOT, MAY):
            continue
        reach = _REACH if word.key == NOT else 1
        taken_after = any(n in inside for n in _follows(given, place, reach))
        told = word.key == NOT and any(0 < place - other <= 2 * _REACH for other in kept)  # neither, nor
        if taken_after and not told:
            return False
    return True


def _limits_kept(given: Sequence[_Word], taken: Taken) -> bool:
    inside = frozenset(taken.values())
    if not inside:
        return True
    first, last = min(inside), max(inside)
    return not any(
        word.key in _LIMITS
        and place not in inside
        and first < place <= last + _AFTER
        and word.clause == given[last].clause
        for place, word in enumerate(given)
    )


def fewest_parts(sentence: str, parts: Sequence[str]) -> tuple[int, int] | None:
    """The shortest run of neighbours ``[first, end)`` that supports a sentence; None if none does."""
    for length in range(1, len(parts) + 1):
        for first in range(len(parts) - length + 1):
            if support_of(sentence, " ".join(parts[first : first + length])).refused is None:
                return first, first + length
    return None
