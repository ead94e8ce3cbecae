"""Meters: seconds and energy of a piece of work."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from app.domain.cost import Energy, RateCard, Usage
from app.ledger.rate_card import JOULES_PER_KWH, estimated_kwh

POWERCAP = Path("/sys/class/powercap")
"""Linux's RAPL counters; readable by root only on most systems."""


def start_meter(card: RateCard, powercap: Path = POWERCAP) -> Meter:
    """A running meter. Reads the processor's energy counters where it may, else estimates."""
    return Meter(card, _package_counters(powercap))


class Meter:
    """Wall seconds and energy since it was started, and since the lap before.

    Measured energy is that of whole processor packages, whatever else runs on them. A counter wraps
    round after some tens of minutes under load: take laps more often than that.
    """

    def __init__(self, card: RateCard, counters: tuple[_Counter, ...]) -> None:
        self._card = card
        self._counters = counters
        self._marks = _read(counters)
        self._since = time.perf_counter()
        self._total = Usage(seconds=0.0, energy=Energy(kwh=0.0, measured=self._marks is not None))

    def lap(self) -> Usage:
        """What the time since the start or the last lap took."""
        now, marks = time.perf_counter(), _read(self._counters)
        seconds = now - self._since
        if self._marks is None or marks is None:
            energy = Energy(kwh=estimated_kwh(seconds, self._card), measured=False)
        else:
            joules = sum(
                counter.joules(before, after)
                for counter, before, after in zip(self._counters, self._marks, marks, strict=True)
            )
            energy = Energy(kwh=joules / JOULES_PER_KWH, measured=True)
        self._since, self._marks = now, marks
        lap = Usage(seconds=seconds, energy=energy)
        self._total = _sum(self._total, lap)
        return lap

    def stop(self) -> Usage:
        """Everything since the start; measured only if every lap was."""
        self.lap()
        return self._total


@dataclass(frozen=True)
class _Counter:
    """One processor package; microjoules that start again from 0 after ``largest``."""

    file: Path
    largest: int

    def joules(self, before: int, after: int) -> float:
        wrapped = self.largest if after < before else 0
        return (after - before + wrapped) / 1e6


def _package_counters(powercap: Path) -> tuple[_Counter, ...]:
    """Packages only: their cores and memory are counted in them, and the platform counts all again.

    Each once: many machines show the same package through two interfaces (intel-rapl, intel-rapl-mmio).
    """
    counters: dict[str, _Counter] = {}
    for folder in sorted(powercap.glob("*:*")):
        try:
            name = (folder / "name").read_text().strip()
            if name.startswith("package") and name not in counters:
                largest = int((folder / "max_energy_range_uj").read_text())
                counters[name] = _Counter(folder / "energy_uj", largest)
        except (OSError, ValueError):
            continue
    return tuple(counters.values())


def _read(counters: tuple[_Counter, ...]) -> tuple[int, ...] | None:
    try:
        return tuple(int(counter.file.read_text()) for counter in counters) or None
    except (OSError, ValueError):
        return None


def _sum(one: Usage, other: Usage) -> Usage:
    energy = Energy(
        kwh=one.energy.kwh + other.energy.kwh, measured=one.energy.measured and other.energy.measured
    )
    return Usage(seconds=one.seconds + other.seconds, energy=energy)
