from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from app.domain.kinds import DocumentState
from app.ingest.formats.ending import Refused
from app.ingest.formats.pictures import MOST_PIXELS, dots_per_inch, open_frame, read_pictures
from app.ingest.limits import Limits
from app.ingest.messages import Ended, PageRead

ORIENTATION = 0x0112


def saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


def read(data: bytes, **limits: Any) -> tuple[list[PageRead], Ended]:
    messages = list(read_pictures(data, Limits(**limits)))
    *pages, ended = messages
    assert isinstance(ended, Ended)
    return [page for page in pages if isinstance(page, PageRead)], ended


def half_black(width: int = 300, height: int = 200) -> Image.Image:
    """Black on the left."""
    picture = Image.new("RGB", (width, height), "white")
    picture.paste((0, 0, 0), (0, 0, width // 2, height))
    return picture


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF"])
def test_a_picture_is_one_page_that_wants_its_words_recognised(kind: str) -> None:
    pages, ended = read(saved(half_black(), kind))
    assert [(page.number, page.text, page.wants_ocr) for page in pages] == [(1, "", "it is a picture")]
    assert ended.state is DocumentState.NO_TEXT
    assert open_frame(saved(half_black(), kind), 1).size == (300, 200)


def test_its_size_in_points_follows_from_its_dots_an_inch() -> None:
    (page,), _ = read(saved(half_black(), "PNG", dpi=(300, 150)))
    assert (page.width, page.height) == (pytest.approx(72, abs=0.1), pytest.approx(96, abs=0.1))
    for nonsense in (None, (0, 0), (1, 1), (100_000, 100_000)):
        (page,), _ = read(saved(half_black(), "PNG", **({"dpi": nonsense} if nonsense else {})))
        assert (page.width, page.height) == (300, 200)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG", "WEBP"])
def test_a_picture_taken_sideways_is_read_upright(kind: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = saved(half_black(), kind, exif=exif, **({} if kind == "WEBP" else {"dpi": (100, 100)}))
    (page,), _ = read(data)
    frame = open_frame(data, 1)
    across, down = dots_per_inch(frame)
    assert frame.size == (200, 300)
    assert (page.width, page.height) == pytest.approx((200 / across * 72, 300 / down * 72), abs=0.1)
    assert sum(frame.getpixel((100, 20))[:3]) < 60  # what was on the left is on top
    assert sum(frame.getpixel((100, 280))[:3]) > 700


def test_every_frame_of_a_tiff_is_a_page_and_has_its_own_size() -> None:
    frames = [half_black(100 * n, 50) for n in (1, 2, 3)]
    data = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    pages, ended = read(data)
    assert [(page.number, page.width) for page in pages] == [(1, 100), (2, 200), (3, 300)]
    assert open_frame(data, 3).size == (300, 50)
    with pytest.raises(EOFError):
        open_frame(data, 4)
    assert read(data, pages=2)[1].state is DocumentState.TOO_LARGE
    assert ended.state is DocumentState.NO_TEXT


def test_frames_before_a_break_are_kept() -> None:
    frames = [half_black(100, 50) for _ in range(3)]
    data = bytearray(saved(frames[0], "TIFF", save_all=True, append_images=frames[1:]))
    first = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, first)[0]
    struct.pack_into("<I", data, first + 2 + 12 * count, len(data) - 1)
    pages, ended = read(bytes(data))
    assert pages[0].wants_ocr
    assert [page.broken for page in pages] == [False, True]
    assert ended.flags == ("pages that could not be read: 2",)


def test_only_the_first_picture_of_an_animation_is_read_and_that_is_said() -> None:
    other = Image.new("RGB", (300, 200), "red")
    pages, ended = read(saved(half_black(), "GIF", save_all=True, append_images=[other]))
    assert len(pages) == 1
    assert ended.flags == ("an animation, of which the first picture is read",)


@pytest.mark.parametrize("side", [13_000, 60_000])
def test_a_picture_of_too_many_dots_is_refused_before_it_is_unpacked(side: int) -> None:
    assert side * side > MOST_PIXELS
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packed = zlib.compress(bytes(1000))
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
    pages, ended = read(data)
    assert not pages
    assert ended.state is DocumentState.REFUSED
    with pytest.raises(Refused):
        open_frame(data, 1)


def test_words_on_a_transparent_ground_stand_on_white() -> None:
    clear = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    assert open_frame(saved(clear, "PNG"), 1).getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bits_a_dot_become_eight() -> None:
    deep = Image.new("I;16", (2, 1))
    deep.putpixel((0, 0), 1000)
    deep.putpixel((1, 0), 60_000)
    shown = open_frame(saved(deep, "TIFF"), 1)
    assert (shown.mode, shown.getpixel((0, 0)), shown.getpixel((1, 0))) == ("L", 0, 255)
