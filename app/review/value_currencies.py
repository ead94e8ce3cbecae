"""What currencies are called: codes of ISO 4217, signs, and the names that people write."""

from __future__ import annotations

DOLLARS = {
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
    "USD EUR GBP CHF CAD AUD HKD NZD SGD TWD JPY CNY RMB INR MXN SEK NOK DKK PLN CZK HUF ILS ZAR KRW BRL "
    "THB MYR IDR PHP AED SAR QAR KWD"
)
CODES = tuple(_CODES.split())
"""Not those that are words as well, as TRY and ALL."""

SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "₪": "ILS", "₩": "KRW", "RMB": "CNY"}
YEN = "¥￥"
PEOPLES = {
    "us": "USD",
    "united states": "USD",
    "canadian": "CAD",
    "australian": "AUD",
    "hong kong": "HKD",
    "new zealand": "NZD",
    "singapore": "SGD",
}
PEOPLE = r"U\.?S\.?A?\.?|United\s+States|Canadian|Australian|Hong\s+Kong|New\s+Zealand|Singapore"
NAMES = {
    "euro": "EUR",
    "euros": "EUR",
    "pounds sterling": "GBP",
    "pound sterling": "GBP",
    "british pounds": "GBP",
    "swiss francs": "CHF",
    "japanese yen": "JPY",
    "yen": "JPY",
    "renminbi": "CNY",
    "indian rupees": "INR",
}
"""By words that name one currency alone; those of dollars are told by ``PEOPLES``."""

SCALES = {
    "thousand": 3,
    "k": 3,
    "lakh": 5,
    "million": 6,
    "m": 6,
    "mm": 6,
    "mn": 6,
    "crore": 7,
    "billion": 9,
    "b": 9,
    "bn": 9,
    "trillion": 12,
    "tn": 12,
}
"""Powers of ten."""
