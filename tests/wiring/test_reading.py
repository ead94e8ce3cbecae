"""Files into a matter: every file ends in a state, in the order given, whatever happens meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pymupdf
import pytest

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled, DocumentNotReadable
from app.domain.kinds import DocumentState
from app.domain.text import Document, Page
from app.domain.work import Progress
from app.store.opening import open_matter
from app.store.writer import SqliteMatter
from app.wiring.reading import add_to

MUPDF = cast(Any, pymupdf)
ADDS = """
import sys
from pathlib import Path
from app.domain.cancel import CancelToken
from app.store.opening import open_matter
from app.wiring.reading import add_to
folder, *files = map(Path, sys.argv[1:])
matter = open_matter(folder, create=True)
add_to(matter, files, lambda document: print(document.id, flush=True), lambda progress: None, CancelToken())
matter.close()
"""


@pytest.fixture
def matter(tmp_path: Path) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path / "matter", create=True)
    yield held
    held.close()


def add(matter: SqliteMatter, *files: Path, **more: Any) -> tuple[Document, ...]:
    return add_to(matter, files, lambda _: None, lambda _: None, CancelToken(), **more)


def pdf(path: Path, *pages: str, password: str = "") -> Path:
    document = MUPDF.open()
    for text in pages:
        document.new_page().insert_text((72, 100), text)
    keep = {"encryption": MUPDF.PDF_ENCRYPT_AES_256, "user_pw": password} if password else {}
    document.save(str(path), **keep)
    document.close()
    return path


def held_by(folder: Path) -> list[tuple[Document, tuple[Page, ...]]]:
    matter = open_matter(folder, create=False)
    try:
        assert matter.unread() == ()
        return [(document, matter.pages(document.id)) for document in matter.documents()]
    finally:
        matter.close()


def test_files_keep_the_order_in_which_they_were_given(matter: SqliteMatter, tmp_path: Path) -> None:
    files = [
        pdf(tmp_path / f"{number}.pdf", *[f"Contract {number}"] * (1 + 30 * (number % 2)))
        for number in range(6)
    ]
    assert [document.name for document in add(matter, *files)] == [file.name for file in files]


def test_what_lies_in_an_archive_stands_after_it_as_documents_of_its_own(
    matter: SqliteMatter, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(pdf(tmp_path / "in.pdf", "Delaware law governs"), "exhibits/in.pdf")
        archive.writestr("note.txt", "thirty days")
    (tmp_path / "last.txt").write_text("last")
    got = add(matter, tmp_path / "all.zip", tmp_path / "last.txt")
    assert [document.name for document in got] == ["all.zip", "exhibits/in.pdf", "note.txt", "last.txt"]
    assert [document.parent for document in got] == [None, got[0].id, got[0].id, None]
    assert "Delaware" in matter.text(got[1].id)


def test_a_password_opens_a_document_and_a_wrong_one_takes_nothing_away(
    matter: SqliteMatter, tmp_path: Path
) -> None:
    (locked,) = add(matter, pdf(tmp_path / "locked.pdf", "Secret terms", password="sesame"))
    assert locked.state is DocumentState.LOCKED
    for password, state in (
        ("wrong", DocumentState.LOCKED),
        ("sesame", DocumentState.READY),
        ("wrong", DocumentState.READY),
    ):
        (got,) = add(matter, again=[locked.id], passwords={locked.id: password})
        assert got.state is state
    assert "Secret" in matter.text(locked.id)
    kept = (matter.folder / "matter.sqlite3").read_bytes() + (
        matter.folder / "matter.sqlite3-wal"
    ).read_bytes()
    assert b"sesame" not in kept


def test_a_file_that_cannot_be_opened_is_told_after_the_others_were_read(
    matter: SqliteMatter, tmp_path: Path
) -> None:
    (tmp_path / "good.txt").write_text("good")
    with pytest.raises(DocumentNotReadable, match=r"gone\.txt"):
        add(matter, tmp_path / "gone.txt", tmp_path / "good.txt")
    assert [document.name for document in matter.documents()] == ["good.txt"]


def test_a_cancelled_adding_goes_on_with_the_next_one(matter: SqliteMatter, tmp_path: Path) -> None:
    files = [pdf(tmp_path / f"{number}.pdf", f"Contract {number}") for number in range(8)]
    cancel = CancelToken()

    def stop(progress: Progress) -> None:
        if progress.what == "reading" and progress.done == 3:
            cancel.cancel()

    with pytest.raises(Cancelled):
        add_to(matter, files, lambda _: None, stop, cancel)
    assert 3 <= len(matter.documents()) < 8
    add(matter)
    assert [document.name for document in matter.documents()] == [file.name for file in files]


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_killed_again_and_again_it_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    files = [
        str(pdf(tmp_path / f"{number:02}.pdf", *[f"Contract {number} page {page}" for page in range(40)]))
        for number in range(12)
    ]
    command = [sys.executable, "-c", ADDS]
    subprocess.run([*command, str(tmp_path / "whole"), *files], check=True, stdout=subprocess.DEVNULL)
    for _ in range(4):
        child = subprocess.Popen(
            [*command, str(tmp_path / "killed"), *files], stdout=subprocess.PIPE, start_new_session=True
        )
        assert child.stdout is not None
        child.stdout.readline()
        child.stdout.readline()
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
    subprocess.run([*command, str(tmp_path / "killed"), *files], check=True, stdout=subprocess.DEVNULL)
    assert held_by(tmp_path / "killed") == held_by(tmp_path / "whole")


def test_text_is_there_before_any_scan_is_looked_into(matter: SqliteMatter, tmp_path: Path) -> None:
    drawn = MUPDF.open()
    drawn.new_page(width=300, height=120).insert_text((30, 60), "Governed by Delaware law", fontsize=12)
    pixels = drawn[0].get_pixmap(dpi=150)
    scans: list[Path] = []
    for number in range(3):
        scanned = MUPDF.open()
        scanned.new_page(width=300, height=120 + number).insert_image((0, 0, 300, 120), pixmap=pixels)
        scanned.save(str(tmp_path / f"scan-{number}.pdf"))
        scans.append(tmp_path / f"scan-{number}.pdf")
    texts = [tmp_path / f"text-{number}.txt" for number in range(3)]
    for text in texts:
        text.write_text(f"The words of {text.name}")
    told: list[str] = []
    got = add_to(matter, [*scans, *texts], lambda one: told.append(one.name), lambda _: None, CancelToken())
    assert set(told[:3]) == {text.name for text in texts}
    assert [document.name for document in got] == [file.name for file in (*scans, *texts)]
    assert all("Delaware" in matter.text(document.id) for document in got[:3])
