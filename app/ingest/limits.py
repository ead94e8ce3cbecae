"""What a file may cost."""

from __future__ import annotations

from app.domain.base import Frozen


class Limits(Frozen):
    """Bounds on reading one file. ``seconds`` is wall-clock time, held by the parent; memory by the child.

    ``inner_files`` and ``inner_bytes`` are of all files that lie in one file, in those and so on; held by
    the parent.
    """

    seconds: float = 300.0
    memory_bytes: int = 2 << 30
    file_bytes: int = 1 << 30
    pages: int = 20_000
    output_bytes: int = 1 << 30
    inner_files: int = 20_000
    inner_bytes: int = 4 << 30


DEFAULT = Limits()
