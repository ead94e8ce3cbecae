"""The child that highlights a copy of one untrusted PDF: ``annotate_child.main LIMITS_JSON PATH``.

A line of JSON (``Order``) comes in on standard input; a line of JSON (``Answer``) goes out on standard
output, followed by the bytes it announces. It can write nowhere else and start nothing, and what native code
prints on standard error may hold the document's words: the parent throws it away.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from app.domain.base import Frozen
from app.domain.spans import Box
from app.platform.confinement import confine_this_process
from app.platform.mapped_file import map_file

_PDF_WITHIN = 1024
_POPUP_WIDTH, _POPUP_HEIGHT = 220.0, 120.0

Refusal = Literal["not-pdf", "too-large", "locked", "restricted", "damaged"]


class AnnotateLimits(Frozen):
    """Bounds on one file. ``seconds`` is wall-clock time, held by the parent; memory by the child."""

    seconds: float = 120.0
    memory_bytes: int = 2 << 30
    file_bytes: int = 1 << 30
    output_bytes: int = 1 << 30


class Mark(Frozen):
    """One citation: boxes line by line in the page as the reader sees it, red-green-blue from 0 to 1."""

    page: int
    boxes: tuple[Box, ...]
    colour: tuple[float, float, float]
    subject: str
    comment: str


class Order(Frozen):
    """All marks of one document, and the moment they bear."""

    marks: tuple[Mark, ...]
    at: datetime


class Answer(Frozen):
    """``size`` bytes of PDF follow, or none and why."""

    size: int = 0
    refusal: Refusal | None = None


def main() -> None:
    """Answer one order."""
    out = _own_output()
    limits = AnnotateLimits.model_validate_json(sys.argv[1])
    order = Order.model_validate_json(sys.stdin.buffer.readline())
    made = annotate(Path(sys.argv[2]), order, limits)
    answer, data = (Answer(size=len(made)), made) if isinstance(made, bytes) else (Answer(refusal=made), b"")
    with out:
        out.write(answer.model_dump_json().encode() + b"\n")
        out.write(data)


def _own_output() -> BinaryIO:
    """Standard output for this module alone; what native code prints there must not mix with the answer."""
    own = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return own


def annotate(path: Path, order: Order, limits: AnnotateLimits) -> bytes | Refusal:
    """A copy with highlights. Confines this process for good before the file is parsed."""
    if path.stat().st_size > limits.file_bytes:
        return "too-large"
    data = map_file(path)
    if b"%PDF-" not in bytes(data[:_PDF_WITHIN]):
        return "not-pdf"
    _warm_up()
    confine_this_process(limits)
    import pymupdf

    mupdf = cast(Any, pymupdf)
    try:
        document = mupdf.open(stream=data, filetype="pdf")
        if document.needs_pass:
            return "locked"
        if not document.permissions & mupdf.PDF_PERM_ANNOTATE:
            return "restricted"
        _mark_all(document, order)
        # keep: what the owner allows of the original stays so in the copy
        return cast(bytes, document.tobytes(deflate=True, encryption=mupdf.PDF_ENCRYPT_KEEP))
    except MemoryError:
        return "too-large"
    except Exception:  # MuPDF's errors have no common type, and their words may be the document's
        return "damaged"


def _warm_up() -> None:
    """Mark a sheet of its own: what is loaded lazily must be there before that becomes impossible."""
    import pymupdf

    mupdf = cast(Any, pymupdf)
    mupdf.TOOLS.mupdf_display_errors(False)
    mupdf.TOOLS.mupdf_display_warnings(False)
    mupdf.TOOLS.set_annot_stem("pincite")
    sheet = mupdf.open()
    page = sheet.new_page()
    mark = Mark(page=1, boxes=(Box(72, 72, 90, 90),), colour=(1, 1, 0), subject="warm", comment="\u2014 up")
    for one in (mark, mark.model_copy(update={"boxes": ()})):
        _mark(sheet, page, one, datetime(2000, 1, 1, tzinfo=UTC))
    sheet.tobytes(deflate=True, encryption=mupdf.PDF_ENCRYPT_KEEP)
    sheet.close()


def _mark_all(document: Any, order: Order) -> None:
    for number, marks in groupby(sorted(order.marks, key=lambda mark: mark.page), key=lambda mark: mark.page):
        page = document[number - 1]
        for mark in marks:
            _mark(document, page, mark, order.at)


def _mark(document: Any, page: Any, mark: Mark, at: datetime) -> None:
    """Highlight one citation; one without a place gets a note in the page's corner instead."""
    import pymupdf

    if mark.boxes:
        quads = [cast(Any, pymupdf.Rect(*box).quad) * page.derotation_matrix for box in mark.boxes]
        made = page.add_highlight_annot(quads)
    else:
        made = page.add_text_annot(cast(Any, pymupdf.Point(18, 18)) * page.derotation_matrix, mark.comment)
    stamp = f"D:{at:%Y%m%d%H%M%S}Z"
    made.set_info(
        title="Pincite", subject=mark.subject, content=mark.comment, creationDate=stamp, modDate=stamp
    )
    made.set_colors(stroke=mark.colour)
    made.update()
    if mark.boxes:
        rectangles = _rectangles(document, made.xref)
        _draw(document, made.xref, rectangles, mark.colour)
        made.set_popup(made.rect)
        popup = int(document.xref_get_key(made.xref, "Popup")[1].split()[0])
        document.xref_set_key(popup, "Rect", _array(_beside(page, mark.boxes[0], rectangles[0])))


