"""Kills `pincite add` with everything it started, again and again, and looks at what comes of it.

Usage: python -m bench.reading.killed [--files 100] [--kills 8] [--rounds 1] [--seed N]

Each round makes a mix of files, adds them once in peace and once under attack, and prints a row: how many
documents were there at each kill, and what is not as it would have been. Ends with 1 if anything is not.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from app.domain.errors import MatterNotFound
from app.domain.text import Document, Page
from app.ingest.version import READER_VERSION
from app.review.check_matter import check_matter
from app.store.opening import open_matter, read_matter
from app.store.sealed import FILES
from bench.reading.mixed import mixed_files

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 20.0
"""So long what was started may outlive who started it."""

_START_SECONDS = 1.0  # sooner nothing was begun
_LATEST = 0.5  # of what it takes in peace: what was killed goes on where it was and so ends sooner


@dataclass(frozen=True)
class Held:
    """All that a matter holds of what was read."""

    documents: tuple[Document, ...]
    pages: tuple[tuple[Page, ...], ...]
    sealed: frozenset[str]


@dataclass
class Attack:
    """What was seen. ``documents`` that were there at each kill; ``problems`` are what should not be."""

    documents: list[int] = field(default_factory=list[int])
    problems: list[str] = field(default_factory=list[str])
    peaceful_seconds: float = 0.0


class Adding:
    """`pincite add` of some files, with a folder for temporary files by which its processes are known."""

    def __init__(self, matter: Path, files: Sequence[Path], scratch: Path) -> None:
        self.matter = matter
        self._files = files
        self._scratch = scratch
        scratch.mkdir()

    def start(self) -> subprocess.Popen[bytes]:
        """In a process of its own."""
        words = [sys.executable, "-m", "app", "add", str(self.matter), *map(str, self._files), "--quiet"]
        places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self._scratch))
        return subprocess.Popen(
            words, cwd=ROOT, env={**os.environ, **places}, stdout=subprocess.DEVNULL, start_new_session=True
        )

    def finish(self) -> int:
        """Add to the end; the exit code."""
        return self.start().wait()

    def kill_after(self, seconds: float, everything: bool) -> bool:
        """Kill it, with all it started or alone; False if it was done before."""
        adding = self.start()
        with contextlib.suppress(subprocess.TimeoutExpired):
            adding.wait(seconds)
            return False
        doomed = [adding.pid, *(one.pid for one in self.alive() if everything and one.pid != adding.pid)]
        for pid in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        adding.wait()
        return True

    def survivors(self) -> int:
        """So many processes that do not end by themselves."""
        until = time.monotonic() + PATIENCE_SECONDS
        while (alive := len(list(self.alive()))) and time.monotonic() < until:
            time.sleep(0.05)
        return alive

    def alive(self) -> Iterator[psutil.Process]:
        """Processes that were told to keep temporary files here."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                ours = process.environ().get("TMP") == str(self._scratch)
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    yield process

    def leftovers(self) -> list[str]:
        """Names of files that are nobody's, when the matter is opened next."""
        open_matter(self.matter, create=False).close()
        parts = [path.name for path in (self.matter / FILES).iterdir() if path.name.startswith(".")]
        return parts + [path.name for path in self._scratch.iterdir()]


def attacked(folder: Path, files: int, kills: int, chance: random.Random) -> Attack:
    """One round."""
    attack = Attack()
    paths = mixed_files(folder / "files", files)
    peaceful = Adding(folder / "peaceful", paths, folder / "scratch of peace")
    began = time.monotonic()
    wanted_code = peaceful.finish()
    attack.peaceful_seconds = time.monotonic() - began
    adding = Adding(folder / "killed", paths, folder / "scratch")
    latest = _START_SECONDS + _LATEST * attack.peaceful_seconds
    for number in range(kills):
        if not adding.kill_after(chance.uniform(_START_SECONDS, latest), everything=number % 2 == 0):
            break
        if left := adding.survivors():
            attack.problems.append(f"{left} processes outlived kill {number + 1}")
        attack.documents.append(_count(adding.matter))
    code = adding.finish()
    if code != wanted_code:
        attack.problems.append(f"exit code {code}, not {wanted_code}")
    attack.problems += [f"left over: {name}" for name in adding.leftovers()]
    attack.problems += _differences(held_by(peaceful.matter), held_by(adding.matter))
    attack.problems += _unsound(adding.matter)
    return attack


def held_by(folder: Path) -> Held:
    """Without opening it to write."""
    matter = read_matter(folder)
    try:
        documents = matter.documents()
        return Held(
            documents=documents,
            pages=tuple(matter.pages(document.id) for document in documents),
            sealed=frozenset(path.name for path in (folder / FILES).rglob("*") if path.is_file()),
        )
    finally:
        matter.close()


def _differences(wanted: Held, got: Held) -> Iterator[str]:
    if [one.id for one in wanted.documents] != [one.id for one in got.documents]:
        yield f"{len(got.documents)} documents in another order or not the {len(wanted.documents)} wanted"
        return
    for number, (one, other) in enumerate(zip(wanted.documents, got.documents, strict=True)):
        if one != other:
            yield f"{one.name}: {one.state.value}, now {other.state.value}, or another reason, parent or flag"
        for page, again in zip(wanted.pages[number], got.pages[number], strict=False):
            if page != again:
                yield f"{one.name}: page {page.number} is another one"
        if len(wanted.pages[number]) != len(got.pages[number]):
            yield f"{one.name}: {len(got.pages[number])} pages, not {len(wanted.pages[number])}"
    if wanted.sealed != got.sealed:
        yield f"{len(got.sealed ^ wanted.sealed)} sealed files too many or too few"


def _unsound(folder: Path) -> Iterator[str]:
    matter = read_matter(folder)
    try:
        yield from check_matter(matter, matter.integrity()).problems
        yield from (f"{file.name} is still unread" for file in matter.unread())
        yield from (f"{document.name} bears no reader" for document in matter.outdated(READER_VERSION))
    finally:
        matter.close()


def _count(folder: Path) -> int:
    try:
        matter = read_matter(folder)
    except MatterNotFound:
        return 0
    try:
        return len(matter.documents())
    finally:
        matter.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument(
        "--seed", type=int, default=None, help="of the moments; another one each time without"
    )
    chosen = parser.parse_args()
    seed = random.SystemRandom().randrange(1 << 30) if chosen.seed is None else chosen.seed
    print(f"seed {seed}\n\n| round | in peace, s | kills | documents at each | problems |")
    print("| --- | --- | --- | --- | --- |")
    problems = 0
    for number in range(chosen.rounds):
        with tempfile.TemporaryDirectory(prefix="killed-") as folder:
            attack = attacked(Path(folder), chosen.files, chosen.kills, random.Random(seed + number))
        problems += len(attack.problems)
        row = (
            number + 1,
            f"{attack.peaceful_seconds:.1f}",
            len(attack.documents),
            ", ".join(map(str, attack.documents)),
            "; ".join(attack.problems) or "none",
        )
        print(f"| {' | '.join(map(str, row))} |", flush=True)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
