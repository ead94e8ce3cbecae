"""How well and how fast pages of scans are recognised, beside Tesseract on the same pictures.

Usage: python -m bench.reading.ocr SCANS [--gold CUAD_GOLD_JSON] [--pages N] [--only WORD] [--tesseract-dpi N]

SCANS holds PDFs, ``manifest.json`` and the exact text of each page (``*.pages.json``). For each quality:

* character error rate: edits from the exact text, white space made single, for each of its characters; and
  once more with typographic quotes and dashes of both sides made plain, since neither changes a finding;
* pages with less than 200 characters of exact text are read and timed, and have no part in these rates: some
  were pictures already before they were scanned, and their text is known to nobody;
* spaces: word breaks lost and invented, for each 1,000 there are;
* clauses: gold clauses that stand in the text with at most one character in twenty changed, and exactly;
* pages a minute with two workers, and the most memory that the recognising processes held together.

Tesseract (``apt-get install tesseract-ocr``) reads pictures of the same pixels, two processes at a time, with
page segmentation and all else as it comes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, cast

import psutil
import pymupdf
from PIL import Image

from app.domain.cancel import CancelToken
from app.ingest.limits import DEFAULT
from app.ingest.messages import PageRead
from app.ingest.ocr.pictured import pdf_page
from app.ingest.recognising import recognise_pages

WORKERS = 2
_CHANGED = 0.05
_FEWEST_LETTERS = 200
_SAMPLE_SECONDS = 0.1
_PLAIN = str.maketrans({**dict.fromkeys("\u201c\u201d", '"'), **dict.fromkeys("\u2018\u2019", "'"),
                        **dict.fromkeys("\u2013\u2014", "-")})  # fmt: skip


@dataclass(frozen=True)
class Scan:
    """One file: its quality, the exact text of its pages and the gold clauses that stand in it."""

    path: Path
    level: str
    pages: tuple[str, ...]
    clauses: tuple[str, ...]


@dataclass
class Score:
    """Sums over the pages of one quality."""

    pages: int = 0
    edits: int = 0
    characters: int = 0
    plain_edits: int = 0
    lost: int = 0
    invented: int = 0
    breaks: int = 0
    clauses: int = 0
    kept: int = 0
    exact: int = 0
    seconds: float = 0.0

    def row(self) -> str:
        """As cells of a table."""
        return " | ".join((
            f"{100 * self.edits / self.characters:.2f}",
            f"{100 * self.plain_edits / self.characters:.2f}",
            f"{1000 * self.lost / self.breaks:.1f} / {1000 * self.invented / self.breaks:.1f}",
            f"{self.kept} / {self.exact} of {self.clauses}",
            f"{60 * self.pages / self.seconds:.1f}",
        ))  # fmt: skip


def edits(one: str, other: str, anywhere: bool = False) -> int:
    """Levenshtein's distance, bit-parallel (Hyyrö, 2003); ``anywhere``: to the likest part of ``other``."""
    if not one:
        return 0 if anywhere else len(other)
    at: dict[str, int] = {}
    for place, letter in enumerate(one):
        at[letter] = at.get(letter, 0) | 1 << place
    mask, last = (1 << len(one)) - 1, 1 << len(one) - 1
    up, down, score = mask, 0, len(one)
    best = score
    for letter in other:
        equal = at.get(letter, 0)
        straight = equal | down
        diagonal = (((equal & up) + up) ^ up) | equal
        more, fewer = down | ~(diagonal | up) & mask, up & diagonal
        score += bool(more & last) - bool(fewer & last)
        best = min(best, score)
        more = (more << 1 | (not anywhere)) & mask
        fewer = fewer << 1 & mask
        up, down = fewer | ~(straight | more) & mask, more & straight
    return best if anywhere else score


def scans_of(folder: Path, gold: Path | None, most: int, only: str) -> list[Scan]:
    """By the manifest."""
    clauses: dict[str, list[str]] = {}
    if gold is not None:
        for contract in json.loads(gold.read_text()):
            spans = [span for clause in contract["clauses"].values() for span in clause["spans"]]
            clauses[contract["file"]] = [span["text"] for span in spans]
    found: list[Scan] = []
    for told in json.loads((folder / "manifest.json").read_text()):
        if only not in told["level"]:
            continue
        path = folder / told["scan"]
        pages = tuple(json.loads(path.with_suffix(".pages.json").read_text())[:most])
        whole = tidy(" ".join(pages)).translate(_PLAIN)
        here = {tidy(text).translate(_PLAIN) for text in clauses.get(told["cuad_txt"], ())}
        found.append(Scan(path, told["level"], pages, tuple(sorted(text for text in here if text in whole))))
    return found


def tidy(text: str) -> str:
    """With single spaces for white space."""
    return " ".join(text.split())


