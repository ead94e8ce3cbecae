"""What documents write where people ask in words of their trade: for "capex" "purchases of property"."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from app.domain.base import Frozen

FILE = Path(__file__).parent / "glossary.toml"
_WORD = re.compile(r"\w+")


class Entry(Frozen):
    """Any of ``asked`` in a query means that ``written`` may stand where the answer is."""

    asked: tuple[str, ...] = Field(min_length=1)
    written: tuple[str, ...] = Field(min_length=1)


class Glossary:
    """Entries by the words they are asked by: ``terms``, the longest first."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        terms = [(_spaced(term), entry) for entry in entries for term in entry.asked]
        self.terms = sorted(terms, key=lambda pair: -len(pair[0]))

    @classmethod
    def load(cls, file: Path = FILE) -> Glossary:
        """From TOML, a table ``entry`` for each."""
        held = tomllib.loads(file.read_text(encoding="utf-8"))
        return cls([Entry.model_validate(entry) for entry in held["entry"]])

    def written(self, query: str) -> tuple[str, ...]:
        """What the query's words may stand as, each once; nothing where it uses no word of the glossary.

        Words count whole and in any case. A term's words are used up by it: "net working capital" does not
        ask for "working capital", too.
        """
        left = _spaced(query)
        found: dict[str, None] = {}
        for term, entry in self.terms:
            if term in left:
                left = left.replace(term, " | ")
                found.update(dict.fromkeys(entry.written))
        return tuple(found)


def _spaced(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "
