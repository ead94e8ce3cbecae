"""Outlook's messages: storages and streams in an OLE container, through python-oxmsg."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from io import BytesIO
from typing import Any, cast

from olefile import OleFileIO
from oxmsg.domain import constants, model
from oxmsg.properties import Properties
from oxmsg.storage import Storage

from app.domain.kinds import DocumentState
from app.ingest.formats import eml
from app.ingest.formats.charsets import decoded, load_charsets
from app.ingest.formats.ending import DAMAGED, Message, Refused, ends_once, locked
from app.ingest.formats.html import html_decoded, html_text
from app.ingest.formats.inside import MOST_DEPTH
from app.ingest.formats.mail import SHOWN_HEADERS, Attachment, BodyText, Mail, read_mail
from app.ingest.formats.pages import one_line
from app.ingest.formats.source import Source, whole
from app.ingest.limits import Limits

_PROPERTIES = "__properties_version1.0"
_ENCRYPTED_PACKAGE = "EncryptedPackage"
_STRING, _STRING8, _BINARY = 0x001F, 0x001E, 0x0102
_EMBEDDED = "__substg1.0_3701000D"
# header sizes of a properties stream [MS-OXMSG 2.4.1]: 32 at the root, 24 in a message inside it
_EMBEDDED_HEADER = 24
_RTF_COMPRESSED = 0x1009
_PLAIN_HEADERS = {
    "To": constants.PID_DISPLAY_TO,
    "Cc": constants.PID_DISPLAY_CC,
    "Subject": constants.PID_SUBJECT,
}
# the directory may let many streams share their sectors: then they are more than the file
_MOST_TIMES_FILE = 2
_SLACK_BYTES = 1 << 20


def warm_up() -> None:
    """Load the codecs, and what writes inner messages down as e-mails."""
    eml.warm_up()
    load_charsets()


@ends_once
def read_msg(source: Source, limits: Limits, depth: int = 0) -> Iterator[Message]:
    """``depth``: so many files this one lies in. Messages inside become e-mails of the usual format."""
    data = whole(source)
    with cast(Any, OleFileIO)(BytesIO(data)) as container:
        _check(container, len(data))
        storage = Storage.from_ole(container)
    yield from read_mail(_Item(storage, model.MSG_HDR_OFFSET).mail(0), limits, depth)


def _check(container: Any, size: int) -> None:
    if container.exists(_ENCRYPTED_PACKAGE):
        raise locked()
    if not container.exists(_PROPERTIES):
        raise Refused(
            DocumentState.UNSUPPORTED,
            "This older kind of Office file is not supported. Save it as DOCX or PDF.",
        )
    streams = sum(entry.size for entry in container.direntries if entry is not None)
    if streams > _MOST_TIMES_FILE * size + _SLACK_BYTES:
        raise Refused(
            DocumentState.REFUSED, "The message claims to hold more than the file has. Ask for it again."
        )


@dataclass(frozen=True)
class _Item:
    """A message's storage. Strings are read by their streams: one odd property must not cost all."""

    storage: Storage
    header_bytes: int

    def mail(self, depth: int) -> Mail:
        attachments: list[Attachment] = []
        lost = 0
        for number, inner in enumerate(self.storage.iter_attachment_storages(), start=1):
            try:
                attachments.append(_attachment(inner, number, depth))
            except MemoryError:
                raise
            except Exception:  # a file that is not there, or only linked to; python-oxmsg has no common error
                lost += 1
        body = self._body()
        formatted = not body and self._bytes(_RTF_COMPRESSED) is not None
        return Mail(
            headers=self._headers(),
            body=body,
            attachments=tuple(attachments),
            lost=lost,
            flags=("its text is kept in a form that cannot be read yet",) * formatted,
        )

    def text(self, pid: int) -> str:
        """A string property; empty where there is none."""
        if (data := self._bytes(pid, _STRING)) is not None:
            return data.decode("utf-16-le", errors="replace").rstrip("\0")
        if (data := self._bytes(pid, _STRING8)) is not None:
            return decoded(data, self._charset()).rstrip("\0")
        return ""

    def _body(self) -> tuple[BodyText, ...]:
        if (plain := self.text(constants.PID_BODY)).strip():
            return (BodyText(plain),)
        data = self._bytes(constants.PID_HTML)
        html = html_decoded(data, self._charset()) if data else self.text(constants.PID_BODY_HTML)
        return (BodyText(html, is_html=True),) if html.strip() else ()

    def _headers(self) -> tuple[tuple[str, str], ...]:
        sent = eml.mail_of(self.text(constants.PID_TRANSPORT_MESSAGE_HEADERS).encode("utf-8", "replace"))
        stated = dict(sent.headers)
        found = {name: stated.get(name, "") or self.text(pid) for name, pid in _PLAIN_HEADERS.items()}
        found["From"] = stated.get("From", "") or self._sender()
        found["Date"] = stated.get("Date", "") or self._date()
        return tuple((name, found[name]) for name in SHOWN_HEADERS)

    def _sender(self) -> str:
        name = self.text(constants.PID_SENDER_NAME) or self.text(constants.PID_SENT_REPRESENTING_NAME)
        address = self.text(constants.PID_SENDER_SMTP_ADDRESS)
        if not address and "@" in (other := self.text(constants.PID_SENDER_EMAIL_ADDRESS)):
            address = other
        if not address or address == name:
            return name or address
        return f"{name} <{address}>" if name else address

    def _date(self) -> str:
        try:
            properties = Properties(self.storage, self.header_bytes)
            sent = properties.date_prop_value(constants.PID_CLIENT_SUBMIT_TIME)
        except Exception:  # a date past what Python counts, or a damaged stream
            return ""
        return format_datetime(sent) if sent else ""

    def _charset(self) -> str | None:
        try:
            properties = Properties(self.storage, self.header_bytes)
            pages = (constants.PID_INTERNET_CODEPAGE, constants.PID_MESSAGE_CODEPAGE)
            # it guesses Latin-9 where the message says nothing
            stated = any(properties.int_prop_value(page) is not None for page in pages)
            return properties.body_encoding if stated else None
        except Exception:  # an unknown code page
            return None

    def _bytes(self, pid: int, kind: int = _BINARY) -> bytes | None:
        try:
            return self.storage.property_stream_bytes(pid, kind)
        except KeyError:
            return None


