"""Sentences to passages: what a first stage searches."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.spans import Span
from app.domain.text import Page, Passage, Sentence
from retrieval.layout import is_heading, starts_a_section

MOST_CHARACTERS = 500
MOST_HEADING_CHARACTERS = 200


def split_passages(pages: Sequence[Page], sentences: Sequence[Sentence]) -> tuple[Passage, ...]:
    """Runs of neighbouring sentences of one page, together at most 500 characters from first to last.

    A longer sentence is a passage of its own, together with the heading right before it, if there is
    one. A heading or a numbered section begins a new passage. ``heading`` is the nearest heading before
    the passage, or the one it begins with; it may stand on an earlier page.
    """
    by_number = {page.number: page for page in pages}
    marked = {heading.start: heading.end for page in pages for heading in page.headings}
    passages: list[Passage] = []
    heading: Span | None = None
    first, last = 0, -1
    only_headings = True

    def close() -> None:
        if last >= first:
            span = Span(sentences[first].span.start, sentences[last].span.end)
            page = sentences[first].page
            passages.append(
                Passage(ordinal=len(passages), page=page, span=span, first=first, last=last, heading=heading)
            )

    for index, sentence in enumerate(sentences):
        page = by_number[sentence.page]
        text = page.text[sentence.span.start - page.start : sentence.span.end - page.start]
        heads = is_heading(text) or sentence.span.end <= marked.get(sentence.span.start, 0)
        opens = heads or starts_a_section(text)
        fits = sentence.span.end - sentences[first].span.start <= MOST_CHARACTERS
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
