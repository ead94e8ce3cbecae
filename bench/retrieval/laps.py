"""Times of named stages: on the clock, and of the processor."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from bench.retrieval.made_matter import tell


class Lap(NamedTuple):
    """Seconds: on the clock, and of all of this process's threads together."""

    wall: float
    cpu: float


class Laps:
    """A list of laps for each stage."""

    def __init__(self) -> None:
        self.of: dict[str, list[Lap]] = {}

    @contextmanager
    def timed(self, stage: str) -> Generator[None]:
        """Time what is inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            lap = Lap(time.perf_counter() - wall, time.process_time() - cpu)
            self.of.setdefault(stage, []).append(lap)

    def around(self, owner: Any, method: str, stage: str) -> None:
        """Time every call of a method of one object."""
        call: Callable[..., Any] = getattr(owner, method)

        def timed(*arguments: Any, **named: Any) -> Any:
            with self.timed(stage):
                return call(*arguments, **named)

        setattr(owner, method, timed)

    def tell(self, label: str) -> None:
        """p50, p95 and most on the clock, p50 and p95 of the processor's time, in milliseconds."""
        for stage, laps in self.of.items():
            wall, cpu = np.array(laps).T * 1000
            figures = (*np.percentile(wall, [50, 95]), wall.max(), *np.percentile(cpu, [50, 95]))
            tell(f"| {label} | {stage} | " + " | ".join(f"{figure:.1f}" for figure in figures) + " |")

    @staticmethod
    def head() -> None:
        """Of the table that ``tell`` fills."""
        tell("\n| which | stage | p50 ms | p95 ms | most ms | p50 processor | p95 processor |")
        tell("|" + " --- |" * 7)
