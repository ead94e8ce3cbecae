"""Amounts of money, in the currency that their words name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from app.review.value_currencies import CODES, DOLLARS, NAMES, PEOPLE, PEOPLES, SCALES, SIGNS, YEN
from app.review.value_reading import LARGE_WORD, NUMBER_WORD, Reading, Readings, is_negative, words_in
from app.review.value_reading import large_number_of as large

_CODE = "|".join(CODES)
_NAMES = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in sorted(NAMES, key=len, reverse=True))
_SCALE = "thousand|million|billion|trillion|lakh|crore|mm|mn|bn|tn"
_AMOUNT = (
    r"[0-9]{1,3}(?:\.[0-9]{3}){1,4},[0-9]{2}(?![0-9])"  # 1.234,56
    r"|[0-9]{1,3}(?:\.[0-9]{3}){2,4}(?![.,0-9])"  # 1.000.000
    r"|[0-9]{1,3}(?:[\u00a0\u202f'’][0-9]{3}){1,5}(?:[.,][0-9]{2})?(?![0-9])"  # 1'000'000
    r"|[0-9]{1,3},[0-9]{1,2}(?=\s(?:million|billion)\b)"  # 2,5 million
    r"|[0-9]{1,3}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]{1,2})?(?![0-9,])"  # 12,34,567, in lakhs and crores
    r"|[0-9]{1,3}(?:,[0-9]{3}){1,5}(?:\.[0-9]{1,6})?|[0-9]{1,15}(?:\.[0-9]{1,6})?|\.[0-9]{1,6}"
)
_FIRST = re.compile(
    r"(?P<minus>(?<![\w)$€£%.-])[-−])?"
    rf"(?:(?<![\w$€£¥￥])(?P<code>{_CODE})\s?[$€£¥￥₹]?"
    r"|(?<![\w$.])(?P<whose>(?ai:U\.\s?S\.\s?|US\s?|Cdn\.?\s?)|HK\s?|NZ\s?|AU\s?|[A-Z]{1,3})\$"
    r"|(?<![\w$])(?P<dollar>\$)|(?P<sign>(?<!\w)[€£¥￥₹₪₩])|(?<!\w)(?P<rupees>Rs\.?))"
    r"(?:\s?(?P<open>\()|(?P<under>[-−]))?"
    rf"\s?(?P<amount>{_AMOUNT})"
    r"(?![0-9%]|\s?%|[.,'’][0-9]|\s?,\s?[0-9]{3}(?![0-9])|\s[0-9]{3}(?![0-9])|\s?[-–]\s?[0-9])"
    rf"(?:[\s-]{{1,3}}(?P<scale>(?ai:{_SCALE}))|(?P<letter>(?ai:mm|mn|bn|tn|[mkb])))?(?!\w)(?(open)\s?\))"
    rf"(?:\s?\(?(?P<after>(?:{_CODE})(?!\w)|(?ai:(?:{PEOPLE})\s+(?:dollars?|currency|funds))|(?ai:Canadian|CDN)(?!\w)"
    r"|(?ai:(?:Mexican\s+)?pesos)))?"
)
"""The currency first, as "US$ 5 million"."""
_LAST = re.compile(
    rf"(?<![\w$€£¥￥₹.,/'’-])(?P<amount>{_AMOUNT})(?:[\s-]{{1,3}}(?P<scale>(?ai:{_SCALE})))?\s?\)?\s?"
    rf"(?P<name>(?:{_CODE})(?!\w)|[€£](?!\s?[0-9])|(?ai:(?:(?:{PEOPLE})\s+)?dollars?|{_NAMES})(?!\w))"
)
"""The currency last, as "5 million euros"."""
_GAP = r"[\s‐‑–-]"
_WORDS = re.compile(
    rf"(?<![\w-])(?P<words>{LARGE_WORD}(?:{_GAP}{{1,20}}(?:and{_GAP}{{1,20}})?{LARGE_WORD}){{0,14}})"
    r"(?:\s+and\s+(?P<cents>[0-9]{2}|no|xx)/100(?:ths)?)?"
    rf"\s{{1,9}}(?P<name>(?:(?:{PEOPLE})\s+)?dollars?|{_NAMES})(?!\w)(?!\s+and\s+[\w\s-]{{1,30}}cents\b)",
    re.IGNORECASE,
)
"""All in words, as "two million five hundred thousand dollars"."""
_IN_WORDS = -0.5
"""Where words and figures stand side by side, the figures win."""
_GOES_ON = re.compile(
    rf"\s*(?:hundred|lakh|crore)\b|\s+(?:and\s+)?{NUMBER_WORD}(?:[\s-]+\w+){{0,3}}?[\s-]+(?:hundred|thousand)\b"
    r"|\s+(?:million|billion|trillion|thousand)\b",
    re.IGNORECASE,
)
_SHARED_SCALE = re.compile(
    r"\s*(?:to|and|or|-|–)\s*[$€£¥￥]?\s?[0-9.,]{1,20}\s?(?:thousand|million|billion|mm?\b|bn?\b|k\b)",
    re.IGNORECASE,
)
"""The rest of "$1 to $2 million", whose first figure is no amount by itself."""
_OTHER_DOLLARS = re.compile(
    r"\b(?:Canadian|Australian|Hong\s+Kong|New\s+Zealand|Singapore|Taiwan)\s+(?:dollars?|currency|funds)\b",
    re.IGNORECASE,
)
_TELLS_CNY = re.compile(
    r"\b(?:RMB|CNY|yuan|renminbi|china|chinese|PRC)\b|P\.\s?R\.\s?C\.|CN[¥￥]", re.IGNORECASE
)
_TELLS_JPY = re.compile(r"\b(?:JPY|yen|japan|japanese)\b|JP[¥￥]", re.IGNORECASE)


def amounts(text: str) -> Readings:
    """``{"amount", "currency"}``: ISO 4217, or "¥" where the text does not tell yuan from yen.

    Below zero where a minus stands before it, or brackets around it in a row of figures.
    """
    dollars = None if _OTHER_DOLLARS.search(text) else "USD"
    taken: list[tuple[int, int]] = []
    yield from _currency_first(text, dollars, taken)
    yield from _currency_last(text, dollars, taken)
    for found in _WORDS.finditer(text):
        count, currency = large(words_in(found["words"])), _named(found["name"], dollars)
        if count is not None and currency is not None:
            cents = Decimal(found["cents"] or 0) / 100 if (found["cents"] or "0").isdecimal() else 0
            amount = _reading(count + Decimal(cents), currency, found.start(), found.end())
            yield amount._replace(score=_IN_WORDS)


def _currency_first(text: str, dollars: str | None, taken: list[tuple[int, int]]) -> Iterator[Reading]:
    """``taken`` gets all that looks like an amount, given or not."""
    yen = _of_yen(text)
    for found in _FIRST.finditer(text):
        taken.append(found.span())
        currency = _currency(found, yen, dollars)
        scale = SCALES.get((found["scale"] or found["letter"] or "").casefold(), 0)
        if currency is None or _GOES_ON.match(text, found.end()):
            continue
        if not scale and (_SHARED_SCALE.match(text, found.end()) or _thousands(found["amount"], currency)):
            continue
        below = bool(found["minus"] or found["under"] or found["open"])
        bracketed = is_negative(text, found.start(), found.end())
        amount = _decimal(found["amount"]).scaleb(scale)
        start, end = found.start() - bracketed, found.end() + bracketed
        yield _reading(-amount if below or bracketed else amount, currency, start, end)


def _currency_last(text: str, dollars: str | None, taken: list[tuple[int, int]]) -> Iterator[Reading]:
    place = 0
    for found in _LAST.finditer(text):
        while place < len(taken) and taken[place][1] <= found.start():
            place += 1
        if place < len(taken) and taken[place][0] < found.end():
            continue
        currency = _named(found["name"], dollars)
        scale = SCALES.get((found["scale"] or "").casefold(), 0)
        year = re.fullmatch(r"(?:19|20)[0-9]{2}", found["amount"]) and found["name"].casefold() == "dollars"
        if currency is None or year or _thousands(found["amount"], currency):
            continue  # "in 2019 dollars"
        if text[max(0, found.start() - 2) : found.start()].rstrip(" ")[-1:] in {*"$€£¥￥₹-–"}:
            continue
        start = found.start() - (")" in found[0] and text[max(0, found.start() - 1) : found.start()] == "(")
        yield _reading(_decimal(found["amount"]).scaleb(scale), currency, start, found.end())


def _reading(amount: Decimal, currency: str, start: int, end: int) -> Reading:
    plain = amount.normalize()
    exponent = plain.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    shown = f"{plain:,.{max(places, 2) if places else 0}f}".replace("-", "−")
    sign, figures = ("−", shown[1:]) if shown.startswith("−") else ("", shown)
    return Reading(
        {"amount": float(plain), "currency": currency}, f"{sign}{currency} {figures}", start, end, 0.0
    )


def _decimal(figures: str) -> Decimal:
    """Of digits in any of the ways in which thousands are set apart."""
    plain = re.sub(r"[\u00a0\u202f'’]", "", figures)
    comma_last = re.fullmatch(r"[0-9.]*,[0-9]{1,2}", plain)
    if comma_last or plain.count(".") > 1:
        plain = plain.replace(".", "").replace(",", ".")
    return Decimal(plain.replace(",", ""))


def _named(name: str, dollars: str | None) -> str | None:
    """The currency of a code, sign or name that stands alone."""
    words = " ".join(name.replace(".", "").casefold().split())
    code = SIGNS.get(name, name)
    if code in CODES:
        return SIGNS.get(code, code)
    if words in NAMES:
        return NAMES[words]
    people = words.removesuffix("s").removesuffix("dollar").strip()
    return PEOPLES.get("us" if people == "usa" else people) if people else dollars


def _currency(found: re.Match[str], yen: str, dollars: str | None) -> str | None:
    """None where the words name none that is known, or two; signs alone mean ``yen`` and ``dollars``."""
    named = None
    if found["after"]:
        named = _after(found["after"])
        if named is None:
            return None
    if found["code"]:
        own = SIGNS.get(found["code"], found["code"])
    elif found["whose"]:
        own = DOLLARS.get(re.sub(r"[.\s]", "", found["whose"]).upper())
    elif found["dollar"]:
        own = named or dollars
    elif found["rupees"]:
        own = "INR"
    elif found["sign"] in YEN:
        own = named or yen
    else:
        own = SIGNS[found["sign"]]
    return own if named in (None, own) else None


def _after(words: str) -> str | None:
    """The currency that is named once more after an amount."""
    plain = " ".join(words.replace(".", "").casefold().split())
    people = plain.removesuffix("s").removesuffix(" dollar").removesuffix(" currency").removesuffix(" fund")
    code = plain.upper()
    if code in CODES:
        return SIGNS.get(code, code)
    return {"cdn": "CAD", "usa": "USD", **PEOPLES}.get(people)


def _of_yen(text: str) -> str:
    yuan, yen = _TELLS_CNY.search(text), _TELLS_JPY.search(text)
    return "¥" if bool(yuan) == bool(yen) else "CNY" if yuan else "JPY"


def _thousands(amount: str, currency: str) -> bool:
    """Whether a point may stand for a comma, as in "€1.000"."""
    whole, _, decimals = amount.partition(".")
    if "." in decimals or "," in decimals or "," in whole:
        return False
    return decimals == "000" or (len(decimals) == 3 and currency in {"EUR", "CHF", "BRL"})
