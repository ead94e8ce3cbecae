"""What a file may cost, and how a process holds itself to it."""

from __future__ import annotations

import sys

from app.domain.base import Frozen


class Limits(Frozen):
    """Bounds on reading one file. ``seconds`` is wall-clock time, held by the parent; memory by the child."""

    seconds: float = 300.0
    memory_bytes: int = 2 << 30
    file_bytes: int = 1 << 30
    pages: int = 20_000
    output_bytes: int = 1 << 30


DEFAULT = Limits()


def limit_this_process(limits: Limits) -> None:
    """Bound memory and processor time, forbid core dumps and writing files. POSIX only; no way back."""
    if sys.platform == "win32":
        return
    import resource

    seconds = int(limits.seconds) + 1
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(kind, (value, value))
