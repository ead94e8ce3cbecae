"""Amounts of money, in the currency that their words name."""

from __future__ import annotations

import re
from decimal import Decimal

from app.review.value_reading import NUMBER_WORD, Reading, Readings

_DOLLARS = {
    "US": "USD",
    "HK": "HKD",
    "C": "CAD",
    "CA": "CAD",
    "CAN": "CAD",
    "CDN": "CAD",
    "A": "AUD",
    "AU": "AUD",
    "NZ": "NZD",
    "S": "SGD",
    "SG": "SGD",
    "NT": "TWD",
    "R": "BRL",
    "MX": "MXN",
}
"""What stands before a dollar sign; with any other letters there, the currency is not known."""
_CODES = (
    "USD",
    "EUR",
    "GBP",
    "CHF",
    "CAD",
    "AUD",
    "HKD",
    "NZD",
    "SGD",
    "TWD",
    "JPY",
    "CNY",
    "RMB",
    "INR",
    "MXN",
)
_SIGNS = {"€": "EUR", "£": "GBP", "RMB": "CNY"}
_YEN = "¥￥"
_PEOPLES = {
    "us": "USD",
    "united states": "USD",
    "canadian": "CAD",
    "australian": "AUD",
    "hong kong": "HKD",
    "new zealand": "NZD",
    "singapore": "SGD",
}
_SCALES = {"thousand": 3, "k": 3, "million": 6, "m": 6, "mm": 6, "mn": 6, "billion": 9, "b": 9, "bn": 9}
_PEOPLE = r"U\.?S\.?|United\s+States|Canadian|Australian|Hong\s+Kong|New\s+Zealand|Singapore"
_CODE = "|".join(_CODES)
_MONEY = re.compile(
    rf"(?:(?<![\w$€£¥￥])(?P<code>{_CODE})\s?[$€£¥￥]?"
    r"|(?<![\w$.])(?P<whose>(?i:U\.\s?S\.?\s?|US\s?|Cdn\.?\s?)|HK\s?|NZ\s?|AU\s?|[A-Z]{1,3})\$"
    r"|(?<![\w$])(?P<dollar>\$)|(?P<sign>(?<!\w)[€£¥￥]))"
    r"\s?(?P<amount>[0-9]{1,3}(?:,[0-9]{3}){1,5}(?:\.[0-9]{1,6})?|[0-9]{1,15}(?:\.[0-9]{1,6})?|\.[0-9]{1,6})"
    r"(?![0-9%]|\s?%|[.,'’][0-9]|\s?,\s?[0-9]{3}(?![0-9])|\s[0-9]{3}(?![0-9])|\s?[-–]\s?[0-9])"
    r"(?:[\s-]{1,3}(?P<scale>(?i:thousand|million|billion|mm|mn|bn))|(?P<letter>(?i:mm|mn|bn|[mkb])))?(?!\w)"
    rf"(?:\s?\(?(?P<after>(?:{_CODE})(?!\w)|(?i:(?:{_PEOPLE})\s+(?:dollars?|currency|funds))|(?i:Canadian|CDN)(?!\w)"
    r"|(?i:(?:Mexican\s+)?pesos)))?"
)
_GOES_ON = re.compile(
    rf"\s*(?:hundred|trillion|lakh|crore)\b|\s+(?:and\s+)?{NUMBER_WORD}(?:[\s-]+\w+){{0,3}}?[\s-]+(?:hundred|thousand)\b"
    r"|\s+(?:million|billion|thousand)\b",
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
    """``{"amount", "currency"}``: ISO 4217, or "¥" where the text does not tell yuan from yen."""
    yen, dollars = _of_yen(text), None if _OTHER_DOLLARS.search(text) else "USD"
    for found in _MONEY.finditer(text):
        currency = _currency(found, yen, dollars)
        scale = _SCALES.get((found["scale"] or found["letter"] or "").casefold(), 0)
        if currency is None or _GOES_ON.match(text, found.end()):
            continue
        if not scale and (_SHARED_SCALE.match(text, found.end()) or _thousands(found["amount"], currency)):
            continue
        amount = Decimal(found["amount"].replace(",", "")).scaleb(scale).normalize()
        exponent = amount.as_tuple().exponent
        places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        shown = f"{currency} {amount:,.{max(places, 2) if places else 0}f}"
        yield Reading({"amount": float(amount), "currency": currency}, shown, found.start(), found.end(), 0.0)


def _currency(found: re.Match[str], yen: str, dollars: str | None) -> str | None:
    """None where the words name none that is known, or two; signs alone mean ``yen`` and ``dollars``."""
    named = None
    if found["after"]:
        words = " ".join(found["after"].replace(".", "").casefold().split())
        people = (
            words.removesuffix("s").removesuffix(" dollar").removesuffix(" currency").removesuffix(" fund")
        )
        code = words.upper()
        named = (
            _SIGNS.get(code, code)
            if code in _CODES
            else {"cdn": "CAD", **_PEOPLES}.get(
                "us" if people.startswith("u") and people != "united states" else people
            )
        )
        if named is None:
            return None
    if found["code"]:
        own = _SIGNS.get(found["code"], found["code"])
    elif found["whose"]:
        own = _DOLLARS.get(re.sub(r"[.\s]", "", found["whose"]).upper())
    elif found["dollar"]:
        own = named or dollars
    elif found["sign"] in _YEN:
        own = named or yen
    else:
        own = _SIGNS[found["sign"]]
    return own if named in (None, own) else None


def _of_yen(text: str) -> str:
    yuan, yen = _TELLS_CNY.search(text), _TELLS_JPY.search(text)
    return "¥" if bool(yuan) == bool(yen) else "CNY" if yuan else "JPY"


def _thousands(amount: str, currency: str) -> bool:
    """Whether a point may stand for a comma, as in "€1.000"."""
    decimals = amount.partition(".")[2]
    return decimals == "000" or (len(decimals) == 3 and currency in {"EUR", "CHF", "BRL"})
