"""What a file may cost."""

from __future__ import annotations

from app.domain.base import Frozen


class Limits(Frozen):
    """Bounds on reading one file. ``seconds`` is wall-clock time, held by the parent; memory by the child."""

    seconds: float = 300.0
    memory_bytes: int = 2 << 30
    file_bytes: int = 1 << 30
    pages: int = 20_000
    output_bytes: int = 1 << 30


DEFAULT = Limits()
