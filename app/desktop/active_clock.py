"""The analyst's active time, honestly: it runs while a finding is looked at and someone is there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

IDLE_SECONDS = 60.0
"""So long after the last key, click or scroll the analyst counts as away."""

LOOK_SECONDS = 1.0
"""A finding that was passed over in less was not looked at."""


class ActiveClock:
    """Seconds of attention by finding. Time counts from one sign of life to the next, if that came in time.

    A pause longer than ``idle_seconds`` counts as nothing at all: nobody knows how much of it was reading.
    ``now`` gives monotonic seconds.
    """

    def __init__(self, idle_seconds: float = IDLE_SECONDS, now: Callable[[], float] = time.monotonic) -> None:
        self.idle_seconds = idle_seconds
        self._now = now
        self._spent: dict[str, float] = {}
        self._looked_at: tuple[str, ...] = ()
        self._last = self._since = now()
        self._seen: set[str] = set()
        self._present = True

    def look_at(self, finding: str | None) -> None:
        """From now on attention goes to this finding; None: to none."""
        self._turn_to(() if finding is None else (finding,))

    def look_over(self, findings: Sequence[str]) -> None:
        """From now on attention is shared by all of these equally: they are read as one list."""
        self._turn_to(tuple(findings))

    def was_looked_at(self, finding: str) -> bool:
        """Whether it ever was the one that was looked at, for ``LOOK_SECONDS`` on end."""
        self._keep_look()
        return finding in self._seen

    def touch(self) -> None:
        """A sign of life: a key, a click, a scroll."""
        now = self._now()
        passed = now - self._last
        if self._present and self._looked_at and passed <= self.idle_seconds:
            share = passed / len(self._looked_at)
            for finding in self._looked_at:
                self._spent[finding] = self._spent.get(finding, 0.0) + share
        self._last = now
        self._present = True

    def leave(self) -> None:
        """The window is not in front any more: nothing counts until the next sign of life."""
        self.touch()
        self._present = False

    def take(self, finding: str) -> float:
        """The seconds this finding has had; it starts again from 0."""
        if finding in self._looked_at:
            self.touch()
        return self._spent.pop(finding, 0.0)

    def _turn_to(self, findings: tuple[str, ...]) -> None:
        self.touch()
        self._keep_look()
        self._looked_at, self._since = findings, self._last

    def _keep_look(self) -> None:
        if len(self._looked_at) == 1 and self._now() - self._since >= LOOK_SECONDS:
            self._seen.add(self._looked_at[0])
