"""Files out of files, on their way into the matter, and how much of them one outermost file may hold."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.ingest.limits import Limits

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Room:
    """What may lie in one outermost file over all levels, shared by all who read files out of it."""

    def __init__(self, limits: Limits, taken: Mapping[str, tuple[int, int]]) -> None:
        """``taken``: by document, how many files lie directly in it and their bytes."""
        self._limits = limits
        self._turn = threading.Lock()
        self._taken = dict(taken)
        self._files = sum(files for files, _ in taken.values())
        self._bytes = sum(size for _, size in taken.values())

    def begin(self, document: str) -> None:
        """It is read from its beginning: what it held before counts no more."""
        with self._turn:
            files, size = self._taken.pop(document, (0, 0))
            self._files -= files
            self._bytes -= size

    def takes(self, document: str, files: int, size: int) -> bool:
        """Whether so many more files and bytes out of ``document`` have room; they are taken then."""
        with self._turn:
            if (
                self._files + files > self._limits.inner_files
                or self._bytes + size > self._limits.inner_bytes
            ):
                return False
            self._add(document, files, size)
            return True

    def gives_back(self, document: str, size: int) -> None:
        """A file of ``document`` with so many bytes was left out after all."""
        with self._turn:
            self._add(document, -1, -size)

    def _add(self, document: str, files: int, size: int) -> None:
        held, held_bytes = self._taken.get(document, (0, 0))
        self._taken[document] = (held + files, held_bytes + size)
        self._files += files
        self._bytes += size


class InnerFiles:
    """Files out of one document, in a folder that goes away; ``left_out`` had no room."""

    def __init__(self, folder: Path, document: str, room: Room) -> None:
        self._folder = folder
        self._document = document
        self._room = room
        self._files: list[tuple[str, _InnerFile]] = []
        room.begin(document)

    def begin(self, name: str) -> BinaryIO:
        """To be written and closed."""
        file = _InnerFile(self._folder / str(len(self._files)), self._document, self._room)
        self._files.append((name, file))
        return file

    @property
    def left_out(self) -> bool:
        """Whether any had no room."""
        return any(file.left_out for _, file in self._files)

    def files(self) -> Iterator[tuple[str, Path]]:
        """Name and place of each that had room."""
        return ((name, file.place) for name, file in self._files if not file.left_out)


class _InnerFile(BufferedWriter):
    """Takes room as it grows; without any it is empty and stays so."""

    def __init__(self, place: Path, document: str, room: Room) -> None:
        super().__init__(FileIO(place, "xb"))
        self.place = place
        self._document = document
        self._room = room
        self._size = 0
        self.left_out = not room.takes(document, 1, 0)

    def write(self, buffer: ReadableBuffer, /) -> int:
        size = memoryview(buffer).nbytes
        if self.left_out:
            return size
        if self._room.takes(self._document, 0, size):
            self._size += size
            return super().write(buffer)
        self._room.gives_back(self._document, self._size)
        self.left_out = True
        self.flush()
        self.truncate(0)
        return size
