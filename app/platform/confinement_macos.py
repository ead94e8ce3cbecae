"""macOS: a sandbox profile that denies everything. Not run by the tests, which have no Mac."""

from __future__ import annotations

import ctypes

# threads ask for figures of the machine when they start, and abort() signals its own process
_PROFILE = b"(version 1)(deny default)(allow sysctl-read)(allow signal (target self))"


def forbid_the_rest() -> frozenset[str]:
    """Files, network and other processes; what is enforced. It does not die with its parent: its pipes do."""
    system = ctypes.CDLL(None)
    try:
        begin, free = system.sandbox_init, system.sandbox_free_error
    except AttributeError:
        return frozenset()
    begin.argtypes = (ctypes.c_char_p, ctypes.c_uint64, ctypes.POINTER(ctypes.c_char_p))
    free.argtypes = (ctypes.c_char_p,)
    problem = ctypes.c_char_p()
    if begin(_PROFILE, 0, ctypes.byref(problem)) != 0:
        free(problem)
        return frozenset()
    return frozenset(("files", "network", "processes"))
