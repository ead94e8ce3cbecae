"""The child that reads one untrusted file: ``python -m app.ingest.parser_child LIMITS_JSON PATH SUFFIX``.

It speaks lines of ``app.ingest.messages`` on standard output and nothing else; what native code prints
on standard error may hold the document's words, and the parent throws it away.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from pathlib import Path

from app.domain.kinds import DocumentState
from app.domain.text import PAGE_BREAK
from app.ingest.limits import Limits, limit_this_process
from app.ingest.messages import Ended, PageRead

_PDF_WITHIN = 1024
_TEXT_SUFFIXES = {".txt", ".text", ".md"}


def main() -> None:
    """Read one file under limits and end with exactly one ``Ended`` line."""
    limits = Limits.model_validate_json(sys.argv[1])
    path = Path(sys.argv[2])
    suffix = sys.argv[3].lower()
    out = sys.stdout.buffer
    for message in read(path, suffix, limits):
        out.write(message.model_dump_json(exclude_defaults=False).encode() + b"\n")
    out.flush()


def read(path: Path, suffix: str, limits: Limits) -> Iterator[PageRead | Ended]:
    """What the file's contents say it is counts before its name."""
    size = path.stat().st_size
    if size == 0:
        yield Ended(state=DocumentState.DAMAGED, reason="The file is empty.")
        return
    if size > limits.file_bytes:
        yield Ended(
            state=DocumentState.TOO_LARGE, reason=f"The file is larger than {limits.file_bytes >> 20} MB."
        )
        return
    with path.open("rb") as file:
        head = file.read(_PDF_WITHIN)
    if b"%PDF-" in head or suffix == ".pdf":
        from app.ingest.pdf_text import read_pdf, warm_up

        warm_up()
        limit_this_process(limits)
        yield from read_pdf(path, limits)
    elif suffix in _TEXT_SUFFIXES:
        limit_this_process(limits)
        yield from read_text(path.read_bytes(), limits)
    else:
        yield Ended(
            state=DocumentState.UNSUPPORTED, reason="This kind of file is not supported; PDF and TXT are."
        )


def read_text(data: bytes, limits: Limits) -> Iterator[PageRead | Ended]:
    """Text exactly as decoded; a form feed begins a new page."""
    decoded = decode(data)
    if decoded is None:
        yield Ended(state=DocumentState.UNSUPPORTED, reason="The file is not text, whatever its name says.")
        return
    text, flags = decoded
    parts = text.split(PAGE_BREAK)
    if len(parts) > limits.pages:
        yield Ended(
            state=DocumentState.TOO_LARGE,
            reason=f"The file has {len(parts)} pages; {limits.pages} are allowed.",
        )
        return
    for part in parts:
        yield PageRead(text=part, width=612, height=792)
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


if __name__ == "__main__":
    main()
