from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.cost import RateCard
from app.ledger.meters import start_meter
from app.ledger.rate_card import JOULES_PER_KWH, estimated_kwh

CARD = RateCard(watts=100.0)
LARGEST = 262_143_328_850


def counter(powercap: Path, zone: str, name: str, microjoules: int = 0, largest: int = LARGEST) -> Path:
    """A zone as Linux shows it; returns the file that counts."""
    folder = powercap / zone
    folder.mkdir(parents=True)
    (folder / "name").write_text(f"{name}\n")
    (folder / "max_energy_range_uj").write_text(f"{largest}\n")
    return count(folder / "energy_uj", microjoules)


def count(file: Path, microjoules: int) -> Path:
    file.write_text(f"{microjoules}\n")
    return file


def test_energy_is_read_off_the_processor_where_it_may_be(tmp_path: Path) -> None:
    energy = counter(tmp_path, "intel-rapl:0", "package-0", 1_000_000)
    meter = start_meter(CARD, tmp_path)
    count(energy, 1_000_000 + 36_000_000)
    lap = meter.lap()
    assert lap.energy.measured
    assert lap.energy.kwh == pytest.approx(36 / JOULES_PER_KWH)
    assert lap.energy.kwh == pytest.approx(1e-5)


def test_a_lap_holds_only_what_came_since_the_one_before_and_the_end_holds_all(tmp_path: Path) -> None:
    energy = counter(tmp_path, "intel-rapl:0", "package-0")
    meter = start_meter(CARD, tmp_path)
    count(energy, 5_000_000)
    first = meter.lap()
    count(energy, 7_000_000)
    second = meter.lap()
    count(energy, 10_000_000)
    total = meter.stop()
    assert [lap.energy.kwh * JOULES_PER_KWH for lap in (first, second, total)] == pytest.approx([5, 2, 10])
    assert total.energy.measured
    assert total.seconds >= first.seconds + second.seconds >= 0


def test_a_counter_that_wraps_round_goes_on(tmp_path: Path) -> None:
    energy = counter(tmp_path, "intel-rapl:0", "package-0", LARGEST - 3_000_000)
    meter = start_meter(CARD, tmp_path)
    count(energy, 4_000_000)
    assert meter.lap().energy.kwh * JOULES_PER_KWH == pytest.approx(7.0)


def test_every_package_counts_and_nothing_inside_or_around_one(tmp_path: Path) -> None:
    files = [
        counter(tmp_path, "intel-rapl:0", "package-0"),
        counter(tmp_path, "intel-rapl:0:0", "core"),
        counter(tmp_path, "intel-rapl:0:1", "dram"),
        counter(tmp_path, "intel-rapl:1", "package-1"),
        counter(tmp_path, "intel-rapl:2", "psys"),
    ]
    meter = start_meter(CARD, tmp_path)
    for file in files:
        count(file, 2_000_000)
    assert meter.lap().energy.kwh * JOULES_PER_KWH == pytest.approx(4.0)


def test_a_package_that_is_shown_by_two_interfaces_counts_once(tmp_path: Path) -> None:
    files = [
        counter(tmp_path, "intel-rapl-mmio:0", "package-0"),
        counter(tmp_path, "intel-rapl:0", "package-0"),
    ]
    meter = start_meter(CARD, tmp_path)
    for file in files:
        count(file, 2_000_000)
    assert meter.lap().energy.kwh * JOULES_PER_KWH == pytest.approx(2.0)


@pytest.mark.parametrize("broken", ["nothing", "no counter", "no number", "no range"])
def test_energy_is_estimated_where_nothing_can_be_read(tmp_path: Path, broken: str) -> None:
    if broken != "nothing":
        energy = counter(tmp_path, "intel-rapl:0", "package-0")
        if broken == "no counter":
            energy.unlink()
        elif broken == "no number":
            energy.write_text("much")
        else:
            (energy.parent / "max_energy_range_uj").unlink()
    meter = start_meter(CARD, tmp_path)
    lap, total = meter.lap(), meter.stop()
    assert not lap.energy.measured
    assert not total.energy.measured
    assert lap.energy.kwh == pytest.approx(estimated_kwh(lap.seconds, CARD))
    assert total.energy.kwh == pytest.approx(estimated_kwh(total.seconds, CARD))


def test_a_counter_that_goes_away_makes_the_rest_and_the_whole_an_estimate(tmp_path: Path) -> None:
    energy = counter(tmp_path, "intel-rapl:0", "package-0")
    meter = start_meter(CARD, tmp_path)
    count(energy, 36_000_000)
    measured = meter.lap()
    energy.unlink()
    estimated = meter.lap()
    assert measured.energy.measured
    assert not estimated.energy.measured
    assert estimated.energy.kwh == pytest.approx(estimated_kwh(estimated.seconds, CARD))
    total = meter.stop()
    assert not total.energy.measured
    assert total.energy.kwh >= measured.energy.kwh + estimated.energy.kwh
