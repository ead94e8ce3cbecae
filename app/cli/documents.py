"""Commands on documents: add, documents, text, search."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from app.cli.output import SPEECH, give, note, say, working
from app.domain.errors import ExitCode
from app.domain.text import Document

Matter = Annotated[Path, typer.Argument(help="The matter's folder.", metavar="MATTER")]
OneDocument = Annotated[str | None, typer.Option("--document", help="By id, beginning of an id, or name.")]
_MARKS = {"ready": "●", "partial": "◐"}


def add_to(app: typer.Typer) -> None:
    """Put the commands in."""
    for command in (add, documents, text, search):
        app.command()(command)


def add(
    matter: Matter, paths: Annotated[list[Path], typer.Argument(help="Files or folders: PDF, TXT.")]
) -> int:
    """Read files into a matter; makes the matter if it is new."""
    from app import wiring

    with working() as (report, cancel):
        added = wiring.add_files(matter, paths, report, cancel)
    return _show(added)


def documents(matter: Matter) -> int:
    """What is in a matter, and the state of each document."""
    from app import wiring

    held = wiring.documents_of(matter)
    _show(held)
    if not held:
        note("Nothing here yet: `pincite add MATTER PATH...` reads files in.")
    return ExitCode.DONE


def text(matter: Matter, document: str) -> int:
    """A document's canonical text; all citations count its characters."""
    from app import wiring

    words = wiring.text_of(matter, document)
    if SPEECH.as_json:
        give({"text": words})
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(words.encode())
    return ExitCode.DONE


def search(
    matter: Matter,
    query: str,
    document: OneDocument = None,
    limit: Annotated[int, typer.Option(min=1, help="So many at most.")] = 10,
    budget: Annotated[int | None, typer.Option(min=1, help="Characters of all texts together.")] = None,
) -> int:
    """Find words and meanings, best first."""
    from app import wiring

    with working() as (report, cancel):
        hits = wiring.search_matter(matter, query, document, limit, budget, report, cancel)
    give([hit.model_dump() for hit in hits])
    names = {d.id: d.name for d in wiring.documents_of(matter)}
    for hit in hits:
        say(f"{names[hit.document]}, p. {hit.page}\n  {' '.join(hit.text.split())}")
    if not hits:
        note("Nothing was found.")
    return ExitCode.DONE


def document_json(document: Document) -> dict[str, JsonValue]:
    """As the contract has it."""
    return {
        "id": document.id,
        "name": document.name,
        "sha256": document.sha256,
        "pages": document.pages,
        "state": document.state.value,
        "reason": document.reason,
        "parent": document.parent,
        "flags": list(document.flags),
    }


def _show(held: Sequence[Document]) -> int:
    give({"documents": [document_json(d) for d in held]})
    for d in held:
        pages = f"{d.pages} page{'' if d.pages == 1 else 's'}"
        say(f"{_MARKS.get(d.state.value, '✕')} {d.id}  {d.name}  ({pages}, {d.state.value})")
        if d.reason:
            say(f"    {d.reason}")
    return ExitCode.DONE if all(d.state.value == "ready" for d in held) else ExitCode.PARTIAL
