"""A line cut out of a picture, and where its words stand in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.ingest.ocr.decoding import Token, bounds_between
from app.ingest.ocr.port import Corners, Picture

Quad = NDArray[np.float32]
"""(4, 2): x and y of the top left, top right, bottom right and bottom left corner."""

_LEAST_INK = 0.04


class Strip(NamedTuple):
    """``pixels`` (h, w) show what stands in ``quad``, whose first corner is where its text begins, on top."""

    pixels: Picture
    quad: Quad


def rolled(quad: Quad, turn: int) -> Quad:
    """The corners beginning where text begins that is turned by so many quarters clockwise."""
    return np.roll(quad, -turn, axis=0)


def cut(picture: Picture, quad: Quad) -> Strip:
    """The strip, straightened."""
    width = max(int(np.linalg.norm(quad[0] - quad[1])), int(np.linalg.norm(quad[3] - quad[2])), 1)
    height = max(int(np.linalg.norm(quad[0] - quad[3])), int(np.linalg.norm(quad[1] - quad[2])), 1)
    straight = cv2.getPerspectiveTransform(quad, _corners(width, height))
    pixels = cv2.warpPerspective(
        picture, straight, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return Strip(np.asarray(pixels, np.uint8), quad)


def word_boxes(strip: Strip, tokens: Sequence[Token]) -> tuple[list[Corners], float]:
    """In the picture, for each token the bounds of its ink; and the height of the line's ink.

    A token without ink of its own, as on a ruled line, has the strip's height.
    """
    ink = _ink(strip.pixels)
    height, width = ink.shape
    inkless = ink.sum(axis=0) < max(1.0, _LEAST_INK * height)
    back = np.asarray(cv2.getPerspectiveTransform(_corners(width, height), strip.quad), np.float64)
    boxes: list[Corners] = []
    tops: list[int] = []
    for start, end in bounds_between(tokens, inkless):
        columns = np.flatnonzero(~inkless[start:end])
        left, right = (start + columns[0], start + columns[-1] + 1) if len(columns) else (start, end)
        rows = np.flatnonzero(ink[:, left:right].sum(axis=1) >= max(1.0, _LEAST_INK * (right - left)))
        top, bottom = (rows[0], rows[-1] + 1) if len(rows) else (0, height)
        tops.append(int(bottom - top))
        boxes.append(_in_picture(back, int(left), int(top), max(int(right), int(left) + 1), int(bottom)))
    return boxes, float(max(tops, default=height))


def _ink(pixels: Picture) -> NDArray[np.bool_]:
    """Which pixels belong to letters, be they dark on light or light on dark."""
    _, parted = cv2.threshold(pixels, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    dark = np.asarray(parted, np.bool_)
    return ~dark if dark.mean() > 0.5 else dark


def _corners(width: int, height: int) -> Quad:
    return np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float32)


def _in_picture(back: NDArray[np.float64], left: int, top: int, right: int, bottom: int) -> Corners:
    corners = np.array((((left, top), (right, top), (right, bottom), (left, bottom)),), np.float64)
    moved = cv2.perspectiveTransform(corners, back)[0]
    (x0, y0), (x1, y1) = moved.min(axis=0).tolist(), moved.max(axis=0).tolist()
    return x0, y0, x1, y1
