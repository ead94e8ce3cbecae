"""Which file lies in which, for as long as files are added."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence

from app.domain.text import UnreadFile
from app.ingest.limits import Limits
from app.store.sealed import sealed_path
from app.store.writer import SqliteMatter
from app.wiring.inner_files import Room


class Families:
    """Every document of a matter, and every file that waits to be one, by the file that it lies in."""

    def __init__(self, matter: SqliteMatter, limits: Limits) -> None:
        self._folder = matter.folder
        self._limits = limits
        self._turn = threading.RLock()
        self._parents: dict[str, str | None] = {}
        self._inner: dict[str, list[str]] = defaultdict(list)
        self._sha256: dict[str, str] = {}
        self._rooms: dict[str, Room] = {}
        for document in matter.documents():
            self._put(document.id, document.sha256, document.parent)

    def add(self, file: UnreadFile) -> bool:
        """Whether it is new."""
        with self._turn:
            if file.document in self._parents:
                return False
            self._put(file.document, file.sha256, file.parent)
            return True

    def add_new(self, files: Sequence[UnreadFile]) -> list[UnreadFile]:
        """Those that are new."""
        return [file for file in files if self.add(file)]

    def outermost(self, document: str) -> str:
        """The file on a disk that it lies in, over all levels; itself if it lies in none."""
        with self._turn:
            return self._above(document)[-1]

    def depth_of(self, document: str) -> int:
        """So many files it lies in."""
        with self._turn:
            return len(self._above(document)) - 1

    def room_of(self, document: str) -> Room:
        """What its outermost file may still hold; one for all that lies in that."""
        with self._turn:
            outermost = self._above(document)[-1]
            if outermost not in self._rooms:
                self._rooms[outermost] = Room(self._limits, self._taken(outermost))
            return self._rooms[outermost]

    def _put(self, document: str, sha256: str, parent: str | None) -> None:
        self._parents[document] = parent
        self._sha256[document] = sha256
        if parent is not None:
            self._inner[parent].append(document)

    def _above(self, document: str) -> list[str]:
        """It and all that it lies in, from the inside out."""
        chain = [document]
        while (parent := self._parents.get(chain[-1])) is not None and parent not in chain:
            chain.append(parent)
        return chain

    def _taken(self, outermost: str) -> dict[str, tuple[int, int]]:
        """By document, how many files lie directly in it and their bytes."""
        taken: dict[str, tuple[int, int]] = {}
        waiting = [outermost]
        while waiting:
            document = waiting.pop()
            inner = self._inner.get(document, [])
            if inner and document not in taken:
                taken[document] = (len(inner), sum(map(self._size, inner)))
                waiting += inner
        return taken

    def _size(self, document: str) -> int:
        try:
            return sealed_path(self._folder, self._sha256[document]).stat().st_size
        except OSError:  # the original is gone, which `pincite verify` tells
            return 0
