"""Whose law: states, provinces and countries, by the longest name that stands there."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, cast

from app.review.value_reading import Reading, Readings

US_STATES = [
    *[
        "Alabama",
        "Alaska",
        "Arizona",
        "Arkansas",
        "California",
        "Colorado",
        "Connecticut",
        "Delaware",
        "Florida",
        "Georgia",
        "Hawaii",
    ],
    *[
        "Idaho",
        "Illinois",
        "Indiana",
        "Iowa",
        "Kansas",
        "Kentucky",
        "Louisiana",
        "Maine",
        "Maryland",
        "Massachusetts",
        "Michigan",
    ],
    *[
        "Minnesota",
        "Mississippi",
        "Missouri",
        "Montana",
        "Nebraska",
        "Nevada",
        "Ohio",
        "Oklahoma",
        "Oregon",
        "Pennsylvania",
    ],
    *["Tennessee", "Texas", "Utah", "Vermont", "Virginia", "Washington", "Wisconsin", "Wyoming"],
    "New Hampshire",
    "New Jersey",
    "New Mexico",
    "New York",
    "North Carolina",
    "North Dakota",
    "Rhode Island",
    "South Carolina",
    "South Dakota",
    "West Virginia",
    "District of Columbia",
    "Puerto Rico",
]
_OTHERS = [
    *[
        "Ontario",
        "Quebec",
        "Québec",
        "Alberta",
        "Manitoba",
        "Saskatchewan",
        "Newfoundland",
        "Nunavut",
        "Yukon",
    ],
    "British Columbia",
    "Nova Scotia",
    "New Brunswick",
    "Newfoundland and Labrador",
    "Prince Edward Island",
    "Northwest Territories",
    *["Victoria", "Queensland", "Tasmania"],
    "New South Wales",
    "Western Australia",
    "South Australia",
    "Northern Territory",
    "Australian Capital Territory",
    *["England", "Scotland", "Wales"],
    "England and Wales",
    "Great Britain",
    "Northern Ireland",
    "Hong Kong",
    "Macau",
    "Dubai",
    "Abu Dhabi",
    "PRC",
    "People's Republic of China",
    "Republic of China",
    "Korea",
    "Republic of Korea",
    "Democratic People's Republic of Korea",
    "Democratic Republic of the Congo",
    "Republic of the Congo",
    "Turkey",
    "Czech Republic",
    "Russian Federation",
    "Myanmar",
    "Burma",
    "Ivory Coast",
    "Netherlands Antilles",
]
_ALIASES = {
    "USA": "United States",
    "U.S.A.": "United States",
    "UK": "United Kingdom",
    "U.K.": "United Kingdom",
    "BVI": "British Virgin Islands",
    "P.R.C.": "PRC",
    "England & Wales": "England and Wales",
    "Peoples Republic of China": "People's Republic of China",
    "Peoples' Republic of China": "People's Republic of China",
    "Washington, D.C.": "District of Columbia",
    "Washington, DC": "District of Columbia",
    "Washington D.C.": "District of Columbia",
    "Washington DC": "District of Columbia",
}
_NO_LAW_OF_ITS_OWN = [
    "New England",
    "Gulf of Mexico",
    "South Wales",
    "Kansas City",
    "Panama City",
]
"""Names that hold a place's name and are not that place."""
_NOT_COUNTRIES = {"EZ", "UN", "XA", "XB", "ZZ", "QO", "HK", "MO", "MM"}
_PEOPLES = {
    "English": "England and Wales",
    "Scots": "Scotland",
    "Scottish": "Scotland",
    "Irish": "Ireland",
    "French": "France",
    "German": "Germany",
    "Swiss": "Switzerland",
    "Austrian": "Austria",
    "Italian": "Italy",
    "Spanish": "Spain",
    "Portuguese": "Portugal",
    "Dutch": "Netherlands",
    "Belgian": "Belgium",
    "Danish": "Denmark",
    "Swedish": "Sweden",
    "Norwegian": "Norway",
    "Finnish": "Finland",
    "Polish": "Poland",
    "Chinese": "China",
    "Japanese": "Japan",
    "Korean": "Korea",
    "Indian": "India",
    "Israeli": "Israel",
    "Canadian": "Canada",
    "Australian": "Australia",
    "Brazilian": "Brazil",
    "Mexican": "Mexico",
}
_LAW_OF_PEOPLE = re.compile(rf"\b(?P<people>{'|'.join(_PEOPLES)})\s+laws?\b")
"""Whose law, by the people: "English law"."""
_LAWS_OF = re.compile(
    r"\blaws?\s+(?:and\s+regulations\s+)?(?:of|in)\s+(?:the\s+)?"
    r"(?:(?:states?|commonwealth|province|country|(?:federal\s+)?republic|kingdom|sar)\s+of\s+)?"
    r"(?:the\s+)?$"
)
_OF_LAW = 3.0
_NOT_LAW = re.compile(r"\b(?:courts?|venue|corporation|located)\b")
_LAW_AFTER = re.compile(r"(?:['’]s)?\s+(?:state\s+)?laws?\b", re.IGNORECASE)
_KIND_OF_PARTY = re.compile(
    r"\s+(?:\w+\s+){0,2}(?:corporation|company|partnership|trust|bank|L\.?L\.?C|L\.?L?\.?P)\b", re.IGNORECASE
)


def jurisdictions(text: str) -> Readings:
    """``{"jurisdiction"}`` by its usual name; first the one that a law is said to be of."""
    known = _names()
    for found in _places().finditer(text):
        if not found[0][0].isupper():
            continue
        name = known.get(_key(found[0]))
        if name is None:
            continue
        yield Reading({"jurisdiction": name}, name, found.start(), found.end(), _score(text, found))
    for found in _LAW_OF_PEOPLE.finditer(text):
        name = _PEOPLES[found["people"]]
        yield Reading({"jurisdiction": name}, name, found.start(), found.end(), _OF_LAW)


def _score(text: str, found: re.Match[str]) -> float:
    before = " ".join(text[max(0, found.start() - 60) : found.start()].lower().split(" "))
    score = 0.0
    if _LAW_AFTER.match(text, found.end()) or (_LAWS_OF.search(before) and "federal law" not in before[-30:]):
        score = _OF_LAW
    elif re.search(r"\blaws?\b", before):
        score = 2.0
    if _KIND_OF_PARTY.match(text, found.end()):
        score -= 1.0
    return score - (1.0 if _NOT_LAW.search(before[-30:]) else 0.0)


def _key(name: str) -> str:
    return " ".join(re.sub(r"[‘’´`]", "'", name).casefold().replace("&", "and").split())


def _as_pattern(name: str) -> str:
    words = (re.sub("['’]", "['’‘´`]", re.escape(word)) for word in name.split())
    return r"\s+".join("(?:&|and)" if word in (r"\&", "and") else word for word in words)


@cache
def _names() -> dict[str, str | None]:
    """What a place is called by its key; babel's names come from the Unicode CLDR."""
    from babel import Locale

    territories = cast("dict[str, str]", dict(cast(Any, Locale("en")).territories))
    countries = [n for code, n in territories.items() if len(code) == 2 and code not in _NOT_COUNTRIES]
    names: dict[str, str | None] = {_key(name): name for name in (*countries, *_OTHERS, *US_STATES)}
    names |= {_key(alias): name for alias, name in _ALIASES.items()}
    return names | {_key(name): None for name in _NO_LAW_OF_ITS_OWN}


@cache
def _places() -> re.Pattern[str]:
    pattern = "|".join(_as_pattern(name) for name in sorted(_names(), key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{pattern})(?!\w|-\w)", re.IGNORECASE)
