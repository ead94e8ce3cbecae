from __future__ import annotations

import pytest

from app.domain.cost import Energy, RateCard, Usage
from app.ledger.rate_card import analyst_cost, estimated_kwh, machine_cost

CARD = RateCard(machine_hour=0.06, kwh=0.40, analyst_hour=90.0, watts=65.0)


def test_a_machine_costs_its_hours_and_its_electricity() -> None:
    usage = Usage(seconds=1800.0, energy=Energy(kwh=0.5, measured=True))
    assert machine_cost(usage, CARD) == pytest.approx(0.03 + 0.20)


def test_an_analyst_costs_by_the_hour() -> None:
    assert analyst_cost(40.0, CARD) == pytest.approx(1.0)
    assert analyst_cost(0.0, CARD) == 0.0


def test_an_hour_at_the_cards_watts_is_that_many_watt_hours() -> None:
    assert estimated_kwh(3600.0, CARD) == pytest.approx(0.065)


def test_every_price_of_the_card_names_its_source() -> None:
    card = RateCard()
    for source in (card.machine_source, card.kwh_source, card.analyst_source, card.watts_source):
        assert source.strip()
