"""What lies in files in files is bounded for the outermost file as a whole, and told on it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest

from app.domain.cancel import CancelToken
from app.domain.kinds import DocumentState
from app.domain.text import Document, UnreadFile
from app.ingest.limits import Limits
from app.ingest.version import READER_VERSION
from app.store.opening import open_matter
from app.store.sealed import FILES
from app.store.writer import SqliteMatter
from app.wiring.families import Families
from app.wiring.reading import add_to


@pytest.fixture
def matter(tmp_path: Path) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path / "matter", create=True)
    yield held
    held.close()


def add(matter: SqliteMatter, *files: Path, limits: Limits, again: tuple[str, ...] = ()) -> list[Document]:
    return list(add_to(matter, files, lambda _: None, lambda _: None, CancelToken(), again, limits=limits))


def packed(members: dict[str, str | bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def mail(name: str, data: bytes) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@example.org", "terms"
    message.set_content("The terms are attached.")
    message.add_attachment(data, maintype="application", subtype="zip", filename=name)
    return message.as_bytes()


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """Six files over three levels: an e-mail and a note in an archive, an archive in the e-mail."""
    inner = packed({f"{number}.txt": f"inner {number}" for number in range(4)})
    path = tmp_path / "deep.zip"
    path.write_bytes(packed({"mail.eml": mail("inner.zip", inner), "note.txt": "a note"}))
    return path


def test_what_stays_within_the_bounds_is_all_there(matter: SqliteMatter, deep: Path) -> None:
    got = add(matter, deep, limits=Limits(inner_files=7))
    assert len(got) == 8
    assert {document.state for document in got} == {DocumentState.READY, DocumentState.NO_TEXT}


def test_files_are_counted_over_all_levels_and_the_outermost_says_that_some_were_left_out(
    matter: SqliteMatter, deep: Path
) -> None:
    got = add(matter, deep, limits=Limits(inner_files=5))
    assert len(got) == 6
    by_name = {document.name: document for document in got}
    for name in ("deep.zip", "inner.zip"):
        assert by_name[name].state is DocumentState.TOO_LARGE
        assert "left out" in (by_name[name].reason or "")
    assert (by_name["mail.eml"].state, by_name["note.txt"].state) == (DocumentState.READY,) * 2
    assert {document.id: document for document in matter.documents()} == {one.id: one for one in got}


def test_bytes_are_counted_over_all_levels(matter: SqliteMatter, tmp_path: Path) -> None:
    """A file that does not fit is left out whole, and a smaller one after it still has room."""
    inner = packed({"big.txt": b"x" * 60_000, "small.txt": b"y" * 1_000})
    (tmp_path / "a.zip").write_bytes(packed({"first.txt": b"z" * 30_000, "inner.zip": inner}))
    got = add(matter, tmp_path / "a.zip", limits=Limits(inner_bytes=50_000))
    assert [document.name for document in got] == ["a.zip", "first.txt", "inner.zip", "small.txt"]
    assert matter.text(got[3].id) == "y" * 1_000


def test_a_document_with_text_is_there_in_part(matter: SqliteMatter, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail("a.zip", packed({"a.txt": "a"})))
    (got,) = add(matter, tmp_path / "a.eml", limits=Limits(inner_files=0))
    assert got.state is DocumentState.PARTIAL
    assert "attached" in matter.text(got.id)


def test_every_file_on_the_disk_has_room_of_its_own(matter: SqliteMatter, tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.zip").write_bytes(packed({f"{number}-{n}.txt": f"{number} {n}" for n in "ab"}))
    got = add(matter, *(tmp_path / f"{number}.zip" for number in range(3)), limits=Limits(inner_files=2))
    assert len(got) == 9
    assert DocumentState.TOO_LARGE not in {document.state for document in got}


def test_reading_again_counts_nothing_twice(matter: SqliteMatter, deep: Path) -> None:
    limits = Limits(inner_files=7)
    got = add(matter, deep, limits=limits)
    assert add(matter, limits=limits, again=(got[0].id,)) == got
    archives = tuple(document.id for document in got if document.name.endswith((".zip", ".eml")))
    assert len(archives) == 3
    add(matter, limits=limits, again=archives)
    assert list(matter.documents()) == got
    assert matter.outdated(READER_VERSION) == ()


def test_what_was_begun_before_a_crash_counts_when_it_goes_on(matter: SqliteMatter, tmp_path: Path) -> None:
    """The parent's insides were remembered, the parent itself was not stored yet."""
    (tmp_path / "a.txt").write_text("a")
    digest, _ = matter.seal(tmp_path / "a.txt")
    outer = UnreadFile(document="0" * 16, name="outer.zip", sha256="0" * 64)
    middle = UnreadFile(document="1" * 16, name="middle.zip", sha256="1" * 64, parent=outer.document)
    inner = UnreadFile(document=digest[:16], name="a.txt", sha256=digest, parent=middle.document)
    families = Families(matter, Limits(inner_files=3))
    assert families.add_new([outer, middle, inner, inner]) == [outer, middle, inner]
    assert [families.depth_of(one.document) for one in (outer, middle, inner)] == [0, 1, 2]
    assert families.outermost(inner.document) == outer.document
    room = families.room_of(inner.document)
    assert room is families.room_of(outer.document)
    assert room.takes(middle.document, 1, 0)
    assert not room.takes(middle.document, 1, 0)
    room.begin(middle.document)
    assert room.takes(middle.document, 2, 0)


def test_nothing_that_was_unpacked_stays_beside_the_matter(matter: SqliteMatter, deep: Path) -> None:
    add(matter, deep, limits=Limits(inner_files=5))
    assert [path.name for path in (matter.folder / FILES).iterdir() if path.name.startswith(".")] == []


def test_what_a_killed_reading_left_is_cleared_when_the_matter_is_opened(tmp_path: Path) -> None:
    open_matter(tmp_path / "m", create=True).close()
    left = tmp_path / "m" / FILES / ".0123456789abcdef.part"
    left.mkdir(parents=True)
    (left / "0").write_text("words of an attachment")
    open_matter(tmp_path / "m", create=False).close()
    assert not left.exists()
