"""Where an author's right words stand in a document as Pincite reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.domain.errors import GoldInvalid
from app.domain.gold import GoldAnswer, GoldDocument
from app.domain.spans import Span

MOST_PLACES = 20
"""So often may a quote stand in a document: words that stand everywhere mark nothing."""


def places_of(gold: GoldDocument, text: str) -> Mapping[str, tuple[Span, ...]]:
    """By task, in the order of the text; ``text`` is canonical.

    White space in a quote stands for any white space: lines break elsewhere than where they were copied
    from. A quote that stands in several places is right in all of them. Raises GoldInvalid, with the
    document and the task and none of their words.
    """
    return {task: _places(answer, text, f"{gold.file}, task {task}") for task, answer in gold.answers.items()}


def _places(answer: GoldAnswer, text: str, where: str) -> tuple[Span, ...]:
    found: set[Span] = set()
    for number, span in enumerate(answer.spans, start=1):
        if span.end > len(text):
            raise GoldInvalid(
                f"{where}: span {number} ends at {span.end}, and the text at {len(text)}.", _SPANS
            )
        there = text[span.start : span.end]
        if not there.strip() or (span.text is not None and there.split() != span.text.split()):
            raise GoldInvalid(f"{where}: span {number} holds no words, or others than its text.", _SPANS)
        found.add(Span(span.start, span.end))
    for number, quote in enumerate(answer.quotes, start=1):
        found.update(_standing(quote, text, f"{where}: quote {number}"))
    return tuple(sorted(found))


_SPANS = "Spans count the characters that `pincite text MATTER DOCUMENT` prints; quotes need no counting."


def _standing(quote: str, text: str, where: str) -> list[Span]:
    pattern = r"\s+".join(map(re.escape, quote.split()))
    found = [Span(*match.span()) for match in re.finditer(pattern, text)]
    if not found:
        raise GoldInvalid(
            f"{where} is not in the document's text.",
            "Copy the words as `pincite text MATTER DOCUMENT` prints them.",
        )
    if len(found) > MOST_PLACES:
        raise GoldInvalid(f"{where} stands in {len(found)} places.", "Quote more words.")
    return found
