"""Codes that a text writes out: of diseases, procedures, tests, securities, accounts, and references.

Form and check digits are looked at, not whether a code is in a list: the lists are large, change every year,
and some may not be passed on.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pydantic import JsonValue

from app.domain.kinds import CodeScheme
from app.review.check_digits import is_cusip, is_iban, is_isin, is_lei, is_loinc, is_npi, is_snomed
from app.review.value_reading import Reading, Readings


class _Form(NamedTuple):
    """How codes of a scheme are written and what names them near by.

    ``sure``: whether they are told from other words by form and check digits alone. ``told``: whether they
    are where a task asks for them, though nothing names them.
    """

    pattern: re.Pattern[str]
    named: str
    check: Callable[[str], bool] = lambda code: True
    sure: bool = False
    told: bool = True


def _form(
    pattern: str,
    named: str,
    check: Callable[[str], bool] = lambda code: True,
    *,
    sure: bool = False,
    told: bool = True,
) -> _Form:
    return _Form(re.compile(rf"(?<![\w.-])(?:{pattern})(?![\w-]|\.[0-9A-Za-z])"), named, check, sure, told)


_ICD = r"\bICD\b|diagnos[ie]s\s+codes?|\bDx\b|\bcoded\s+as\b"
_FORMS = {
    CodeScheme.ISIN: _form(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", r"\bISIN\b", is_isin, sure=True),
    CodeScheme.LEI: _form(r"[A-Z0-9]{18}[0-9]{2}", r"\bLEI\b|legal\s+entity\s+identifier", is_lei, sure=True),
    CodeScheme.IBAN: _form(
        r"[A-Z]{2}[0-9]{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,3})?", r"\bIBAN\b", is_iban, sure=True
    ),
    CodeScheme.ICD_10_CM: _form(r"[A-Z][0-9][0-9AB](?:\.[0-9A-Z]{1,4})?", _ICD),
    CodeScheme.ICD_10: _form(r"[A-Z][0-9]{2}(?:\.[0-9]{1,2})?", _ICD),
    CodeScheme.ICD_10_PCS: _form(
        r"(?=[A-Z]{0,6}[0-9])[0-9BCDFGHX][0-9A-HJ-NP-Z]{6}", r"PCS|procedures?\s+codes?", told=False
    ),
    CodeScheme.CUSIP: _form(r"[0-9A-Z]{6}\s[0-9A-Z]{2}\s[0-9]|[0-9A-Z]{8}[0-9]", r"\bCUSIP\b", is_cusip),
    CodeScheme.HCPCS: _form(r"[A-V][0-9]{4}", r"HCPCS|\bJ[\s-]codes?"),
    CodeScheme.CPT: _form(r"[0-9]{4}[0-9FTU](?:-[0-9]{2})?", r"\bCPT\b|procedures?\s+codes?", told=False),
    CodeScheme.LOINC: _form(r"[0-9]{3,5}-[0-9]", r"LOINC", is_loinc),
    CodeScheme.SNOMED_CT: _form(r"[1-9][0-9]{5,17}", r"SNOMED|\bSCT", is_snomed),
    CodeScheme.NDC: _form(
        r"[0-9]{5}-[0-9]{4}-[0-9]{1,2}|[0-9]{4}-[0-9]{4}-[0-9]{2}|[0-9]{5}-[0-9]{3}-[0-9]{2}", r"\bNDC\b"
    ),
    CodeScheme.NPI: _form(r"[12][0-9]{9}", r"\bNPI\b|provider\s+identifier", is_npi),
    CodeScheme.BIC: _form(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", r"\bBIC\b|\bSWIFT\b|\bswift\b", told=False),
}
_BETWEEN = re.compile(
    r"[\s:#(.-]{0,4}(?:(?:codes?|nos?|numbers?|ids?|identifiers?|concepts?|levels?|II|is|are|of|was|10|9|CM|PCS|CT)\b"
    r"[\s:#(.-]{0,4}){0,5}",
    re.IGNORECASE,
)
"""What may stand between a scheme's name and its first code."""
_NEXT = re.compile(r"\)?\s{0,3}(?:[,;/&+]\s{0,3})?(?:(?:and|or)\s{1,3})?\(?")
"""What may stand between two codes that are named together."""
_PLACE = re.compile(
    r"(?:section|article|exhibit|schedule|annex|appendix|table|figure|paragraph|room|item|vitamin|level)\.?\s?$",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"(?<!\w)(?:(?P<whose>(?:invoice|contract|agreement|account|acct|policy|purchase\s+order|order|p\.?o\.?|case|file"
    r"|docket|claim|patent|registration|reg|reference|ref|serial|batch|lot|licen[cs]e|permit|member|patient"
    r"|medical\s+record|tax|employer\s+identification|taxpayer|project|part|product|model|document|customer"
    r"|vendor|supplier|study|protocol|accession|commission\s+file|application|certificate|loan|ticket|matter"
    r"|specimen|deed|title|tender|quote|quotation|delivery|tracking|bill\s+of\s+lading)s?)[\s.]{1,3})?"
    r"(?P<label>no\.|nos\.|nr\.|number|num\.|id\b|identifier|#|MRN|EIN|CIK|VIN|DOI|ref\.|reference)"
    r"\s{0,3}[:#.]?\s{0,3}(?:is\s|of\s)?\s{0,2}(?P<code>[A-Za-z0-9][A-Za-z0-9/_.-]{1,39})",
    re.IGNORECASE,
)
"""A label and what it numbers: "Invoice No. INV-2021-0042"."""
_ALONE = re.compile(
    r"\s{0,99}(?P<code>(?=[^\s0-9]{0,39}[0-9])[A-Za-z0-9][A-Za-z0-9/_.-]{1,38}[A-Za-z0-9])\s{0,99}"
)
"""Nothing but a code, as in a cell of a table."""


