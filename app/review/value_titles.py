"""What a document calls itself: the title at its top, or the name by which its first sentence goes."""

from __future__ import annotations

import re

from app.review.value_reading import Reading, Readings

_KINDS = (
    *("agreement", "contract", "amendment", "addendum", "license", "lease", "memorandum", "conditions"),
    *(
        "undertaking",
        "guaranty",
        "guarantee",
        "indenture",
        "deed",
        "note",
        "plan",
        "policy",
        "order",
        "letter",
    ),
    *("terms", "statement", "supplement", "endorsement"),
)
_KIND = re.compile(rf"\b(?:{'|'.join(_KINDS)})s?\b", re.IGNORECASE)
_BEFORE = re.compile(r"((?:\b(?:No\.?|Number|#)\s+)?\S+)(\s+)\Z", re.IGNORECASE)
_NUMBER = re.compile(r"\s+(?:No\.?|Number|#)\s*[\w-]*\d[\w-]*", re.IGNORECASE)
_SMALL = frozenset("a an and for in of on the to with by & - – — / or".split())  # noqa: SIM905
_ENDS = re.compile(r"[.;:!?\])”\"]\Z")
_PLACED = re.compile(
    r"(?i)(?:exhibit|annex|schedule|appendix)\Z|[\d.()*\[\]#_-]+\Z|this\Z|execution\Z|copy\Z|version\Z"
)
_MOST_WORDS = 14


def titles(text: str) -> Readings:
    """``{"title": words}``, each on one line: what is in capitals counts for more, then what comes first."""
    found: list[Reading] = []
    for kind in _KIND.finditer(text):
        if not kind[0][0].isupper():
            continue
        capitals = kind[0].isupper()
        start = _beginning(text, kind.start(), capitals)
        number = _NUMBER.match(text, kind.end())
        end = number.end() if number else kind.end()
        words = text[start:end].split()
        if len(words) > 1:
            if found and found[-1].end > start:  # "LICENSE" of "LICENSE AND SUPPLY AGREEMENT"
                start = min(start, found.pop().start)
            title = " ".join(text[start:end].split())
            found.append(Reading({"title": title}, title, start, end, capitals - start / 1e6))
    yield from found


def _beginning(text: str, end: int, capitals: bool) -> int:
    """Where the words of a title begin that goes on to ``end``."""
    start = place = end
    for _ in range(_MOST_WORDS):
        found = _BEFORE.search(text[max(0, place - 80) : place])
        if found is None or found[2].count("\n") > 2:
            break
        word = found[1]
        bare = word.strip('“"(,®™')
        if _ENDS.search(word) or _PLACED.match(bare):
            break
        place -= len(found[0])
        if bare in _SMALL:
            continue
        if not (bare.isupper() if capitals else bare[:1].isupper()) and not _mixed(bare, capitals):
            break
        start = place + len(word) - len(word.lstrip('“"('))
    return start


def _mixed(word: str, capitals: bool) -> bool:
    """A name that is written small, as "e-business"."""
    return "-" in word and not capitals
