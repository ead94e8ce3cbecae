"""Reads ``gold.json``. Who wrote it is not trusted, and an error names document and task."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.domain.errors import GoldInvalid, GoldNotFound
from app.domain.gold import GoldAnswer, GoldDocument, GoldSpan

GOLD_FOLDER = "gold"
"""Where in a pack its own gold lies."""

FILE = "gold.json"
MOST_BYTES = 32 << 20
MOST_DOCUMENTS = 500
MOST_TASKS = 500
MOST_PLACES = 1000
MOST_CHARACTERS = 100_000
_HINT = "Mend gold.json; its form is in docs/pack-authors.md."


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Span(_Strict):
    """``occurrences`` is a note that some labelled sets bear."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    text: str | None = Field(default=None, max_length=MOST_CHARACTERS)
    occurrences: int | None = None


_Quote = Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]


class _Clause(_Strict):
    """``answer`` is a note: what a person would have written down."""

    spans: list[_Span] = Field(default=[], max_length=MOST_PLACES)
    quotes: list[_Quote] = Field(default=[], max_length=MOST_PLACES)
    answer: str | None = Field(default=None, max_length=MOST_CHARACTERS)


class _Row(_Strict):
    """``source_filename`` and ``chars`` are notes."""

    file: str = Field(min_length=1, max_length=500)
    group: str | None = Field(default=None, min_length=1, max_length=500)
    clauses: dict[str, _Clause | Literal["absent"]] = Field(max_length=MOST_TASKS)
    source_filename: str | None = Field(default=None, max_length=500)
    chars: int | None = None


_ROWS = TypeAdapter[list[_Row]](Annotated[list[_Row], Field(min_length=1, max_length=MOST_DOCUMENTS)])


def load_gold(folder: Path, tasks: Collection[str]) -> tuple[GoldDocument, ...]:
    """All of a folder's gold; ``tasks`` are the pack's. Raises GoldNotFound, GoldInvalid."""
    rows = _rows(folder)
    found: list[GoldDocument] = []
    for row in rows:
        _check_file(folder, row.file)
        found.append(GoldDocument(file=row.file, group=row.group or row.file, answers=_answers(row, tasks)))
    names = [row.file for row in rows]
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise GoldInvalid(f"{_shown(twice)} stands in gold.json twice.", _HINT)
    return tuple(found)


def task_id(name: str) -> str:
    """A clause's name, or an id, in kebab case."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _rows(folder: Path) -> list[_Row]:
    path = folder / FILE
    if folder.is_symlink() or path.is_symlink():
        raise GoldInvalid(f"{FILE} or its folder is a link.", "Put the file itself there.")
    if not path.is_file():
        raise GoldNotFound(
            f"There is no {FILE} in {_shown(folder.name)}.",
            "Put gold cases there, or name their folder with --gold; docs/pack-authors.md says how.",
        )
    held = _parsed(path)
    try:
        return _ROWS.validate_python(held)
    except ValidationError as error:
        raise GoldInvalid(_first_problem(held, error), _HINT) from None


def _parsed(path: Path) -> object:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise GoldInvalid(f"{FILE} is larger than {MOST_BYTES >> 20} MiB.", "Split it into folders.")
        return json.loads(path.read_bytes(), object_pairs_hook=_once)
    except OSError:
        raise GoldInvalid(f"{FILE} cannot be read.", "Check the rights of the file.") from None
    except json.JSONDecodeError as error:
        raise GoldInvalid(f"{FILE}, line {error.lineno}: the file is not JSON.", _HINT) from None
    except (ValueError, RecursionError):  # a key twice, not UTF-8, nested beyond measure, digits without end
        raise GoldInvalid(f"{FILE} is not JSON, not UTF-8, or has a key twice.", _HINT) from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _first_problem(held: object, error: ValidationError) -> str:
    """Where, by document and task, and what; of the texts no more than names."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = list(first["loc"])
    name = "gold.json"
    rows = cast(list[object], held) if isinstance(held, list) else []
    if where and isinstance(where[0], int) and where[0] < len(rows):
        row = rows[where[0]]
        file = cast(dict[str, object], row).get("file") if isinstance(row, dict) else None
        name = _shown(file) if isinstance(file, str) else f"document {where[0] + 1}"
        where = where[1:]
    if where[:1] == ["clauses"] and len(where) > 1:
        name, where = f"{name}, task {_shown(str(where[1]))}", where[2:]
        if where == [_Clause.__name__]:
            return f'{name}: it is neither "absent" nor spans or quotes.'
    keys = [_shown(str(key)) for key in where if key != _Clause.__name__]
    inside = f"{'.'.join(keys)}: " if keys else ""
    return f"{name}: {inside}{first['msg'].lower()}."


def _answers(row: _Row, tasks: Collection[str]) -> dict[str, GoldAnswer]:
    found: dict[str, GoldAnswer] = {}
    for name, clause in row.clauses.items():
        task, where = task_id(name), f"{_shown(row.file)}, task {_shown(name)}"
        if task not in tasks:
            raise GoldInvalid(f"{where}: the pack has no such task.", "See `pincite packs show P`.")
        if task in found:
            raise GoldInvalid(f"{where}: the task is named twice.", _HINT)
        held = _Clause() if clause == "absent" else clause
        if any(span.end <= span.start for span in held.spans):
            raise GoldInvalid(f"{where}: a span ends where it begins, or before.", _HINT)
        if any(not quote.strip() for quote in held.quotes):
            raise GoldInvalid(f"{where}: a quote has no words.", _HINT)
        spans = tuple(GoldSpan(start=one.start, end=one.end, text=one.text) for one in held.spans)
        found[task] = GoldAnswer(spans=spans, quotes=tuple(held.quotes))
    return found


def _check_file(folder: Path, name: str) -> None:
    """A regular file below the folder, through no link."""
    parts = PurePosixPath(name).parts
    odd = "\\" in name or ":" in name or not name.isprintable() or name == FILE
    if odd or name.startswith("/") or "/".join(parts) != name or ".." in parts or not parts:
        raise GoldInvalid(f"{_shown(name)} is no path below the folder of gold.", _HINT)
    path = folder
    for part in parts:
        path = path / part
        if path.is_symlink():
            raise GoldInvalid(f"{_shown(name)} is a link.", "Put the file itself there.")
    if not path.is_file():
        raise GoldInvalid(
            f"There is no document {_shown(name)} beside gold.json.", "Put it there, or mend its name."
        )


def _shown(name: str) -> str:
    """A name from the file, fit to be shown: no control characters, and not without end."""
    plain = "".join(c if c.isprintable() else "?" for c in name)
    return plain if len(plain) <= 120 else f"{plain[:119]}…"