def codes(text: str, scheme: CodeScheme | None = None) -> Readings:
    """``{"code", "scheme"}`` with ``code`` in one piece as it is written; those that are named near by first.

    Without a scheme, those that form and check digits tell from other words, those named, and references.
    """
    if scheme is not CodeScheme.REFERENCE:
        taken = bytearray(len(text))
        for one in _FORMS if scheme is None else (scheme,):
            for reading in _of_scheme(text, one, asked=scheme is not None):
                if 1 not in taken[reading.start : reading.end]:
                    taken[reading.start : reading.end] = b"\1" * (reading.end - reading.start)
                    yield reading
        if scheme is not None:
            return
    yield from _references(text)


def _of_scheme(text: str, scheme: CodeScheme, *, asked: bool) -> Iterator[Reading]:
    form = _FORMS[scheme]
    names = [found.end() for found in re.finditer(form.named, text, re.IGNORECASE)]
    last = -1
    for found in form.pattern.finditer(text):
        start, code = found.start(), re.sub(r"\s", "", found[0])
        nearest = bisect_right(names, start)
        named = nearest > 0 and _BETWEEN.fullmatch(text, names[nearest - 1], start) is not None
        listed = last >= 0 and _NEXT.fullmatch(text, last, start) is not None
        known = named or listed or (asked and text.strip() == found[0])
        if not (known or form.sure or (asked and form.told)) or not form.check(code):
            continue
        if _PLACE.search(text[max(0, start - 12) : start]) or not (known or _is_clear(scheme, text, found)):
            continue
        last = found.end()
        value: dict[str, JsonValue] = {"code": code, "scheme": scheme.value}
        yield Reading(value, code, start, found.end(), 1.0 if named or listed else 0.5)


def _is_clear(scheme: CodeScheme, text: str, found: re.Match[str]) -> bool:
    """Not so of a disease's code without a point and brackets, as in "vitamin B12", "vertebra T12"."""
    if scheme not in (CodeScheme.ICD_10, CodeScheme.ICD_10_CM) or "." in found[0]:
        return True
    around = text[max(0, found.start() - 1) : found.start()] + text[found.end() : found.end() + 1]
    return around in ("()", "[]")


def _references(text: str) -> Iterator[Reading]:
    alone = _ALONE.fullmatch(text)
    if alone is not None:
        value: dict[str, JsonValue] = {"code": alone["code"], "scheme": CodeScheme.REFERENCE.value}
        yield Reading(value, alone["code"], *alone.span("code"), 0.0)
    for found in _REFERENCE.finditer(text):
        code = found["code"].rstrip("./_-")
        if len(code) < 3 or not any(c.isdecimal() for c in code):
            continue
        value: dict[str, JsonValue] = {"code": code, "scheme": CodeScheme.REFERENCE.value}
        start = found.start("code")
        yield Reading(value, code, start, start + len(code), 0.25 if found["whose"] else 0.0)
