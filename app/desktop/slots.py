"""What signals are connected to where the signal says more than anybody asks."""

from __future__ import annotations

from collections.abc import Callable


def only(wanted: Callable[[], object]) -> Callable[..., None]:
    """Calls ``wanted`` without what the signal carries, such as whether an action is checked."""

    def slot(*_: object) -> None:
        wanted()

    return slot
