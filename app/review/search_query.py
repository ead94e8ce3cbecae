"""What somebody typed into a search, apart: words to look for, and where to look."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from app.domain.base import Frozen
from app.domain.errors import SearchInvalid

_FIELD = re.compile(
    r"""(?<!\S)(?P<name>document|section|pages?|dates?):(?:"(?P<quoted>[^"]*)"|“(?P<curly>[^”]*)”|(?P<plain>\S+))""",
    re.IGNORECASE,
)
_DAY = r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?"
_DATES = re.compile(rf"(?:{_DAY})?(\.\.|…)?(?:{_DAY})?")
_PAGES = re.compile(r"(\d{1,9})?(?:(-|–)(\d{1,9})?)?")


class SearchQuery(Frozen):
    """``documents`` are as somebody names them; pages count from 1; None leaves an end open."""

    words: str
    documents: tuple[str, ...] = ()
    section: str = ""
    first_page: int = 1
    last_page: int | None = None
    first_day: date | None = None
    last_day: date | None = None


def search_query(typed: str) -> SearchQuery:
    """Takes ``document:``, ``section:``, ``page:`` and ``date:`` out; several documents are any of them.

    Raises SearchInvalid for pages that are no pages, and dates that are no dates.
    """
    documents: list[str] = []
    sections: list[str] = []
    first, last = 1, None
    days: tuple[date | None, date | None] = (None, None)
    for found in _FIELD.finditer(typed):
        value = next(part for part in found.group("quoted", "curly", "plain") if part is not None)
        name = found["name"].lower()
        if name == "document":
            documents.append(value)
        elif name == "section":
            sections.append(value)
        elif name.startswith("date"):
            days = date_range(value)
        else:
            first, last = page_range(value)
    return SearchQuery(
        words=" ".join(_FIELD.sub(" ", typed).split()),
        documents=tuple(documents),
        section=" ".join(sections),
        first_page=first,
        last_page=last,
        first_day=days[0],
        last_day=days[1],
    )


def date_range(text: str) -> tuple[date | None, date | None]:
    """First and last day of ``2019``, ``2019-03``, ``2019-03-05``, ``2019-03..2020``, ``2019..``, ``..2019``.

    Raises SearchInvalid.
    """
    found = _DATES.fullmatch(text.strip())
    if found and (found[1] or found[5]) and (found[4] or not found[5]):
        try:
            first = _first_day(*found.group(1, 2, 3))
            last = _last_day(*found.group(5, 6, 7)) if found[4] else _last_day(*found.group(1, 2, 3))
        except ValueError:
            first = last = None
        if (first or last) and (first is None or last is None or first <= last):
            return first, last
    raise SearchInvalid(
        f"“{text}” is no range of dates.", "Write 2019, 2019-03, 2019-03-05 or 2019-03..2020-06."
    )


def _first_day(year: str | None, month: str | None, day: str | None) -> date | None:
    return date(int(year), int(month or 1), int(day or 1)) if year else None


def _last_day(year: str | None, month: str | None, day: str | None) -> date | None:
    if not year:
        return None
    number = int(month or 12)
    return date(int(year), number, int(day or monthrange(int(year), number)[1]))


def page_range(text: str) -> tuple[int, int | None]:
    """``3``, ``3-7``, ``3-`` or ``-7``. Raises SearchInvalid."""
    found = _PAGES.fullmatch(text.strip())
    if found and (found[1] or found[3]):
        first = int(found[1] or 1)
        last = int(found[3]) if found[3] else (None if found[2] else first)
        if first >= 1 and (last is None or last >= first):
            return first, last
    raise SearchInvalid(f"“{text}” is no range of pages.", "Write 3 or 3-7; pages count from 1.")
