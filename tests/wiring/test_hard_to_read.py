from __future__ import annotations

import hashlib
from pathlib import Path

from app.domain.finding import Citation
from app.domain.kinds import DocumentState
from app.domain.spans import Box, Word
from app.domain.text import Document, Page
from app.domain.words import Words
from app.store.opening import open_matter
from app.wiring.desk import Desk

TEXT = "The fee is 12,000 dollars"


def page(number: int, confidences: tuple[float, ...]) -> Page:
    start = (number - 1) * (len(TEXT) + 1)
    words: list[Word] = []
    at = start
    for word in TEXT.split():
        words.append(Word(at, at + len(word), Box(at, 0, at + len(word), 10)))
        at += len(word) + 1
    return Page(
        number=number,
        start=start,
        text=TEXT,
        width=600,
        height=100,
        words=Words.of(words),
        confidences=confidences,
    )


def cited(number: int, quote: str) -> Citation:
    start = (number - 1) * (len(TEXT) + 1) + TEXT.index(quote)
    return Citation(page=number, start=start, end=start + len(quote), quote=quote)


def test_cited_words_that_were_hard_to_read_are_counted_over_all_pages(home: Path, tmp_path: Path) -> None:
    sha = hashlib.sha256(b"scan").hexdigest()
    held = Document(id=sha[:16], name="scan.pdf", sha256=sha, pages=3, state=DocumentState.READY)
    pages = (page(1, (0.9, 0.5, 0.9, 0.4, 0.9)), page(2, (0.3, 0.9, 0.9, 0.9, 0.9)), page(3, ()))
    Desk(tmp_path / "m", create=True).close()
    matter = open_matter(tmp_path / "m", create=False)
    matter.put_document(held, pages)
    matter.close()
    desk = Desk(tmp_path / "m", create=False)
    assert desk.hard_to_read(held.id, [cited(1, "fee is 12,000")]) == 2
    assert desk.hard_to_read(held.id, [cited(1, "12,000"), cited(2, TEXT)]) == 2
    assert desk.hard_to_read(held.id, [cited(2, "dollars"), cited(3, TEXT)]) == 0
    desk.close()
