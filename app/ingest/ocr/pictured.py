"""Pages as pictures to recognise words in, no larger than that takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from PIL import Image

from app.ingest.ocr.port import Picture

MOST_PIXELS = 24_000_000
"""An A3 sheet at 300 dots an inch has 17 million."""

_POINTS_AN_INCH = 72.0
_LEAST_DPI, _USUAL_DPI, _MOST_DPI = 100.0, 200.0, 300.0
_SHARE = 0.1


@dataclass(frozen=True)
class Pictured:
    """``scale`` is points a pixel across and down; ``size`` the page's in points; 0 dots where not known."""

    pixels: Picture
    dots_per_inch: float
    scale: tuple[float, float]
    size: tuple[float, float]


def pdf_page(document: Any, number: int) -> Pictured:
    """The page as its reader sees it, at the resolution at which it was scanned.

    Raises whatever MuPDF does.
    """
    import pymupdf

    page: Any = document[number - 1]
    width, height = float(page.rect.width), float(page.rect.height)
    dpi = min(scanned_at(page), _POINTS_AN_INCH * math.sqrt(MOST_PIXELS / max(width * height, 1.0)))
    zoom = dpi / _POINTS_AN_INCH
    drawn: Any = page.get_pixmap(
        matrix=cast(Any, pymupdf.Matrix(zoom, zoom)), colorspace=pymupdf.csGRAY, alpha=False
    )
    rows = np.frombuffer(drawn.samples_mv, np.uint8).reshape(drawn.height, drawn.stride)
    pixels = rows[:, : drawn.width].copy()
    return Pictured(pixels, dpi, (width / drawn.width, height / drawn.height), (width, height))


def scanned_at(page: Any) -> float:
    """Dots an inch of the finest of its larger pictures, within what letters need and can use."""
    area = float(page.rect.width) * float(page.rect.height)
    found: list[float] = []
    for told in page.get_image_info():
        x0, y0, x1, y1 = told["bbox"]
        # pixels along the sides that they lie along, whichever way the picture is turned
        a, b, *_ = told["transform"]
        side = math.hypot(a, b)
        if side > 0 and (x1 - x0) * (y1 - y0) >= _SHARE * area:
            found.append(told["width"] / side * _POINTS_AN_INCH)
    return min(max(max(found, default=_USUAL_DPI), _LEAST_DPI), _MOST_DPI)


def picture_frame(frame: Image.Image, stated: tuple[float, float]) -> Pictured:
    """A picture of a page, mode "L" or "RGB"; ``stated`` dots an inch are 72 where it does not say."""
    across, down = stated
    width, height = frame.size
    size = width / across * _POINTS_AN_INCH, height / down * _POINTS_AN_INCH
    pixels = np.asarray(frame.convert("L"), np.uint8)
    known = min(across, down) > _POINTS_AN_INCH
    # dots that are not square are made so; more of them than letters need only take time
    finest = min(across, down, _MOST_DPI) if known else _POINTS_AN_INCH
    most = math.sqrt(MOST_PIXELS / (width / across * height / down * finest * finest))
    wanted = finest * min(1.0, most)
    target = max(1, round(width * wanted / across)), max(1, round(height * wanted / down))
    if target != (width, height):
        pixels = np.asarray(cv2.resize(pixels, target, interpolation=cv2.INTER_AREA), np.uint8)
    scale = size[0] / target[0], size[1] / target[1]
    return Pictured(pixels, wanted if known else 0.0, scale, size)
