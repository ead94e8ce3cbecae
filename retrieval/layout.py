"""What the look of a line says about its place: enumerators and headings of contracts, reports, records."""

from __future__ import annotations

import re

_NUMBERED = (
    r"\(?[0-9]{1,3}(?:\.[0-9]{1,3})*(?:\([a-zA-Z0-9]{1,4}\))*"
    r"(?:[.)]|(?<=[.][0-9])|(?<=[.][0-9]{2})|(?<=\)))"
)
_LETTERED = r"\([a-zA-Z]{1,2}\)|\([ivxlcIVXLC]{1,6}\)|[a-zA-Z][.)]|[ivxIVX]{1,5}[.)]"
_NAMED = (
    r"(?i:article|section|clause|schedule|exhibit|annex|appendix|part|chapter|item)"
    r"[ \t]+(?:[0-9]+(?:\.[0-9]+)*|[IVXLC]+|[A-Z])\b[.:)]?"
)
_BULLET = r"[•▪●◦‣·*–—-](?=[ \t])"

ENUMERATOR = re.compile(rf"(?:{_NAMED}|{_NUMBERED}|{_LETTERED}|{_BULLET})(?=\s|$)")
"""An enumerator: ``(a)``, ``1.2``, ``3.``, ``iv)``, ``ARTICLE IV``, ``Section 5.``, a bullet."""

_SECTION = re.compile(rf"(?:{_NAMED}|[0-9]{{1,3}}(?:\.[0-9]{{1,3}})*[.)]?(?=\s))")
_SMALL_WORDS = frozenset(
    "a an and as at by for from in into of on or per the to under upon via with without".split()  # noqa: SIM905
)
_MOST_HEADING_CHARACTERS = 90
_MOST_HEADING_WORDS = 12


def is_enumerator(text: str) -> bool:
    """Whether there is nothing but an enumerator; a bare integer (a page number) is not one."""
    return ENUMERATOR.fullmatch(text.strip()) is not None


def starts_with_enumerator(text: str) -> bool:
    """Whether a line opens a list item or a section."""
    return ENUMERATOR.match(text) is not None


def starts_a_section(text: str) -> bool:
    """Whether a sentence opens a numbered or named section (``9.``, ``9.2``, ``ARTICLE IV``)."""
    found = _SECTION.match(text)
    return found is not None and any(letter.isalpha() for letter in text)


def is_heading(text: str) -> bool:
    """Whether a sentence reads as a heading: short, ALL CAPS or Title Case, possibly numbered."""
    text = text.strip()
    if not text or len(text) > _MOST_HEADING_CHARACTERS or text[-1] in ",;":
        return False
    label = _SECTION.match(text) or ENUMERATOR.match(text)
    title = text[label.end() :].strip(" \t\n.:-–—") if label else text
    if not title:
        return label is not None and any(letter.isalpha() for letter in text)
    words = title.split()
    if len(words) > _MOST_HEADING_WORDS or not title[0].isalpha():
        return False
    if label is None and text[-1] in ".!?" and not title.isupper():
        return False
    if title.isupper():
        return len(title) > 3
    return all(_is_titled(word) for word in words) and (label is not None or len(words) > 1)


def _is_titled(word: str) -> bool:
    bare = word.strip("\"'“”‘’().,:;/&-–—")
    return not bare or bare[0].isupper() or bare in _SMALL_WORDS
