"""How every file of a folder of test suites ends, beside plain PyMuPDF.

Usage: python -m bench.reading.states FOLDER [--at-once 2] [--most N]

Prints a row for each suite (a folder in FOLDER) and a column for each state, the slowest files and those that
took the most memory, and every PDF that is left worse than by a few lines of PyMuPDF. Ends with 1 if a file
is left without a state.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from app.domain.kinds import DocumentState
from app.ingest.limits import Limits
from bench.reading.apart import Reading, read_with_mupdf, read_with_pincite, readings

_SHOWN = 10
_ABOVE = 1.05
_NONE = "no state"
_BETTER_FIRST = (DocumentState.READY, DocumentState.PARTIAL, DocumentState.NO_TEXT)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--most", type=int, help="of each suite, evenly spread")
    parser.add_argument("--seconds", type=float, default=120.0)
    chosen = parser.parse_args()
    folder: Path = chosen.folder
    limits = Limits(seconds=chosen.seconds)
    files = [path for suite in _suites(folder) for path in _spread(suite, chosen.most)]
    ours = {one.path: one for one in readings(files, read_with_pincite, limits, chosen.at_once)}
    pdfs = [path for path in files if path.suffix.lower() == ".pdf"]
    plain = {one.path: one for one in readings(pdfs, read_with_mupdf, limits, chosen.at_once)}
    print(_table(ours.values(), folder))
    print(_ranking("Slowest", sorted(ours.values(), key=lambda one: -one.seconds), folder))
    print(_largest(list(ours.values()), folder))
    worse = [path for path in pdfs if _rank(ours[path]) > _rank(plain[path])]
    print(f"## Worse than plain PyMuPDF: {len(worse)} of {len(pdfs)}\n")
    for path in worse:
        print(f"- {path.relative_to(folder)}: {_shown(ours[path])}, plain {_shown(plain[path])}")
    better = sum(_rank(ours[path]) < _rank(plain[path]) for path in pdfs)
    print(f"\nBetter than plain PyMuPDF: {better}")
    missing = [one for one in ours.values() if one.state is None]
    print(f"\n## Without a state: {len(missing)}\n")
    for one in missing:
        print(f"- {one.path.relative_to(folder)}: {one.problem}")
    return 1 if missing else 0


def _suites(folder: Path) -> list[list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.setdefault(path.relative_to(folder).parts[0], []).append(path)
    return list(found.values())


def _spread(suite: Sequence[Path], most: int | None) -> Sequence[Path]:
    if most is None or len(suite) <= most:
        return suite
    return [suite[number * len(suite) // most] for number in range(most)]


def _table(ours: Iterable[Reading], folder: Path) -> str:
    states = [*(state.value for state in DocumentState), _NONE]
    counts: dict[str, Counter[str]] = {}
    for one in ours:
        suite = one.path.relative_to(folder).parts[0]
        counts.setdefault(suite, Counter())[one.state or _NONE] += 1
    counts["all"] = sum(counts.values(), Counter[str]())
    lines = [f"| suite | files | {' | '.join(states)} |", f"| --- {'| --- ' * (len(states) + 1)}|"]
    for suite, count in counts.items():
        figures = " | ".join(str(count[state]) for state in states)
        lines.append(f"| {suite} | {count.total()} | {figures} |")
    return "\n".join(lines) + "\n"


def _ranking(title: str, ordered: Sequence[Reading], folder: Path) -> str:
    lines = [f"## {title}\n", "| file | state | seconds | peak MB |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {one.path.relative_to(folder)} | {_shown(one)} | {one.seconds:.1f} | {one.peak_bytes / 1e6:.0f} |"
        for one in ordered[:_SHOWN]
    ]
    return "\n".join(lines) + "\n"


def _largest(ours: Sequence[Reading], folder: Path) -> str:
    """Only those that took more than a parser does before it reads: below that all are alike."""
    idle = min((one.peak_bytes for one in ours if one.peak_bytes), default=0)
    above = [one for one in ours if one.peak_bytes > _ABOVE * idle]
    if not above:
        return f"## Largest\n\nNone took more than a parser that waits for a file, {idle / 1e6:.0f} MB.\n"
    return _ranking("Largest", sorted(above, key=lambda one: -one.peak_bytes), folder)


def _rank(one: Reading) -> int:
    """0 is best; all that gives no text is alike, and no state at all is worst."""
    if one.state is None:
        return len(_BETTER_FIRST) + 1
    state = DocumentState(one.state)
    return _BETTER_FIRST.index(state) if state in _BETTER_FIRST else len(_BETTER_FIRST)


def _shown(one: Reading) -> str:
    return one.state or one.problem or _NONE


if __name__ == "__main__":
    raise SystemExit(main())