def add(score: Score, scan: Scan, texts: Sequence[str], seconds: float) -> None:
    """What was read of a scan, page by page."""
    score.seconds += seconds
    score.pages += len(texts)
    for gold, read in zip(map(tidy, scan.pages), map(tidy, texts), strict=True):
        if len(gold) < _FEWEST_LETTERS:
            continue
        score.edits += edits(gold, read)
        score.characters += len(gold)
        score.plain_edits += edits(gold.translate(_PLAIN), read.translate(_PLAIN))
        score.breaks += gold.count(" ")
        for kind, first, last, start, end in SequenceMatcher(None, gold, read, autojunk=False).get_opcodes():
            if kind != "equal" and gold[first:last].strip() == read[start:end].strip() == "":
                score.lost += gold.count(" ", first, last)
                score.invented += read.count(" ", start, end)
    whole = tidy(" ".join(texts)).translate(_PLAIN)
    for clause in scan.clauses:
        changed = edits(clause, whole, anywhere=True)
        score.clauses += 1
        score.exact += changed == 0
        score.kept += changed <= _CHANGED * len(clause)


def ours(scan: Scan) -> list[str]:
    """As the application reads it."""
    pages: dict[int, PageRead] = {}
    numbers = range(1, len(scan.pages) + 1)
    recognise_pages(
        scan.path,
        ".pdf",
        numbers,
        DEFAULT,
        CancelToken(),
        lambda page: pages.update({page.number: page}),
        WORKERS,
    )
    return [pages[number].text if number in pages else "" for number in numbers]


def tesseract(pictures: Iterable[tuple[Path, float]]) -> list[str]:
    """Of pictures with their dots an inch."""
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}

    def read(picture: tuple[Path, float]) -> str:
        path, dpi = picture
        command = ["tesseract", str(path), "-", "--dpi", str(round(dpi))]
        return subprocess.run(command, capture_output=True, check=True, env=environment).stdout.decode()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(read, pictures))


def pictures_of(scan: Scan, folder: Path, dpi: float) -> Iterator[tuple[Path, float]]:
    """PNG files of the pixels that ours sees; enlarged to ``dpi`` unless that is 0."""
    document = cast(Any, pymupdf.open(str(scan.path)))
    for number in range(1, len(scan.pages) + 1):
        made = pdf_page(document, number)
        picture = Image.fromarray(made.pixels)
        if dpi:
            zoom = dpi / made.dots_per_inch
            size = round(picture.width * zoom), round(picture.height * zoom)
            picture = picture.resize(size, Image.Resampling.BICUBIC)
        path = folder / f"{scan.path.stem}-{number}.png"
        picture.save(path)
        yield path, dpi or made.dots_per_inch
    document.close()


@dataclass
class Memory:
    """The most that this process' children held together, in bytes."""

    most: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watched(self) -> Generator[None]:
        """While the body runs."""
        watch = threading.Thread(target=self._watch)
        watch.start()
        try:
            yield
        finally:
            self._ended.set()
            watch.join()
            self._ended.clear()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._ended.wait(_SAMPLE_SECONDS):
            held = 0
            for child in me.children(recursive=True):
                try:
                    held += child.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.most = max(self.most, held)


def measured(scans: Sequence[Scan], read: Callable[[Scan], tuple[list[str], float]]) -> dict[str, Score]:
    """By quality."""
    scores: dict[str, Score] = {}
    for scan in scans:
        texts, seconds = read(scan)
        add(scores.setdefault(scan.level, Score()), scan, texts, seconds)
    return scores


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scans", type=Path)
    parser.add_argument("--gold", type=Path)
    parser.add_argument("--pages", type=int, default=1_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--tesseract-dpi", type=float, action="append")
    told = parser.parse_args()
    scans = scans_of(told.scans, told.gold, told.pages, told.only)
    memory = Memory()

    def by_us(scan: Scan) -> tuple[list[str], float]:
        began = time.monotonic()
        with memory.watched():
            texts = ours(scan)
        return texts, time.monotonic() - began

    rows = [("Pincite", measured(scans, by_us))]
    with tempfile.TemporaryDirectory() as folder:
        for dpi in told.tesseract_dpi or (0.0, 300.0):

            def by_tesseract(scan: Scan, dpi: float = dpi) -> tuple[list[str], float]:
                pictures = list(pictures_of(scan, Path(folder), dpi))
                began = time.monotonic()
                return tesseract(pictures), time.monotonic() - began

            name = f"Tesseract at {dpi:.0f} dpi" if dpi else "Tesseract"
            rows.append((name, measured(scans, by_tesseract)))
    print(f"| scans | | error % | … quotes plain | spaces lost / invented ‰ | clauses within {_CHANGED:.0%} "
          "/ exact | pages a minute |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for level in sorted({scan.level for scan in scans}):
        for name, scores in rows:
            print(f"| {level} | {name} | {scores[level].row()} |")
    print(f"\nMost memory of {WORKERS} recognising processes together: {memory.most >> 20} MiB")


if __name__ == "__main__":
    main()