def _attachment(storage: Storage, number: int, depth: int) -> Attachment:
    """Raises where it holds no bytes."""
    item = _Item(storage, model.ATTACH_HDR_OFFSET)
    name = item.text(constants.PID_ATTACH_LONG_FILENAME) or item.text(constants.PID_ATTACH_FILENAME)
    for inner in storage.storages:
        if inner.name == _EMBEDDED:
            if depth >= MOST_DEPTH:
                raise ValueError(DAMAGED)
            mail = _Item(inner, _EMBEDDED_HEADER).mail(depth + 1)
            subject = one_line(dict(mail.headers)["Subject"]) or name or f"message {number}"
            return Attachment(subject.replace("/", "_").replace("\\", "_") + ".eml", _as_eml(mail))
    return Attachment(name or f"attachment {number}", storage.property_stream_bytes(0x3701, _BINARY))


def _as_eml(mail: Mail) -> bytes:
    message = EmailMessage()
    texts = [html_text(part.text).text if part.is_html else part.text for part in mail.body]
    message.set_content("\n\n".join(texts).encode("utf-8", "replace").decode())
    for file in mail.attachments:
        message.add_attachment(
            file.data, maintype="application", subtype="octet-stream", filename=one_line(file.name)
        )
    # written by hand: what Outlook shows need not be an address, and would be dropped as a header
    lines = (
        f"{name}: {Header(shown, None if shown.isascii() else 'utf-8', header_name=name).encode()}\n"
        for name, value in mail.headers
        if (shown := one_line(value))
    )
    return "".join(lines).encode("ascii") + message.as_bytes()
