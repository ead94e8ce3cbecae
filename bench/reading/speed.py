"""How fast PDFs are read, beside bare MuPDF, and whether memory stays flat over long files.

Usage: python -m bench.reading.speed FOLDER [--runs N] [--pages 10,1000,10000]

Speed: all PDFs of the folder through ``FileReader`` (warm children, confined, JSON, layout), two files at a
time, in turn with one bare process that only calls ``get_text("words")`` on each of their pages. Pages a
second of each, and the ratio. Memory: the most that a child held while it read a file of so many pages, made
from the folder's first file by repeating its pages.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, cast

import psutil
import pymupdf

from app.domain.cancel import CancelToken
from app.ingest.reader import FileReader, FileToRead, MemoryKeep

WORKERS = 2
_SAMPLE_SECONDS = 0.02
_BARE = """
import sys, time
import pymupdf
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)
began, pages = time.monotonic(), 0
for path in sys.argv[1:]:
    document = pymupdf.open(path)
    for page in document:
        page.get_text("words")
        pages += 1
print(pages, time.monotonic() - began)
"""


def bare(files: list[Path]) -> float:
    """Pages a second; its start does not count."""
    command = [sys.executable, "-c", _BARE, *map(str, files)]
    pages, seconds = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return int(pages) / float(seconds)


class Nowhere:
    """Where inner files go."""

    def begin(self, name: str) -> BinaryIO:
        del name
        return Path(os.devnull).open("wb")


def read(reader: FileReader, path: Path) -> int:
    """Pages of one file, made as they would be for the store."""
    file = FileToRead(path, path.name, hashlib.sha256(path.name.encode()).hexdigest())
    _, pages = reader.read(file, MemoryKeep(), Nowhere(), CancelToken())
    return sum(1 for _ in pages)


def whole(files: list[Path]) -> float:
    """Pages a second; the children's start does not count, as it does not for the bare process."""
    waiting: queue.SimpleQueue[Path] = queue.SimpleQueue()
    for path in files:
        waiting.put(path)

    def work(reader: FileReader) -> int:
        pages = 0
        while True:
            try:
                path = waiting.get_nowait()
            except queue.Empty:
                return pages
            pages += read(reader, path)

    with ExitStack() as stack, ThreadPoolExecutor(WORKERS) as pool:
        readers = [stack.enter_context(FileReader()) for _ in range(WORKERS)]
        small = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "small.txt"
        small.write_text("warm", encoding="ascii")
        list(pool.map(read, readers, [small] * WORKERS))
        began = time.monotonic()
        pages = sum(pool.map(work, readers))
        return pages / (time.monotonic() - began)


def most_memory(path: Path) -> tuple[int, float]:
    """Pages read, and the most MiB that one of the children held."""
    done = threading.Event()
    most = 0

    def watch() -> None:
        nonlocal most
        while not done.wait(_SAMPLE_SECONDS):
            for child in psutil.Process().children(recursive=True):
                try:
                    held = cast(Any, child.memory_info())
                    most = max(
                        most, held.rss - held.shared
                    )  # without pages of the file itself and of libraries
                except psutil.NoSuchProcess:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with FileReader() as reader:
            pages = read(reader, path)
    finally:
        done.set()
        watcher.join()
    return pages, most / (1 << 20)


def repeated(path: Path, pages: int, target: Path) -> Path:
    """A file of so many pages."""
    document = cast(Any, pymupdf).open()
    with cast(Any, pymupdf).open(str(path)) as sample:
        while document.page_count < pages:
            document.insert_pdf(sample, to_page=min(sample.page_count, pages - document.page_count) - 1)
    document.save(str(target))
    document.close()
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pages", default="10,1000,10000")
    given = parser.parse_args()
    files = sorted(given.folder.rglob("*.pdf"))
    ratios: list[float] = []
    for run in range(1, given.runs + 1):
        ours, theirs = whole(files), bare(files)
        ratios.append(ours / theirs)
        print(
            f"run {run}: {ours:.0f} pages a second, bare {theirs:.0f}, ratio {ours / theirs:.2f}", flush=True
        )
    if ratios:
        print(f"median ratio {statistics.median(ratios):.2f} over {len(files)} files, {WORKERS} at a time")
    with tempfile.TemporaryDirectory() as folder:
        for pages in [int(pages) for pages in given.pages.split(",") if pages]:
            count, most = most_memory(repeated(files[0], pages, Path(folder) / f"{pages}.pdf"))
            print(f"{count} pages: {most:.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
