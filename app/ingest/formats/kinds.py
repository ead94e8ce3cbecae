"""What a file is: its contents count before its name. Standard library only."""

from __future__ import annotations

import re
from enum import StrEnum

HEAD_BYTES = 4096
"""So much of a file's beginning ``kind_of`` wants to see."""


class FileKind(StrEnum):
    """What reads the file. ``OLE`` is Outlook's messages, and what else comes in the same container."""

    PDF = "pdf"
    TEXT = "text"
    HTML = "html"
    RTF = "rtf"
    DOCX = "docx"
    MAIL = "mail"
    OLE = "ole"
    PICTURE = "picture"
    ARCHIVE = "archive"
    UNSUPPORTED = "unsupported"


_BY_SUFFIX = {
    ".pdf": FileKind.PDF,
    ".docx": FileKind.DOCX,
    ".docm": FileKind.DOCX,
    ".rtf": FileKind.RTF,
    ".txt": FileKind.TEXT,
    ".text": FileKind.TEXT,
    ".md": FileKind.TEXT,
    ".html": FileKind.HTML,
    ".htm": FileKind.HTML,
    ".eml": FileKind.MAIL,
    ".msg": FileKind.OLE,
    ".png": FileKind.PICTURE,
    ".jpg": FileKind.PICTURE,
    ".jpeg": FileKind.PICTURE,
    ".tif": FileKind.PICTURE,
    ".tiff": FileKind.PICTURE,
    ".bmp": FileKind.PICTURE,
    ".gif": FileKind.PICTURE,
    ".webp": FileKind.PICTURE,
    ".zip": FileKind.ARCHIVE,
}

SUFFIXES: tuple[str, ...] = tuple(_BY_SUFFIX)
"""Lower-case suffixes of all that can be read, with the dot; for file choosers."""

_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF87a", b"GIF89a")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
_OTHER_ARCHIVES = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
_PDF_WITHIN = 1024
# the first member of a package is one of these, whoever wrote it
_PACKAGE_MEMBERS = (b"[Content_Types].xml", b"_rels/", b"word/", b"docProps/", b"customXml/")
_ZIP_NAME_AT = 30
_HEADER_LINE = re.compile(rb"^([A-Za-z][A-Za-z0-9-]{0,60}):", re.MULTILINE)
# a memo may begin with From and To; these are written by machines
_MACHINE_HEADERS = {b"received", b"message-id", b"mime-version", b"return-path", b"delivered-to"}
_MAIL_HEADERS = _MACHINE_HEADERS | {b"from", b"to", b"subject", b"date", b"content-type", b"reply-to"}
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--[^>]{0,500}-->\s*)?<(?:!doctype\s+html|html)\b", re.I
)


def kind_of(head: bytes, suffix: str) -> FileKind:
    """From the file's first ``HEAD_BYTES`` and the suffix of its name, with the dot."""
    named = _BY_SUFFIX.get(suffix.lower(), FileKind.UNSUPPORTED)
    if head.startswith(_ZIPS):
        packaged = head[_ZIP_NAME_AT:].startswith(_PACKAGE_MEMBERS)
        return FileKind.DOCX if packaged or named is FileKind.DOCX else FileKind.ARCHIVE
    if head.startswith(_OLE):
        return FileKind.OLE
    if head.startswith(_PICTURES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return FileKind.PICTURE
    if head.startswith(b"BM") and named is FileKind.PICTURE:
        return FileKind.PICTURE
    if head.startswith(_OTHER_ARCHIVES):
        return FileKind.UNSUPPORTED
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if plain.startswith(b"{\\rtf"):
        return FileKind.RTF
    if _is_mail(plain, certain=named is not FileKind.MAIL):
        return FileKind.MAIL
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return FileKind.PDF
    return FileKind.HTML if _HTML.match(plain) and named is not FileKind.TEXT else named


def why_unsupported(head: bytes, suffix: str) -> str:
    """A sentence for ``FileKind.UNSUPPORTED``."""
    if head.startswith(_OTHER_ARCHIVES) or suffix.lower() in (".7z", ".rar", ".gz", ".tar", ".tgz"):
        return "This kind of archive is not supported. Unpack it and add its files."
    if suffix.lower() in (".heic", ".heif", ".avif"):
        return "This kind of picture is not supported. Save it as JPEG or PDF."
    return "This kind of file is not supported. Save it as PDF or DOCX."


def _is_mail(head: bytes, certain: bool) -> bool:
    """Whether it begins with header lines; ``certain``: its name does not say that it is an e-mail."""
    if head.startswith(b"From "):  # the line that a mailbox file puts before each message
        head = head.partition(b"\n")[2]
    if not _HEADER_LINE.match(head):
        return False
    lines = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    names = {name.lower() for name in _HEADER_LINE.findall(lines)}
    known = names & _MAIL_HEADERS
    return len(known) >= 2 and bool(known & _MACHINE_HEADERS) if certain else bool(known)
