"""The originals, kept under their SHA-256 and never changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.domain.errors import DocumentNotReadable
from app.platform.files import PART_SUFFIX, disk_full_is_typed, part_beside, sha256_of, sync_folder

FILES = "files"
_PIECE = 1 << 20


def sealed_path(matter: Path, sha256: str) -> Path:
    """Where the file with these bytes lies, or would lie."""
    return matter / FILES / sha256[:2] / sha256


def seal(matter: Path, source: Path) -> tuple[str, Path]:
    """Copy ``source`` in; (sha256, sealed path). A copy that is already there and whole is kept.

    The digest is taken of the very bytes that are copied, so a source that changes meanwhile cannot
    come apart from its name. Raises DocumentNotReadable, DiskFull.
    """
    folder = matter / FILES
    with disk_full_is_typed(), _opened(source) as stream:
        folder.mkdir(exist_ok=True)
        part = part_beside(folder / "sealed")
        try:
            sha256 = _copy(stream, part)
            target = sealed_path(matter, sha256)
            if not _whole(target, sha256):
                _put(part, target)
        finally:
            part.unlink(missing_ok=True)
    return sha256, target


@contextmanager
def work_folder(matter: Path) -> Generator[Path]:
    """A folder for what is not whole yet. It goes away at the end, or when the matter is next opened."""
    with disk_full_is_typed():
        (matter / FILES).mkdir(exist_ok=True)
        folder = part_beside(matter / FILES / "work")
        folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_parts(matter: Path) -> None:
    """Remove what a crash in the middle of sealing or reading left. Only for who holds the matter's lock."""
    for part in (matter / FILES).glob(f".*{PART_SUFFIX}"):
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)


def _opened(source: Path) -> BinaryIO:
    try:
        # a pipe or a device would block, or never end
        if not source.is_file():
            raise FileNotFoundError
        return source.open("rb")
    except OSError as error:
        raise DocumentNotReadable(
            f"{source.name} cannot be opened.", "Check that the file is there and that you may read it."
        ) from error


def _copy(stream: BinaryIO, part: Path) -> str:
    digest = hashlib.sha256()
    with part.open("xb") as copy:
        while piece := stream.read(_PIECE):
            digest.update(piece)
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()


def _whole(target: Path, sha256: str) -> bool:
    return target.is_file() and sha256_of(target) == sha256


def _put(part: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        target.chmod(stat.S_IREAD | stat.S_IWRITE)  # Windows does not replace a read-only file
    part.replace(target)
    target.chmod(stat.S_IREAD | stat.S_IRGRP | stat.S_IROTH)
    sync_folder(target.parent)
    sync_folder(target.parent.parent)
