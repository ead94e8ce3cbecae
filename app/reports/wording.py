"""How reports put things in words: states, confidence, values, money, time and energy."""

from __future__ import annotations

import math
import re
from datetime import datetime
from functools import cache

from app.domain.finding import Finding, Outcome
from app.domain.kinds import DecisionKind, FindingStatus, OutcomeState
from app.domain.listing import cited_items

STATES = {
    OutcomeState.ACCEPTED: "Accepted",
    OutcomeState.EDITED: "Edited",
    OutcomeState.REJECTED: "Rejected",
    OutcomeState.UNDECIDED: "Undecided",
    OutcomeState.ABSTAINED: "Not sure",
    OutcomeState.ABSENT: "Absent",
    OutcomeState.FAILED: "Failed",
}
STATUSES = {
    FindingStatus.FOUND: "found",
    FindingStatus.ABSENT: "absent",
    FindingStatus.ABSTAINED: "not sure",
    FindingStatus.FAILED: "failed",
}
MARKS = {
    OutcomeState.ACCEPTED: "✓",
    OutcomeState.EDITED: "✎",
    OutcomeState.REJECTED: "✗",
    OutcomeState.UNDECIDED: "●",
    OutcomeState.ABSTAINED: "?",
    OutcomeState.ABSENT: "–",
    OutcomeState.FAILED: "!",
}
NO_MODEL = "none: settled without asking a model"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURE, _LIKELY = 0.9, 0.7
_WHOLE_FROM = 10_000


def printable(text: str) -> str:
    """Only what XML 1.0 can hold, and no half of a character; a vertical tab or form feed becomes a space."""
    return _NOT_XML.sub("", text.replace("\v", " ").replace("\f", " "))


def one_line(text: str) -> str:
    """Printable, with every run of white space as one space."""
    return " ".join(printable(text).split())


def shortened(text: str, most: int) -> str:
    """At most so many characters, cut at a word with an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"


def confidence_words(confidence: float) -> str:
    """In words only: a figure would claim to be more exact than it is. The window's words and bounds."""
    if confidence >= _SURE:
        return "Sure"
    return "Likely" if confidence >= _LIKELY else "Less sure"


def standing_value(outcome: Outcome) -> str:
    """What stands: the analyst's value where there was an edit, else the finding's."""
    decision = outcome.decision
    if decision is not None and decision.kind is DecisionKind.EDIT:
        return decision.value or ""
    return outcome.finding.display


def answered_by(finding: Finding) -> str:
    """The model whose answer it is, or that none was asked; empty where none is kept, and of failures."""
    reading = finding.stands
    if reading is None:
        return ""
    return one_line(reading.model.id) if reading.model_calls else NO_MODEL


def listed_lines(finding: Finding) -> list[str]:
    """A list's items or a summary's sentences, each with its page, a line each; none if it is neither."""
    return [f"p. {citation.page} {one_line(item.line)}" for item, citation in cited_items(finding)]


def day(at: datetime) -> str:
    """As 24 November 2026, in local time."""
    local = at.astimezone()
    return f"{local.day} {local:%B %Y}"


def counted(number: int, one: str) -> str:
    """As 1 document, 2 documents."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def money(amount: float, currency: str) -> str:
    """With as many digits as matter: $12,400, $4.10, $0.0011."""
    sign = currency_sign(currency)
    return f"{sign}{_spacing(sign)}{amount:,.{_decimals(amount)}f}" if amount else f"{sign}{_spacing(sign)}0"


def money_format(currency: str) -> str:
    """The same as a spreadsheet's number format: two decimals, up to six where an amount is small."""
    sign = currency_sign(currency).replace('"', "")
    return f'"{sign}{_spacing(sign)}"#,##0.00####'


@cache
def currency_sign(currency: str) -> str:
    """The sign people write, or the code where there is none."""
    from babel.numbers import get_currency_symbol

    return str(get_currency_symbol(currency, locale="en_US"))


def duration(seconds: float) -> str:
    """As 0.4 s, 48 s, 6 min, 2 h 10 min."""
    if seconds < 90:
        return f"{seconds:.1f} s" if 0 < seconds < 9.95 else f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60} min"


def energy(kwh: float) -> str:
    """As 0.74 kWh, 0.0026 kWh."""
    return f"{kwh:,.{_decimals(kwh)}f} kWh" if kwh else "0 kWh"


def _decimals(figure: float) -> int:
    """Two digits that tell, and two decimals at least."""
    if figure >= _WHOLE_FROM:
        return 0
    return min(8, max(2, 1 - math.floor(math.log10(figure)))) if figure > 0 else 2


def _spacing(sign: str) -> str:
    return "\N{NO-BREAK SPACE}" if sign[-1:].isalpha() else ""
