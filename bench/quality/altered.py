"""Sentences made false by code: what a check of support has to refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise

from app.review.value_reading import TENS, UNITS

_FIGURE = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.,])\d+(?:\.\d+)?")
_NUMBER_WORDS = [word for word in (*UNITS, *TENS) if word not in ("one", "fourty", "ninty")]
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b", re.IGNORECASE)
_VERB = re.compile(r"\b(?:shall|may|must|will|can|is|are|has|have)\b")
_DENIALS = (
    (r"\b(shall|may|must|will|can|is|are|does|do|has|have) not\b", r"\1"),
    (r"\bNeither\b", "Either"),
    (r"\bneither\b", "either"),
    (r"\bNo\b", "Any"),
    (r"\bno\b", "any"),
    (r"\bnever\b", "always"),
    (r"\bwithout\b", "with"),
)
_NAME = re.compile(r"\b[A-Z][\w&'’-]*(?:\s+(?:[A-Z][\w&'’-]*))*")
_NO_NAME_WORDS = """
    The This That These Such A An Any Each Either Neither No All Both It Its Agreement Contract In On At
    By For From Of To With Within Without Upon Under Until Unless Except If When Once After Before
    During Subject Notwithstanding Provided Where Such As And Or But Not Nor Nothing Other Otherwise
    Further Furthermore"""
_NO_NAMES = frozenset(_NO_NAME_WORDS.split())


class Altered(StrEnum):
    """What was done to a sentence."""

    NUMBER = "one number is another"
    NUMBERS = "two numbers change places"
    DENIAL = "a denial is taken out or put in"
    LEAVE = "may is shall, shall is may"
    NAMES = "two names change places"
    NAME = "one name is another of the source, or of the contract"


def alterations(sentence: str, names: tuple[str, ...] = ()) -> Iterator[tuple[Altered, str]]:
    """Each says something else than ``sentence``; ``names`` are others, of which the first is taken."""
    figures = list(_FIGURE.finditer(sentence))
    for found in figures:
        yield Altered.NUMBER, _put(sentence, found, _other_figure(found[0]))
    for found in _NUMBER_WORD.finditer(sentence):
        place = _NUMBER_WORDS.index(found[0].casefold())
        yield Altered.NUMBER, _put(sentence, found, _NUMBER_WORDS[(place + 1) % len(_NUMBER_WORDS)])
    yield from ((Altered.NUMBERS, text) for text in _exchanged(sentence, figures))
    yield from _denied(sentence)
    for one, other in (("may", "shall"), ("shall", "may"), ("must", "may")):
        if found := re.search(rf"\b{one}\b", sentence):
            yield Altered.LEAVE, _put(sentence, found, other)
    held = list(_names(sentence))
    yield from ((Altered.NAMES, text) for text in _exchanged(sentence, held))
    for found in held:
        other = next((name for name in names if _bare(name) not in sentence.casefold()), None)
        if other is not None:
            yield Altered.NAME, _put(sentence, found, other)


def names_in(text: str) -> tuple[str, ...]:
    """Those that a text uses most, at most nine."""
    counts: dict[str, int] = {}
    for found in _names(text):
        counts[found[0]] = counts.get(found[0], 0) + 1
    return tuple(sorted(counts, key=lambda name: -counts[name])[:9])


def _denied(sentence: str) -> Iterator[tuple[Altered, str]]:
    for pattern, instead in _DENIALS:
        if re.search(pattern, sentence):
            yield Altered.DENIAL, re.sub(pattern, instead, sentence, count=1)
            return
    if found := _VERB.search(sentence):
        yield Altered.DENIAL, _put(sentence, found, f"{found[0]} not")


def _names(text: str) -> Iterator[re.Match[str]]:
    for found in _NAME.finditer(text):
        words = found[0].split()
        if words[0] in _NO_NAMES:
            rest = found[0].removeprefix(words[0]).lstrip()
            found = re.compile(re.escape(rest)).match(text, found.end() - len(rest)) if rest else None
            words = rest.split()
        if found is not None and words and words[0] not in _NO_NAMES:
            yield found


def _exchanged(sentence: str, places: list[re.Match[str]]) -> Iterator[str]:
    """Each pair of neighbours that differ, in each other's place."""
    for one, other in pairwise(places):
        if _bare(one[0]) != _bare(other[0]):
            between = sentence[one.end() : other.start()]
            yield sentence[: one.start()] + other[0] + between + one[0] + sentence[other.end() :]


def _bare(words: str) -> str:
    """Whose it is and how many make no other name."""
    low = words.casefold().strip()
    return low.removesuffix("'s").removesuffix("’s").removesuffix("s")


def _put(sentence: str, place: re.Match[str], instead: str) -> str:
    return sentence[: place.start()] + instead + sentence[place.end() :]


def _other_figure(figure: str) -> str:
    """Another last digit before the point, as a typing error makes it."""
    whole, point, rest = figure.partition(".")
    return whole[:-1] + str((int(whole[-1]) + 3) % 10) + point + rest
