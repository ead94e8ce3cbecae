"""What recognises words in a picture; engines plug in here."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""(H, W) grey or (H, W, 3) RGB; 0 is black."""

Corners = tuple[float, float, float, float]
"""Left, top, right, bottom in the picture's pixels, origin top left."""


class RecognisedWord(NamedTuple):
    """``box`` stands around its ink; ``confidence`` is 0 to 1."""

    text: str
    box: Corners
    confidence: float


class RecognisedLine(NamedTuple):
    """Words that stand on one line without a wide gap, as they are read.

    ``turn``: quarters clockwise from upright that its text is turned by; ``slope``: how far the line then
    falls per pixel that it goes right. ``height`` is that of its ink in pixels, ascenders to descenders.
    """

    text: str
    confidence: float
    words: tuple[RecognisedWord, ...]
    turn: int = 0
    slope: float = 0.0
    height: float = 0.0


class Recogniser(Protocol):
    """Loaded once, used for many pictures."""

    def recognise(self, picture: Picture, dots_per_inch: float) -> tuple[RecognisedLine, ...]:
        """The picture's lines from top to bottom, in no reading order yet.

        ``dots_per_inch`` is a hint at the size of letters; 0 where it is not known.
        """
        ...
