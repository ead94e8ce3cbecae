"""Check digits of codes: whether a code was written down as it was given out, not whether it is in use.

They are python-stdnum's, which is imported when the first code is checked: it loads a good part of the
standard library. Its checks by country and on the web are not called.
"""

from __future__ import annotations

_SNOMED_PARTITIONS = ("00", "01", "02", "10", "11", "12")


def is_isin(code: str) -> bool:
    """ISO 6166; twelve characters, the first two a country's or an agency's."""
    from stdnum import isin

    # EZ, of derivatives, is missing in the library's list of agencies
    return isin.is_valid(code) or (code.startswith("EZ") and isin.calc_check_digit(code[:-1]) == code[-1])


def is_cusip(code: str) -> bool:
    """ANSI X9.6; nine characters, the last one a digit."""
    from stdnum import cusip

    return cusip.is_valid(code)


def is_lei(code: str) -> bool:
    """ISO 17442; twenty characters."""
    from stdnum import lei

    return lei.is_valid(code)


def is_iban(code: str) -> bool:
    """ISO 13616; without spaces, of the length and form that its country has."""
    from stdnum import iban

    return iban.is_valid(code, check_country=False)


def is_npi(code: str) -> bool:
    """A United States provider's ten digits, with the prefix of health cards before them."""
    from stdnum import luhn

    return luhn.is_valid(f"80840{code}")


def is_loinc(code: str) -> bool:
    """Digits, a hyphen and a digit that checks them."""
    from stdnum import luhn

    return luhn.is_valid(code.replace("-", ""))


def is_snomed(code: str) -> bool:
    """Of a concept, a description or a relationship, in short or long form; Verhoeff's check."""
    from stdnum import verhoeff

    return code[-3:-1] in _SNOMED_PARTITIONS and verhoeff.is_valid(code)
