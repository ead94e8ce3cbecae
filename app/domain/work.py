"""Progress, as every use case reports it."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.base import Frozen


class Progress(Frozen):
    """``done`` of ``total`` units of ``what``; ``total`` 0 while it is not known."""

    what: str
    done: int
    total: int


Report = Callable[[Progress], None]
