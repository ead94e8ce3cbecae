"""E-mails as they travel: RFC 5322 and MIME, through the standard library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.errors import MessageError
from email.header import decode_header
from email.message import EmailMessage
from email.message import Message as MimePart
from email.parser import BytesParser
from typing import Any, cast

from app.domain.kinds import DocumentState
from app.ingest.formats.charsets import decoded, load_charsets
from app.ingest.formats.ending import Message, Refused, ends_once
from app.ingest.formats.html import html_decoded
from app.ingest.formats.mail import SHOWN_HEADERS, Attachment, BodyText, Mail, read_mail
from app.ingest.formats.source import Source, whole
from app.ingest.limits import Limits

_POLICY = policy.default.clone(refold_source="none")
_MAILBOX_LINE = re.compile(rb"\AFrom [^\n]*\n")
_ENCODED_WORD = r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?\r\n]*\?="
_ENCODED_WORDS = re.compile(rf"{_ENCODED_WORD}(?:\s+{_ENCODED_WORD})*")
_HEADER_CHARACTERS = 100_000
_MOST_PARTS = 20_000
_SUFFIXES = {
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/html": ".html",
    "text/plain": ".txt",
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/tiff": ".tif",
}


def warm_up() -> None:
    """Load the codecs, and what the e-mail package imports when it is first used."""
    load_charsets()
    warm = EmailMessage()
    warm["From"], warm["To"], warm["Subject"] = "a@example.org", "B <b@example.org>", "w\u00e4rm"
    warm["Date"] = "Wed, 25 Nov 2026 10:00:00 +0000"
    warm.set_content("w\u00e4rm")
    warm.add_alternative("<p>w\u00e4rm", subtype="html")
    warm.add_attachment(b"up", maintype="application", subtype="pdf", filename="w\u00e4rm.pdf")
    inner = EmailMessage()
    inner.set_content("inner")
    warm.add_attachment(inner)
    mail_of(warm.as_bytes())


@ends_once
def read_eml(source: Source, limits: Limits, depth: int = 0) -> Iterator[Message]:
    """``depth``: so many files this one lies in."""
    yield from read_mail(mail_of(whole(source)), limits, depth)


def mail_of(data: bytes) -> Mail:
    """Raises Refused where it has too many parts, and what the standard library raises for some damage."""
    message = BytesParser(policy=_POLICY).parsebytes(_MAILBOX_LINE.sub(b"", data))
    gathered = _Gathered()
    gathered.take(cast(MimePart, message))
    return Mail(
        headers=tuple((name, _header(cast(MimePart, message), name)) for name in SHOWN_HEADERS),
        body=tuple(gathered.body),
        attachments=tuple(gathered.attachments),
        lost=gathered.lost,
        flags=("holds encrypted parts",) * gathered.encrypted,
    )


@dataclass
class _Gathered:
    """What the parts of one e-mail hold; those of an e-mail inside it stay in that."""

    body: list[BodyText] = field(default_factory=list[BodyText])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    lost: int = 0
    encrypted: bool = False

    def take(self, root: MimePart) -> None:
        """Parts in their order, without recursion: a hostile e-mail nests thousands."""
        waiting = [(root, True)]
        parts = 0
        while waiting:
            part, words = waiting.pop()
            parts += 1
            if parts > _MOST_PARTS:
                raise Refused(DocumentState.REFUSED, "The e-mail has more parts than is allowed.")
            kind = part.get_content_type()
            self.encrypted = self.encrypted or kind in ("multipart/encrypted", "application/pkcs7-mime")
            if kind == "message/rfc822":
                self._attach_message(part)
            elif part.is_multipart():
                inner = cast(list[MimePart], part.get_payload())
                told = _told(inner) if kind == "multipart/alternative" else inner
                waiting.extend((one, words and one in told) for one in reversed(inner))
            else:
                self._take_leaf(part, kind, words, part is root)

    def _take_leaf(self, part: MimePart, kind: str, words: bool, is_root: bool) -> None:
        data = part.get_payload(decode=True)
        if not isinstance(data, bytes):
            self.lost += 1
            return
        named = bool(_file_name(part)) and not is_root
        attached = named or part.get_content_disposition() == "attachment"
        charset = part.get_content_charset()
        if kind in ("text/plain", "text/html") and not attached:
            if words:
                is_html = kind == "text/html"
                text = html_decoded(data, charset) if is_html else decoded(data, charset)
                self.body.append(BodyText(text, is_html))
        elif data or attached:
            self.attachments.append(Attachment(_file_name(part) or self._number(kind), data))

    def _attach_message(self, part: MimePart) -> None:
        payload = part.get_payload()
        inner = cast(Any, payload[0]) if isinstance(payload, list) and payload else None
        if inner is None:
            self.lost += 1
            return
        try:
            data = inner.as_bytes()
        except Exception:  # damaged headers that parse and cannot be written again
            self.lost += 1
            return
        subject = _header(cast(MimePart, inner), "Subject")
        name = _file_name(part) or (f"{subject}.eml" if subject else self._number("message/rfc822"))
        # its subject may hold a slash, which is no folder
        self.attachments.append(Attachment(name.replace("/", "_").replace("\\", "_"), data))

    def _number(self, kind: str) -> str:
        return f"attachment {len(self.attachments) + 1}{_SUFFIXES.get(kind, '')}"


def _told(versions: list[MimePart]) -> list[MimePart]:
    """The version whose words are taken: the plain one where it says something, else all that are not plain.

    What is attached inside the others is kept in any case.
    """
    plain = [part for part in versions if part.get_content_type() == "text/plain"]
    speaking = [part for part in plain if _says_something(part)]
    return speaking[:1] or [part for part in versions if part not in plain]


def _says_something(part: MimePart) -> bool:
    data = part.get_payload(decode=True)
    return isinstance(data, bytes) and bool(data.strip())


def _file_name(part: MimePart) -> str:
    try:
        return part.get_filename() or ""
    except Exception:  # a broken parameter; the standard library raises what it happens on
        return ""


def _header(message: MimePart, name: str) -> str:
    """Decoded, else as it stands: the library's own parser of addresses drops what it cannot read."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    stated = decoded(raw[:_HEADER_CHARACTERS].encode("utf-8", "surrogateescape"), None)
    return _ENCODED_WORDS.sub(_unencoded, stated)


def _unencoded(words: re.Match[str]) -> str:
    """RFC 2047; what stands on either side stays as it is, also where there is no space between."""
    try:
        parts = decode_header(words[0])
    except MessageError:
        return words[0]
    return "".join(part if isinstance(part, str) else decoded(part, charset) for part, charset in parts)
