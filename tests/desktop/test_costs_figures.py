from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desktop import figures
from app.domain.cost import Interval


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "$0"), (1e-12, "$0"), (0.00042, "$0.00042"), (0.0042, "$0.0042"), (0.05, "$0.05"),
        (0.0134, "$0.013"), (0.42, "$0.42"), (3.9, "$3.90"), (251.0, "$251.00"), (1204.5, "$1,204.50"),
        (12345.6, "$12,346"), (-0.42, "−$0.42"),
    ],
)  # fmt: skip
def test_money_has_the_digits_that_matter(value: float, shown: str) -> None:
    assert figures.money(value, "USD") == shown


@pytest.mark.parametrize(
    ("currency", "shown"), [("EUR", "€0.42"), ("GBP", "£0.42"), ("CAD", "CA$0.42"), ("CHF", "CHF\xa00.42")]
)
def test_money_has_its_currencys_sign(currency: str, shown: str) -> None:
    assert figures.money(0.42, currency) == shown


@given(st.floats(1e-6, 1e9))
def test_money_is_never_off_by_more_than_five_per_cent(value: float) -> None:
    shown = float(figures.money(value, "USD").removeprefix("$").replace(",", ""))
    assert shown == pytest.approx(value, rel=0.051)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"), (0.01, "under 0.1 s"), (0.4, "0.4 s"), (3.0, "3 s"), (42.4, "42 s"), (89, "89 s"),
        (90, "2 min"), (360, "6 min"), (3599, "1 h"), (7800, "2 h 10 min"), (3600 * 8494 + 1800, "8,494 h"),
    ],
)  # fmt: skip
def test_durations_read_as_people_say_them(seconds: float, shown: str) -> None:
    assert figures.duration(seconds) == shown


def test_an_interval_names_its_bounds_unless_they_are_one() -> None:
    assert figures.interval(Interval(expected=0.42, low=0.34, high=0.5), "USD") == (
        "$0.42, between $0.34 and $0.50"
    )
    assert figures.interval(Interval(expected=0.42, low=0.42, high=0.42), "USD") == "$0.42"


@pytest.mark.parametrize(
    ("low", "expected", "high", "shown"),
    [
        (300, 360, 480, "about 6 min (5 to 8)"),
        (60, 120, 240, "about 2 min (60 s to 4 min)"),
        (3000, 3600, 7800, "about 1 h (50 min to 2 h 10 min)"),
        (7800, 7800, 7800, "about 2 h 10 min"),
        (7800, 8400, 9000, "about 2 h 20 min (2 h 10 min to 2 h 30 min)"),
    ],
)
def test_bounds_of_time_share_a_unit_where_they_can(
    low: float, expected: float, high: float, shown: str
) -> None:
    assert figures.about(Interval(expected=expected, low=low, high=high)) == shown


def test_energy_sizes_shares_and_counts() -> None:
    assert [figures.energy(kwh) for kwh in (0, 0.74, 0.0042, 12)] == [
        "0 kWh", "0.74 kWh", "0.0042 kWh", "12.00 kWh",
    ]  # fmt: skip
    assert [figures.size(n) for n in (1_117_320_768, 491_400_064, 2048, 1)] == [
        "1.1 GB", "491 MB", "2 kB", "1 kB",
    ]  # fmt: skip
    assert [figures.percent(share) for share in (0.03, -0.12, 0.001)] == ["+3\xa0%", "−12\xa0%", "0\xa0%"]
    assert [figures.findings(n) for n in (0, 1, 1204)] == ["0 findings", "1 finding", "1,204 findings"]
