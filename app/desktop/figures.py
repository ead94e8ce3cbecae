"""Figures as people read them: money, time, energy, sizes, each with as many digits as matter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from app.domain.cost import Interval

_SIGNS = {
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "ILS": "₪", "UAH": "₴",
    "CAD": "CA$", "AUD": "A$", "NZD": "NZ$", "HKD": "HK$", "SGD": "S$", "MXN": "MX$", "BRL": "R$",
}  # fmt: skip
CURRENCIES = (*_SIGNS, "CHF", "CZK", "DKK", "NOK", "PLN", "SEK", "ZAR")
"""Codes a person can choose from; any other three letters are shown as they are."""

NOTHING = "–"
"""Stands where there is no figure."""

_WHOLE_FROM = 10_000
_MINUTES_FROM = 90
_HOURS_ONLY_FROM = 100
_ENDLESS_DECIMALS = 8


def _tr(text: str) -> str:
    return QCoreApplication.translate("figures", text)


def money(value: float, currency: str) -> str:
    """With the currency's sign; two digits at least tell, however small it is: "$0.42", "$0.0042"."""
    size = abs(value)
    if size and size < 10.0**-_ENDLESS_DECIMALS:
        size = 0.0
    digits = _digits(size) if size else "0"
    return f"{'−' if value < 0 and size else ''}{sign(currency)}{digits}"


def sign(currency: str) -> str:
    """What stands before an amount: "$", or "CHF " where there is no sign."""
    return _SIGNS.get(currency, f"{currency}\N{NO-BREAK SPACE}")


def _digits(size: float) -> str:
    """Hundredths, or as many as make two digits that count; whole where hundredths no longer tell."""
    if size >= _WHOLE_FROM:
        return f"{size:,.0f}"
    written = f"{size:,.{max(2, 1 - math.floor(math.log10(size)))}f}"
    whole, _, rest = written.partition(".")
    return f"{whole}.{rest[:2]}{rest[2:].rstrip('0')}"


def duration(seconds: float) -> str:
    """ "42 s", "6 min", "2 h 10 min"; under ten seconds with one decimal where it tells."""
    if 0 < seconds < 0.05:
        return _tr("under 0.1 s")
    if seconds < 9.95:
        return _tr("{} s").format(f"{seconds:.1f}".removesuffix(".0"))
    if seconds < _MINUTES_FROM:
        return _tr("{} s").format(round(seconds))
    minutes = round(seconds / 60)
    if minutes < 60:
        return _tr("{} min").format(minutes)
    hours, minutes = divmod(minutes, 60)
    whole = _tr("{} h").format(f"{hours:,}")
    return f"{whole} {_tr('{} min').format(minutes)}" if minutes and hours < _HOURS_ONLY_FROM else whole


def interval(span: Interval, currency: str) -> str:
    """Money with its bounds: "$0.42, between $0.34 and $0.50"."""
    low, high = money(span.low, currency), money(span.high, currency)
    if low == high:
        return money(span.expected, currency)
    return _tr("{expected}, between {low} and {high}").format(
        expected=money(span.expected, currency), low=low, high=high
    )


def about(span: Interval) -> str:
    """Time with its bounds: "about 6 min (5 to 8)"; each bound has its unit where they differ."""
    expected, low, high = duration(span.expected), duration(span.low), duration(span.high)
    if low == high:
        return _tr("about {}").format(expected)
    units = {text.split(" ", 1)[1] for text in (expected, low, high)}
    if len(units) == 1 and all(text.count(" ") == 1 for text in (expected, low, high)):
        low, high = low.split(" ")[0], high.split(" ")[0]
    return _tr("about {expected} ({low} to {high})").format(expected=expected, low=low, high=high)


def energy(kwh: float) -> str:
    """ "0.74 kWh", "0.0042 kWh"."""
    return _tr("{} kWh").format(_digits(kwh) if kwh >= 10.0**-_ENDLESS_DECIMALS else 0)


def percent(share: float) -> str:
    """A change with its sign: "+3 %", "−12 %", "0 %"."""
    whole = round(share * 100)
    before = "+" if whole > 0 else "−" if whole < 0 else ""
    return f"{before}{abs(whole):,}\N{NO-BREAK SPACE}%"


def size(octets: int) -> str:
    """A file's: "1.1 GB", "491 MB"."""
    if octets >= 1e9:
        return _tr("{} GB").format(f"{octets / 1e9:,.1f}")
    if octets >= 1e6:
        return _tr("{} MB").format(round(octets / 1e6))
    return _tr("{} kB").format(max(1, round(octets / 1e3)))


def count(number: int) -> str:
    """ "1,204"."""
    return f"{number:,}"


def counted(number: int, one: str, many: str) -> str:
    """``one`` for 1, else ``many`` with the number in its braces."""
    return one if number == 1 else many.format(count(number))


def findings(number: int) -> str:
    """ "84 findings"."""
    return counted(number, _tr("1 finding"), _tr("{} findings"))
