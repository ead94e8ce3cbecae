"""Prices: what the machine and the analyst took, in money."""

from __future__ import annotations

from app.domain.cost import RateCard, Usage

SECONDS_PER_HOUR = 3600.0
JOULES_PER_KWH = 3_600_000.0


def machine_cost(usage: Usage, card: RateCard) -> float:
    """Hardware by the hour plus electricity by the kilowatt-hour, in the card's currency."""
    return usage.seconds / SECONDS_PER_HOUR * card.machine_hour + usage.energy.kwh * card.kwh


def analyst_cost(seconds: float, card: RateCard) -> float:
    """The analyst's time, in the card's currency."""
    return seconds / SECONDS_PER_HOUR * card.analyst_hour


def estimated_kwh(seconds: float, card: RateCard) -> float:
    """Energy where nothing measures it: the card's watts for that long."""
    return seconds * card.watts / JOULES_PER_KWH
