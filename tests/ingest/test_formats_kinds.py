from __future__ import annotations

import pytest

from app.ingest.formats import SUFFIXES, FileKind, kind_of
from app.ingest.formats.kinds import why_unsupported

MACHINE_MAIL = b"Received: by mx\r\nFrom: a@example.org\r\nSubject: Lease\r\n\r\nHello"
MEMO = b"From: the desk of Jane\nTo: all\nSubject: Lunch\n\nAt noon."


@pytest.mark.parametrize(
    ("head", "suffix", "kind"),
    [
        (b"%PDF-1.7", ".txt", FileKind.PDF),
        (b"junk before\n%PDF-1.7", "", FileKind.PDF),
        (b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml", ".zip", FileKind.DOCX),
        (b"PK\x03\x04" + bytes(26) + b"_rels/.rels", "", FileKind.DOCX),
        (b"PK\x03\x04" + bytes(26) + b"lease.pdf%PDF-1.7", ".pdf", FileKind.ARCHIVE),
        (b"PK\x05\x06" + bytes(18), ".zip", FileKind.ARCHIVE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".doc", FileKind.OLE),
        (b"{\\rtf1\\ansi", ".doc", FileKind.RTF),
        (b"\x89PNG\r\n\x1a\n", ".pdf", FileKind.PICTURE),
        (b"II*\0", "", FileKind.PICTURE),
        (b"RIFF\0\0\0\0WEBPVP8 ", ".jpg", FileKind.PICTURE),
        (b"BM is how this memo begins", ".txt", FileKind.TEXT),
        (MACHINE_MAIL, ".txt", FileKind.MAIL),
        (b"From jane Wed Nov 25\n" + MACHINE_MAIL, ".mbox", FileKind.MAIL),
        (MEMO, ".txt", FileKind.TEXT),
        (MEMO, ".eml", FileKind.MAIL),
        (b"<!DOCTYPE html><p>x", "", FileKind.HTML),
        (b"<!DOCTYPE html><p>x", ".txt", FileKind.TEXT),
        (b"plain words", ".TXT", FileKind.TEXT),
        (b"plain words", ".docx", FileKind.DOCX),
        (b"7z\xbc\xaf\x27\x1c", ".zip", FileKind.UNSUPPORTED),
        (b"plain words", ".xyz", FileKind.UNSUPPORTED),
        (b"", "", FileKind.UNSUPPORTED),
    ],
)
def test_contents_count_before_the_name(head: bytes, suffix: str, kind: FileKind) -> None:
    assert kind_of(head, suffix) is kind


def test_what_is_offered_in_a_file_chooser_is_read() -> None:
    assert len(set(SUFFIXES)) == len(SUFFIXES)
    for suffix in SUFFIXES:
        assert suffix == suffix.lower()
        assert kind_of(b"", suffix) is not FileKind.UNSUPPORTED


def test_each_refused_kind_says_what_to_do() -> None:
    said = {why_unsupported(b"Rar!\x1a\x07", ""), why_unsupported(b"", ".heic"), why_unsupported(b"", ".xyz")}
    assert len(said) == 3
    assert all(sentence.count(".") == 2 for sentence in said)
