"""Landlock with no rules: this thread, and those it starts, can reach no file and no TCP port any more.

The kernel's documentation is the source of the figures: userspace-api/landlock.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable

_CREATE, _RESTRICT = 444, 446  # on every architecture
_ASK_VERSION = 1
_ALL_THREADS = 1 << 3
_ALL_THREADS_SINCE = 8

# rights on files, and those on the network and the scopes: how many bits are known since which version
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16, 9: 17}
_NETWORK_RIGHTS = {4: 2}
_SCOPES = {6: 2}


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


def version() -> int:
    """Of the running kernel's Landlock; 0 where there is none."""
    return max(0, _kernel()(_CREATE, None, ctypes.c_size_t(0), _ASK_VERSION))


def shut() -> bool:
    """Handle every right that the kernel knows and grant none, for good; False where it has no Landlock.

    Threads that run already are only reached from version 8 on. No thread may gain privileges any more
    (PR_SET_NO_NEW_PRIVS) before this.
    """
    known = version()
    if known == 0:
        return False
    kernel = _kernel()
    wanted = _Ruleset(*(_all(rights, known) for rights in (_FILE_RIGHTS, _NETWORK_RIGHTS, _SCOPES)))
    # an older kernel takes a longer form as long as what it does not know is zero
    rules = kernel(_CREATE, ctypes.byref(wanted), ctypes.c_size_t(ctypes.sizeof(wanted)), 0)
    if rules < 0:
        return False
    try:
        return kernel(_RESTRICT, rules, _ALL_THREADS if known >= _ALL_THREADS_SINCE else 0) == 0
    finally:
        os.close(rules)


def _kernel() -> Callable[..., int]:
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    return call


def _all(rights: dict[int, int], known: int) -> int:
    return (1 << max((bits for since, bits in rights.items() if since <= known), default=0)) - 1
