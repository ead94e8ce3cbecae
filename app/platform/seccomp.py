"""A seccomp filter that leaves a process its memory, its threads and the files it already holds.

It is a list of what is allowed, so a system call that nobody thought of is refused. What is refused gets an
error and not a kill: honest libraries probe for things (telemetry, processor affinity) and live with a no,
while hostile code gains nothing by being told. Only a call of another architecture's table kills, as no
library makes one by accident and its numbers mean other calls. Numbers are those of asm/unistd_64.h and
asm-generic/unistd.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys
from collections.abc import Sequence
from typing import NamedTuple

_ALLOW = 0x7FFF_0000
_ERROR = 0x0005_0000
_KILL_PROCESS = 0x8000_0000

_LOAD, _EQUAL, _AT_LEAST, _MASK, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_X32_BIT = 0x4000_0000

_SET_MODE_FILTER = 1
_ALL_THREADS = 1

_CLONE_THREAD = 0x0001_0000
_CLONE_NEW_NAMESPACES = 0x7E02_0000
_PROT_EXEC = 4
_FIRST_WITH_OLDER_WAY = 424
"""From here on every call has an older one, and libraries fall back on it when told that it is missing."""


class Architecture(NamedTuple):
    """``audit`` is what the kernel calls it, ``column`` its place in the tables below."""

    audit: int
    column: int
    seccomp: int


ARCHITECTURES = {
    "x86_64": Architecture(0xC000_003E, 0, 317),
    "aarch64": Architecture(0xC000_00B7, 1, 277),
}

# a call's number on x86_64 and on aarch64, which lacks some of the old ones
ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # files and pipes that are open already
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67),
    "lseek": (8, 62), "close": (3, 57), "fstat": (5, 80), "poll": (7, None), "ppoll": (271, 73),
    "select": (23, None), "pselect6": (270, 72),
    # that a name exists, which an import asks; not what is in it
    "stat": (4, None), "lstat": (6, None), "newfstatat": (262, 79), "statx": (332, 291), "getcwd": (79, 17),
    # memory
    "munmap": (11, 215), "mremap": (25, 216), "brk": (12, 214), "madvise": (28, 233),
    # threads of this process
    "futex": (202, 98), "set_robust_list": (273, 99), "rseq": (334, 293), "membarrier": (324, 283),
    "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120), "gettid": (186, 178), "getcpu": (309, 168), "exit": (60, 93),
    "exit_group": (231, 94), "restart_syscall": (219, 128),
    # signals to itself
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    # clocks, chance and who it is
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101), "gettimeofday": (96, 169), "time": (201, None), "times": (100, 153),
    "getrandom": (318, 278), "getpid": (39, 172), "getppid": (110, 173), "getuid": (102, 174),
    "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177), "uname": (63, 160),
    "sysinfo": (99, 179), "getrusage": (98, 165), "getrlimit": (97, 163),
}  # fmt: skip

WITH_CONDITIONS: dict[str, tuple[int, int]] = {
    "mmap": (9, 222), "mprotect": (10, 226), "clone": (56, 220), "ioctl": (16, 29), "fcntl": (72, 25),
    "prctl": (157, 167), "kill": (62, 129), "tgkill": (234, 131), "prlimit64": (302, 261),
}  # fmt: skip

OPENING: dict[str, tuple[int | None, int | None]] = {
    "open": (2, None), "creat": (85, None), "openat": (257, 56),
}  # fmt: skip
"""Refused as a missing permission, which is what a library looks for that tries to open a file."""

_IOCTLS = (0x5401, 0x541B, 0x5450, 0x5451)
"""TCGETS, FIONREAD, FIONCLEX, FIOCLEX."""

_FCNTLS = (1, 2, 3, 4)
"""F_GETFD, F_SETFD, F_GETFL, F_SETFL."""

_PRCTLS = (15, 16, 0x5356_4D41)
"""PR_SET_NAME, PR_GET_NAME, PR_SET_VMA."""


class Instruction(NamedTuple):
    """One of classic BPF: what to do, how far to jump if so and if not, and with which figure."""

    code: int
    then: int
    otherwise: int
    figure: int


class _Filter(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("then", ctypes.c_uint8),
        ("otherwise", ctypes.c_uint8),
        ("figure", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filters", ctypes.POINTER(_Filter)))


def filter_all_threads() -> bool:
    """Put the filter on every thread of this process, for good; False where the kernel has none.

    No thread may gain privileges any more (PR_SET_NO_NEW_PRIVS) before this.
    """
    architecture = ARCHITECTURES.get(platform.machine())
    if architecture is None or sys.maxsize < 1 << 32:
        return False
    program = build(architecture, os.getpid())
    filters = (_Filter * len(program))(*program)
    kernel = ctypes.CDLL(None, use_errno=True).syscall
    kernel.restype = ctypes.c_long
    wanted = _Program(len(program), filters)
    return kernel(architecture.seccomp, _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(wanted)) == 0


def build(architecture: Architecture, pid: int) -> tuple[Instruction, ...]:
    """The program for one process of that architecture."""
    column = architecture.column
    refused = _ERROR | errno.EPERM
    program = [
        Instruction(_LOAD, 0, 0, _ARCHITECTURE_AT),
        Instruction(_EQUAL, 1, 0, architecture.audit),
        Instruction(_RETURN, 0, 0, _KILL_PROCESS),
        Instruction(_LOAD, 0, 0, _NUMBER_AT),
        Instruction(_AT_LEAST, 0, 1, _X32_BIT),
        Instruction(_RETURN, 0, 0, _KILL_PROCESS),
    ]
    for numbers in ALLOWED.values():
        program += _when(numbers[column], [Instruction(_RETURN, 0, 0, _ALLOW)])
    for name, checks in _conditions(pid).items():
        program += _when(WITH_CONDITIONS[name][column], [*checks, Instruction(_RETURN, 0, 0, refused)])
    for numbers in OPENING.values():
        program += _when(numbers[column], [Instruction(_RETURN, 0, 0, _ERROR | errno.EACCES)])
    return (
        *program,
        Instruction(_AT_LEAST, 0, 1, _FIRST_WITH_OLDER_WAY),
        Instruction(_RETURN, 0, 0, _ERROR | errno.ENOSYS),
        Instruction(_RETURN, 0, 0, refused),
    )


def _when(number: int | None, body: Sequence[Instruction]) -> list[Instruction]:
    """The body for that call only; it must end in a return, as what follows expects the number loaded."""
    return [] if number is None else [Instruction(_EQUAL, 0, len(body), number), *body]


def _conditions(pid: int) -> dict[str, list[Instruction]]:
    no_code = [*_bits(2, _PROT_EXEC), *_allowed_if(0)]
    itself = [_argument(0), *_allowed_if(pid)]
    return {
        # no new code: what runs was loaded before the file was touched
        "mmap": no_code,
        "mprotect": no_code,
        "clone": [*_bits(0, _CLONE_THREAD | _CLONE_NEW_NAMESPACES), *_allowed_if(_CLONE_THREAD)],
        "ioctl": [_argument(1), *_allowed_if(*_IOCTLS)],
        "fcntl": [_argument(1), *_allowed_if(*_FCNTLS)],
        "prctl": [_argument(0), *_allowed_if(*_PRCTLS)],
        "kill": itself,
        "tgkill": itself,
        "prlimit64": _reads_its_own_limits(),
    }


def _reads_its_own_limits() -> list[Instruction]:
    """The process is 0, itself, and there are no new limits: both halves of the pointer are 0."""
    refuse = Instruction(_RETURN, 0, 0, _ERROR | errno.EPERM)
    program: list[Instruction] = []
    for load in (_argument(0), _argument(2), _argument(2, upper=True)):
        program += [load, Instruction(_EQUAL, 1, 0, 0), refuse]
    return [*program, Instruction(_RETURN, 0, 0, _ALLOW)]


def _argument(index: int, upper: bool = False) -> Instruction:
    """Half of an argument; both architectures keep the lower one first."""
    return Instruction(_LOAD, 0, 0, _ARGUMENTS_AT + 8 * index + 4 * upper)


def _bits(index: int, mask: int) -> list[Instruction]:
    return [_argument(index), Instruction(_MASK, 0, 0, mask)]


def _allowed_if(*figures: int) -> list[Instruction]:
    return [
        step
        for figure in figures
        for step in (Instruction(_EQUAL, 0, 1, figure), Instruction(_RETURN, 0, 0, _ALLOW))
    ]
