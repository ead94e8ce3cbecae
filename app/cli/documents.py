"""Commands on documents: add, documents, text, search."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import JsonValue

from app.cli.output import SPEECH, give, note, say, working
from app.domain.errors import ExitCode, FileMissing
from app.domain.text import Document

if TYPE_CHECKING:
    from app.domain.ports import SearchHit

Matter = Annotated[Path, typer.Argument(help="The matter's folder.", metavar="MATTER")]
_MARKS = {"ready": "●", "partial": "◐"}


def add_to(app: typer.Typer) -> None:
    """Put the commands in."""
    for command in (add, unlock, reread, documents, text, search):
        app.command()(command)


def add(
    matter: Matter,
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Files or folders: PDF, DOCX, RTF, TXT, HTML, pictures, e-mails (EML, MSG), archives (ZIP)."
        ),
    ],
) -> int:
    """Read files into a matter; makes the matter if it is new."""
    from app import wiring

    with working() as (report, cancel):
        added = wiring.add_files(matter, paths, report, cancel)
    return _show(added)


def unlock(
    matter: Matter,
    document: Annotated[str, typer.Argument(help="By id, beginning of an id, or name.")],
    password_file: Annotated[
        Path | None, typer.Option(help="Its first line is the password; else it is asked for.")
    ] = None,
) -> int:
    """Read a document that needs a password. The password is used once and kept nowhere."""
    from app import wiring

    password = _password(password_file)
    with working() as (report, cancel):
        read = wiring.read_again(matter, [document], {document: password}, report, cancel)
    return _show(read)


def reread(
    matter: Matter,
    documents: Annotated[
        list[str] | None, typer.Argument(help="By id, beginning of an id, or name; none: list the outdated.")
    ] = None,
    outdated: Annotated[
        bool, typer.Option("--outdated", help="All that an older reader read, beside those named.")
    ] = False,
) -> int:
    """Read documents anew, as after an update. What was decided stays wherever its words are still there."""
    from app import wiring

    older = wiring.outdated_of(matter) if outdated or not documents else ()
    if not documents and not outdated:
        _show(older)
        note(
            f"An older reader read {_count(len(older))}: `pincite reread MATTER --outdated` reads them anew."
            if older
            else "Nothing was read by an older reader."
        )
        return ExitCode.DONE
    keys = list(dict.fromkeys([*(documents or ()), *(document.id for document in older)]))
    with working() as (report, cancel):
        read = wiring.read_again(matter, keys, {}, report, cancel)
    return _show(read)


def _count(documents: int) -> str:
    return f"{documents} document{'' if documents == 1 else 's'}"


def _password(file: Path | None) -> str:
    if file is None:
        return str(typer.prompt("Password", hide_input=True, err=True))
    try:
        return (file.read_text(encoding="utf-8").splitlines() or [""])[0]
    except (OSError, UnicodeDecodeError):
        raise FileMissing(
            f"{file.name} cannot be read.", "Name a text file with the password in its first line."
        ) from None


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
    query: Annotated[
        str,
        typer.Argument(
            help='Words; "a phrase" comes first. document:NAME section:"WORDS" page:3-7 date:2019 say '
            "where to look."
        ),
    ],
    document: Annotated[
        list[str] | None, typer.Option(help="By id, beginning of an id, or name; again for more.")
    ] = None,
    section: Annotated[str, typer.Option(help="Words of the headings above.")] = "",
    pages: Annotated[str | None, typer.Option(help="As 3 or 3-7.")] = None,
    date: Annotated[str | None, typer.Option(help="As 2019, 2019-03 or 2019-03-05..2020.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="So many at most.")] = 10,
    budget: Annotated[int | None, typer.Option(min=1, help="Characters of all texts together.")] = None,
) -> int:
    """Find words and meanings, best first."""
    from app import wiring

    with working() as (report, cancel):
        hits = wiring.search_matter(
            matter, query, document or (), section, pages, date, limit, budget, report, cancel
        )
    give([hit.model_dump(mode="json") for hit in hits])
    names = {d.id: d.name for d in wiring.documents_of(matter)}
    for hit in hits:
        place = f"{names[hit.document]}, p. {hit.page}"
        say(f"{place}, {hit.section}" if hit.section else place)
        say(f"  {_with_matches(hit)}")
    if not hits:
        note("Nothing was found.")
    return ExitCode.DONE


def _with_matches(hit: SearchHit) -> str:
    """One line; the words that matched are bold on a terminal."""
    begin, end = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ("", "")
    parts: list[str] = []
    last = hit.start
    for span in hit.matches:
        parts += [_plain(hit.text[last - hit.start : span.start - hit.start]), begin]
        parts += [_plain(hit.text[span.start - hit.start : span.end - hit.start]), end]
        last = span.end
    parts.append(_plain(hit.text[last - hit.start :]))
    return " ".join("".join(parts).split())


def _plain(text: str) -> str:
    """A document's control characters never reach a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


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
        for line in (d.reason, *(f"{flag[:1].upper()}{flag[1:]}." for flag in d.flags)):
            if line:
                say(f"    {line}")
        if d.state.value == "locked":
            say("    `pincite unlock MATTER DOCUMENT` takes its password.")
    opened = {d.parent for d in held}  # an archive has no text of its own, and nothing is wrong with it
    whole = all(d.state.value == "ready" or (d.id in opened and d.state.value == "no-text") for d in held)
    return ExitCode.DONE if whole else ExitCode.PARTIAL
