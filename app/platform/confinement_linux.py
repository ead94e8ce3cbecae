"""Linux: a seccomp filter over every thread, and Landlock under it as a second lock on files and TCP."""

from __future__ import annotations

import ctypes
import signal

from app.platform import landlock, seccomp

_SET_PARENT_DEATH_SIGNAL, _SET_DUMPABLE, _SET_NO_NEW_PRIVILEGES = 1, 4, 38


def forbid_the_rest(dies_with_starter: bool) -> frozenset[str]:
    """Files, network and other processes, as far as this kernel can; what it enforces."""
    if dies_with_starter:
        die_with_starter()
    # a core dump that is piped to a crash reporter ignores RLIMIT_CORE, and holds the document's words
    _control(_SET_DUMPABLE, 0)
    if not _control(_SET_NO_NEW_PRIVILEGES, 1):
        return frozenset()
    held: set[str] = set()
    if landlock.shut():
        held.add("files")
    if seccomp.filter_all_threads():
        held |= {"files", "network", "processes"}
    return frozenset(held)


def die_with_starter() -> None:
    """Be killed when the thread that started this process ends."""
    _control(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _control(option: int, value: int) -> bool:
    nothing = ctypes.c_ulong(0)
    return ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), nothing, nothing, nothing) == 0
