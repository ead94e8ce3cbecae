"""Outcome cost: what a finding took, in money. Tokens are never counted here."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

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


class Load(Frozen):
    """Findings of one kind that are to be made, and what is known of how long one takes.

    ``history`` holds the seconds of single earlier ones; ``default_seconds`` stands in for their mean where
    there are none.
    """

    work: str
    findings: int = Field(ge=0)
    history: tuple[float, ...] = ()
    default_seconds: float = Field(ge=0.0)


class AskedAgain(Frozen):
    """How many findings a second model is likely to be asked about, and what that will cost."""

    model: str
    findings: Interval
    cost: Interval


class Quote(Frozen):
    """The cost of a review, said before it runs; its figures hold what a second opinion will take, too."""

    findings: int
    currency: str
    cost: Interval
    seconds: Interval
    kwh: Interval
    second_opinion: AskedAgain | None = None

    @property
    def nothing_to_do(self) -> bool:
        """Whether nobody will be asked anything."""
        return not self.findings and (
            self.second_opinion is None or not self.second_opinion.findings.expected
        )


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


ReferenceUnit = Literal["document", "accepted", "minute", "million-characters"]
"""What a reference prices: a document, an accepted finding, a document's minutes, or text read whole."""


class Reference(Frozen):
    """What the same work costs elsewhere: a figure as somebody wrote it, never one measured here.

    ``low`` and ``high`` are money in ``currency`` for one ``unit``; for a "minute" they are minutes a
    document, and the rate card's analyst prices them. ``judged`` says that this pays for a judgement too;
    where it does not, an analyst still has to look at what comes back.
    """

    id: str
    title: str = Field(min_length=1)
    unit: ReferenceUnit
    low: float = Field(ge=0.0, allow_inf_nan=False)
    high: float = Field(ge=0.0, allow_inf_nan=False)
    currency: str = "USD"
    judged: bool
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class Energy(Frozen):
    """Energy in kilowatt-hours: measured by the machine, or else estimated from the rate card."""

    kwh: float = Field(ge=0.0)
    measured: bool


class Usage(Frozen):
    """What one piece of work took on the machine."""

    seconds: float = Field(ge=0.0)
    energy: Energy
