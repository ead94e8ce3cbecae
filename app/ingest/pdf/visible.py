"""Words of a page that nobody can see.

A first look at style and place costs next to nothing and only names candidates; what they are is settled by
the page's pixels, or by the order in which the file draws.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast

from app.ingest.pdf.text_pass import (
    COLLECT_VECTORS,
    Corners,
    Glyphs,
    PageGlyphs,
    Run,
    Shape,
    Style,
    is_light,
    turned,
)

OUTSIDE = "outside the page"
TINY = "smaller than a point"
NO_INK = "drawn without ink"
CLEAR = "transparent"
SAME_COLOUR = "in the colour of what is behind them"
WHITE = "white on white"
COVERED = "under a filled shape"
PICTURED = "under a picture"
SWITCHED_OFF = "in a layer that is switched off"

_CERTAIN = frozenset({OUTSIDE, TINY, NO_INK, PICTURED})

_PRESERVE_IMAGES = 4
_IMAGE_BLOCK = 1
_MOST_PIXELS = 4_000_000
_MOST_SHAPES = 500
_SCAN_SHARE = 0.15
_LAYER_SHARE = 0.7
_OPAQUE = 230
_BAND = 16.0
_FAR = 20_000.0
_NEAR = 24
_DIFFERS = 14
_RULES = 0.12
_INKLESS = 0.008
_PAPER = 0xF0
_FEW_WORDS = 20


class Judged(NamedTuple):
    """``runs``: with only what can be seen; ``image_share``: 0 to 1 of the page's area, by pictures."""

    runs: list[Run]
    unseen: list[tuple[Glyphs, str]]
    image_share: float
    visible_words: int


class _Image(NamedTuple):
    block: int
    box: Corners


class _Pictures(NamedTuple):
    images: list[_Image]
    texts: list[_Image]
    share: float
    opaque: bool


_NO_PICTURES = _Pictures([], [], 0.0, False)


def judge(page: Any, glyphs: PageGlyphs) -> Judged:
    """Divide a page's words into those that people see and the rest."""
    pictures = _pictures(page, glyphs)
    suspects = _suspects(glyphs, pictures)
    visible = sum(len(run.words) for run in glyphs.runs if _inked(run))
    if not suspects:
        return Judged(glyphs.runs, [], pictures.share, visible)
    unseen = _confirmed(page, glyphs, suspects)
    if not unseen:
        return Judged(glyphs.runs, [], pictures.share, visible)
    runs: list[Run] = []
    listed: list[tuple[Glyphs, str]] = []
    for run in glyphs.runs:
        seen: list[Glyphs] = []
        for number, word in enumerate(run.words):
            why = unseen.get((run.place, number))
            if why is None:
                seen.append(word)
            else:
                listed.append((word, why))
        if seen:
            run.words = seen
            runs.append(run)
    return Judged(runs, listed, pictures.share, visible)


def _inked(run: Run) -> bool:
    return not run.odd or all(style.ink for style in run.styles)


_Key = tuple[int, int]
"""A run's place and a word's number in it."""


class _Suspect(NamedTuple):
    word: Glyphs
    colour: int
    why: str


def _suspects(glyphs: PageGlyphs, pictures: _Pictures) -> dict[_Key, _Suspect]:
    found: dict[_Key, _Suspect] = {}
    shapes = [shape for shape in glyphs.shapes if shape.alpha >= _OPAQUE]
    if len(shapes) > _MOST_SHAPES:
        shapes = sorted(shapes, key=lambda shape: _area(shape.box), reverse=True)[:_MOST_SHAPES]
    under = _under(glyphs.runs, shapes)
    for run in glyphs.runs:
        x0, y0, x1, y1 = run.box
        outside = not (x0 >= 0 and y0 >= 0 and x1 <= glyphs.width and y1 <= glyphs.height)
        covers = under.get(run.place, ())
        if not (run.odd or outside or covers or pictures.opaque):
            continue
        styles = run.styles
        for number, word in enumerate(run.words):
            style = _style_of(word, styles)
            why = _why(word, style, glyphs, covers, run.block)
            if why is None and pictures.opaque and _pictured(word, pictures, glyphs):
                why = PICTURED
            if why is not None:
                found[run.place, number] = _Suspect(word, style.colour if style else 0, why)
    if any(suspect.why == NO_INK for suspect in found.values()):
        _spare_recognised(found, glyphs, pictures)
    return found


