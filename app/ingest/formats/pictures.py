"""Pictures: one page a frame, for OCR to recognise. Pixels are decoded by ``open_frame`` alone."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import BinaryIO, cast

from PIL import Image, ImageOps

from app.domain.kinds import DocumentState
from app.ingest.formats.ending import DAMAGED, Message, Refused, ends_once, too_many_pages
from app.ingest.formats.source import Source, opened
from app.ingest.limits import Limits
from app.ingest.messages import Ended, PageRead

MOST_PIXELS = 120_000_000
"""In one frame: an A3 sheet at 600 dots an inch has 70 million."""

_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
_POINTS_AN_INCH = 72.0
_LEAST_DPI, _MOST_DPI = 20.0, 4_800.0
_ORIENTATION = 0x0112
_TURNED = (5, 6, 7, 8)
_WANTS_OCR = "it is a picture"


def warm_up() -> None:
    """Load the plug-ins and their libraries, and run a picture through each."""
    from io import BytesIO

    Image.init()
    for kind in _FORMATS:
        made = BytesIO()
        Image.new("RGB", (8, 8), "white").save(made, kind)
        open_frame(made, 1)


@ends_once
def read_pictures(source: Source, limits: Limits) -> Iterator[Message]:
    """A page without text for each frame of a TIFF, and for the first of anything else."""
    picture = _open(opened(source))
    frames = number = 0
    broken: list[int] = []
    while True:
        number += 1
        try:
            picture.seek(number - 1)
        except EOFError:
            break
        except Exception:  # a directory of frames that breaks off; Pillow's errors have no common type
            if number == 1:
                raise
            broken.append(number)
            yield PageRead(number=number, text="", width=612, height=792, broken=True)
            break
        if number > limits.pages:
            raise too_many_pages(number, limits)
        frames += 1
        width, height = size_in_points(picture)
        fits = picture.width * picture.height <= MOST_PIXELS
        if not fits:
            broken.append(number)
        yield PageRead(
            number=number,
            text="",
            width=width,
            height=height,
            broken=not fits,
            wants_ocr=_WANTS_OCR if fits else None,
        )
        if picture.format != "TIFF":
            break
    yield _end(picture, frames, broken)


def _end(picture: Image.Image, frames: int, broken: list[int]) -> Ended:
    flags: list[str] = []
    if picture.format != "TIFF" and getattr(picture, "n_frames", 1) > 1:
        flags.append("an animation, of which the first picture is read")
    if broken:
        listed = ", ".join(map(str, broken[:20])) + (" …" if len(broken) > 20 else "")
        flags.append(f"pages that could not be read: {listed}")
    if len(broken) >= frames:
        if picture.width * picture.height > MOST_PIXELS:
            raise _too_many_pixels()
        return Ended(state=DocumentState.DAMAGED, reason=DAMAGED, flags=tuple(flags))
    reason = "The pages are pictures, and no words have been recognised in them."
    return Ended(state=DocumentState.NO_TEXT, reason=reason, flags=tuple(flags))


def open_frame(source: Source, number: int) -> Image.Image:
    """Frame ``number``, from 1, decoded, upright, on white: mode "L" or "RGB"; ``info["dpi"]`` is its own.

    Raises Refused, and what Pillow raises, for a frame that is too large, damaged or not there.
    """
    picture = _open(opened(source))
    picture.seek(number - 1)
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many_pixels()
    across, down = dots_per_inch(picture)
    upright = ImageOps.exif_transpose(picture)
    shown = _opaque(upright)
    shown.info["dpi"] = (across, down)
    return shown


def dots_per_inch(picture: Image.Image) -> tuple[float, float]:
    """Across and down, as the picture is seen upright; 72 where it does not say, or nothing credible."""
    stated = picture.info.get("dpi")
    try:
        pair = cast(tuple[float, float], stated)
        across, down = float(pair[0]), float(pair[1])
    except (TypeError, ValueError, IndexError, ZeroDivisionError, OverflowError):
        return _POINTS_AN_INCH, _POINTS_AN_INCH
    if not (_LEAST_DPI <= across <= _MOST_DPI and _LEAST_DPI <= down <= _MOST_DPI):
        return _POINTS_AN_INCH, _POINTS_AN_INCH
    return (down, across) if _orientation(picture) in _TURNED else (across, down)


def size_in_points(picture: Image.Image) -> tuple[float, float]:
    """Width and height of the frame it stands at, as it is seen upright."""
    across, down = dots_per_inch(picture)
    width, height = picture.size
    # Pillow turns the size of a TIFF itself
    if picture.format != "TIFF" and _orientation(picture) in _TURNED:
        width, height = height, width
    return round(width / across * _POINTS_AN_INCH, 2), round(height / down * _POINTS_AN_INCH, 2)


def _open(file: BinaryIO) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            picture = Image.open(file, formats=_FORMATS)
        except Image.DecompressionBombError:
            raise _too_many_pixels() from None
    if picture.width * picture.height > MOST_PIXELS and picture.format != "TIFF":
        raise _too_many_pixels()
    return picture


def _too_many_pixels() -> Refused:
    most = MOST_PIXELS // 1_000_000
    return Refused(
        DocumentState.REFUSED,
        f"The picture has more than {most} million dots. Save it with fewer dots an inch.",
    )


def _orientation(picture: Image.Image) -> int:
    try:
        if picture.format == "TIFF":
            return int(getattr(picture, "tag_v2", {}).get(_ORIENTATION, 1))
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # a damaged EXIF block is no reason to lose the picture
        return 1


def _opaque(picture: Image.Image) -> Image.Image:
    if picture.mode in ("1", "L"):
        return picture.convert("L")
    if picture.mode.startswith("I"):  # 16 bits a dot and more: the brightest is white
        low, high = cast(tuple[float, float], picture.convert("F").getextrema())
        scale = 255.0 / (high - low) if high > low else 0.0
        return picture.convert("F").point(lambda value: (value - low) * scale).convert("L")
    if picture.has_transparency_data:
        whole = picture.convert("RGBA")
        white = Image.new("RGBA", whole.size, "white")
        return Image.alpha_composite(white, whole).convert("RGB")
    return picture.convert("RGB")
