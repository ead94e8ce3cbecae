"""The child that draws pages of one untrusted PDF: ``python -m app.ingest.draw_child LIMITS_JSON SECONDS``.

It loads MuPDF and waits. The first line on standard input is the file's path as JSON; it opens that, gives
up all else that a process may do, and only then looks into it. Each further line is a ``DrawPage`` and is
answered by one line of ``Pixels`` and then exactly ``stride * height`` bytes of RGB. It ends when standard
input does. What native code prints may hold the document's words, so both of its outputs are thrown away.
"""

from __future__ import annotations

import faulthandler
import io
import json
import os
import sys
from collections import OrderedDict
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import Field

from app.domain.base import Frozen, PageNumber
from app.domain.spans import Box
from app.ingest.formats import HEAD_BYTES, FileKind, kind_of
from app.ingest.formats.pictures import open_frame, size_in_points
from app.ingest.formats.reading import warm_up as warm_up_format
from app.ingest.limits import Limits
from app.platform.confinement import confine_this_process
from app.platform.mapped_file import map_file

Rotation = Literal[0, 90, 180, 270]

MOST_PIXELS = 40_000_000
"""In one answer."""

CHANNELS = 3
_DISPLAYS_KEPT = 4
_PROCESSOR_SECONDS = 366 * 86_400.0
# a rectangle of whole pixels at a page's edge reaches past the page by less than one
_EDGE_POINTS = 1.0
_TURNS: dict[Rotation, tuple[int, int, int, int]] = {
    0: (1, 0, 0, 1),
    90: (0, 1, -1, 0),
    180: (-1, 0, 0, -1),
    270: (0, -1, 1, 0),
}


class Problem(StrEnum):
    """Why there are no pixels."""

    LOCKED = "locked"
    DAMAGED = "damaged"
    NO_SUCH_PAGE = "no-such-page"
    TOO_LARGE = "too-large"
    FAILED = "failed"


class DrawPage(Frozen):
    """``zoom`` is pixels per point; ``clip`` is in the points of the page as its file shows it.

    ``rotation`` then turns it clockwise.
    """

    number: PageNumber
    zoom: float = Field(gt=0.0, le=64.0)
    clip: Box | None = None
    rotation: Rotation = 0


class Pixels(Frozen):
    """What follows this line: ``height`` rows of ``stride`` bytes; none if there is a problem."""

    width: int = 0
    height: int = 0
    stride: int = 0
    problem: Problem | None = None


def main() -> None:
    """Answer until standard input ends."""
    limits = Limits.model_validate_json(sys.argv[1])
    seconds = float(sys.argv[2])
    requests, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _warm_up()
    if not (path := requests.readline()):
        return
    given = json.loads(path)
    pages = _Pages(_bytes_of(Path(given["path"])), given["password"])
    # it may live all day; each page's time is held by the parent, and below where the parent is gone. It may
    # also outlive the thread that started it in advance, and ends with its standard input instead
    all_day = limits.model_copy(update={"seconds": _PROCESSOR_SECONDS})
    confine_this_process(all_day, dies_with_starter=False)
    for line in requests:
        # a thread of C, so it also ends a page on which MuPDF never returns
        faulthandler.dump_traceback_later(seconds, exit=True)
        header, data = pages.answer(DrawPage.model_validate_json(line))
        faulthandler.cancel_dump_traceback_later()
        out.write(header.model_dump_json().encode() + b"\n")
        out.write(data)
        out.flush()


def _warm_up() -> None:
    """Load what MuPDF loads lazily, before limits make that impossible."""
    import pymupdf

    quiet = cast(Any, pymupdf.TOOLS)
    quiet.mupdf_display_errors(False)
    quiet.mupdf_display_warnings(False)
    warm_up_format(FileKind.PICTURE)
    sheet = cast(Any, pymupdf.open())
    page = sheet.new_page(width=72, height=72)
    page.insert_text((9, 36), "warm")
    _draw(page.get_displaylist(), (0, 0, 72, 72), DrawPage(number=1, zoom=1))
    sheet.close()


def _bytes_of(path: Path) -> memoryview | None:
    try:
        return map_file(path)
    except OSError:
        return None


