"""Plain text."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from app.domain.kinds import DocumentState
from app.domain.text import PAGE_BREAK
from app.ingest.formats.charsets import load_charsets
from app.ingest.formats.ending import Message, ends_once, too_many_pages
from app.ingest.formats.source import Source, whole
from app.ingest.limits import Limits
from app.ingest.messages import Ended, PageRead


def warm_up() -> None:
    """Load the codecs."""
    load_charsets()


@ends_once
def read_text(source: Source, limits: Limits) -> Iterator[Message]:
    """Text exactly as decoded; a form feed begins a new page."""
    decoded = decode(whole(source))
    if decoded is None:
        yield Ended(state=DocumentState.UNSUPPORTED, reason="The file is not text, whatever its name says.")
        return
    text, flags = decoded
    parts = text.split(PAGE_BREAK)
    if len(parts) > limits.pages:
        raise too_many_pages(len(parts), limits)
    for number, part in enumerate(parts, start=1):
        yield PageRead(number=number, text=part, width=612, height=792)
    if text.strip():
        yield Ended(state=DocumentState.READY, flags=flags)
    else:
        yield Ended(state=DocumentState.NO_TEXT, reason="There is nothing but white space in it.")


def decode(data: bytes) -> tuple[str, tuple[str, ...]] | None:
    """By byte order mark, then UTF-8, then Windows-1252, which is then flagged; None for binary data."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), ()
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), ("read as Windows-1252",)
