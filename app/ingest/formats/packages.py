"""Zip files, opened only where what they claim to hold is credible; archives and DOCX both are."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from app.domain.kinds import DocumentState
from app.ingest.formats.ending import Refused
from app.ingest.formats.inside import MOST_INSIDE
from app.ingest.formats.kinds import FileKind
from app.ingest.formats.source import Source, opened

CHUNK_BYTES = 1 << 20
UNREADABLE = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""What ``zipfile`` raises for a member that it cannot unpack; RuntimeError: it needs a password."""

# deflate reaches 1,032 to 1 on zeros; documents and blank scans stay far below this in total
_MOST_RATIO = 150
_RATIO_FROM_BYTES = 64 << 20
# a central directory of this size lists a million files
_DIRECTORY_BYTES = 64 << 20
_END_MARK, _END_BYTES, _COMMENT_BYTES = b"PK\x05\x06", 22, 65_536
_IS_ENCRYPTED = 0x1
_OFFICE = {"xl/workbook.xml": "spreadsheet", "ppt/presentation.xml": "presentation", "mimetype": "file"}


def open_package(source: Source, most_bytes: int) -> ZipFile:
    """Raises Refused for a bomb and BadZipFile for damage; nothing is unpacked yet."""
    file = opened(source)
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_BYTES - _COMMENT_BYTES))
    tail = file.read()
    at = tail.rfind(_END_MARK)
    directory = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if _DIRECTORY_BYTES < directory < 0xFFFFFFFF:  # all ones: the true size is elsewhere
        raise _bomb("lists more files than is allowed")
    file.seek(0)
    package = ZipFile(file)
    _check(package.infolist(), most_bytes)
    return package


def kind_of_package(package: ZipFile) -> FileKind | str:
    """DOCX, ARCHIVE, or what other kind of Office file it is, in a word."""
    names = set(package.namelist())
    if "[Content_Types].xml" in names and any(name.startswith("word/document") for name in names):
        return FileKind.DOCX
    for name, word in _OFFICE.items():
        if name in names and ("[Content_Types].xml" in names or name == "mimetype"):
            return word
    return FileKind.ARCHIVE


def is_locked(member: ZipInfo) -> bool:
    """Whether it needs a password."""
    return bool(member.flag_bits & _IS_ENCRYPTED)


def chunks(package: ZipFile, member: ZipInfo) -> Iterator[bytes]:
    """What is packed in ``member``, and no more than it claims. Raises what is in ``UNREADABLE``."""
    file: IO[bytes]
    with package.open(member) as file:
        while data := file.read(CHUNK_BYTES):
            yield data


def _check(members: list[ZipInfo], most_bytes: int) -> None:
    if len(members) > MOST_INSIDE:
        raise _bomb(f"holds more than {MOST_INSIDE} files, which are allowed")
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if total > _RATIO_FROM_BYTES and total > _MOST_RATIO * max(packed, 1):
        raise _bomb("would unpack to more than is credible")
    if total > most_bytes:
        raise Refused(
            DocumentState.TOO_LARGE,
            f"The file would unpack to more than {most_bytes >> 20} MB. Unpack it and add its files.",
        )
    behind = 0
    for member in sorted(members, key=lambda one: one.header_offset):
        # members that share their bytes unpack to far more than the ratio of each says
        if member.header_offset < behind:
            raise _bomb("uses the same bytes for several files")
        behind = member.header_offset + member.compress_size


def _bomb(what: str) -> Refused:
    return Refused(DocumentState.REFUSED, f"The file {what}. Unpack it and add the files you need.")
