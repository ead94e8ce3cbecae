"""Zip archives: the files in them, each for a reader of its own."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast
from zipfile import ZipFile, ZipInfo

from app.domain.kinds import DocumentState
from app.ingest.formats import docx
from app.ingest.formats.ending import Message, Refused, ends_once
from app.ingest.formats.inside import MOST_DEPTH, Names, most_bytes_inside, pieces, safe_name
from app.ingest.formats.kinds import FileKind
from app.ingest.formats.packages import UNREADABLE, chunks, is_locked, kind_of_package, open_package
from app.ingest.formats.source import Source
from app.ingest.limits import Limits
from app.ingest.messages import Ended

_JUNK_FOLDERS = frozenset({"__macosx", ".git", ".svn"})
_JUNK_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini", "ehthumbs.db"})


def warm_up() -> None:
    """Load the codecs of names and the decompressors; and what reads DOCX, which one may turn out to be."""
    import bz2
    import lzma
    import zlib

    docx.warm_up()
    for packed in (bz2, lzma, zlib):
        packed.decompress(packed.compress(b"warm"))
    "warm".encode("cp437")


@ends_once
def read_zip(source: Source, limits: Limits, depth: int = 0) -> Iterator[Message]:
    """``depth``: so many files this one lies in. Every member is proved whole before its first piece."""
    if depth > MOST_DEPTH:
        raise Refused(
            DocumentState.REFUSED, "Files lie too deep in each other here. Unpack it and add the inner ones."
        )
    with open_package(source, most_bytes_inside(limits.output_bytes)) as package:
        kind = kind_of_package(package)
        if kind is FileKind.DOCX:
            yield from docx.read_docx(source, limits)
            return
        if kind is not FileKind.ARCHIVE:
            raise docx.not_word(str(kind))
        count = _Count()
        names = Names()
        for member in package.infolist():
            if _is_junk(member):
                continue
            if not count.takes(package, member):
                continue
            name = names.own(safe_name(member.filename, f"file {count.whole}"))
            with package.open(member) as file:
                yield from pieces(name, cast(BinaryIO, file))
    yield count.end()


@dataclass
class _Count:
    """What became of the members."""

    whole: int = 0
    locked: int = 0
    damaged: int = 0

    def takes(self, package: ZipFile, member: ZipInfo) -> bool:
        """Whether it can be unpacked."""
        if is_locked(member):
            self.locked += 1
            return False
        try:
            for _ in chunks(package, member):
                pass
        except UNREADABLE:
            self.damaged += 1
            return False
        self.whole += 1
        return True

    def end(self) -> Ended:
        if not self.whole and self.locked:
            return Ended(
                state=DocumentState.LOCKED,
                reason="The archive needs a password. Unpack it and add its files.",
            )
        if not self.whole and self.damaged:
            return Ended(
                state=DocumentState.DAMAGED, reason="None of the files in the archive could be unpacked."
            )
        flags: list[str] = []
        if self.locked:
            flags.append(f"{_files(self.locked)} in it locked by a password")
        if self.damaged:
            flags.append(f"{_files(self.damaged)} in it could not be unpacked")
        if not self.whole:
            return Ended(state=DocumentState.NO_TEXT, reason="An archive without files.")
        stand = "its file stands" if self.whole == 1 else f"its {self.whole} files stand"
        return Ended(
            state=DocumentState.NO_TEXT, reason=f"An archive: {stand} beside it.", flags=tuple(flags)
        )


def _is_junk(member: ZipInfo) -> bool:
    """Folders, links, and what operating systems leave behind."""
    parts = [part.lower() for part in member.filename.replace("\\", "/").split("/")]
    return (
        member.is_dir()
        or stat.S_ISLNK(member.external_attr >> 16)
        or not _JUNK_FOLDERS.isdisjoint(parts)
        or parts[-1] in _JUNK_FILES
        or parts[-1].startswith("._")
    )


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
