"""Words that say the same in other forms: families, by their stems and a few of the trade's equals."""

from __future__ import annotations

NOT, MAY, UNLESS = "not", "may", "unless"

_EQUALS = (
    (NOT, "not no none nor neither never cannot nothing nobody non"),
    (MAY, "may can could entitled permitted allowed"),
    ("only", "only solely exclusively"),
    (UNLESS, "unless except excluding without save"),
    ("last", "last lasts lasting continue continues term period duration remain remains valid"),
    ("begin", "begin begins beginning start starts starting commence commences commencing commencement from"),
    ("end", "end ends ending expire expires expiring expiration until"),
    ("terminate", "terminate terminates terminated terminating termination"),
    ("pay", "pay pays paid payment payable"),
    ("buy", "buy buys purchase purchases purchased"),
    ("give", "give gives given giving"),
    ("percent", "percent percentage % per-cent"),
    ("$", "$ dollar dollars"),
)
_IRREGULAR = {word: family for family, words in _EQUALS for word in words.split()}
_SUFFIXES = ("ing", "ment", "able", "ance", "ence", "ity", "ion", "ed", "ly", "al")
_LEAST_STEM = 3
_ROLES = ("or", "er", "ee")
_OPPOSITES = ("non", "un", "in", "im", "ir", "dis")


def family(word: str) -> str:
    """What all forms of a lower-case word have in common. Licensor, licensee and licence have nothing."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    stem = _singular(word)
    if stem.endswith(_ROLES):
        return stem
    for suffix in _SUFFIXES:
        if stem.endswith(suffix) and len(stem) - len(suffix) >= _LEAST_STEM:
            stem = stem.removesuffix(suffix)
            if len(stem) > _LEAST_STEM and stem[-1] == stem[-2] and stem[-1] not in "aels":
                stem = stem[:-1]  # shipped, ship
            break
    if len(stem) > _LEAST_STEM + 1 and stem[-1] in "ey":
        stem = stem[:-1]
    return _IRREGULAR.get(stem, stem)


def opposite(one: str, other: str) -> bool:
    """Whether one of two families is the other with a syllable that denies it."""
    short, long = sorted((one, other), key=len)
    return any(long == prefix + short for prefix in _OPPOSITES)


def _singular(word: str) -> str:
    if len(word) <= _LEAST_STEM or word.endswith(("ss", "us", "is")) or not word.endswith("s"):
        return word
    return word[:-3] + "y" if word.endswith("ies") else word[:-1]
