"""Check digits of codes: whether a code was written down as it was given out, not whether it is in use."""

from __future__ import annotations

_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIHEDRAL = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
"""Products in the dihedral group of order ten (Verhoeff, 1969)."""
_TURNS = (
    "0123456789", "1576283094", "5803796142", "8916043527",
    "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip
"""The powers of Verhoeff's permutation."""

_IBANS = (
    "15:NO 16:BE 18:DK,FI,FO,GL,NL,SD,FK 19:MK,SI 20:AT,BA,EE,KZ,LT,LU,MN,XK 21:CH,HR,LI,LV "
    "22:BG,BH,CR,DE,GB,GE,IE,ME,RS,VA 23:AE,GI,IL,IQ,TL,OM,SO 24:AD,CZ,ES,MD,PK,RO,SA,SE,SK,TN,VG "
    "25:LY,PT,ST 26:IS,TR 27:BI,DJ,FR,GR,IT,MC,MR,SM 28:AL,AZ,BY,CY,DO,GT,HN,HU,LB,NI,PL,SV "
    "29:BR,EG,PS,QA,UA 30:JO,KW,MU,YE 31:MT,SC 32:LC 33:RU"
)
"""Lengths and their countries, as SWIFT's registry of IBANs lists them."""
_IBAN_LENGTHS = {
    country: int(length)
    for length, _, countries in (row.partition(":") for row in _IBANS.split())
    for country in countries.split(",")
}


def luhn(digits: str) -> bool:
    """ISO/IEC 7812: doubled from the right, every second one; the last digit checks."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 else 1)
        total += number // 10 + number % 10
    return total % 10 == 0


def verhoeff(digits: str) -> bool:
    """Verhoeff's dihedral check, as SNOMED CT has it."""
    held = 0
    for place, digit in enumerate(reversed(digits)):
        held = int(_DIHEDRAL[held][int(_TURNS[place % 8][int(digit)])])
    return held == 0


def as_digits(code: str) -> str:
    """Letters as two digits, A as 10 to Z as 35."""
    return "".join(str(_ALPHANUMERIC.index(character)) for character in code)


def mod_97(code: str) -> bool:
    """ISO/IEC 7064, MOD 97-10."""
    return int(as_digits(code)) % 97 == 1


def is_isin(code: str) -> bool:
    """ISO 6166; twelve characters."""
    return luhn(as_digits(code))


def is_cusip(code: str) -> bool:
    """ANSI X9.6; nine characters, the last one a digit."""
    total = 0
    for place, character in enumerate(code[:8]):
        number = _ALPHANUMERIC.index(character) * (2 if place % 2 else 1)
        total += number // 10 + number % 10
    return (10 - total % 10) % 10 == int(code[8])


def is_iban(code: str) -> bool:
    """ISO 13616; without spaces, of the length that its country has."""
    return _IBAN_LENGTHS.get(code[:2]) == len(code) and mod_97(code[4:] + code[:4])


def is_npi(code: str) -> bool:
    """A United States provider's ten digits, with the prefix of health cards before them."""
    return luhn(f"80840{code}")


def is_loinc(code: str) -> bool:
    """Digits, a hyphen and a digit that checks them."""
    return luhn(code.replace("-", ""))


def is_snomed(code: str) -> bool:
    """Of a concept, a description or a relationship, in short or long form."""
    return code[-3:-1] in ("00", "01", "02", "10", "11", "12") and verhoeff(code)
