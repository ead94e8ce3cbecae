"""Files that lie in a file: their names made safe, their bytes in pieces."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO

from app.ingest.messages import Inside

MOST_DEPTH = 5
"""So deep may files lie in each other: an archive in an e-mail in an archive is 2."""

MOST_INSIDE = 10_000
"""So many files may lie directly in one."""

NAME_CHARACTERS = 200

_PIECE = 720 * 1024  # base64 makes 960 KiB of it, a whole number of characters
_FORBIDDEN = frozenset('<>:"|?*')
# they turn around how a name is shown, and hide its real suffix
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}
)


def most_bytes_inside(output_bytes: int) -> int:
    """So much may lie in a file that all of it, as base64, stays within what a child may say."""
    return output_bytes // 2


def safe_name(name: str, fallback: str) -> str:
    """A relative path with "/" that leads nowhere else on any system; ``fallback`` where nothing is left."""
    parts = [_safe_part(part) for part in name.replace("\\", "/").split("/")]
    kept = [part for part in parts if part]
    if not kept:
        return fallback
    *folders, file = kept
    stem, dot, suffix = file.rpartition(".")
    if len(file) > NAME_CHARACTERS:
        file = (stem or suffix)[: NAME_CHARACTERS - 20] + (dot + suffix[:19] if stem else "")
    return "/".join([*(folder[:NAME_CHARACTERS] for folder in folders[-8:]), file])


def _safe_part(part: str) -> str:
    letters = (
        "_" if letter in _FORBIDDEN else letter
        for letter in part
        if letter not in _TURNING and unicodedata.category(letter) not in ("Cc", "Cs")
    )
    clean = "".join(letters).strip().rstrip(". ")
    return f"_{clean}" if clean.partition(".")[0].lower() in _RESERVED else clean


class Names:
    """Gives each of a file's inner files a name of its own."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def own(self, name: str) -> str:
        """``name``, or it with the first free number behind its stem."""
        count = self._taken.get(name.lower(), 0) + 1
        self._taken[name.lower()] = count
        if count == 1:
            return name
        folder, slash, file = name.rpartition("/")
        stem, dot, suffix = file.rpartition(".")
        numbered = f"{stem} ({count}){dot}{suffix}" if stem else f"{file} ({count})"
        return self.own(f"{folder}{slash}{numbered}")


def pieces(name: str, file: BinaryIO) -> Iterator[Inside]:
    """All of an open file; at least one piece."""
    piece = file.read(_PIECE)
    while True:
        following = file.read(_PIECE) if piece else b""
        yield Inside(name=name, data=base64.b64encode(piece).decode("ascii"), last=not following)
        if not following:
            return
        piece = following
