"""How large pages are shown."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.desktop.document.page_layout import Size

LEAST, MOST = 0.1, 8.0
PIXELS_PER_POINT = 96.0 / 72.0
"""At 100 %, in pixels of Qt: the size on paper."""

_STOPS = (0.1, 0.25, 0.33, 0.5, 0.67, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0)


class Fit(Enum):
    """What decides the zoom."""

    WIDTH = "width"
    PAGE = "page"
    FREE = "free"


def held(zoom: float) -> float:
    """Within the bounds."""
    return min(max(zoom, LEAST), MOST)


def step(zoom: float, direction: int) -> float:
    """The next round figure above or below."""
    if direction > 0:
        return next((stop for stop in _STOPS if stop > zoom * 1.01), MOST)
    return next((stop for stop in reversed(_STOPS) if stop < zoom * 0.99), LEAST)


def fitted(fit: Fit, size: Size, room: tuple[int, int], ratio: float) -> float:
    """The zoom at which a page fits ``room``, given in pixels of the device, ``ratio`` to one of Qt."""
    scale = max(1, room[0]) / size.width
    if fit is Fit.PAGE:
        scale = min(scale, max(1, room[1]) / size.height)
    return held(scale / (PIXELS_PER_POINT * ratio))
