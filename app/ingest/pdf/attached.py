"""Files that lie in a PDF: its attachments, a portfolio's, and those pinned to its pages."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterator
from typing import Any

from app.ingest.limits import Limits
from app.ingest.messages import Inside

MOST_FILES = 1_000
PIECE_BYTES = 768 << 10
"""So that its base64 is 1 MiB."""

_PINNED = 17
_LONGEST_NAME = 150


class Attachments:
    """Those met so far; ``count`` files were handed on, ``left`` could not be read or were too much."""

    def __init__(self, document: Any, limits: Limits) -> None:
        self._document = document
        # base64 grows by a third, and the pages' text needs room too
        self._room = min(limits.file_bytes, limits.output_bytes // 3)
        self._names: set[str] = set()
        self.count = 0
        self.left = 0

    def embedded(self) -> Iterator[Inside]:
        """Those of the whole document."""
        try:
            names = self._document.embfile_names()
        except Exception:  # MuPDF's errors have no common type
            return
        for number, _ in enumerate(names):
            if self._is_full(len(names) - number):
                return
            try:
                told = self._document.embfile_info(number)
                if int(told.get("size", 0) or 0) > self._room:
                    self.left += 1
                    continue
                name = told.get("ufilename") or told.get("filename") or told.get("name") or ""
                data = self._document.embfile_get(number)
            except Exception:
                self.left += 1
            else:
                yield from self._pieces(name, data)

    def pinned(self, page: Any) -> Iterator[Inside]:
        """Those of one page."""
        try:
            pins = list(page.annots(types=[_PINNED])) if page.first_annot else []
        except Exception:
            return
        for number, pin in enumerate(pins):
            if self._is_full(len(pins) - number):
                return
            try:
                name, data = pin.file_info.get("filename") or "", pin.get_file()
            except Exception:
                self.left += 1
            else:
                yield from self._pieces(name, data)

    def _is_full(self, waiting: int) -> bool:
        if self.count < MOST_FILES:
            return False
        self.left += waiting
        return True

    def _pieces(self, name: str, data: bytes) -> Iterator[Inside]:
        if len(data) > self._room:
            self.left += 1
            return
        self._room -= len(data)
        self.count += 1
        name = self._new(name)
        for start in range(0, max(1, len(data)), PIECE_BYTES):
            part = base64.b64encode(data[start : start + PIECE_BYTES]).decode()
            yield Inside(name=name, data=part, last=start + PIECE_BYTES >= len(data))

    def _new(self, given: str) -> str:
        """A plain file name that no other has."""
        name = cleaned_name(given) or f"attachment {self.count}"
        stem, dot, suffix = name.rpartition(".")
        number, tried = 2, name
        while tried in self._names:
            tried = f"{stem} ({number}).{suffix}" if dot and stem else f"{name} ({number})"
            number += 1
        self._names.add(tried)
        return tried


def cleaned_name(given: str) -> str:
    """The last part of a path without what could act on a disk or a screen; may be empty."""
    last = given.replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = "".join(
        "_" if letter in '<>:"|?*' else letter
        for letter in last
        if unicodedata.category(letter)[0] != "C" and letter not in "\u2028\u2029"
    ).strip(" .")
    if len(kept) > _LONGEST_NAME:
        stem, dot, suffix = kept.rpartition(".")
        kept = stem[: _LONGEST_NAME - len(suffix)] + dot + suffix if dot and len(suffix) < 10 else kept
    return kept[: _LONGEST_NAME + 1]
