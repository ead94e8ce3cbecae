from __future__ import annotations

import pytest
from pydantic import JsonValue

from app.domain.kinds import ValueKind
from tests.review.values_read import displays, read

AMOUNTS = [
    ("in excess of US$1.5 million.", {"amount": 1_500_000.0, "currency": "USD"}, "US$1.5 million"),
    ("the sum of $1,000,000.00", {"amount": 1_000_000.0, "currency": "USD"}, "$1,000,000.00"),
    (
        "one million dollars ($1,000,000)",
        {"amount": 1_000_000.0, "currency": "USD"},
        "$1,000,000",
    ),
    ("USD 5,000", {"amount": 5000.0, "currency": "USD"}, "USD 5,000"),
    ("€10,000", {"amount": 10_000.0, "currency": "EUR"}, "€10,000"),
    ("£2 million", {"amount": 2e6, "currency": "GBP"}, "£2 million"),
    ("$ 25,000 per occurrence", {"amount": 25_000.0, "currency": "USD"}, "$ 25,000"),
    ("USD5 billion", {"amount": 5e9, "currency": "USD"}, "USD5 billion"),
    ("RMB 1,000,000", {"amount": 1e6, "currency": "CNY"}, "RMB 1,000,000"),
    ("CHF 300 thousand", {"amount": 300_000.0, "currency": "CHF"}, "CHF 300 thousand"),
    ("$0.05 per share", {"amount": 0.05, "currency": "USD"}, "$0.05"),
    ("$1.5M", {"amount": 1_500_000.0, "currency": "USD"}, "$1.5M"),
    ("HK$5,000", {"amount": 5000.0, "currency": "HKD"}, "HK$5,000"),
    ("C$5,000", {"amount": 5000.0, "currency": "CAD"}, "C$5,000"),
]


AMOUNTS += [
    ("CA$5.50", {"amount": 5.5, "currency": "CAD"}, "CA$5.50"),
    ("A$5,000", {"amount": 5000.0, "currency": "AUD"}, "A$5,000"),
    ("NZ$5,000", {"amount": 5000.0, "currency": "NZD"}, "NZ$5,000"),
    ("S$5,000", {"amount": 5000.0, "currency": "SGD"}, "S$5,000"),
    ("$5,000 CAD", {"amount": 5000.0, "currency": "CAD"}, "$5,000 CAD"),
    ("U.S. $5,000", {"amount": 5000.0, "currency": "USD"}, "U.S. $5,000"),
    ("Schedule A $5,000", {"amount": 5000.0, "currency": "USD"}, "$5,000"),
    ("$2 billion", {"amount": 2e9, "currency": "USD"}, "$2 billion"),
    ("$20MM", {"amount": 2e7, "currency": "USD"}, "$20MM"),
    ("¥5,000", {"amount": 5000.0, "currency": "¥"}, "¥5,000"),
    ("¥5,000 in Japan", {"amount": 5000.0, "currency": "JPY"}, "¥5,000"),
    ("¥5,000 (Chinese yuan)", {"amount": 5000.0, "currency": "CNY"}, "¥5,000"),
    ("¥5,000, yen or yuan", {"amount": 5000.0, "currency": "¥"}, "¥5,000"),
]


AMOUNTS += [
    ("€1.234,56", {"amount": 1234.56, "currency": "EUR"}, "€1.234,56"),
    ("€1.000.000", {"amount": 1e6, "currency": "EUR"}, "€1.000.000"),
    ("CHF 1'000'000", {"amount": 1e6, "currency": "CHF"}, "CHF 1'000'000"),
    ("EUR 10\u00a0000", {"amount": 1e4, "currency": "EUR"}, "EUR 10\u00a0000"),
    ("€2,5 million", {"amount": 2.5e6, "currency": "EUR"}, "€2,5 million"),
    ("Rs. 5 crore", {"amount": 5e7, "currency": "INR"}, "Rs. 5 crore"),
    ("$1.2 trillion", {"amount": 1.2e12, "currency": "USD"}, "$1.2 trillion"),
    ("5,000 USD a year", {"amount": 5000.0, "currency": "USD"}, "5,000 USD"),
    ("2.5 million US dollars", {"amount": 2.5e6, "currency": "USD"}, "2.5 million US dollars"),
    ("a fee of 10,000 euros", {"amount": 1e4, "currency": "EUR"}, "10,000 euros"),
    ("five thousand (5,000) dollars", {"amount": 5000.0, "currency": "USD"}, "(5,000) dollars"),
    (
        "two million five hundred thousand dollars",
        {"amount": 2.5e6, "currency": "USD"},
        "two million five hundred thousand dollars",
    ),
    ("Ten and 50/100 Dollars", {"amount": 10.5, "currency": "USD"}, "Ten and 50/100 Dollars"),
    ("a loss of -$5.5 million", {"amount": -5.5e6, "currency": "USD"}, "-$5.5 million"),
    ("Net loss $(12,345)", {"amount": -12_345.0, "currency": "USD"}, "$(12,345)"),
    ("Net loss ($12,345) 17", {"amount": -12_345.0, "currency": "USD"}, "($12,345)"),
    ("a gain ($2.5 million) from its sale", {"amount": 2.5e6, "currency": "USD"}, "$2.5 million"),
    ("ten dollars ($10) 30 days after", {"amount": 10.0, "currency": "USD"}, "$10"),
]


@pytest.mark.parametrize(("text", "value", "quote"), AMOUNTS)
def test_an_amount_is_read_off_its_own_words(text: str, value: JsonValue, quote: str) -> None:
    (found,) = read(ValueKind.MONEY, text)
    assert found.value == value
    assert text[found.span.start : found.span.end] == quote


def test_an_amount_is_shown_with_its_currency_and_once_however_it_is_written() -> None:
    assert displays(ValueKind.MONEY, "$5 million, that is $5,000,000, or €1") == ["USD 5,000,000", "EUR 1"]


def test_amounts_that_differ_in_cents_are_two() -> None:
    assert displays(ValueKind.MONEY, "$1.25 and $1.40") == ["USD 1.25", "USD 1.40"]


@pytest.mark.parametrize(
    "text", ["1,000,000", "Section 5", "$", "a dollar", "in 2019 dollars", "100 %", "XX$5", "$5%"]
)
def test_what_has_no_currency_or_no_figure_is_no_amount(text: str) -> None:
    assert read(ValueKind.MONEY, text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "$1,5000",
        "€1.000",
        "$10 000",
        "$1-2 million",
        "$1 million five hundred thousand",
        "$5 pesos",
        "all in Canadian dollars: $5",
    ],
)
def test_an_amount_that_is_not_sure_is_not_given(text: str) -> None:
    assert read(ValueKind.MONEY, text) == ()