def _rectangles(document: Any, annotation: int) -> list[Box]:
    """Its quads in the PDF's own space, whose origin is at the bottom left.

    MuPDF made them; PyMuPDF's transformation matrix leaves out where a turned page's crop box begins.
    """
    figures = [float(f) for f in document.xref_get_key(annotation, "QuadPoints")[1].strip("[]").split()]
    quads = (figures[i : i + 8] for i in range(0, len(figures), 8))
    return [Box(min(q[::2]), min(q[1::2]), max(q[::2]), max(q[1::2])) for q in quads]


def _beside(page: Any, seen: Box, flat: Box) -> Box:
    """A popup's place at the page's right edge as seen, given one box both as seen and in the PDF's space."""
    import pymupdf

    right = max(_POPUP_WIDTH, float(page.rect.width))
    beside = Box(right - _POPUP_WIDTH, seen.y0, right, seen.y0 + _POPUP_HEIGHT)
    known, wanted = (cast(Any, pymupdf.Rect(*box)) * page.derotation_matrix for box in (seen, beside))
    across, down = flat.x0 - known.x0, flat.y1 + known.y0
    return Box(wanted.x0 + across, down - wanted.y1, wanted.x1 + across, down - wanted.y0)


def _draw(
    document: Any, annotation: int, rectangles: Sequence[Box], colour: tuple[float, float, float]
) -> None:
    """Plain rectangles instead of MuPDF's rounded ones, which reach over the words beside."""
    paths = "".join(f"{x0:.2f} {y0:.2f} {x1 - x0:.2f} {y1 - y0:.2f} re\n" for x0, y0, x1, y1 in rectangles)
    red, green, blue = colour
    look = int(document.xref_get_key(annotation, "AP/N")[1].split()[0])
    document.update_stream(look, f"q\n/H gs\n{red:g} {green:g} {blue:g} rg\n{paths}f\nQ\n".encode())
    bounds = Box(
        min(box.x0 for box in rectangles),
        min(box.y0 for box in rectangles),
        max(box.x1 for box in rectangles),
        max(box.y1 for box in rectangles),
    )
    document.xref_set_key(look, "BBox", _array(bounds))
    document.xref_set_key(annotation, "Rect", _array(bounds))


def _array(box: Box) -> str:
    return "[" + " ".join(f"{value:.2f}" for value in box) + "]"


if __name__ == "__main__":
    main()
