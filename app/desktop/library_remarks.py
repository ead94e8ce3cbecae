"""What the library says of a document below its name: what it lacks, what it repeats, how it was read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication

from app.desktop.library_words import reason
from app.domain.kinds import OPENED_WITH_A_PASSWORD, DocumentState

if TYPE_CHECKING:
    from app.domain.text import Document
    from app.review.repeats_by_document import DocumentRepeats

# as reading words them (``app.ingest``); all other flags want a look and come first: a row's end is cut off
_ONLY_TELLS = re.compile(rf"\d+ pages? recognised|Bates numbers \S+ to |{OPENED_WITH_A_PASSWORD}")


class RepeatWords(NamedTuple):
    """``copy`` says of what a document is a copy, ``pages`` what repeats in it; both may be empty."""

    copy: str = ""
    pages: str = ""


class Remark(NamedTuple):
    """One line; ``tint`` is a field of ``look.Colours``, ``icon`` a file of ``icons``, or empty."""

    text: str
    tint: str
    icon: str


NO_REMARK = Remark("", "muted", "")


def remark(document: Document, repeats: RepeatWords, holds_files: bool) -> Remark:
    """For one line. ``holds_files``: an archive, whose files are documents of their own."""
    parts = remarks(document, repeats, holds_files)
    if not parts:
        return NO_REMARK
    text = " · ".join(part.rstrip(".") for part in parts)
    if document.state is DocumentState.PARTIAL or any(map(_wants_a_look, document.flags)):
        return Remark(text, "warning", "triangle-alert")
    return Remark(text, "muted", "copy" if repeats.copy else "")


def has_remark(document: Document, repeats: RepeatWords | None) -> bool:
    """Whether ``remark`` would say anything; also of an archive."""
    return repeats is not None or document.state is not DocumentState.READY or bool(document.flags)


def remarks(document: Document, repeats: RepeatWords, holds_files: bool) -> Sequence[str]:
    """One by one, what wants a look first."""
    first = [flag for flag in document.flags if _wants_a_look(flag)]
    others = [flag for flag in document.flags if not _wants_a_look(flag)]
    said = [
        "" if holds_files else reason(document),
        *map(_capital, first),
        repeats.copy,
        repeats.pages,
        *map(_capital, others),
    ]
    return [part for part in said if part]


def repeat_words(held: DocumentRepeats, first: str) -> RepeatWords:
    """``first`` is the name of the document that this one is a copy of."""
    copy = ""
    if held.copy_of is not None and held.same:
        copy = _tr("Copy of {}").format(first)
    elif held.copy_of is not None:
        # 100 % would say that nothing differs
        copy = _tr("{} % the same as {}").format(min(99, int(100 * held.share)), first)
    counts = (
        (len(held.blank), _tr("1 blank page"), _tr("{} blank pages")),
        (len(held.repeated), _tr("1 repeated page"), _tr("{} repeated pages")),
    )
    pages = [one if count == 1 else several.format(f"{count:,}") for count, one, several in counts if count]
    return RepeatWords(copy, ", ".join(pages))


def _wants_a_look(flag: str) -> bool:
    return _ONLY_TELLS.match(flag) is None


def _capital(flag: str) -> str:
    return f"{flag[:1].upper()}{flag[1:]}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Library", text)
