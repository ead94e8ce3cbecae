"""What a list task found: items, each with the citation of its words. Loads no model of the domain.

To whoever shows a finding the sentences of a summary are items, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from app.domain.summary import sentences_of

if TYPE_CHECKING:
    from pydantic import JsonValue

    from app.domain.finding import Citation, Finding


class ListedItem(NamedTuple):
    """``display`` is short: a value, or a clause in one line; ``words`` are the words around a value.

    ``citation`` counts the finding's citations from 0; items that stand in one sentence may share one.
    ``value`` is typed as the task's values are, or null.
    """

    display: str
    citation: int
    words: str = ""
    value: JsonValue = None

    @property
    def line(self) -> str:
        """Value and words, for a face that gives an item one line."""
        return f"{self.display}: {self.words}" if self.words else self.display


def list_value(items: Sequence[ListedItem]) -> JsonValue:
    """As a finding's value keeps them."""
    kept: list[JsonValue] = [
        {"display": item.display, "words": item.words, "value": item.value, "citation": item.citation}
        for item in items
    ]
    return {"items": kept}


def items_of(value: JsonValue) -> tuple[ListedItem, ...]:
    """The items of a finding's value; none if it is no list's."""
    held = value.get("items") if isinstance(value, dict) else None
    return tuple(map(_item, held)) if isinstance(held, list) else ()


def _item(held: JsonValue) -> ListedItem:
    match held:
        case {"display": str(display), "citation": int(citation)} if citation >= 0:
            return ListedItem(display, citation, str(held.get("words") or ""), held.get("value"))
        case _:
            raise ValueError("an item has a display and the number of its citation")


def cited_items(finding: Finding) -> tuple[tuple[ListedItem, Citation], ...]:
    """Each item with its citation, in the document's order; none if the finding is no list and no summary.

    A summary's sentences are in the summary's order, once with each of their citations.
    """
    if not finding.citations:
        return ()
    items = items_of(finding.value) or tuple(
        ListedItem(display=sentence.text, citation=number)
        for sentence in sentences_of(finding.value)
        for number in sentence.citations
    )
    return tuple((item, finding.citations[item.citation]) for item in items)
