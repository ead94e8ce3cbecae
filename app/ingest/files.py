"""From what a user names to the files meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from app.domain.errors import FileMissing


def collect_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Files as given, and those inside folders in sorted order; hidden ones and links are passed over.

    Raises FileMissing.
    """
    return tuple(file for path in paths for file in _files(path))


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        for inner in sorted(path.iterdir()):
            if not inner.name.startswith(".") and not inner.is_symlink():
                yield from _files(inner) if inner.is_dir() else iter([inner] if inner.is_file() else [])
    else:
        raise FileMissing(f"There is no file or folder {path.name}.", "Check the path.")
