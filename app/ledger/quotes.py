"""Quotes: what a review will cost, said before it runs, with honest bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist, fmean, variance

from app.domain.cost import AskedAgain, Energy, Interval, Load, Quote, RateCard, Usage
from app.ledger.rate_card import estimated_kwh, machine_cost

_FEWEST_RUNS = 3
"""With fewer there is no spread to speak of."""

_LEAST_SPREAD = 0.2
"""Runs on one machine differ by its other work and its heat, which a history of one day does not show."""

ABSTAINING = 0.05
"""Share of findings that abstain, until there are some to go by: 27 of 574 with the default model."""


def quote_review(loads: Sequence[Load], card: RateCard, index_seconds: Interval | None) -> Quote:
    """The expected cost with bounds it should lie in four times out of five.

    ``index_seconds`` is what reading and indexing will take first; None if it is done.

    For n findings of a kind after m earlier ones with mean x and standard deviation s, the bounds are the
    80 % prediction interval of a sum, n·x ± t(0.9, m - 1) · s · √(n + n²/m), but never closer than 20 %.
    With fewer than three earlier ones they are half and twice the expected. The bounds of all kinds and of
    indexing are added as if they erred to the same side: it is the same machine.
    """
    seconds = Interval(expected=0.0, low=0.0, high=0.0) if index_seconds is None else index_seconds
    for load in loads:
        seconds = _sum(seconds, _finding_seconds(load.findings, load.history, load.default_seconds))
    return Quote(
        findings=sum(load.findings for load in loads),
        currency=card.currency,
        cost=_each(seconds, lambda figure: _cost(figure, card)),
        seconds=seconds,
        kwh=_each(seconds, lambda figure: estimated_kwh(figure, card)),
    )


def quoted_each(load: Load, card: RateCard) -> float:
    """What one finding of a kind is expected to cost, without indexing."""
    return _cost(_finding_seconds(1, load.history, load.default_seconds).expected, card)


def quote_again(
    known: int,
    n_findings: int,
    abstained: Sequence[bool],
    history: Sequence[float],
    card: RateCard,
    default_seconds: float,
    model: str,
) -> Quote:
    """What asking a second model of what abstains will cost; ``findings`` are 0, they are counted already.

    ``known`` findings have abstained; of ``n_findings`` that are still to be made as many will as of the
    earlier ones, of each of which ``abstained`` tells; without any, ``ABSTAINING`` of them. With m earlier
    ones and a share p the bounds are the 80 % prediction interval n·p ± z(0.9) · √(n·p·(1 - p)·(1 + n/m));
    without any they are half and twice. ``history`` are seconds of single second opinions.
    """
    m = len(abstained)
    # Laplace's rule: ten sure findings do not say that the next one is
    share = (sum(abstained) + 1) / (m + 2) if m else ABSTAINING
    among = n_findings * share
    z = NormalDist().inv_cdf(0.9)
    half = z * math.sqrt(among * (1 - share) * (1 + n_findings / m)) if m else 0.0
    low, high = (max(0.0, among - half), min(n_findings, among + half)) if m else (among / 2, among * 2)
    findings = Interval(expected=known + among, low=known + low, high=known + min(high, n_findings))
    each = _finding_seconds(max(1, round(findings.expected)), history, default_seconds)
    scale = max(1, round(findings.expected))
    seconds = Interval(
        expected=findings.expected * each.expected / scale,
        low=findings.low * each.low / scale,
        high=findings.high * each.high / scale,
    )
    cost = _each(seconds, lambda figure: _cost(figure, card))
    return Quote(
        findings=0,
        currency=card.currency,
        cost=cost,
        seconds=seconds,
        kwh=_each(seconds, lambda figure: estimated_kwh(figure, card)),
        second_opinion=AskedAgain(model=model, findings=findings, cost=cost),
    )


def together(first: Quote, again: Quote) -> Quote:
    """Both readings in one quote; their bounds err to the same side: it is the same machine."""
    return first.model_copy(
        update={
            "cost": _sum(first.cost, again.cost),
            "seconds": _sum(first.seconds, again.seconds),
            "kwh": _sum(first.kwh, again.kwh),
            "second_opinion": again.second_opinion,
        }
    )


def _sum(one: Interval, other: Interval) -> Interval:
    return Interval(
        expected=one.expected + other.expected, low=one.low + other.low, high=one.high + other.high
    )


def _finding_seconds(n: int, history: Sequence[float], default_seconds: float) -> Interval:
    m = len(history)
    expected = n * (fmean(history) if history else default_seconds)
    if m < _FEWEST_RUNS:
        return Interval(expected=expected, low=expected / 2, high=expected * 2)
    spread = _t_quantile_90(m - 1) * math.sqrt(variance(history) * (n + n * n / m))
    half = max(spread, _LEAST_SPREAD * expected)
    return Interval(expected=expected, low=max(0.0, expected - half), high=expected + half)


def _t_quantile_90(degrees: int) -> float:
    """Student's t, 90 % quantile, for two degrees of freedom or more, within 2 %.

    The first three terms of its expansion at the normal quantile (Abramowitz and Stegun, 26.7.5).
    """
    z = NormalDist().inv_cdf(0.9)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / degrees + second / degrees**2


def _cost(seconds: float, card: RateCard) -> float:
    energy = Energy(kwh=estimated_kwh(seconds, card), measured=False)
    return machine_cost(Usage(seconds=seconds, energy=energy), card)


def _each(interval: Interval, change: Callable[[float], float]) -> Interval:
    return Interval(expected=change(interval.expected), low=change(interval.low), high=change(interval.high))
