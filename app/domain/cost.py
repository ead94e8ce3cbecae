"""Outcome cost: what a finding took, in money. Tokens are never counted here."""

from __future__ import annotations

from pydantic import Field

from app.domain.base import Frozen


class FindingCost(Frozen):
    """Money one finding took. ``quoted`` is what the quote before the run said for it."""

    currency: str = "USD"
    machine: float = Field(default=0.0, ge=0.0)
    analyst: float = Field(default=0.0, ge=0.0)
    quoted: float | None = None


class Interval(Frozen):
    """An expected figure with the bounds it should lie in four times out of five."""

    expected: float
    low: float
    high: float


class Quote(Frozen):
    """The cost of a review, said before it runs."""

    findings: int
    currency: str
    cost: Interval
    seconds: Interval
    kwh: Interval


class RateCard(Frozen):
    """Editable prices. Every figure carries the source it was taken from.

    ``machine_hour`` is the price of the hardware for an hour (purchase spread over its life),
    without electricity; ``kwh`` is the price of a kilowatt-hour; ``analyst_hour`` of the analyst's time.
    """

    currency: str = "USD"
    machine_hour: float = Field(default=0.05, ge=0.0)
    machine_source: str = "assumed: a $1,300 workstation written off over three years of full use"
    kwh: float = Field(default=0.30, ge=0.0)
    kwh_source: str = "assumed: $0.30 per kWh"
    analyst_hour: float = Field(default=60.0, ge=0.0)
    analyst_source: str = "assumed: $1 a minute, the low end of reviewer rates"
    watts: float = Field(default=65.0, gt=0.0)
    watts_source: str = "assumed: package power of a desktop processor under load"


class Energy(Frozen):
    """Energy in kilowatt-hours: measured by the machine, or else estimated from the rate card."""

    kwh: float = Field(ge=0.0)
    measured: bool


class Usage(Frozen):
    """What one piece of work took on the machine."""

    seconds: float = Field(ge=0.0)
    energy: Energy
