"""A document's state in words, with the shape and colour that say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication

from app.domain.kinds import DocumentState

if TYPE_CHECKING:
    from app.domain.text import Document


class StateSign(NamedTuple):
    """``icon`` is a file of ``icons``, ``tint`` a field of ``look.Colours``."""

    word: str
    icon: str
    tint: str


def state_sign(state: DocumentState) -> StateSign:
    """How a document's state is shown where there is room for two words."""
    tr = QCoreApplication.translate
    match state:
        case DocumentState.READY:
            return StateSign(tr("Library", "ready"), "file-text", "muted")
        case DocumentState.PARTIAL:
            return StateSign(tr("Library", "in part"), "triangle-alert", "warning")
        case DocumentState.LOCKED:
            return StateSign(tr("Library", "password"), "lock", "warning")
        case DocumentState.NO_TEXT:
            return StateSign(tr("Library", "no text"), "image", "warning")
        case DocumentState.DAMAGED:
            return StateSign(tr("Library", "damaged"), "circle-x", "bad")
        case DocumentState.TOO_LARGE:
            return StateSign(tr("Library", "too large"), "circle-slash", "bad")
        case DocumentState.UNSUPPORTED:
            return StateSign(tr("Library", "not supported"), "ban", "bad")
        case DocumentState.REFUSED:
            return StateSign(tr("Library", "refused"), "ban", "bad")


def inside_sign(files: int) -> StateSign:
    """That of an archive: nothing is wrong with it, its files are documents of their own."""
    word = QCoreApplication.translate("Library", "{count} inside").format(count=f"{files:,}")
    return StateSign(word, "files", "muted")


def queue_sign(reading: bool) -> StateSign:
    """That of a file that is not a document yet."""
    tr = QCoreApplication.translate
    if reading:
        return StateSign(tr("Library", "reading…"), "hourglass", "muted")
    return StateSign(tr("Library", "queued"), "circle-dashed", "muted")


def why(document: Document) -> str:
    """The reason that was given, or else what the state means, and what to look at; empty for most."""
    flags = " ".join(f"{flag[:1].upper()}{flag[1:]}." for flag in document.flags)
    return f"{reason(document)} {flags}".strip()


def reason(document: Document) -> str:
    """The one that was given, or else what the state means; empty for a whole document."""
    return document.reason or _meaning(document)


def _meaning(document: Document) -> str:
    tr = QCoreApplication.translate
    match document.state:
        case DocumentState.READY:
            return ""
        case DocumentState.PARTIAL:
            return tr("Library", "Some pages could not be read; the others are reviewed.")
        case DocumentState.LOCKED:
            return tr("Library", "It needs a password: press Enter to type it.")
        case DocumentState.NO_TEXT:
            return tr("Library", "No words were found in it, also not in its pictures.")
        case DocumentState.DAMAGED:
            return tr("Library", "It is damaged and could not be opened. Get the file again.")
        case DocumentState.TOO_LARGE:
            return tr("Library", "It is too large. Split it and add the parts.")
        case DocumentState.UNSUPPORTED:
            return tr("Library", "This kind of file is not supported. Save it as PDF or DOCX and add that.")
        case DocumentState.REFUSED:
            return tr("Library", "A policy of this computer refuses it.")


def page_count(pages: int) -> str:
    """ "48 p"."""
    return QCoreApplication.translate("Library", "{count} p").format(count=f"{pages:,}")


def spoken(document: Document, reviewed: bool) -> str:
    """What a screen reader says for a document: "MSA Acme.pdf, 48 pages, reviewed"."""
    tr = QCoreApplication.translate
    facts = [document.name]
    if document.pages:
        facts.append(tr("Library", "{count} pages").format(count=document.pages))
    if document.state is not DocumentState.READY:
        facts.append(state_sign(document.state).word)
    if said := why(document):
        facts.append(said)
    if reviewed:
        facts.append(tr("Library", "reviewed"))
    return ", ".join(facts)
