from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from app.ingest.formats import FileKind
from app.ingest.formats.ending import Message, ends_once
from app.ingest.formats.pages import tidy
from app.ingest.formats.reading import read
from app.ingest.formats.source import Source
from app.ingest.limits import Limits
from app.ingest.messages import LINE, Ended, PageRead
from tests.ingest.test_formats_docx import para, raw
from tests.ingest.test_formats_msg import attached, compound, message

READ_HERE = [kind for kind in FileKind if kind is not FileKind.PDF]


def picture() -> bytes:
    file = BytesIO()
    Image.new("L", (8, 8)).save(file, "TIFF")
    return file.getvalue()


def archive() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a/b.txt", "words " * 50)
    return file.getvalue()


SEEDS: dict[FileKind, bytes] = {
    FileKind.TEXT: b"words\x0cmore",
    FileKind.HTML: b"<html><p style='display:none'>x</p><table><tr><td>a<td>b</table>words",
    FileKind.RTF: rb"{\rtf1\ansi{\fonttbl{\f0\fcharset0 A;}}\v x\v0{\footnote n} \u228?\'e4 words\page b}",
    FileKind.DOCX: raw(para("words"), styles_xml="<x/>"),
    FileKind.MAIL: b"From: a@b.c\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n--b\r\n"
    b"Content-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nz\r\n--b--\r\n",
    FileKind.OLE: compound(message(**{"__attach_version1.0_#00000000": attached("a.txt", b"x")})),
    FileKind.PICTURE: picture(),
    FileKind.ARCHIVE: archive(),
    FileKind.UNSUPPORTED: b"x",
}


def check(messages: Iterator[Message]) -> None:
    heard = list(messages)
    assert [isinstance(one, Ended) for one in heard] == [False] * (len(heard) - 1) + [True]
    for number, page in enumerate((one for one in heard if isinstance(one, PageRead)), start=1):
        assert page.number == number
        assert all(0 <= a <= b <= len(page.text) for _, a, b in (*page.asides, *page.headings))
    for one in heard:
        assert LINE.validate_json(one.model_dump_json()) == one


def hurt(seed: bytes, changes: list[tuple[int, int]], cut: int) -> bytes:
    data = bytearray(seed)
    for at, value in changes:
        data[at % len(data)] = value
    return bytes(data[: max(1, len(data) - cut)])


@pytest.mark.parametrize("kind", READ_HERE)
@given(data=st.binary(max_size=600))
@example(data=b"")
def test_any_bytes_end_exactly_once(kind: FileKind, data: bytes) -> None:
    check(read(kind, data, Limits()))


@pytest.mark.parametrize("kind", READ_HERE)
@given(
    changes=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=12),
    cut=st.integers(0, 200),
)
@example(changes=[], cut=0)
def test_a_hurt_file_ends_exactly_once(kind: FileKind, changes: list[tuple[int, int]], cut: int) -> None:
    check(read(kind, hurt(SEEDS[kind], changes, cut), Limits()))


@given(st.text(st.characters(codec=None, categories=None), max_size=200))
def test_tidy_text_holds_no_control_characters_and_can_be_sent(text: str) -> None:
    got = tidy(text)
    assert not [letter for letter in got if letter != "\n" and (letter < " " or "\x7f" <= letter < "\xa0")]
    got.encode()


@pytest.mark.parametrize("error", [ValueError("words"), RecursionError(), MemoryError(), KeyError("words")])
def test_whatever_a_parser_raises_becomes_an_end_without_its_words(error: BaseException) -> None:
    @ends_once
    def read_once(source: Source, limits: Limits) -> Iterator[Message]:
        yield PageRead(number=1, text="kept", width=1, height=1)
        raise error

    page, ended = read_once(b"", Limits())
    assert isinstance(page, PageRead)
    assert isinstance(ended, Ended)
    assert ended.state == "partial"
    assert "words" not in (ended.reason or "")


OPENS_NOTHING = """
import json, sys
sys.path.insert(0, sys.argv[1])
from app.ingest.formats import FileKind
from app.ingest.formats.reading import read, warm_up
from app.ingest.limits import Limits
kind, seed = FileKind(sys.argv[2]), open(sys.argv[3], "rb")
warm_up(kind)
opened = []
sys.addaudithook(lambda name, given: opened.append(repr(given[0])) if name in ("open", "import") else None)
ended = list(read(kind, seed, Limits()))[-1]
print(json.dumps([opened, ended.state]))
"""


@pytest.mark.parametrize("kind", READ_HERE)
def test_after_warming_up_nothing_is_opened_or_imported(tmp_path: Path, kind: FileKind) -> None:
    (tmp_path / "seed").write_bytes(SEEDS[kind])
    made = subprocess.run(
        [sys.executable, "-I", "-c", OPENS_NOTHING, str(Path.cwd()), kind, str(tmp_path / "seed")],
        capture_output=True,
        check=True,
        timeout=120,
    )
    opened, state = json.loads(made.stdout)
    assert opened == []
    assert state in ("ready", "no-text", "unsupported")
