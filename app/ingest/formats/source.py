"""Where a reader's bytes come from: memory, an open file, or a path where nothing is confined yet."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeAlias

Source: TypeAlias = bytes | Path | BinaryIO
"""Of an untrusted file. An open one is read from its beginning, wherever it stands."""


def opened(source: Source) -> BinaryIO:
    """As a file that can seek, at its beginning. Whoever opened an open one closes it."""
    if isinstance(source, bytes):
        return BytesIO(source)
    if isinstance(source, Path):
        return source.open("rb")
    source.seek(0)
    return source


def whole(source: Source) -> bytes:
    """All of it."""
    if isinstance(source, bytes):
        return source
    if isinstance(source, Path):
        return source.read_bytes()
    source.seek(0)
    return source.read()
