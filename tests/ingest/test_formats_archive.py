from __future__ import annotations

import base64
import struct
import zipfile
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.kinds import DocumentState
from app.ingest.formats.archive import read_zip
from app.ingest.formats.inside import MOST_DEPTH, MOST_INSIDE, Names, safe_name
from app.ingest.limits import Limits
from app.ingest.messages import Ended, Inside

ENCRYPTED_FLAG = 0x1


def zipped(members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def read(data: bytes, depth: int = 0, **limits: Any) -> tuple[dict[str, bytes], Ended]:
    *messages, ended = read_zip(data, Limits(**limits), depth)
    assert isinstance(ended, Ended)
    found: dict[str, bytes] = {}
    whole: set[str] = set()
    for piece in messages:
        assert isinstance(piece, Inside)
        assert len(piece.data) <= 1 << 20
        assert piece.name not in whole
        found[piece.name] = found.get(piece.name, b"") + base64.b64decode(piece.data)
        if piece.last:
            whole.add(piece.name)
    assert whole == set(found)
    return found, ended


def locked(data: bytes, name: str) -> bytes:
    """As if the member needed a password."""
    raw = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        name_at = 30 if mark == b"PK\x03\x04" else 46
        start = 0
        while (start := raw.find(mark, start)) >= 0:
            if raw[start + name_at :].startswith(name.encode()):
                raw[start + at] |= ENCRYPTED_FLAG
            start += 4
    return bytes(raw)


@pytest.mark.parametrize(
    "how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_files_come_out_whole_with_their_folders(how: int) -> None:
    members = {"Leases/Unit 1.pdf": bytes(range(256)) * 8000, "note.txt": b"", "caf\u00e9.txt": b"x"}
    found, ended = read(zipped(members, how))
    assert found == members
    assert ended.state is DocumentState.NO_TEXT
    assert ended.reason == "An archive: its 3 files stand beside it."


def test_what_systems_leave_behind_stays_out() -> None:
    junk = ("__MACOSX/._lease.pdf", ".DS_Store", "a/Thumbs.db", "a/", "a/._x", "desktop.ini")
    found, ended = read(zipped({**dict.fromkeys(junk, b"junk"), "a/lease.txt": b"words"}))
    assert found == {"a/lease.txt": b"words"}
    assert ended.reason == "An archive: its file stands beside it."


def test_names_lead_nowhere_and_hide_nothing() -> None:
    made = zipped({"../../etc/passwd": b"1", "C:\\Windows\\x.txt": b"2", "/abs.txt": b"3", "CON.txt": b"4"})
    found, _ = read(made)
    assert list(found) == ["etc/passwd", "C_/Windows/x.txt", "abs.txt", "_CON.txt"]
    assert safe_name("invoice\u202efdp.exe", "x") == "invoicefdp.exe"
    assert safe_name("..", "file 1") == "file 1"


@given(st.text(max_size=400))
def test_any_name_is_made_safe(name: str) -> None:
    safe = safe_name(name, "file 1")
    parts = PurePosixPath(safe).parts
    assert safe
    assert not safe.startswith("/")
    assert ".." not in parts
    assert all(0 < len(part) <= 220 for part in parts)
    assert not set('\\<>:"|?*\0\n') & set(safe)
    assert safe_name(safe, "file 1") == safe


def test_files_of_one_name_stay_apart() -> None:
    names = Names()
    assert [names.own(name) for name in ("a/x.txt", "A/X.txt", "a/x (2).txt", "a/x.txt")] == [
        "a/x.txt", "A/X (2).txt", "a/x (2) (2).txt", "a/x (3).txt",
    ]  # fmt: skip


def test_locked_and_damaged_files_are_counted_and_the_others_kept() -> None:
    data = zipped({"a.txt": b"whole", "b.txt": b"secret", "c.txt": b"c" * 500}, zipfile.ZIP_STORED)
    data = locked(data, "b.txt").replace(b"c" * 500, b"d" * 500)
    found, ended = read(data)
    assert found == {"a.txt": b"whole"}
    assert ended.flags == ("1 file in it locked by a password", "1 file in it could not be unpacked")
    assert read(locked(zipped({"b.txt": b"secret"}), "b.txt"))[1].state is DocumentState.LOCKED


def test_an_archive_in_an_archive_comes_out_as_it_is_and_only_so_deep() -> None:
    inner = zipped({"a.txt": b"words"})
    found, _ = read(zipped({"inner.zip": inner}), depth=MOST_DEPTH)
    assert found == {"inner.zip": inner}
    found, ended = read(inner, depth=MOST_DEPTH + 1)
    assert not found
    assert ended.state is DocumentState.REFUSED


def test_bombs_are_refused_before_anything_is_unpacked() -> None:
    zeros = zipped({f"{n}.txt": bytes(40 << 20) for n in range(2)})
    many = zipped(dict.fromkeys((f"{n}" for n in range(MOST_INSIDE + 1)), b""), zipfile.ZIP_STORED)
    for bomb in (zeros, many, overlapping()):
        found, ended = read(bomb)
        assert not found
        assert ended.state is DocumentState.REFUSED
        assert ended.reason
    assert (
        read(zipped({"a": bytes(100)}, zipfile.ZIP_STORED), output_bytes=150)[1].state
        is DocumentState.TOO_LARGE
    )


def overlapping() -> bytes:
    """Two entries of the directory that share one member."""
    data = zipped({"a.txt": b"shared" * 100})
    directory_at = data.index(b"PK\x01\x02")
    end_at = data.index(b"PK\x05\x06")
    entry = data[directory_at:end_at]
    end = bytearray(data[end_at:])
    struct.pack_into("<HHI", end, 8, 2, 2, 2 * len(entry))
    return data[:directory_at] + entry * 2 + bytes(end)


def test_a_member_that_lies_about_its_size_yields_no_more_than_it_claims() -> None:
    data = bytearray(zipped({"a.txt": b"long words " * 1000}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(mark) + at, 10)
    found, ended = read(bytes(data))
    assert not found
    assert ended.state is DocumentState.DAMAGED


def test_a_link_is_left_out() -> None:
    info = zipfile.ZipInfo("passwd")
    info.external_attr = 0o120777 << 16
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    found, ended = read(file.getvalue())
    assert not found
    assert ended.reason == "An archive without files."


@pytest.mark.parametrize(
    ("name", "word"), [("xl/workbook.xml", "spreadsheet"), ("ppt/presentation.xml", "presentation")]
)
def test_other_office_files_are_named_and_not_taken_apart(name: str, word: str) -> None:
    found, ended = read(zipped({"[Content_Types].xml": b"<Types/>", name: b"<x/>"}))
    assert not found
    assert ended.state is DocumentState.UNSUPPORTED
    assert word in (ended.reason or "")
