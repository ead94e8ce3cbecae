"""Where a report may go: said before the work, and in one sentence when writing fails all the same."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from app.domain.errors import PinciteError
from app.platform.files import write_atomically

_FORBIDDEN = set('<>:"/\\|?*')
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
_MOST_BYTES = 180  # of the 255 that file systems take: what is added and a number must fit in as well


class ReportNotWritten(PinciteError):
    """The place it should go to cannot take it."""

    code = "report.not-written"


def need_file_place(out: Path, form: str) -> None:
    """Raises ReportNotWritten if ``out`` is a folder, or its folder is missing or closed to us."""
    with _typed(out):
        if out.is_dir():
            raise ReportNotWritten(
                f"{out} is a folder.", f"Name a file in it, such as {out / f'report.{form}'}."
            )
        _need_open_folder(out.parent)


def need_folder(out: Path) -> None:
    """Make the folder if only it is missing. Raises ReportNotWritten."""
    with _typed(out):
        if out.is_dir():
            _need_open_folder(out)
        elif out.exists():
            raise ReportNotWritten(f"{out} is a file.", "Name a folder: each document becomes a file in it.")
        else:
            _need_open_folder(out.parent)
            out.mkdir()


def put(out: Path, data: bytes) -> None:
    """Write it whole or not at all. Raises ReportNotWritten, DiskFull."""
    with _typed(out):
        write_atomically(out, data)


def file_names(names: Iterable[str], added: str) -> list[str]:
    """For each document's name one that any system takes for a file, ending in ``added``; no two equal."""
    taken: set[str] = set()
    made: list[str] = []
    for name in names:
        stem = _safe(Path(name).stem if Path(name).suffix.lower() == ".pdf" else name)
        number = 1
        while (candidate := f"{stem}{f' {number}' if number > 1 else ''}{added}").casefold() in taken:
            number += 1
        taken.add(candidate.casefold())
        made.append(candidate)
    return made


def _safe(name: str) -> str:
    """No separators, controls or lone surrogates, nothing a system reserves, and not too long."""
    kept = "".join(
        "_" if c in _FORBIDDEN or unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c
        for c in unicodedata.normalize("NFC", name)
    )
    short = kept.encode()[:_MOST_BYTES].decode(errors="ignore").strip(" .")
    return f"{short}_" if short.split(".")[0].casefold() in _RESERVED else short or "document"


def _need_open_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ReportNotWritten(f"There is no folder {folder}.", "Make it first, or choose another place.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _closed(folder)


@contextmanager
def _typed(out: Path) -> Generator[None]:
    try:
        yield
    except PermissionError as error:
        raise _closed(out.parent) from error
    except OSError as error:
        raise ReportNotWritten(
            f"The report cannot be written to {out}.",
            "Check the name and the drive, or choose another place.",
        ) from error
    except ValueError as error:  # a null character in the name
        raise ReportNotWritten("This is no name for a file.", "Choose another name.") from error


def _closed(folder: Path) -> ReportNotWritten:
    return ReportNotWritten(
        f"The report cannot be written in {folder}.",
        "Close the file if it is open elsewhere, or choose a folder you may write in.",
    )
