"""Changes single values of one table in a TOML text and leaves every other character as it is."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}(?!")|\'\'\'.*?\'{3,5}(?!\')|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL
)
_LINE_END = re.compile(r"\r?\n|\Z")


class TableNotPlain(ValueError):
    """The table is there, but not under a header of its own: inline, dotted, or spread over the file."""


class _Statement(NamedTuple):
    """``start`` to ``end`` without the comment; ``value`` is where a value begins, -1 for a header."""

    start: int
    value: int
    end: int
    line_end: int


def with_values(source: str, table: str, values: Mapping[str, float | str]) -> str:
    """``source`` with these keys of ``[table]`` set; what is not there yet is added.

    Raises tomllib.TOMLDecodeError if ``source`` is not TOML, TableNotPlain if the table cannot be changed
    in place. The text that comes back is read again and holds exactly what it should.
    """
    held = tomllib.loads(source)
    old: Any = held.get(table, {})
    if not isinstance(old, dict):
        raise TableNotPlain(table)
    wanted: dict[str, Any] = {**held, table: {**old, **values}}
    changed = _changed(source, table, values)
    try:
        same = tomllib.loads(changed) == wanted
    except tomllib.TOMLDecodeError:
        same = False
    if not same:
        raise TableNotPlain(table)
    return changed


def _changed(source: str, table: str, values: Mapping[str, float | str]) -> str:
    newline = "\r\n" if "\r\n" in source else "\n"
    places, end = _places(source, table)
    added = "".join(
        f"{key} = {_literal(value)}{newline}" for key, value in values.items() if key not in places
    )
    edits = [(*places[key], _literal(value)) for key, value in values.items() if key in places]
    if end is None:
        gap = newline * (2 if source and not source.endswith("\n") else 1 if source else 0)
        edits.append((len(source), len(source), f"{gap}[{table}]{newline}{added}"))
    elif added:
        before = "" if source[:end].endswith("\n") else newline
        edits.append((end, end, before + added))
    for start, stop, text in sorted(edits, reverse=True):
        source = source[:start] + text + source[stop:]
    return source


def _places(source: str, table: str) -> tuple[dict[str, tuple[int, int]], int | None]:
    """Where the values of a table stand, and where its last line ends; None if it has no header."""
    places: dict[str, tuple[int, int]] = {}
    end: int | None = None
    inside = False
    for statement in _statements(source):
        text = source[statement.start : statement.end]
        if statement.value < 0:
            inside = tomllib.loads(text) == {table: {}}
        elif inside:
            parsed: dict[str, Any] = tomllib.loads(text)
            places |= dict.fromkeys(parsed, (statement.value, statement.end))
        if inside:
            end = statement.line_end
    return places, end


def _statements(source: str) -> Iterator[_Statement]:
    """Headers and key-value pairs of a valid text, in order."""
    place = 0
    while place < len(source):
        if source[place] in " \t\r\n":
            place += 1
            continue
        if source[place] == "#":
            place = _line_end(source, place)
            continue
        value = -1
        if source[place] != "[":
            value = _scan(source, place, "=") + 1
            while source[value] in " \t":
                value += 1
        end = _scan(source, place if value < 0 else value, "#\n")
        line_end = _line_end(source, end)
        yield _Statement(place, value, len(source[:end].rstrip(" \t\r")), line_end)
        place = line_end


def _scan(source: str, place: int, stops: str) -> int:
    """The next of ``stops`` outside strings, brackets and, inside brackets, comments."""
    depth = 0
    while place < len(source):
        character = source[place]
        if character in "\"'" and (string := _STRING.match(source, place)):
            place = string.end()
            continue
        if depth and character == "#":
            place = _line_end(source, place)
            continue
        if not depth and character in stops:
            return place
        depth += (character in "[{") - (character in "]}")
        place += 1
    return place


def _line_end(source: str, place: int) -> int:
    found = _LINE_END.search(source, place)
    return found.end() if found else len(source)


def _literal(value: float | str) -> str:
    """A basic string escapes what JSON escapes, and DEL."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(float(value))
