"""The unit that stands behind a number: its code, and how it is shown."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from app.domain.unit_names import (
    COUNTED,
    IRREGULAR,
    LABELS,
    OFTEN,
    PER,
    PER_SYMBOLS,
    POWERS,
    SHOWN,
    SYMBOLS,
    WORDS,
)

_TIMES = ("day", "week", "month", "year", "hour", "minute", "min", "h")
"""What things that are counted are divided by behind a stroke."""


class Unit(NamedTuple):
    """``code`` is UCUM's; ``end`` is where the unit's words end in the text looked at."""

    code: str
    display: str
    end: int


def unit_at(text: str, place: int) -> Unit | None:
    """The unit that begins at ``place`` or after white space there; the longest one."""
    found = _pattern().match(text, place)
    if found is None:
        return None
    code, shown, plural = _of(found)
    end = found.end()
    for _ in range(2):
        per = _per_pattern().match(text, end)
        if per is None or (plural and per["stroke"] and per["symbol"] not in _TIMES):
            break
        code, shown = _divided(code, shown, per)
        end = per.end()
    if end == found.end() and (found["power"] or found["thousands"]):
        return None  # a power of ten counts for a volume only
    return Unit(code, shown, end)


def unit_code(written: str) -> str | None:
    """The code of a unit that is written as a document would, or as a code; None if it is not known."""
    found = unit_at(f" {written}", 0)
    if written == "1" or (found is not None and found.end == len(written) + 1):
        return written if found is None else found.code
    whole, *below = written.split("/")
    known = {*SYMBOLS.values(), *WORDS.values(), *(f"{{{word}}}" for word in COUNTED), *OFTEN.values()}
    known |= {f"10*{power}" for power in POWERS.values()} | {"{ratio}", "{times}", "1"}
    under = {*PER.values(), *PER_SYMBOLS.values()}
    return written if whole in known and all(part in under for part in below) else None


def _of(found: re.Match[str]) -> tuple[str, str, bool]:
    """Code, display, and whether it is a word."""
    if found["power"]:
        return f"10*{POWERS[found['power']]}", f"×10^{POWERS[found['power']]}", False
    if found["thousands"]:
        return "10*3", "×10^3", False
    if found["symbol"]:
        code = SYMBOLS[found["symbol"]]
        return code, _shown(code), False
    if found["often"]:
        code = OFTEN[found["often"].casefold().removesuffix("s")]
        return code, SHOWN.get(code, "minutes"), True
    word = _singulars()[_spaced(found["word"])]
    code = _words().get(word, f"{{{word}}}")
    return code, _shown(code), True


def _divided(code: str, shown: str, per: re.Match[str]) -> tuple[str, str]:
    below = PER_SYMBOLS[per["symbol"]] if per["symbol"] else PER[_spaced(per["word"])]
    if below in LABELS:
        name = f" per {LABELS[below]}"
    elif below.startswith("{"):
        name = f"/{below[1:-1].replace('_', ' ')}"
    else:
        name = f"/{'HPF' if below == '[HPF]' else _shown(below) if below not in ('h', 's', 'm') else below}"
    return f"{code}/{below}", shown + name


def _shown(code: str) -> str:
    if code.startswith("{") and code.endswith("}"):
        return _plural(code[1:-1])
    return SHOWN.get(code, code)


def _plural(word: str) -> str:
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    return f"{word[:-1]}ies" if re.search(r"[^aeiou]y$", word) else f"{word}s"


@cache
def _singulars() -> dict[str, str]:
    """By every form of a word that stands for a unit."""
    forms: dict[str, str] = {}
    for word in (*WORDS, *COUNTED):
        head, _, last = word.rpartition(" ")
        lead, degree = f"{head} " if head else "", word.startswith("degree ")
        plural = f"degrees {last}" if degree else f"{lead}{_plural(last)}"
        forms |= {word.casefold(): word.casefold(), plural.casefold(): word.casefold()}
    return forms | {"pct": "percent"}


@cache
def _words() -> dict[str, str]:
    """Codes by words in small letters, as "degree celsius"."""
    return {word.casefold(): code for word, code in WORDS.items()}


def _spaced(words: str) -> str:
    return " ".join(words.casefold().replace("-", " ").split())


@cache
def _pattern() -> re.Pattern[str]:
    def either(names: list[str]) -> str:
        return "|".join(re.escape(n).replace(r"\ ", r"\s?") for n in sorted(names, key=len, reverse=True))

    words = "|".join(
        re.escape(form).replace(r"\ ", r"[\s-]{1,3}") for form in sorted(_singulars(), key=len, reverse=True)
    )
    powers = "|".join(sorted(POWERS, key=len, reverse=True))
    return re.compile(
        rf"[\s-]{{0,3}}(?:(?:[x×*]\s?)?10\s?(?:\^|\*\*?|E)?\s?\(?(?P<power>{powers})\)?(?=\s?/)"
        r"|(?P<thousands>K)(?=/[uµμ]L)"
        rf"|(?P<symbol>{either(list(SYMBOLS))})(?![\w²³]|\.[A-Za-z])"
        r"|(?P<often>(?ai:hour|minute|day|week|month|time)s?)(?=\s(?:per|each|a|an|every)\s(?ai:calendar\s)?"
        r"(?ai:year|annum|month|week|day|hour)\b)"
        rf"|(?P<word>(?ai:{words}))(?![\w-]|\s+sterling))"
    )


@cache
def _per_pattern() -> re.Pattern[str]:
    symbols = "|".join(re.escape(n) for n in sorted(PER_SYMBOLS, key=len, reverse=True))
    words = "|".join(re.escape(n).replace(r"\ ", r"\s") for n in sorted(PER, key=len, reverse=True))
    calendar = r"(?:calendar\s|contract\s|fiscal\s)?"
    return re.compile(
        rf"(?:(?P<stroke>\s?/\s?)(?P<symbol>{symbols})(?![\w²³])"
        rf"|\s(?:per|each|a|an|every)\s{calendar}(?P<word>(?ai:{words}))(?![\w-]))"
    )
