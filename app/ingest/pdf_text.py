"""The text layer of a PDF through PyMuPDF: words with boxes, put together in reading order."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from app.domain.kinds import DocumentState
from app.ingest.limits import Limits
from app.ingest.messages import Ended, PageRead


def warm_up() -> None:
    """Load what MuPDF loads lazily, before limits make that impossible."""
    import pymupdf

    quiet = cast(Any, pymupdf.TOOLS)
    quiet.mupdf_display_errors(False)
    quiet.mupdf_display_warnings(False)
    sheet = cast(Any, pymupdf.open())
    page = sheet.new_page()
    page.insert_text((72, 72), "warm")
    page.get_text("words")
    sheet.close()


def read_pdf(path: Path, limits: Limits) -> Iterator[PageRead | Ended]:
    """Pages in order, then the end. A page that cannot be read is kept empty, so that numbers stay right."""
    import pymupdf

    try:
        document = cast(Any, pymupdf.open(str(path), filetype="pdf"))
    except Exception:
        yield Ended(state=DocumentState.DAMAGED, reason="The file is damaged and could not be opened.")
        return
    if document.needs_pass:
        yield Ended(state=DocumentState.LOCKED, reason="The file needs a password.")
        return
    count = int(document.page_count)
    if count == 0:
        yield Ended(state=DocumentState.DAMAGED, reason="The file is damaged: it has no pages.")
        return
    if count > limits.pages:
        yield Ended(
            state=DocumentState.TOO_LARGE, reason=f"The file has {count} pages; {limits.pages} are allowed."
        )
        return
    broken: list[int] = []
    letters = False
    for number in range(1, count + 1):
        try:
            page = _read_page(document[number - 1])
        except Exception:  # MuPDF's errors have no common type, and their words may be the document's
            page = PageRead(text="", width=612, height=792, broken=True)
        if page.broken:
            broken.append(number)
        letters = letters or bool(page.text.strip())
        yield page
    yield _end(broken, count, letters)


def _end(broken: list[int], count: int, letters: bool) -> Ended:
    if len(broken) == count:
        return Ended(state=DocumentState.DAMAGED, reason="None of the pages could be read.")
    if not letters:
        return Ended(
            state=DocumentState.NO_TEXT,
            reason="The pages are images without a text layer, and this version does not read those yet.",
        )
    if broken:
        listed = ", ".join(map(str, broken[:20])) + (" …" if len(broken) > 20 else "")
        return Ended(state=DocumentState.PARTIAL, reason=f"These pages could not be read: {listed}.")
    return Ended(state=DocumentState.READY)


def _read_page(page: Any) -> PageRead:
    """Words joined by a space within a line, lines by a line break, blocks by a blank line."""
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    boxes: list[tuple[float, float, float, float]] = []
    length = 0
    last: tuple[int, int] | None = None
    # words come in the unrotated page's space; the reader sees the rotated one
    turn = page.rotation_matrix if page.rotation else None
    for x0, y0, x1, y1, raw, block, line, _ in page.get_text("words", sort=False):
        word = clean(raw)
        if not word:
            continue
        if last is not None:
            gap = " " if last == (block, line) else "\n" if last[0] == block else "\n\n"
            pieces.append(gap)
            length += len(gap)
        last = (block, line)
        spans.append((length, length + len(word)))
        boxes.append(_box((x0, y0, x1, y1), turn))
        pieces.append(word)
        length += len(word)
    return PageRead(
        text="".join(pieces),
        width=round(float(page.rect.width), 2),
        height=round(float(page.rect.height), 2),
        spans=tuple(spans),
        boxes=tuple(boxes),
    )


def _box(corners: tuple[float, float, float, float], turn: Any) -> tuple[float, float, float, float]:
    if turn is not None:
        import pymupdf

        box = cast(Any, pymupdf.Rect(*corners)) * turn
        corners = (box.x0, box.y0, box.x1, box.y1)
    x0, y0, x1, y1 = (round(float(value), 2) for value in corners)
    return x0, y0, x1, y1


def clean(word: str) -> str:
    """A word without control characters, white space inside it and lone surrogates."""
    return "".join(
        "\ufffd" if "\ud800" <= letter <= "\udfff" else letter
        for letter in word
        if unicodedata.category(letter) != "Cc" and not letter.isspace()
    )
