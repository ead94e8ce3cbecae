"""What a process gives up before it touches an untrusted file, and never gets back.

A child loads everything it needs, opens the file, calls ``confine_this_process``, and only then looks into
the file. Each system enforces what it can, and says what that is; what it lacks is left out.
"""

from __future__ import annotations

import codecs
import sys
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import subprocess

MEMORY, TIME, FILES, NETWORK, PROCESSES = "memory", "time", "files", "network", "processes"

EVERYTHING = frozenset((MEMORY, TIME, FILES, NETWORK, PROCESSES))
"""All that may be held: bounded memory and processor time, no files, no network, no other processes."""

_OPEN_FILES = 64
_CODECS = (
    "ascii", "cp1252", "latin-1", "raw_unicode_escape", "unicode_escape", "utf-8-sig", "utf-16", "utf-16-be",
    "utf-16-le", "utf-32", "utf-32-be", "utf-32-le",
)  # fmt: skip


class Bounds(Protocol):
    """``seconds`` are of the processor; ``memory_bytes`` are of address space, touched or not."""

    @property
    def seconds(self) -> float: ...  # noqa: D102

    @property
    def memory_bytes(self) -> int: ...  # noqa: D102


def confine_this_process(bounds: Bounds, *, dies_with_starter: bool = True) -> frozenset[str]:
    """Hold this process to the bounds, for good; what is enforced here, out of ``EVERYTHING``.

    Afterwards it can open, start, map as code and connect to nothing. It keeps what is open, its memory and
    its threads, and may start more of these. ``dies_with_starter``: on Linux it is killed when the thread
    that started it ends, so leave it out if that thread does not wait for this process.
    """
    warm_up()
    if sys.platform == "win32":
        from app.platform.confinement_windows import confine_to_job

        held = confine_to_job(bounds.seconds, bounds.memory_bytes)
        return frozenset((MEMORY, TIME, PROCESSES)) if held else frozenset()
    held = limit_this_process(bounds)
    if sys.platform == "linux":
        from app.platform.confinement_linux import forbid_the_rest

        return held | forbid_the_rest(dies_with_starter)
    if sys.platform == "darwin":
        from app.platform.confinement_macos import forbid_the_rest

        return held | forbid_the_rest()
    return held


def warm_up() -> None:
    """Load what confining takes, and what is needed afterwards by whatever reads a file.

    ``confine_this_process`` does it too; a process that forks others does it once for all of them.
    """
    # Python finds a codec on disk when it is first used, PyMuPDF's at some words of some files only
    for codec in _CODECS:
        codecs.lookup(codec)
    if sys.platform == "linux":
        import resource

        from app.platform import confinement_linux

        del resource, confinement_linux


def end_with_starter() -> None:
    """On Linux, have this process killed when the thread that started it ends. For one that starts others,
    which end with it in turn; elsewhere its standard input must tell it.
    """
    if sys.platform == "linux":
        from app.platform.confinement_linux import die_with_starter

        die_with_starter()


def limit_this_process(bounds: Bounds) -> frozenset[str]:
    """Bound memory and processor time, forbid core dumps and writing files. POSIX only; no way back."""
    if sys.platform == "win32":
        return frozenset()
    import resource

    held: set[str] = set()
    for kind, value, what in (
        (resource.RLIMIT_AS, bounds.memory_bytes, MEMORY),
        (resource.RLIMIT_CPU, int(bounds.seconds) + 1, TIME),
        (resource.RLIMIT_FSIZE, 0, None),
        (resource.RLIMIT_CORE, 0, None),
        (resource.RLIMIT_NOFILE, _OPEN_FILES, None),
    ):
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        try:
            resource.setrlimit(kind, (value, value))
        except (OSError, ValueError):  # macOS knows RLIMIT_AS and refuses to set it
            continue
        if what is not None:
            held.add(what)
    return frozenset(held)


def end_with_this_process(child: subprocess.Popen[bytes]) -> None:
    """Called by who started a child: have Windows end it with this process, as it has no other way to."""
    if sys.platform == "win32":
        from app.platform import confinement_windows

        confinement_windows.end_with_this_process(child)
