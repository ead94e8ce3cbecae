"""Where a search looks."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.domain.base import Frozen


class Within(Frozen):
    """Passages of some documents (none named: of all), below a heading, on some pages, that name some day.

    ``section`` are words that all stand in the headings above a passage, in any form and order. Pages count
    from 1. A passage passes if one of the dates it writes out is from ``first_day`` to ``last_day``. Both
    ends are included.
    """

    documents: tuple[str, ...] = ()
    section: str = ""
    first_page: int = Field(default=1, ge=1)
    last_page: int | None = Field(default=None, ge=1)
    first_day: date | None = None
    last_day: date | None = None

    @property
    def narrow(self) -> bool:
        """Whether it leaves anything out."""
        return self != Within()

    @property
    def only_document(self) -> str | None:
        """Its document, if that is all it says."""
        one = len(self.documents) == 1 and self == Within(documents=self.documents)
        return self.documents[0] if one else None
