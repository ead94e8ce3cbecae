"""The process that recognises pages of one untrusted file: ``python -m app.ingest.ocr_child``.

It takes ``RecogniseOrder``s, a line of JSON each on standard input, all for one file: it opens that first,
gives up all else that a process may do, and only then looks into it. An order is answered on standard output
in frames: a line of ``PageRead`` a page, a line of ``Ended``, and the last frame. The process ends when its
standard input does. What native code prints may hold the document's words, so standard error is thrown away
by whoever starts it.
"""

from __future__ import annotations

import faulthandler
import os
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import numpy as np

from app.domain.kinds import DocumentState
from app.ingest.formats import HEAD_BYTES, FileKind, kind_of
from app.ingest.formats.pictures import dots_per_inch, open_frame
from app.ingest.formats.reading import warm_up as warm_up_format
from app.ingest.frames import END, framed
from app.ingest.messages import Ended, PageRead, RecogniseOrder
from app.ingest.ocr.page import page_of
from app.ingest.ocr.pictured import Pictured, pdf_page, picture_frame
from app.ingest.ocr.port import Recogniser
from app.ingest.ocr.rapid import RapidRecogniser
from app.ingest.pdf.composed import Lexicon
from app.ingest.pdf_text import warm_up as warm_up_pdf
from app.platform.confinement import confine_this_process
from app.platform.mapped_file import map_file
from app.platform.network_lock import lock_network

# it lives as long as the file has pages; each page's time is held by the parent
_PROCESSOR_SECONDS = 366 * 86_400.0


def main() -> None:
    """Serve orders until standard input ends."""
    lock_network()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes the way of standard error
    recogniser = warmed_up()
    reading: _Reading | None = None
    for line in sys.stdin.buffer:
        order = RecogniseOrder.model_validate_json(line)
        if reading is None:
            data = map_file(Path(order.path))
            confine_this_process(order.limits.model_copy(update={"seconds": _PROCESSOR_SECONDS}))
            reading = _Reading(recogniser, data, order)
        # where the parent is gone, a page that never ends must end too; a thread of C sees to it
        faulthandler.dump_traceback_later(2 * order.limits.seconds, exit=True)
        for message in reading.answers(order):
            out.write(framed(message.model_dump_json().encode() + b"\n"))
            out.flush()
        out.write(END)
        out.flush()
        faulthandler.cancel_dump_traceback_later()


def warmed_up() -> Recogniser:
    """Everything loaded that recognising, drawing and decoding load lazily."""
    warm_up_pdf()
    warm_up_format(FileKind.PICTURE)
    recogniser = RapidRecogniser()
    import pymupdf

    sheet = cast(Any, pymupdf.open())
    page = sheet.new_page(width=216, height=108)
    page.insert_text((18, 36), "Warm up, all of you.")
    page.insert_text((18, 60), "And this is turned.", rotate=0)
    made = pdf_page(sheet, 1)
    rng = np.random.default_rng(0)
    grain = rng.normal(0.0, 12.0, made.pixels.shape)
    grainy = np.clip(made.pixels + grain, 0, 255).astype(np.uint8)
    for pixels in (made.pixels, grainy):
        page_of(recogniser.recognise(pixels, made.dots_per_inch), 1, made.scale, made.size, Lexicon())
    sheet.close()
    return recogniser


class _Reading:
    """One file. What its pages teach of how words are written is kept from one to the next."""

    def __init__(self, recogniser: Recogniser, data: memoryview, order: RecogniseOrder) -> None:
        self._recogniser = recogniser
        self._data = data
        self._order = order
        self._lexicon = Lexicon()
        self._pictures = kind_of(bytes(data[:HEAD_BYTES]), order.suffix) is FileKind.PICTURE
        self._document: Any = None

    def answers(self, order: RecogniseOrder) -> Iterator[PageRead | Ended]:
        """A page that cannot be recognised is left out."""
        failed = False
        for number in order.pages:
            try:
                page = self._page(number)
            except Exception:  # errors of MuPDF, Pillow and the networks have no common type
                failed = True
            else:
                yield page
        yield Ended(state=DocumentState.PARTIAL if failed else DocumentState.READY)

    def _page(self, number: int) -> PageRead:
        made = self._pictured(number)
        lines = self._recogniser.recognise(made.pixels, made.dots_per_inch)
        return page_of(lines, number, made.scale, made.size, self._lexicon)

    def _pictured(self, number: int) -> Pictured:
        if self._pictures:
            frame = open_frame(BytesIO(self._data), number)
            return picture_frame(frame, dots_per_inch(frame))
        return pdf_page(self._opened(), number)

    def _opened(self) -> Any:
        import pymupdf

        if self._document is None:
            document = cast(Any, pymupdf.open(stream=self._data, filetype="pdf"))
            if document.needs_pass and self._order.password:
                document.authenticate(self._order.password)
            self._document = document
        return self._document


if __name__ == "__main__":
    main()
