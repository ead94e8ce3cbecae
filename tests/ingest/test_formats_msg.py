from __future__ import annotations

import base64
import struct
from typing import Any, TypeAlias

from app.domain.kinds import DocumentState
from app.ingest.formats.eml import read_eml
from app.ingest.formats.msg import read_msg
from app.ingest.limits import Limits
from app.ingest.messages import Ended, Inside, PageRead

Tree: TypeAlias = "dict[str, bytes | Tree]"

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF
FAT_SECTOR = 0xFFFFFFFD


def compound(tree: Tree) -> bytes:
    """An OLE container [MS-CFB] of version 3: no library here writes one."""
    entries: list[list[Any]] = [["Root Entry", 5, NONE, NONE, NONE, b""]]

    def add(children: Tree) -> int:
        first = previous = NONE
        # a tree that leans to the right is a tree
        for name in sorted(children, key=lambda one: (len(one), one.upper())):
            data = children[name]
            at = len(entries)
            entries.append([name, 2 if isinstance(data, bytes) else 1, NONE, NONE, NONE, data])
            if isinstance(data, dict):
                entries[at][4] = add(data)
                entries[at][5] = b""
            if previous == NONE:
                first = at
            else:
                entries[previous][3] = at
            previous = at
        return first

    entries[0][4] = add(tree)
    sectors: list[bytes] = []
    fat: list[int] = []
    mini, mini_fat = b"", []

    def place(data: bytes) -> int:
        if not data:
            return END
        start = len(sectors)
        parts = [data[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(data), SECTOR)]
        sectors.extend(parts)
        fat.extend([*range(start + 1, start + len(parts)), END])
        return start

    starts: dict[int, int] = {}
    for at, entry in enumerate(entries):
        data = entry[5]
        if entry[1] != 2 or not data:
            starts[at] = END if entry[1] == 2 else 0
        elif len(data) >= CUTOFF:
            starts[at] = place(data)
        else:
            starts[at] = len(mini_fat)
            count = -(-len(data) // MINI)
            mini += data.ljust(count * MINI, b"\0")
            mini_fat.extend([*range(starts[at] + 1, starts[at] + count), END])
    starts[0] = place(mini)
    mini_at = place(struct.pack(f"<{len(mini_fat)}I", *mini_fat))
    mini_count = len(fat) - mini_at if mini_fat else 0
    directory = b""
    for at, (name, kind, left, right, child, data) in enumerate(entries):
        label = name.encode("utf-16-le")
        size = len(mini) if at == 0 else len(data)
        directory += label.ljust(64, b"\0") + struct.pack(
            "<HBBIII", len(label) + 2, kind, 1, left, right, child
        )
        directory += bytes(36) + struct.pack("<IQ", starts[at], size)
    directory_at = place(directory)
    fat_at = len(sectors)
    count = -(-(len(fat) + 2) // (SECTOR // 4))
    fat.extend([FAT_SECTOR] * count)
    fat.extend([FREE] * (count * SECTOR // 4 - len(fat)))
    table = struct.pack(f"<{len(fat)}I", *fat)
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
    )
    header += struct.pack("<IIIII", 0, count, directory_at, 0, CUTOFF)
    header += struct.pack("<IIII", mini_at if mini_fat else END, mini_count, END, 0)
    header += struct.pack("<109I", *range(fat_at, fat_at + count), *([FREE] * (109 - count)))
    return header + b"".join(sectors) + table


def item(header: int, strings: dict[int, str | bytes], fixed: bytes = b"") -> Tree:
    """A message, recipient or attachment [MS-OXMSG]: its streams, and the one that lists them."""
    tree: Tree = {}
    rows = fixed
    for pid, data in strings.items():
        kind = 0x001F if isinstance(data, str) else 0x0102
        raw = data.encode("utf-16-le") if isinstance(data, str) else data
        tree[f"__substg1.0_{pid:04X}{kind:04X}"] = raw
        rows += struct.pack("<HHIII", kind, pid, 6, len(raw), 0)
    tree["__properties_version1.0"] = bytes(header) + rows
    return tree


# FILETIME of 2026-11-25 10:00:00 UTC
SENT = struct.pack("<HHIQ", 0x0040, 0x0039, 6, (1_795_600_800 + 11_644_473_600) * 10_000_000)


def message(body: str | None = "The lease ends in May.", header: int = 32, **inside: Tree) -> Tree:
    strings: dict[int, str | bytes] = {
        0x0037: "K\u00fcndigung", 0x0C1A: "Jane Doe", 0x5D01: "jane@example.org", 0x0E04: "Ol\u00e9; Per",
    }  # fmt: skip
    if body is not None:
        strings[0x1000] = body
    return {**item(header, strings, SENT), **inside}


def attached(name: str, data: bytes) -> Tree:
    return item(8, {0x3707: name, 0x3701: data})


def read(tree: Tree | bytes, **limits: Any) -> tuple[list[PageRead], dict[str, bytes], Ended]:
    *messages, ended = read_msg(tree if isinstance(tree, bytes) else compound(tree), Limits(**limits))
    assert isinstance(ended, Ended)
    inside: dict[str, bytes] = {}
    for piece in messages:
        if isinstance(piece, Inside):
            inside[piece.name] = inside.get(piece.name, b"") + base64.b64decode(piece.data)
    return [page for page in messages if isinstance(page, PageRead)], inside, ended


def test_headers_body_and_attachments_come_out() -> None:
    big = bytes(range(256)) * 100
    (page,), inside, ended = read(
        message(
            **{
                "__attach_version1.0_#00000000": attached("..\\Lease\u202e.pdf", big),
                "__attach_version1.0_#00000001": attached("note.txt", b"short"),
            }
        )
    )
    assert page.text == (
        "From: Jane Doe <jane@example.org>\nTo: Ol\u00e9; Per\nDate: Wed, 25 Nov 2026 10:00:00 +0000\n"
        "Subject: K\u00fcndigung\n\nThe lease ends in May."
    )
    assert inside == {"Lease.pdf": big, "note.txt": b"short"}
    assert (ended.state, ended.flags) == (DocumentState.READY, ())


def test_html_is_read_where_there_is_no_plain_body() -> None:
    tree = message(None)
    tree["__substg1.0_10130102"] = b"<html><meta charset=utf-8><p>Rich &amp; w\xc3\xb6rds.</p>"
    (page,), _, _ = read(tree)
    assert page.text.endswith("\n\nRich & w\u00f6rds.")


def test_a_message_inside_becomes_an_e_mail() -> None:
    inner = message("Inner words.", 24, **{"__attach_version1.0_#00000000": attached("deep.txt", b"deep")})
    holder = item(8, {})
    holder["__substg1.0_3701000D"] = inner
    (page,), inside, _ = read(message("Outer.", **{"__attach_version1.0_#00000000": holder}))
    assert "Inner" not in page.text
    (name,) = inside
    assert name == "K\u00fcndigung.eml"
    *messages, ended = read_eml(inside[name], Limits())
    (first, piece) = messages
    assert isinstance(first, PageRead)
    assert first.text == page.text.replace("Outer.", "Inner words.")
    assert isinstance(piece, Inside)
    assert (piece.name, base64.b64decode(piece.data)) == ("deep.txt", b"deep")
    assert isinstance(ended, Ended)


def test_an_attachment_that_is_not_there_is_counted() -> None:
    (page,), inside, ended = read(message(**{"__attach_version1.0_#00000000": item(8, {0x3707: "gone.pdf"})}))
    assert page.text.endswith("in May.")
    assert not inside
    assert ended.flags == ("1 attachment could not be read",)


def test_text_in_rtf_alone_is_said_to_be_unread() -> None:
    tree = message(None)
    tree["__substg1.0_10090102"] = b"LZFu"
    _, _, ended = read(tree)
    assert ended.state is DocumentState.NO_TEXT
    assert ended.flags == ("its text is kept in a form that cannot be read yet",)


def test_other_files_in_the_container_say_what_to_do() -> None:
    _, _, old = read(compound({"WordDocument": bytes(5000)}))
    assert old.state is DocumentState.UNSUPPORTED
    assert old.reason == "This older kind of Office file is not supported. Save it as DOCX or PDF."
    _, _, locked = read(compound({"EncryptedPackage": bytes(5000), "EncryptionInfo": b"x"}))
    assert locked.state is DocumentState.LOCKED


def test_streams_that_claim_more_than_the_file_holds_are_refused() -> None:
    data = bytearray(compound(message("x" * 5000)))
    name = "__substg1.0_1000001F".encode("utf-16-le")
    struct.pack_into("<Q", data, data.index(name) + 120, 1 << 30)
    assert read(bytes(data))[2].state is DocumentState.REFUSED


def test_a_cut_off_message_ends_in_words() -> None:
    data = compound(message("words " * 2000))
    for size in (8, 600, 2000, len(data) // 2):
        _, _, ended = read(data[:size])
        assert ended.state in (DocumentState.DAMAGED, DocumentState.UNSUPPORTED)
        assert ended.reason