def _why(
    word: Glyphs, style: Style | None, glyphs: PageGlyphs, covers: Iterable[Shape], block: int
) -> str | None:
    x0, y0, x1, y1 = word[:4]
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    if not (0 <= x <= glyphs.width and 0 <= y <= glyphs.height):
        return OUTSIDE
    if style is None:
        return None
    if style.size < 1.0 and x1 - x0 < len(word[4]):  # a font may make up for its size
        return TINY
    if not style.ink:
        return NO_INK
    if style.alpha < 64:
        return CLEAR
    for shape in covers:
        if _within(word, shape.box):
            return COVERED if shape.block > block else SAME_COLOUR
    return WHITE if is_light(style.colour) else None


def _under(runs: Sequence[Run], shapes: Sequence[Shape]) -> dict[int, list[Shape]]:
    """Runs with the shapes that are drawn over them, or behind them in their own colour."""
    found: dict[int, list[Shape]] = {}
    if not shapes or not runs:
        return found
    inks = {colour for run in runs for colour in run.colours}
    alike = {
        paint: {ink for ink in inks if _close(ink, paint, _NEAR)}
        for paint in {shape.colour for shape in shapes}
    }
    first = min(run.block for run in runs)
    bands: dict[int, list[tuple[Shape, set[int]]]] = {}
    for shape in shapes:
        same = alike[shape.colour]
        if not same and not (shape.rectangle and shape.block > first):
            continue  # as most: a background that is drawn before its text, in another colour
        top, bottom = (int(min(max(side, -_FAR), _FAR) // _BAND) for side in (shape.box[1], shape.box[3]))
        for band in range(top, bottom + 1):
            bands.setdefault(band, []).append((shape, same))
    for run in runs if bands else ():
        x0, y0, x1, y1 = run.box
        y = (y0 + y1) / 2
        for shape, same in bands.get(int(min(max(y, -_FAR), _FAR) // _BAND), ()):
            if (shape.block > run.block and shape.rectangle) or (same and not same.isdisjoint(run.colours)):
                left, top, right, bottom = shape.box
                if top <= y <= bottom and left < x1 and right > x0:
                    found.setdefault(run.place, []).append(shape)
    return found


def _style_of(word: Glyphs, styles: Sequence[Style]) -> Style | None:
    if len(styles) == 1:
        return styles[0]
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    for style in styles:
        box = style.box
        if box[0] <= x <= box[2] and box[1] - 1 <= y <= box[3] + 1:
            return style
    return styles[0] if styles else None


def _pictures(page: Any, glyphs: PageGlyphs) -> _Pictures:
    """Where pictures are; only looked up on a page that names any, or has hardly a word."""
    named = page.get_images()
    if not named and sum(len(run.words) for run in glyphs.runs) > _FEW_WORDS:
        return _NO_PICTURES
    textpage = page.get_textpage(flags=_PRESERVE_IMAGES | COLLECT_VECTORS)
    matrix = page.rotation_matrix if page.rotation else None
    images: list[_Image] = []
    texts: list[_Image] = []
    for *corners, _, number, kind in textpage.extractBLOCKS():
        box = cast(Corners, tuple(corners))
        box = box if matrix is None else turned(box, matrix)
        if kind == _IMAGE_BLOCK:
            box = (max(box[0], 0), max(box[1], 0), min(box[2], glyphs.width), min(box[3], glyphs.height))
            if box[0] < box[2] and box[1] < box[3]:
                images.append(_Image(number, box))
        elif kind == 0:
            texts.append(_Image(number, box))
    share = sum(_area(image.box) for image in images) / max(glyphs.width * glyphs.height, 1.0)
    # one that may be seen through, such as a signature, hides nothing
    opaque = not any(image[1] or not image[5] for image in named)
    return _Pictures(images, texts, min(1.0, round(share, 4)), opaque)


def _pictured(word: Glyphs, pictures: _Pictures, glyphs: PageGlyphs) -> bool:
    """Under a picture that is not the page's scan, and with no text over that picture."""
    for image in pictures.images:
        scan = _area(image.box) >= 0.5 * glyphs.width * glyphs.height
        if not scan and _within(word, image.box):
            around = [text.block for text in pictures.texts if _within(word, text.box)]
            return bool(around) and max(around) < image.block
    return False


def _spare_recognised(found: dict[_Key, _Suspect], glyphs: PageGlyphs, pictures: _Pictures) -> None:
    """Words without ink over a scan are what OCR read in it: text, unless others are printed over it too."""
    page_area = max(glyphs.width * glyphs.height, 1.0)
    words = [((run.place, number), word) for run in glyphs.runs for number, word in enumerate(run.words)]
    if pictures.share >= 0.5:
        pictured = [_Image(0, (0.0, 0.0, glyphs.width, glyphs.height))]  # scans also come in strips
    else:
        pictured = [image for image in pictures.images if _area(image.box) >= _SCAN_SHARE * page_area]
    for image in pictured:
        inside = [key for key, word in words if _within(word, image.box)]
        inkless = [key for key in inside if key in found and found[key].why == NO_INK]
        if len(inkless) >= _LAYER_SHARE * len(inside):
            for key in inkless:
                del found[key]


def _confirmed(page: Any, glyphs: PageGlyphs, suspects: dict[_Key, _Suspect]) -> dict[_Key, str]:
    """Those that the page's picture bears out."""
    unseen = {key: suspect.why for key, suspect in suspects.items() if suspect.why in _CERTAIN}
    doubtful = {key: suspect for key, suspect in suspects.items() if suspect.why not in _CERTAIN}
    if doubtful and not page.rotation and all(suspect.why == COVERED for suspect in doubtful.values()):
        doubtful = _drawn_before(page, doubtful)
    if not doubtful:
        return unseen
    picture = _Picture(page, glyphs)
    for key, suspect in doubtful.items():
        behind = picture.hides(suspect.word, suspect.colour)
        if behind is not None:
            why = suspect.why
            if why == WHITE and min(behind) < _PAPER:
                why = SAME_COLOUR
            unseen[key] = why
    return unseen


def _drawn_before(page: Any, covered: Mapping[_Key, _Suspect]) -> dict[_Key, _Suspect]:
    """Those that something was drawn over after any of the text in their place.

    MuPDF tells a row of a table as one block, and the backgrounds of its cells as if they came after it.
    The log of what is drawn knows better, and costs a tenth of a picture.
    """
    top = min(suspect.word[1] for suspect in covered.values())
    bottom = max(suspect.word[3] for suspect in covered.values())
    texts: list[_Image] = []
    fills: list[_Image] = []
    for place, (what, box) in enumerate(page.get_bboxlog()):
        if what.startswith("fill-") and box[1] <= bottom and box[3] >= top:
            (texts if what == "fill-text" else fills).append(_Image(place, box))
    left: dict[_Key, _Suspect] = {}
    for key, suspect in covered.items():
        text = next((text.block for text in texts if _within(suspect.word, text.box)), -1)
        fill = next((fill.block for fill in reversed(fills) if _within(suspect.word, fill.box)), -1)
        if text < fill:
            left[key] = suspect
    return left


class _Picture:
    """The page, drawn once."""

    def __init__(self, page: Any, glyphs: PageGlyphs) -> None:
        import pymupdf

        area = max(glyphs.width * glyphs.height, 1.0)
        self._zoom = min(2.0, (_MOST_PIXELS / area) ** 0.5)
        zoom = self._zoom
        made = page.get_pixmap(matrix=cast(Any, pymupdf).Matrix(zoom, zoom), alpha=False)
        self._width, self._height, self._stride = made.width, made.height, made.stride
        self._data = bytes(made.samples_mv)

    def hides(self, box: tuple[Any, ...], colour: int) -> tuple[int, int, int] | None:
        """The colour behind the box if nothing can be read in it."""
        zoom = self._zoom
        x0, x1 = max(0, int(box[0] * zoom)), min(self._width, int(box[2] * zoom) + 1)
        y0, y1 = max(0, int(box[1] * zoom)), min(self._height, int(box[3] * zoom) + 1)
        counts: Counter[tuple[int, int, int]] = Counter()
        for y in range(y0, y1):
            row = self._data[y * self._stride + 3 * x0 : y * self._stride + 3 * x1]
            counts.update(zip(row[0::3], row[1::3], row[2::3], strict=True))
        if not counts:
            return None
        ((behind, _),) = counts.most_common(1)
        other = sum(
            count
            for pixel, count in counts.items()
            if max(abs(one - two) for one, two in zip(pixel, behind, strict=True)) > _DIFFERS
        )
        share = other / counts.total()
        lost = _close(colour, behind[0] << 16 | behind[1] << 8 | behind[2], _NEAR)
        return behind if share <= (_RULES if lost else _INKLESS) else None


@lru_cache(maxsize=4096)
def _close(one: int, other: int, by: int) -> bool:
    return all(abs((one >> shift & 255) - (other >> shift & 255)) <= by for shift in (16, 8, 0))


def _area(box: Corners) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _within(word: tuple[Any, ...], box: Corners) -> bool:
    """Whether the word's middle and most of its length lie in the box."""
    x = min(word[2], box[2]) - max(word[0], box[0])
    y = (word[1] + word[3]) / 2
    return box[1] <= y <= box[3] and x >= 0.8 * (word[2] - word[0])
