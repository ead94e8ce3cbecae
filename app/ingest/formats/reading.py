"""One door to all readers of this package, so that who opens a file need not know its kind's module."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.kinds import DocumentState
from app.ingest.formats.ending import Message
from app.ingest.formats.kinds import FileKind, why_unsupported
from app.ingest.formats.source import Source
from app.ingest.limits import Limits
from app.ingest.messages import Ended


def warm_up(kind: FileKind) -> None:
    """Load all that reading this kind needs; after it no file is opened but the one read. PDF is not here."""
    match kind:
        case FileKind.TEXT:
            from app.ingest.formats.text import warm_up as warm
        case FileKind.HTML:
            from app.ingest.formats.html import warm_up as warm
        case FileKind.RTF:
            from app.ingest.formats.rtf import warm_up as warm
        case FileKind.DOCX | FileKind.ARCHIVE:
            from app.ingest.formats.archive import warm_up as warm
        case FileKind.MAIL:
            from app.ingest.formats.eml import warm_up as warm
        case FileKind.OLE:
            from app.ingest.formats.msg import warm_up as warm
        case FileKind.PICTURE:
            from app.ingest.formats.pictures import warm_up as warm
        case FileKind.PDF | FileKind.UNSUPPORTED:
            return
    warm()


def read(
    kind: FileKind, source: Source, limits: Limits, head: bytes = b"", suffix: str = "", depth: int = 0
) -> Iterator[Message]:
    """Pages and inner files, then one end. ``depth``: so many files this one lies in, 0 for one on a disk.

    ``head`` and ``suffix`` are what ``kind_of`` was given; a sentence on an unsupported kind needs them.
    """
    match kind:
        case FileKind.TEXT:
            from app.ingest.formats.text import read_text

            return read_text(source, limits)
        case FileKind.HTML:
            from app.ingest.formats.html import read_html

            return read_html(source, limits)
        case FileKind.RTF:
            from app.ingest.formats.rtf import read_rtf

            return read_rtf(source, limits)
        case FileKind.DOCX | FileKind.ARCHIVE:
            # by its beginning alone the one can be taken for the other; this reader looks inside
            from app.ingest.formats.archive import read_zip

            return read_zip(source, limits, depth)
        case FileKind.MAIL:
            from app.ingest.formats.eml import read_eml

            return read_eml(source, limits, depth)
        case FileKind.OLE:
            from app.ingest.formats.msg import read_msg

            return read_msg(source, limits, depth)
        case FileKind.PICTURE:
            from app.ingest.formats.pictures import read_pictures

            return read_pictures(source, limits)
        case FileKind.PDF | FileKind.UNSUPPORTED:
            reason = why_unsupported(head, suffix)
            return iter([Ended(state=DocumentState.UNSUPPORTED, reason=reason)])
