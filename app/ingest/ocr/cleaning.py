"""What is done to a picture before its letters are recognised."""

from __future__ import annotations

import cv2
import numpy as np

from app.ingest.ocr.port import Picture

_NOISY = 4.0
_REACH = 5
_SPREAD_PIXELS = 1.5
_SPREAD_GREY = 40.0
# Immerkær, Fast noise variance estimation (1996): what straight edges cannot cause
_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_NORMAL = 6.0 * 0.6745


def grey(picture: Picture) -> Picture:
    """(H, W)."""
    if picture.ndim == 2:
        return picture
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def noise(picture: Picture) -> float:
    """Standard deviation of the grain in shades of grey, 0 on clean paper; ``picture`` is (H, W)."""
    answer = np.abs(cv2.filter2D(picture, cv2.CV_32F, _MASK))
    return float(np.median(answer)) / _NORMAL


def without_grain(picture: Picture) -> Picture:
    """Grain smoothed and edges kept; the picture as it is where there is none. ``picture`` is (H, W)."""
    if noise(picture) < _NOISY:
        return picture
    return np.asarray(cv2.bilateralFilter(picture, _REACH, _SPREAD_GREY, _SPREAD_PIXELS), np.uint8)
