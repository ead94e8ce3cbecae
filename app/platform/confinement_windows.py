"""Windows: job objects. Not run by the tests, which have no Windows.

The process that touches the file puts itself into a job that bounds it: only there is it known which process
that is, as a virtual environment's python.exe starts another one. The process that waits for it holds a
second job, whose end is the end of all in it.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

_EXTENDED_LIMITS, _UI_RESTRICTIONS = 9, 4
_PROCESS_TIME, _ACTIVE_PROCESSES, _PROCESS_MEMORY = 0x2, 0x8, 0x100
_DIE_ON_UNHANDLED_EXCEPTION, _KILL_ON_JOB_CLOSE = 0x400, 0x2000
_ALL_OF_THE_SCREEN = 0xFF
_TICKS_A_SECOND = 10_000_000


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("PerProcessUserTimeLimit", ctypes.c_int64),
        ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", ctypes.c_uint32),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", ctypes.c_uint32),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", ctypes.c_uint32),
        ("SchedulingClass", ctypes.c_uint32),
    )


class _ExtendedLimits(ctypes.Structure):
    _fields_ = (
        ("BasicLimitInformation", _BasicLimits),
        ("IoInfo", ctypes.c_uint64 * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    )


def confine_to_job(seconds: float, memory_bytes: int) -> bool:
    """Bound this process's memory and time, and let it start no other; False where that is refused."""
    limits = _ExtendedLimits()
    limits.BasicLimitInformation.LimitFlags = (
        _PROCESS_TIME | _ACTIVE_PROCESSES | _PROCESS_MEMORY | _DIE_ON_UNHANDLED_EXCEPTION
    )
    limits.BasicLimitInformation.PerProcessUserTimeLimit = int(seconds * _TICKS_A_SECOND)
    limits.BasicLimitInformation.ActiveProcessLimit = 1
    limits.ProcessMemoryLimit = memory_bytes
    windows = _windows()
    this = windows.GetCurrentProcess()
    # in a virtual environment it is in a job already, and then takes no second one that bounds the screen
    for screen in (True, False):
        job = _job(limits, screen)
        if job is not None and windows.AssignProcessToJobObject(job, this):
            return True
    return False


def end_with_this_process(child: subprocess.Popen[bytes]) -> bool:
    """Have a child, and what it starts, end when this process does; False where that is refused."""
    job = _job_until_this_process_ends()
    handle = getattr(child, "_handle", None)
    return (
        job is not None and handle is not None and bool(_windows().AssignProcessToJobObject(job, int(handle)))
    )


@cache
def _job_until_this_process_ends() -> int | None:
    limits = _ExtendedLimits()
    limits.BasicLimitInformation.LimitFlags = _KILL_ON_JOB_CLOSE
    return _job(limits, screen=False)


def _job(limits: _ExtendedLimits, screen: bool) -> int | None:
    """A new job, whose handle is never closed: the end of this process closes it."""
    windows = _windows()
    job = windows.CreateJobObjectW(None, None)
    if not job:
        return None
    held = windows.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
    if held and screen:
        parts = ctypes.c_uint32(_ALL_OF_THE_SCREEN)
        held = windows.SetInformationJobObject(
            job, _UI_RESTRICTIONS, ctypes.byref(parts), ctypes.sizeof(parts)
        )
    return job if held else None


@cache
def _windows() -> Any:
    assert sys.platform == "win32"
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    handle = ctypes.c_void_p
    kernel.GetCurrentProcess.restype = handle
    kernel.CreateJobObjectW.restype = handle
    kernel.CreateJobObjectW.argtypes = (ctypes.c_void_p, ctypes.c_wchar_p)
    kernel.AssignProcessToJobObject.argtypes = (handle, handle)
    kernel.SetInformationJobObject.argtypes = (handle, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32)
    return kernel
