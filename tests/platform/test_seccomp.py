"""The filter's program, run by a machine of our own, so that both architectures are seen."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from app.platform.seccomp import ALLOWED, ARCHITECTURES, OPENING, WITH_CONDITIONS, build

PID = 4711
ALLOW, KILL, ERROR = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
EPERM, EACCES, ENOSYS = ERROR | errno.EPERM, ERROR | errno.EACCES, ERROR | errno.ENOSYS
HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}
THREAD = 0x003D_0F00
"""What glibc passes to clone for a new thread."""

both = pytest.mark.parametrize("machine", sorted(ARCHITECTURES))


def answer(machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    """What the kernel would make of a call: runs the program over ``struct seccomp_data``."""
    audit = ARCHITECTURES[machine].audit if audit is None else audit
    data = number.to_bytes(4, "little") + audit.to_bytes(4, "little") + bytes(8)
    for argument in (*arguments, *[0] * (6 - len(arguments))):
        data += argument.to_bytes(8, "little")
    held, at = 0, 0
    program = build(ARCHITECTURES[machine], PID)
    while True:
        code, then, otherwise, figure = program[at]
        at += 1
        if code == 0x20:
            held = int.from_bytes(data[figure : figure + 4], "little")
        elif code == 0x54:
            held &= figure
        elif code in {0x15, 0x35}:
            at += then if (held == figure if code == 0x15 else held >= figure) else otherwise
        else:
            assert code == 0x06
            return figure


def conditional(machine: str, name: str, *arguments: int) -> int:
    number = WITH_CONDITIONS[name][ARCHITECTURES[machine].column]
    return answer(machine, number, *arguments)


@both
def test_every_call_that_is_not_listed_is_refused(machine: str) -> None:
    column = ARCHITECTURES[machine].column
    listed = {numbers[column] for numbers in ALLOWED.values()}
    opening = {numbers[column] for numbers in OPENING.values()}
    depends = {numbers[column] for numbers in WITH_CONDITIONS.values()}
    for number in range(1024):
        if number in listed:
            assert answer(machine, number) == ALLOW
        elif number in opening:
            assert answer(machine, number) == EACCES
        elif number not in depends:
            assert answer(machine, number) == (ENOSYS if number >= 424 else EPERM)


@both
def test_another_architecture_and_its_numbers_kill(machine: str) -> None:
    (other,) = (one for name, one in ARCHITECTURES.items() if name != machine)
    assert answer(machine, 0, audit=other.audit) == KILL
    assert answer(machine, 0, audit=0x4000_0003) == KILL  # i386
    assert answer(machine, 0x4000_0000) == KILL
    assert answer(machine, 0xFFFF_FFFF) == KILL


@both
def test_a_clone_must_be_a_thread_in_the_same_namespaces(machine: str) -> None:
    assert conditional(machine, "clone", THREAD) == ALLOW
    assert conditional(machine, "clone", 17) == EPERM
    for new in (0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000):
        assert conditional(machine, "clone", THREAD | new) == EPERM


@both
def test_memory_never_becomes_code(machine: str) -> None:
    for call in ("mmap", "mprotect"):
        assert conditional(machine, call, 0, 4096, 1 | 2) == ALLOW
        assert conditional(machine, call, 0, 4096, 1 | 4) == EPERM
        assert conditional(machine, call, 0, 4096, (1 << 32) | 4) == EPERM


@both
def test_signals_go_to_itself_only(machine: str) -> None:
    for call in ("kill", "tgkill"):
        assert conditional(machine, call, PID, PID, 6) == ALLOW
        for other in (0, 1, PID + 1, (1 << 64) - 1):
            assert conditional(machine, call, other, PID, 6) == EPERM


@both
def test_its_limits_can_be_read_and_not_set(machine: str) -> None:
    assert conditional(machine, "prlimit64", 0, 7, 0, 1 << 40) == ALLOW
    assert conditional(machine, "prlimit64", 0, 7, 1 << 40, 0) == EPERM
    assert conditional(machine, "prlimit64", 0, 7, 64, 0) == EPERM
    assert conditional(machine, "prlimit64", 1, 7, 0, 1 << 40) == EPERM


@both
def test_of_controls_only_the_harmless_are_left(machine: str) -> None:
    assert conditional(machine, "prctl", 15) == ALLOW
    for option in (1, 4, 22, 23, 24, 38, 59):
        assert conditional(machine, "prctl", option) == EPERM
    assert conditional(machine, "ioctl", 1, 0x5401) == ALLOW
    assert conditional(machine, "ioctl", 1, 0x5412) == EPERM  # types into a terminal
    assert conditional(machine, "fcntl", 1, 3) == ALLOW
    assert conditional(machine, "fcntl", 1, 8, PID + 1) == EPERM  # sends another process signals


@both
def test_the_numbers_are_those_of_the_kernels_headers(machine: str) -> None:
    header = Path(HEADERS[machine])
    if not header.is_file():
        pytest.skip(f"{header} is not installed")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())
    known = {name: int(number) for name, number in found}
    if machine == "aarch64":
        known["newfstatat"] = known["fstatat"]
    for name, numbers in (ALLOWED | WITH_CONDITIONS | OPENING).items():
        assert known.get(name) == numbers[ARCHITECTURES[machine].column], name
