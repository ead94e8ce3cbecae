from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.cost import Interval, Load, Quote, RateCard
from app.ledger.quotes import quote_review, quoted_each
from app.ledger.rate_card import JOULES_PER_KWH

CARD = RateCard(machine_hour=3600.0, kwh=0.0, watts=1000.0)
"""A second of this machine costs one."""

seconds = st.floats(0.01, 600)
histories = st.lists(seconds, max_size=30)
indexing = st.none() | seconds.map(lambda s: Interval(expected=s, low=s / 2, high=s * 2))
MANY = settings(max_examples=200, deadline=None)


def quoted(n: int, history: list[float], index: Interval | None = None) -> Quote:
    return quote_review([load(n, history)], CARD, index)


def load(n: int, history: list[float] | None = None, seconds: float = 3.0) -> Load:
    return Load(work="extract", findings=n, history=tuple(history or ()), default_seconds=seconds)


def bounds(interval: Interval) -> tuple[float, float, float]:
    return interval.low, interval.expected, interval.high


@MANY
@given(st.integers(0, 5000), histories, indexing)
def test_what_is_expected_lies_within_its_bounds(
    n: int, history: list[float], index: Interval | None
) -> None:
    quote = quoted(n, history, index)
    for interval in (quote.cost, quote.seconds, quote.kwh):
        assert 0 <= interval.low <= interval.expected <= interval.high
    assert quote.findings == n
    assert quote.currency == "USD"


@MANY
@given(st.integers(0, 500), st.integers(1, 500), histories, indexing)
def test_more_findings_cost_more(n: int, more: int, history: list[float], index: Interval | None) -> None:
    few, many = quoted(n, history, index), quoted(n + more, history, index)
    assert few.cost.expected < many.cost.expected
    assert few.cost.high < many.cost.high
    assert few.cost.low <= many.cost.low + 1e-9


@MANY
@given(st.integers(1, 500), st.lists(seconds, min_size=1, max_size=2))
def test_with_fewer_than_three_earlier_runs_the_bounds_are_half_and_twice(
    n: int, history: list[float]
) -> None:
    quote = quoted(n, history)
    expected = n * sum(history) / len(history)
    assert bounds(quote.seconds) == pytest.approx((expected / 2, expected, expected * 2))


def test_without_any_history_the_machine_is_taken_for_a_usual_one() -> None:
    assert bounds(quoted(10, []).seconds) == (15.0, 30.0, 60.0)


@MANY
@given(st.integers(1, 500), st.lists(seconds, min_size=3, max_size=30))
def test_the_bounds_are_never_closer_than_a_fifth(n: int, history: list[float]) -> None:
    interval = quoted(n, history).seconds
    assert interval.high - interval.expected >= 0.2 * interval.expected * (1 - 1e-9)
    assert interval.low <= 0.8 * interval.expected * (1 + 1e-9)


def test_the_bounds_are_the_prediction_interval_of_a_sum() -> None:
    history = [1.0, 9.0, 2.0, 8.0, 5.0]  # mean 5, variance 12.5; Student's t(0.9, 4) = 1.5332
    half = 1.5332 * (12.5 * (10 + 100 / 5)) ** 0.5
    low, expected, high = bounds(quoted(10, history).seconds)
    assert expected == pytest.approx(50.0)
    assert (expected - low, high - expected) == pytest.approx((half, half), rel=0.02)


def test_a_steadier_history_gives_a_narrower_quote() -> None:
    steady, unsteady = quoted(10, [4.0, 5.0, 6.0]).cost, quoted(10, [1.0, 5.0, 9.0]).cost
    assert steady.expected == unsteady.expected
    assert steady.high < unsteady.high
    assert steady.low > unsteady.low


def test_reading_and_indexing_comes_on_top() -> None:
    index = Interval(expected=7.0, low=6.0, high=9.0)
    without, both = quoted(4, []), quoted(4, [], index)
    for one, other, added in zip(bounds(without.seconds), bounds(both.seconds), (6.0, 7.0, 9.0), strict=True):
        assert other - one == pytest.approx(added)


def test_money_and_energy_follow_from_the_seconds_and_the_card() -> None:
    quote = quoted(10, [])
    assert bounds(quote.cost) == pytest.approx(bounds(quote.seconds))
    assert quote.kwh.expected == pytest.approx(30 * 1000 / JOULES_PER_KWH)
    dearer = quote_review([load(10)], CARD.model_copy(update={"kwh": 10.0}), None)
    assert dearer.cost.expected == pytest.approx(quote.cost.expected + quote.kwh.expected * 10.0)


def test_nothing_to_do_costs_nothing() -> None:
    assert bounds(quoted(0, [1.0, 2.0, 3.0]).cost) == (0.0, 0.0, 0.0)


@MANY
@given(st.lists(st.tuples(st.integers(0, 50), histories, seconds), max_size=4))
def test_findings_of_several_kinds_cost_what_each_kind_costs_alone(
    kinds: list[tuple[int, list[float], float]],
) -> None:
    loads = [load(*kind) for kind in kinds]
    quote = quote_review(loads, CARD, None)
    alone = [quote_review([one], CARD, None) for one in loads]
    for place in range(3):
        together = sum(bounds(one.cost)[place] for one in alone)
        assert bounds(quote.cost)[place] == pytest.approx(together)
    each = sum(one.findings * quoted_each(one, CARD) for one in loads)
    assert quote.cost.expected == pytest.approx(each)
