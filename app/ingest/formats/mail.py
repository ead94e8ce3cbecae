"""One shape for e-mails of either format, and how they are read as pages and inner files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from app.domain.kinds import DocumentState
from app.ingest.formats.ending import Message, Refused, too_many_pages
from app.ingest.formats.html import UNSEEN_FLAG, html_text
from app.ingest.formats.inside import MOST_DEPTH, MOST_INSIDE, Names, most_bytes_inside, pieces, safe_name
from app.ingest.formats.pages import COUNTED_HERE, Block, counted, one_line, page_of, paragraphs
from app.ingest.limits import Limits
from app.ingest.messages import Ended, Unseen

SHOWN_HEADERS = ("From", "To", "Cc", "Date", "Subject")


@dataclass(frozen=True)
class Attachment:
    """A file in an e-mail; its name is as the sender wrote it."""

    name: str
    data: bytes


@dataclass(frozen=True)
class BodyText:
    """A part of what the e-mail says."""

    text: str
    is_html: bool = False


@dataclass(frozen=True)
class Mail:
    """``headers`` are (name, value) of ``SHOWN_HEADERS``. ``body`` says everything once, in order.

    ``lost``: attachments that could not be had out.
    """

    headers: tuple[tuple[str, str], ...]
    body: tuple[BodyText, ...]
    attachments: tuple[Attachment, ...]
    lost: int = 0
    flags: tuple[str, ...] = ()


def read_mail(mail: Mail, limits: Limits, depth: int) -> Iterator[Message]:
    """Its headers are the first lines of its first page; then what is attached."""
    if depth > MOST_DEPTH:
        raise Refused(
            DocumentState.REFUSED, "Files lie too deep in each other here. Save the inner ones and add them."
        )
    body, hidden = _body(mail)
    lines = [f"{name}: {value}" for name, text in mail.headers if (value := one_line(text))]
    blocks = ([Block("\n".join(lines))] if lines else []) + body
    pages = list(counted(blocks))
    if len(pages) > limits.pages:
        raise too_many_pages(len(pages), limits)
    for number, page in enumerate(pages, start=1):
        yield page_of(number, page, hidden if number == 1 else ())
    yield from _attached(mail, limits)
    flags = (COUNTED_HERE,) * (len(pages) > 1) + (UNSEEN_FLAG,) * bool(hidden) + mail.flags
    if mail.lost:
        flags += (f"{_files(mail.lost, 'attachment')} could not be read",)
    if body:
        yield Ended(state=DocumentState.READY, flags=flags)
        return
    count = len(mail.attachments)
    stand = "it stands" if count == 1 else "they stand"
    reason = f"An e-mail without text; {_files(count, 'attachment')}: {stand} beside it." if count else (
        "An e-mail without text.")  # fmt: skip
    yield Ended(state=DocumentState.NO_TEXT, reason=reason, flags=flags)


def _body(mail: Mail) -> tuple[list[Block], list[Unseen]]:
    blocks: list[Block] = []
    hidden: list[Unseen] = []
    for part in mail.body:
        if part.is_html:
            found = html_text(part.text)
            blocks += found.blocks
            hidden += found.unseen
        else:
            blocks += paragraphs(part.text)
    return blocks, hidden


def _attached(mail: Mail, limits: Limits) -> Iterator[Message]:
    if len(mail.attachments) > MOST_INSIDE:
        raise Refused(
            DocumentState.REFUSED, f"The e-mail has more than {MOST_INSIDE} attachments, which are allowed."
        )
    if sum(len(file.data) for file in mail.attachments) > most_bytes_inside(limits.output_bytes):
        raise Refused(
            DocumentState.TOO_LARGE, "The attachments are larger than is allowed. Save them and add those."
        )
    names = Names()
    for number, file in enumerate(mail.attachments, start=1):
        # an attachment has no folder, whatever its name says
        name = safe_name(file.name, f"attachment {number}").rpartition("/")[2]
        yield from pieces(names.own(name), BytesIO(file.data))


def _files(count: int, what: str) -> str:
    return f"{count} {what}" + "s" * (count != 1)
