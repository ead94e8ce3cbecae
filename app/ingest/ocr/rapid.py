"""RapidOCR on ONNX Runtime with the models in its wheel (PP-OCRv6 small): nothing is downloaded.

RapidOCR finds lines and runs the networks. What it makes of their answers is done here instead, for words
with exact boxes: its own are spread evenly along the line, and it reads small print with letters missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from app.ingest.ocr.cleaning import grey, without_grain
from app.ingest.ocr.decoding import Answer, Letter, letters_of, mean_confidence, narrowed, tokens_of
from app.ingest.ocr.line_boxes import Quad, cut, rolled, word_boxes
from app.ingest.ocr.port import Picture, RecognisedLine, RecognisedWord

_HEIGHT = 48
_LEAST_WIDTH = 320
_STEP = 8
_SHEET_INCHES = 11.0
_TALL = 1.5
_ONE_LETTER = 2.0
_SURE = 0.85
_BETTER = 0.05
_SAMPLE = 5


@dataclass(frozen=True)
class Settings:
    """What was measured to read best; see bench/reading/ocr.py.

    Lines are looked for at ``finding_dpi`` or below, and never in a picture with a side of more than
    ``finding_side``. ``grow`` is how far a line's box reaches beyond its letters' cores. The network drops
    narrow letters of small print: a line with more letters a step than ``crowded`` is read once more,
    ``stretch`` times as wide. Where it sees no sign, but a space with the chance ``space``, there is one.
    Lines below ``least_confidence`` are noise.
    """

    finding_dpi: float = 150.0
    finding_side: int = 2560
    box_threshold: float = 0.5
    grow: float = 1.3
    crowded: float = 0.6
    stretch: float = 1.5
    space: float = 0.1
    widest: int = 6400
    least_confidence: float = 0.5
    smooth: bool = True


class RapidRecogniser:
    """One thread at a time. Making it loads the networks and runs a small picture through each."""

    def __init__(self, threads: int = 1, settings: Settings | None = None) -> None:
        from rapidocr import RapidOCR

        self._settings = told = settings or Settings()
        runtime = "EngineConfig.onnxruntime."
        make = cast(Any, RapidOCR)
        self._engine: Any = make(
            params={
                "Global.log_level": "critical",
                "Global.use_preprocess_img": False,
                "Global.use_vertical_padding": False,
                "Det.limit_type": "max",
                "Det.limit_side_len": told.finding_side,
                "Det.box_thresh": told.box_threshold,
                "Det.unclip_ratio": told.grow,
                runtime + "intra_op_num_threads": threads,
                runtime + "inter_op_num_threads": 1,
                runtime + "enable_cpu_mem_arena": False,
            }
        )
        cv2.setNumThreads(threads)
        small = np.full((_HEIGHT, _LEAST_WIDTH, 3), 255, np.uint8)
        self._engine(small, use_det=False, use_cls=False, use_rec=True)
        self._engine(small, use_det=True, use_cls=False, use_rec=False)
        self._signs: Sequence[str] = self._engine.text_rec.postprocess_op.character

    def recognise(self, picture: Picture, dots_per_inch: float = 0.0) -> tuple[RecognisedLine, ...]:
        """See ``Recogniser``. Letters outside of English come as the model gives them."""
        plain = grey(picture)
        quads = self._found(plain, dots_per_inch)
        if not quads:
            return ()
        cleaned = without_grain(plain) if self._settings.smooth else plain
        level, upright = _parted(quads)
        lines = [*self._read(cleaned, level, (0, 2)), *self._read(cleaned, upright, (1, 3))]
        return tuple(sorted(lines, key=lambda line: line.words[0].box[1]))

    def _found(self, picture: Picture, dots_per_inch: float) -> list[Quad]:
        height, width = picture.shape[:2]
        dpi = dots_per_inch or max(height, width) / _SHEET_INCHES
        scale = min(1.0, self._settings.finding_dpi / dpi)
        small = picture
        if scale < 1.0:
            size = max(1, round(width * scale)), max(1, round(height * scale))
            small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        stretch = np.array((width / small.shape[1], height / small.shape[0]), np.float32)
        rgb = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
        boxes = self._engine(rgb, use_det=True, use_cls=False, use_rec=False).boxes
        if boxes is None:
            return []
        return [np.asarray(box, np.float32) * stretch for box in cast("list[Quad]", list(boxes))]

    def _read(self, picture: Picture, quads: Sequence[Quad], turns: tuple[int, int]) -> list[RecognisedLine]:
        """Lines read in that of two opposite directions which makes more sense of the longest of them."""
        ordered = sorted(quads, key=_length, reverse=True)
        turn = turns[0]
        lines = [self._line(picture, quad, turn) for quad in ordered[:_SAMPLE]]
        if lines and _confidence(lines) < _SURE:
            turned = [self._line(picture, quad, turns[1]) for quad in ordered[:_SAMPLE]]
            if _confidence(turned) > _confidence(lines) + _BETTER:
                turn, lines = turns[1], turned
        lines += [self._line(picture, quad, turn) for quad in ordered[_SAMPLE:]]
        least = self._settings.least_confidence
        return [line for line in lines if line is not None and line.confidence >= least]

    def _line(self, picture: Picture, quad: Quad, turn: int) -> RecognisedLine | None:
        strip = cut(picture, rolled(quad, turn))
        letters = narrowed(self._letters(strip.pixels))
        tokens = tokens_of(letters)
        if not tokens:
            return None
        boxes, height = word_boxes(strip, tokens)
        words = tuple(
            RecognisedWord(token.text, box, token.confidence)
            for token, box in zip(tokens, boxes, strict=True)
        )
        text = " ".join(word.text for word in words)
        return RecognisedLine(text, mean_confidence(letters), words, turn, _slope(strip.quad), height)

    def _letters(self, pixels: Picture) -> list[Letter]:
        told = self._settings
        answer = self._answer(pixels, 1.0)
        letters = letters_of(answer, self._signs, told.space)
        if len(letters) > told.crowded * len(answer):
            wider = letters_of(self._answer(pixels, told.stretch), self._signs, told.space)
            if mean_confidence(wider) > mean_confidence(letters):
                return wider
        return letters

    def _answer(self, pixels: Picture, stretch: float) -> Answer:
        """At steps along the strip and not behind it."""
        height, width = pixels.shape[:2]
        wide = min(max(_STEP, round(width * _HEIGHT / height * stretch)), self._settings.widest)
        sized = np.asarray(cv2.resize(pixels, (wide, _HEIGHT)), np.float32)
        padded = -(-max(wide, _LEAST_WIDTH) // _STEP) * _STEP
        network = np.zeros((1, 3, _HEIGHT, padded), np.float32)
        network[0, :, :, :wide] = sized / 127.5 - 1.0
        answer = cast(NDArray[np.float32], self._engine.text_rec.session(network)[0])
        return answer[: -(-wide * len(answer) // padded)]


def _parted(quads: Sequence[Quad]) -> tuple[list[Quad], list[Quad]]:
    """Lines that run across the page, and those that run up or down it. A tall box may be one letter."""
    sides = [(_side(quad, 1), _side(quad, 3)) for quad in quads]
    across = [height for width, height in sides if height < _TALL * width]
    usual = float(np.median(across)) if across else 0.0
    level: list[Quad] = []
    upright: list[Quad] = []
    for quad, (width, height) in zip(quads, sides, strict=True):
        tall = height >= _TALL * width and height > _ONE_LETTER * usual
        (upright if tall else level).append(quad)
    return level, upright


def _side(quad: Quad, corner: int) -> float:
    """From the first corner."""
    return float(np.linalg.norm(quad[corner] - quad[0]))


def _length(quad: Quad) -> float:
    return max(_side(quad, 1), _side(quad, 3))


def _confidence(lines: Sequence[RecognisedLine | None]) -> float:
    """Of a letter, on average."""
    letters = sum(len(line.text) for line in lines if line is not None)
    return sum(line.confidence * len(line.text) for line in lines if line is not None) / max(letters, 1)


def _slope(quad: Quad) -> float:
    """Of the line that begins at the first corner, in its own upright frame: less than a quarter turn."""
    along, fall = (quad[1] - quad[0]).tolist()
    if abs(along) > abs(fall):
        return fall / along
    return -along / fall if fall else 0.0