class _Pages:
    """The pages of one file, None if it cannot be read; those drawn last stay parsed."""

    def __init__(self, data: memoryview | None, password: str | None) -> None:
        self._data = data
        self._password = password
        self._pictures = data is not None and kind_of(bytes(data[:HEAD_BYTES]), "") is FileKind.PICTURE
        self._document: Any = None
        self._displays: OrderedDict[int, tuple[Any, tuple[float, float, float, float]]] = OrderedDict()

    def answer(self, wanted: DrawPage) -> tuple[Pixels, bytes | memoryview]:
        """Never raises: MuPDF's errors have no common type, and their words may be the document's."""
        try:
            problem = self._open()
            if problem is None and not self._pictures and wanted.number > self._document.page_count:
                problem = Problem.NO_SUCH_PAGE
            if problem is not None:
                return Pixels(problem=problem), b""
            display, bounds = self._display(wanted.number)
            return _draw(display, bounds, wanted)
        except Exception:
            self._displays.clear()
            return Pixels(problem=Problem.FAILED), b""

    def _open(self) -> Problem | None:
        import pymupdf

        if self._document is None:
            if self._data is None:
                return Problem.DAMAGED
            if self._pictures:
                self._document = cast(Any, pymupdf.open())  # each picture is laid on a sheet of its size
                return None
            try:
                self._document = cast(Any, pymupdf.open(stream=self._data, filetype="pdf"))
            except Exception:
                return Problem.DAMAGED
            if self._document.needs_pass and self._password:
                self._document.authenticate(self._password)
        return Problem.LOCKED if self._document.is_encrypted else None

    def _display(self, number: int) -> tuple[Any, tuple[float, float, float, float]]:
        held = self._displays.get(number)
        if held is None:
            page = self._sheet(number) if self._pictures else self._document[number - 1]
            held = self._displays[number] = (page.get_displaylist(), tuple(page.rect))
            if len(self._displays) > _DISPLAYS_KEPT:
                self._displays.popitem(last=False)
        self._displays.move_to_end(number)
        return held

    def _sheet(self, number: int) -> Any:
        """The picture of that number as a page, as large as its reader said."""
        assert self._data is not None
        frame = open_frame(bytes(self._data), number)
        width, height = size_in_points(frame)
        while self._document.page_count:
            self._document.delete_page(0)
        page = self._document.new_page(width=width, height=height)
        png = io.BytesIO()
        frame.save(png, "PNG", compress_level=0)
        page.insert_image(page.rect, stream=png.getvalue())
        return page


def _draw(
    display: Any, bounds: tuple[float, float, float, float], wanted: DrawPage
) -> tuple[Pixels, bytes | memoryview]:
    """The clip's pixels and no others: PyMuPDF's own ``get_pixmap`` may round a pixel more at large zooms."""
    import pymupdf

    mupdf = cast(Any, pymupdf).mupdf
    a, b, c, d = (part * wanted.zoom for part in _TURNS[wanted.rotation])
    x0, y0, x1, y1 = _clamped(wanted.clip, bounds)
    xs = sorted((a * x0 + c * y0, a * x1 + c * y1))
    ys = sorted((b * x0 + d * y0, b * x1 + d * y1))
    left, top, right, bottom = round(xs[0]), round(ys[0]), round(xs[1]), round(ys[1])
    width, height = max(1, right - left), max(1, bottom - top)
    if width * height > MOST_PIXELS:
        return Pixels(problem=Problem.TOO_LARGE), b""
    area = mupdf.FzIrect(left, top, left + width, top + height)
    colours = mupdf.FzColorspace(mupdf.FzColorspace.Fixed_RGB)
    raw = mupdf.fz_new_pixmap_with_bbox(colours, area, mupdf.FzSeparations(), 0)
    mupdf.fz_clear_pixmap_with_value(raw, 0xFF)
    matrix = mupdf.FzMatrix(a, b, c, d, 0, 0)
    device = mupdf.fz_new_draw_device_with_bbox(matrix, raw, area)
    everything = mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE)
    mupdf.fz_run_display_list(display.this, device, mupdf.FzMatrix(), everything, mupdf.FzCookie())
    mupdf.fz_close_device(device)
    made = cast(Any, pymupdf).Pixmap("raw", raw)
    return Pixels(width=width, height=height, stride=width * CHANNELS), bytes(made.samples_mv)


def _clamped(clip: Box | None, bounds: tuple[float, float, float, float]) -> Box:
    if clip is None:
        return Box(*bounds)
    x0, y0, x1, y1 = bounds
    edge = _EDGE_POINTS
    return Box(
        min(max(clip.x0, x0 - edge), x1 + edge),
        min(max(clip.y0, y0 - edge), y1 + edge),
        min(max(clip.x1, x0 - edge), x1 + edge),
        min(max(clip.y1, y0 - edge), y1 + edge),
    )


if __name__ == "__main__":
    main()
