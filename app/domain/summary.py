"""What a summary task found: sentences a model wrote, each with the citations of the words it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pydantic import JsonValue


class SummarySentence(NamedTuple):
    """``citations`` count the finding's citations from 0; there is one at least."""

    text: str
    citations: tuple[int, ...]


def summary_value(sentences: Sequence[SummarySentence]) -> JsonValue:
    """As a finding's value keeps them."""
    kept: list[JsonValue] = [
        {"text": sentence.text, "citations": list(sentence.citations)} for sentence in sentences
    ]
    return {"sentences": kept}


def sentences_of(value: JsonValue) -> tuple[SummarySentence, ...]:
    """The sentences of a finding's value; none if it is no summary's."""
    held = value.get("sentences") if isinstance(value, dict) else None
    return tuple(map(_sentence, held)) if isinstance(held, list) else ()


def _sentence(held: JsonValue) -> SummarySentence:
    match held:
        case {"text": str(text), "citations": [*citations]} if citations:
            numbers = tuple(number for number in citations if isinstance(number, int) and number >= 0)
            if len(numbers) == len(citations):
                return SummarySentence(text, numbers)
        case _:
            pass
    raise ValueError("a sentence has a text and the numbers of its citations")
