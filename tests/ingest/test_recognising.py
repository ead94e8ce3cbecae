from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import psutil
import pymupdf
import pytest
from PIL import Image

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled
from app.ingest.limits import Limits
from app.ingest.messages import PageRead
from app.ingest.recognising import RECOGNISER, recognise_pages

MUPDF = cast(Any, pymupdf)
FAKE = """
import os, sys, time
from app.domain.kinds import DocumentState
from app.ingest.frames import END, framed
from app.ingest.messages import Ended, PageRead, RecogniseOrder
out = sys.stdout.buffer
for line in sys.stdin.buffer:
    (number,) = RecogniseOrder.model_validate_json(line).pages
    if number == 3:
        {on_three}
    page = PageRead(number=number, text="words", width=1, height=1)
    for message in (page, Ended(state=DocumentState.READY)):
        out.write(framed(message.model_dump_json().encode() + b"\\n"))
    out.write(END)
    out.flush()
"""


def scan(path: Path, *texts: str, dpi: int = 150, password: str = "") -> Path:
    """Pages that are pictures of text."""
    document = MUPDF.open()
    for text in texts:
        drawn = MUPDF.open()
        drawn.new_page(width=300, height=120).insert_text((30, 60), text, fontsize=12)
        page = document.new_page(width=300, height=120)
        page.insert_image(page.rect, pixmap=drawn[0].get_pixmap(dpi=dpi, colorspace=MUPDF.csGRAY))
    keep = {"encryption": MUPDF.PDF_ENCRYPT_AES_256, "user_pw": password} if password else {}
    document.save(str(path), **keep)
    return path


def recognise(
    path: Path,
    pages: Sequence[int],
    workers: int = 1,
    command: Sequence[str] = RECOGNISER,
    password: str | None = None,
    **limits: Any,
) -> tuple[dict[int, PageRead], tuple[int, ...]]:
    told: dict[int, PageRead] = {}

    def keep(page: PageRead) -> None:
        told[page.number] = page

    failed = recognise_pages(
        path, path.suffix, pages, Limits(**limits), CancelToken(), keep, workers, password, command
    )
    return told, failed


def fake(on_three: str) -> tuple[str, ...]:
    code = FAKE.replace("{on_three}", on_three)
    return (sys.executable, "-c", f"import sys; sys.path.insert(0, {str(Path.cwd())!r})\n{code}")


def test_scanned_pages_are_read_in_confined_processes(tmp_path: Path) -> None:
    path = scan(tmp_path / "scan.pdf", "Governed by Delaware law", "Thirty days of notice", "Paid in euros")
    told, failed = recognise(path, (1, 2, 3), workers=2)
    assert failed == ()
    assert [told[number].text for number in (1, 2, 3)] == [
        "Governed by Delaware law",
        "Thirty days of notice",
        "Paid in euros",
    ]
    page = told[1]
    assert (page.width, page.height) == (300, 120)
    assert len(page.confidences) == len(page.words) == 4
    assert page.words[0].box.x0 == pytest.approx(30, abs=2)


def test_a_page_that_is_not_there_fails_alone(tmp_path: Path) -> None:
    told, failed = recognise(scan(tmp_path / "scan.pdf", "Governed by Delaware law"), (1, 9))
    assert (sorted(told), failed) == ([1], (9,))


def test_the_password_opens_a_locked_scan(tmp_path: Path) -> None:
    path = scan(tmp_path / "locked.pdf", "Governed by Delaware law", password="open sesame")
    told, failed = recognise(path, (1,), password="open sesame")
    assert (told[1].text, failed) == ("Governed by Delaware law", ())
    assert recognise(path, (1,)) == ({}, (1,))


def test_frames_of_a_picture_are_pages_in_points(tmp_path: Path) -> None:
    frames: list[Image.Image] = []
    for text in ("Governed by Delaware law", "Thirty days of notice"):
        drawn = MUPDF.open()
        drawn.new_page(width=300, height=120).insert_text((30, 60), text, fontsize=12)
        pixels = drawn[0].get_pixmap(dpi=200)
        frames.append(Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples))
    path = tmp_path / "fax.tiff"
    frames[0].save(path, save_all=True, append_images=frames[1:], dpi=(200, 200))
    told, failed = recognise(path, (1, 2))
    assert failed == ()
    assert [told[number].text for number in (1, 2)] == ["Governed by Delaware law", "Thirty days of notice"]
    assert (told[2].width, told[2].height) == pytest.approx((300, 120), abs=0.5)
    assert told[1].words[0].box.x0 == pytest.approx(30, abs=2)


@pytest.mark.parametrize("end", ["os.abort()", "out.write(b'no frame'); out.flush(); os._exit(0)"])
def test_a_page_that_takes_its_process_down_costs_itself_alone(tmp_path: Path, end: str) -> None:
    told, failed = recognise(tmp_path / "any.pdf", (1, 2, 3, 4, 5), workers=2, command=fake(end))
    assert (sorted(told), failed) == ([1, 2, 4, 5], (3,))


def test_a_page_that_never_ends_costs_itself_alone(tmp_path: Path) -> None:
    hangs = fake("time.sleep(600)")
    told, failed = recognise(tmp_path / "any.pdf", (1, 2, 3, 4), command=hangs, seconds=3.0)
    assert (sorted(told), failed) == ([1, 2, 4], (3,))


def test_nothing_is_left_running_when_it_is_cancelled(tmp_path: Path) -> None:
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        recognise_pages(
            tmp_path / "any.pdf",
            ".pdf",
            (1, 3),
            Limits(),
            cancel,
            lambda page: cancel.cancel(),
            1,
            command=fake("time.sleep(600)"),
        )
    assert not psutil.Process().children(recursive=True)


def test_nothing_is_left_running_when_a_page_cannot_be_kept(tmp_path: Path) -> None:
    def full(page: PageRead) -> None:
        raise OSError(f"no room for page {page.number}")

    with pytest.raises(OSError, match="no room"):
        recognise_pages(
            tmp_path / "any.pdf", ".pdf", (1, 2), Limits(), CancelToken(), full, 2, command=fake("pass")
        )
    assert not psutil.Process().children(recursive=True)
