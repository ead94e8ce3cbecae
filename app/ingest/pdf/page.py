"""One page of a PDF."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, cast

from app.ingest.messages import AsideKind, PageRead, Unseen
from app.ingest.page_needs import wants_ocr
from app.ingest.pdf.composed import Composed, Lexicon, clean, composed, rounded
from app.ingest.pdf.headings import Sizes, headings_of
from app.ingest.pdf.order import rows_of
from app.ingest.pdf.text_pass import Corners, Glyphs, Run, bounds, glyphs_of
from app.ingest.pdf.visible import SWITCHED_OFF, judge

MOST_UNSEEN = 500
"""Entries on one page."""

_NOTE = re.compile(r"(?:\(?\d{1,3}\)?|[*\u2020\u2021\u00a7]{1,3})(?:\s|$)")
_SMALL = 0.92


class PageReader:
    """Reads pages in their order, and learns from each how the document's words are written and set."""

    def __init__(self, layers: Layers | None = None) -> None:
        self._lexicon = Lexicon()
        self._sizes = Sizes()
        self.layers = layers
        """Of the document that the pages are of."""

    def read(self, page: Any, number: int, titles: Sequence[tuple[int, str]]) -> PageRead:
        """Raises whatever MuPDF does on a page that it cannot read."""
        glyphs = glyphs_of(page)
        judged = judge(page, glyphs)
        unseen = judged.unseen
        if self.layers is not None:
            unseen = unseen + self.layers.hidden(page, glyphs.runs)
        made = composed(rows_of(glyphs, judged.runs), self._lexicon)
        self._sizes.learn(made.lines)
        body = self._sizes.body
        # trusted data of this process: what pydantic would check holds by construction, and costs time
        return PageRead.model_construct(
            number=number,
            text=made.text,
            width=round(glyphs.width, 2),
            height=round(glyphs.height, 2),
            words=made.words,
            wants_ocr="its letters have no width"
            if glyphs.placeless
            else wants_ocr(made.text, judged.image_share, len(made.words), judged.visible_words),
            unseen=tuple(_grouped(unseen)),
            asides=_footnotes(made, body, glyphs.height),
            headings=headings_of(made, titles, body),
        )


class Layers:
    """The optional content that a file shows only when it is switched on."""

    def __init__(self, document: Any) -> None:
        import pymupdf

        self._mupdf = cast(Any, pymupdf).mupdf
        self._pdf = self._mupdf.pdf_document_from_fz_document(document.this)
        count = self._mupdf.pdf_count_layers(self._pdf)
        self._off = [n for n in range(count) if not self._mupdf.pdf_layer_is_enabled(self._pdf, n)]

    def __bool__(self) -> bool:
        return bool(self._off)

    def hidden(self, page: Any, shown: Iterable[Run]) -> list[tuple[Glyphs, str]]:
        """Words that are on the page only with all layers on."""
        known = {_known(word) for run in shown for word in run.words}
        for layer in self._off:
            self._mupdf.pdf_enable_layer(self._pdf, layer, 1)
        try:
            everything = glyphs_of(page).runs
        finally:
            for layer in self._off:
                self._mupdf.pdf_enable_layer(self._pdf, layer, 0)
        return [(word, SWITCHED_OFF) for run in everything for word in run.words if _known(word) not in known]


def _known(word: Glyphs) -> tuple[str, Corners]:
    return word[4], rounded(word)


def _grouped(unseen: Iterable[tuple[Glyphs, str]]) -> Iterator[Unseen]:
    """Neighbours that are hidden alike are told together."""
    told = 0
    for (why, _), group in groupby(unseen, key=lambda pair: (pair[1], pair[0][3] // 4)):
        words = [word for word, _ in group]
        text = " ".join(filter(None, (clean(word[4]) for word in words)))
        if text and told < MOST_UNSEEN:
            told += 1
            yield Unseen(text=text, why=why, box=rounded(bounds(words)))


def _footnotes(page: Composed, body: float, height: float) -> tuple[tuple[AsideKind, int, int], ...]:
    """Small lines at the end of the text, from the first that begins with a mark."""
    first: int | None = None
    for number in range(len(page.lines) - 1, 0, -1):
        line = page.lines[number]
        if line.size > _SMALL * body:
            if line.end - line.start > 8:  # a page's number may be as large as its text
                break
        elif line.top > height / 2 and _NOTE.match(page.text, line.start, line.end):
            first = number
    if first is None:
        return ()
    small = [line for line in page.lines[first:] if line.size <= _SMALL * body]
    return (("footnote", small[0].start, small[-1].end),) if small else ()
