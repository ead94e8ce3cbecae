"""Sentences to passages: what a first stage searches."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from app.domain.spans import Span
from app.domain.text import Page, Passage, Sentence
from retrieval.layout import is_heading, starts_a_section
from retrieval.sentences import without_asides
from retrieval.tables import Table, tables_of

MOST_CHARACTERS = 500
MOST_HEADING_CHARACTERS = 200


def split_passages(
    pages: Sequence[Page], sentences: Sequence[Sentence], most: int = MOST_CHARACTERS
) -> tuple[Passage, ...]:
    """Runs of neighbouring sentences of one page, together at most ``most`` characters from first to last.

    A longer sentence is a passage of its own, together with the heading right before it, if there is
    one. A heading or a numbered section begins a new passage. ``heading`` is the nearest heading before
    the passage, or the one it begins with; it may stand on an earlier page. ``table`` is what heads the
    rows that it begins with.
    """
    tables = {page.number: tables_of(without_asides(page)) for page in pages}
    starts = {page.number: page.start for page in pages}
    passages: list[Passage] = []
    heading: Span | None = None
    first, last = 0, -1
    only_headings = True

    def close() -> None:
        if last >= first:
            span = Span(sentences[first].span.start, sentences[last].span.end)
            page = sentences[first].page
            table = _head_before(span, tables[page], starts[page])
            passages.append(
                Passage(
                    ordinal=len(passages),
                    page=page,
                    span=span,
                    first=first,
                    last=last,
                    heading=heading,
                    table=table,
                )
            )

    for index, (sentence, heads, opens) in enumerate(_looks(pages, sentences, tables)):
        fits = sentence.span.end - sentences[first].span.start <= most
        same_page = sentences[first].page == sentence.page
        headed = (
            only_headings and sentence.span.start - sentences[first].span.start <= MOST_HEADING_CHARACTERS
        )
        if index and (not same_page or not (fits or headed) or (opens and not only_headings)):
            close()
            first, only_headings = index, True
        last = index
        only_headings = only_headings and heads
        if heads:
            heading = sentence.span
    close()
    return tuple(passages)


def _looks(
    pages: Sequence[Page], sentences: Sequence[Sentence], tables: dict[int, tuple[Table, ...]]
) -> Iterator[tuple[Sentence, bool, bool]]:
    """Every sentence, whether it is a heading, and whether it begins a new passage."""
    by_number = {page.number: page for page in pages}
    rows = {page: {row.end for table in held for row in table.rows} for page, held in tables.items()}
    marked = {heading.start: heading.end for page in pages for heading in page.headings}
    for sentence in sentences:
        page = by_number[sentence.page]
        text = page.text[sentence.span.start - page.start : sentence.span.end - page.start]
        heads = is_heading(text) or sentence.span.end <= marked.get(sentence.span.start, 0)
        # figures under capitals are no heading
        heads = heads and sentence.span.end - page.start not in rows[page.number]
        yield sentence, heads, heads or starts_a_section(text)


def _head_before(span: Span, tables: Sequence[Table], start: int) -> Span | None:
    """What heads the table that the span begins in, as far as it stands before the span.

    ``start`` is the page's, which tables do not count.
    """
    begins, ends = span.start - start, span.end - start
    place = bisect_right(tables, begins, key=lambda table: table.body.end)
    if place == len(tables) or (head := tables[place].head) is None:
        return None
    inside = head.start < begins and ends > tables[place].body.start
    return Span(start + head.start, start + min(head.end, begins)) if inside else None
