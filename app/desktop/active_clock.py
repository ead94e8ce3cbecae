"""The analyst's active time, honestly: it runs while a finding is looked at and someone is there."""

from __future__ import annotations

import time
from collections.abc import Callable

IDLE_SECONDS = 60.0
"""So long after the last key, click or scroll the analyst counts as away."""


class ActiveClock:
    """Seconds of attention by finding. Time counts from one sign of life to the next, if that came in time.

    A pause longer than ``idle_seconds`` counts as nothing at all: nobody knows how much of it was reading.
    ``now`` gives monotonic seconds.
    """

    def __init__(self, idle_seconds: float = IDLE_SECONDS, now: Callable[[], float] = time.monotonic) -> None:
        self.idle_seconds = idle_seconds
        self._now = now
        self._spent: dict[str, float] = {}
        self._looked_at: str | None = None
        self._last = now()
        self._present = True

    def look_at(self, finding: str | None) -> None:
        """From now on attention goes to this finding; None: to none."""
        self.touch()
        self._looked_at = finding

    def touch(self) -> None:
        """A sign of life: a key, a click, a scroll."""
        now = self._now()
        passed = now - self._last
        if self._present and self._looked_at is not None and passed <= self.idle_seconds:
            self._spent[self._looked_at] = self._spent.get(self._looked_at, 0.0) + passed
        self._last = now
        self._present = True

    def leave(self) -> None:
        """The window is not in front any more: nothing counts until the next sign of life."""
        self.touch()
        self._present = False

    def take(self, finding: str) -> float:
        """The seconds this finding has had; it starts again from 0."""
        if finding == self._looked_at:
            self.touch()
        return self._spent.pop(finding, 0.0)
