"""What somebody typed into a search, apart: words to look for, and where to look."""

from __future__ import annotations

import re

from app.domain.base import Frozen
from app.domain.errors import SearchInvalid

_FIELD = re.compile(
    r"""(?<!\S)(?P<name>document|section|pages?):(?:"(?P<quoted>[^"]*)"|“(?P<curly>[^”]*)”|(?P<plain>\S+))""",
    re.IGNORECASE,
)
_PAGES = re.compile(r"(\d{1,9})?(?:(-|–)(\d{1,9})?)?")


class SearchQuery(Frozen):
    """``documents`` are as somebody names them; pages count from 1."""

    words: str
    documents: tuple[str, ...] = ()
    section: str = ""
    first_page: int = 1
    last_page: int | None = None


def search_query(typed: str) -> SearchQuery:
    """Takes ``document:``, ``section:`` and ``page:`` out; several documents are any of them.

    Raises SearchInvalid for pages that are no pages.
    """
    documents: list[str] = []
    sections: list[str] = []
    first, last = 1, None
    for found in _FIELD.finditer(typed):
        value = next(part for part in found.group("quoted", "curly", "plain") if part is not None)
        name = found["name"].lower()
        if name == "document":
            documents.append(value)
        elif name == "section":
            sections.append(value)
        else:
            first, last = page_range(value)
    return SearchQuery(
        words=" ".join(_FIELD.sub(" ", typed).split()),
        documents=tuple(documents),
        section=" ".join(sections),
        first_page=first,
        last_page=last,
    )


def page_range(text: str) -> tuple[int, int | None]:
    """``3``, ``3-7``, ``3-`` or ``-7``. Raises SearchInvalid."""
    found = _PAGES.fullmatch(text.strip())
    if found and (found[1] or found[3]):
        first = int(found[1] or 1)
        last = int(found[3]) if found[3] else (None if found[2] else first)
        if first >= 1 and (last is None or last >= first):
            return first, last
    raise SearchInvalid(f"“{text}” is no range of pages.", "Write 3 or 3-7; pages count from 1.")
