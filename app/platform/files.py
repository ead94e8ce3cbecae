"""Files written whole or not at all, and their SHA-256."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from app.domain.errors import DiskFull

PART_SUFFIX = ".part"
"""What the name of a file that is still being written ends in."""

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT} if sys.platform != "win32" else {errno.ENOSPC}


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that a crash leaves either the old file or the new one, whole.

    The folder must exist. Raises DiskFull; any other OSError comes through as it is.
    """
    part = part_beside(path)
    with disk_full_is_typed():
        try:
            with part.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def part_beside(path: Path) -> Path:
    """A fresh name in the folder of ``path`` for a file that is still being written."""
    return path.parent / f".{secrets.token_hex(8)}{PART_SUFFIX}"


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder survive a power cut. Windows has no such call and needs none."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_full_is_typed() -> Generator[None]:
    """Turn the operating system's "no space left" and "quota exceeded" into DiskFull."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise disk_full() from error
        raise


def disk_full() -> DiskFull:
    """The error to raise when nothing more can be written."""
    return DiskFull("The disk is full; nothing was half-written.", "Free some space and try again.")


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
