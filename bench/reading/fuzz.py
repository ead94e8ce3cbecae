"""Damaged copies of real files through the reader, again and again.

Usage: python -m bench.reading.fuzz FOLDER [--minutes 5] [--seed 1] [--case N] [--keep FOLDER]

Each case follows from the seed and its number alone, so ``--seed S --case N`` reads that one again. Reports
readers that crashed, files without a state, files that hung or took more memory than they may, and
processes left over; ends with 1 if there was one. ``--keep`` holds on to the files that did it.
"""

from __future__ import annotations

import argparse
import ctypes
import random
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil

from app.ingest.limits import Limits
from app.ingest.recognising import MEMORY_BYTES
from bench.reading.apart import Reading, read_with_pincite, readings

_LARGEST = 4 << 20
_LIMITS = Limits(seconds=30.0, memory_bytes=1 << 30)
_GRACE_SECONDS = 5.0
_SET_CHILD_SUBREAPER = 36
_OBJECT = re.compile(rb"\d+ \d+ obj\b.*?\bendobj", re.DOTALL)
_NUMBER = re.compile(rb"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
_ODD_NUMBERS = (
    b"0", b"-1", b"1", b"65536", b"2147483647", b"-2147483648", b"4294967296", b"9223372036854775807",
    b"1e308", b"0.0000001", b"99999999999999999999",
)  # fmt: skip


def flip_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 64)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def swap_chunks(data: bytearray, chance: random.Random) -> None:
    size = chance.randint(1, max(1, len(data) // 4))
    one, other = sorted(chance.randrange(len(data)) for _ in range(2))
    size = min(size, other - one, len(data) - other)
    data[one : one + size], data[other : other + size] = data[other : other + size], data[one : one + size]


def cut_off(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def cut_out(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    del data[start : start + chance.randint(1, 1024)]


def repeat_object(data: bytearray, chance: random.Random) -> None:
    found = list(_OBJECT.finditer(data))
    if found:
        piece = chance.choice(found)[0]
        at = chance.choice(found).start()
        data[at:at] = (piece + b"\n") * chance.randint(1, 8)


def edit_numbers(data: bytearray, chance: random.Random) -> None:
    found = list(_NUMBER.finditer(data))
    for match in sorted(
        chance.sample(found, min(len(found), chance.randint(1, 8))), key=lambda m: -m.start()
    ):
        data[match.start() : match.end()] = chance.choice(_ODD_NUMBERS)


MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    flip_bits, swap_chunks, cut_off, cut_out, repeat_object, edit_numbers,
)  # fmt: skip


def mutated(files: Sequence[Path], seed: int, case: int, folder: Path) -> Path:
    """A damaged copy of one of the files, made anew the same way for the same seed and case."""
    chance = random.Random(f"{seed}/{case}")
    source = chance.choice(files)
    data = bytearray(source.read_bytes())
    for _ in range(chance.randint(1, 3)):
        if data:
            chance.choice(MUTATIONS)(data, chance)
    made = folder / f"{case}-{source.name}"
    made.write_bytes(data)
    return made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    files = [
        path
        for path in sorted(chosen.folder.rglob("*"))
        if path.is_file() and 0 < path.stat().st_size <= _LARGEST
    ]
    # what loses its parent becomes this process's child, and is seen at the end
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    until = time.monotonic() + 60 * chosen.minutes
    states: Counter[str] = Counter()
    problems = 0
    with tempfile.TemporaryDirectory() as held:

        def cases() -> Iterator[Path]:
            if chosen.case is not None:
                yield mutated(files, chosen.seed, chosen.case, Path(held))
                return
            case = 0
            while time.monotonic() < until:
                yield mutated(files, chosen.seed, case, Path(held))
                case += 1

        for one in readings(cases(), read_with_pincite, _LIMITS, chosen.at_once):
            states[one.state or "no state"] += 1
            for problem in _problems(one):
                problems += 1
                print(
                    f"--seed {chosen.seed} --case {one.path.name.split('-')[0]} ({one.path.name}): {problem}"
                )
                if chosen.keep is not None:
                    chosen.keep.mkdir(parents=True, exist_ok=True)
                    shutil.copy(one.path, chosen.keep)
            one.path.unlink()
    left = _left_over()
    print(
        f"\n{states.total()} files: " + ", ".join(f"{count} {state}" for state, count in states.most_common())
    )
    print(f"{problems} problems, {len(left)} processes left over")
    return 1 if problems or left else 0


def _left_over() -> list[psutil.Process]:
    """What still runs though nobody reads any more."""
    _, alive = psutil.wait_procs(psutil.Process().children(recursive=True), timeout=_GRACE_SECONDS)
    return [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def _problems(one: Reading) -> Iterator[str]:
    if one.state is None:
        yield f"no state: {one.problem}"
    most = max(_LIMITS.memory_bytes, MEMORY_BYTES)
    if one.peak_bytes > most:
        yield f"took {one.peak_bytes / 1e6:.0f} MB of {most / 1e6:.0f}"


if __name__ == "__main__":
    raise SystemExit(main())
