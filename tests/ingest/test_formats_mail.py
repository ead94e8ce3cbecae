from __future__ import annotations

import base64
from email.message import EmailMessage
from typing import Any

from app.domain.kinds import DocumentState
from app.ingest.formats.eml import read_eml
from app.ingest.formats.html import html_text, read_html
from app.ingest.formats.inside import MOST_DEPTH
from app.ingest.limits import Limits
from app.ingest.messages import Ended, Inside, PageRead


def read(data: bytes, depth: int = 0, **limits: Any) -> tuple[list[PageRead], dict[str, bytes], Ended]:
    *messages, ended = read_eml(data, Limits(**limits), depth)
    assert isinstance(ended, Ended)
    inside: dict[str, bytes] = {}
    for piece in messages:
        if isinstance(piece, Inside):
            inside[piece.name] = inside.get(piece.name, b"") + base64.b64decode(piece.data)
    return [page for page in messages if isinstance(page, PageRead)], inside, ended


def mail(body: str = "The lease ends in May.", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Jane Doe <jane@example.org>", "ol\u00e9@example.org"
    message["Date"], message["Subject"] = "Wed, 25 Nov 2026 10:00:00 +0000", "K\u00fcndigung \u2014 Unit 4"
    for name, value in headers.items():
        message[name] = value
    message.set_content(body)
    return message


def test_the_headers_are_the_first_lines_and_the_body_follows() -> None:
    (page,), inside, ended = read(mail("Dear Ol\u00e9,\n\nThe lease ends in May.\n").as_bytes())
    assert page.text == (
        "From: Jane Doe <jane@example.org>\nTo: ol\u00e9@example.org\nDate: Wed, 25 Nov 2026 10:00:00 +0000\n"
        "Subject: K\u00fcndigung \u2014 Unit 4\n\nDear Ol\u00e9,\n\nThe lease ends in May."
    )
    assert (page.number, inside, ended.state) == (1, {}, DocumentState.READY)


def test_plain_words_are_preferred_and_html_is_read_where_there_are_none() -> None:
    both = mail("Plain words.")
    both.add_alternative("<p>Rich words.</p>", subtype="html")
    assert "Plain words." in read(both.as_bytes())[0][0].text
    assert "Rich" not in read(both.as_bytes())[0][0].text
    blank = mail(" \n")
    blank.add_alternative("<p>Rich &amp; words.</p>", subtype="html")
    assert "Rich & words." in read(blank.as_bytes())[0][0].text


def test_words_of_every_part_are_kept_in_order() -> None:
    message = EmailMessage()
    message.set_content("<p>First.</p>", subtype="html")
    message.make_mixed()
    tail = EmailMessage()
    tail.set_content("Second.")
    message.attach(tail)
    assert read(message.as_bytes())[0][0].text == "First.\n\nSecond."


def test_attachments_stand_beside_it_also_those_of_the_version_not_read() -> None:
    message = mail()
    message.add_alternative("<p>Rich</p>", subtype="html")
    rich = message.get_payload(1)
    assert isinstance(rich, EmailMessage)
    rich.add_related(b"logo", "image", "png", filename="logo.png")
    message.add_attachment(
        b"%PDF-", maintype="application", subtype="pdf", filename="../Ver\u00e4nderung.pdf"
    )
    message.add_attachment("words", filename="note.txt")
    message.add_attachment(b"bytes", maintype="application", subtype="pdf")
    _, inside, ended = read(message.as_bytes())
    assert inside == {
        "logo.png": b"logo",
        "Ver\u00e4nderung.pdf": b"%PDF-",
        "note.txt": b"words\n",
        "attachment 4.pdf": b"bytes",
    }
    assert ended.state is DocumentState.READY


def test_a_message_in_a_message_becomes_an_e_mail_of_its_own() -> None:
    inner = mail("Inner words.", Cc="x@example.org")
    outer = mail("Outer words.")
    outer.add_attachment(inner)
    (page,), inside, _ = read(outer.as_bytes())
    assert "Inner" not in page.text
    (name,) = inside
    assert name == "K\u00fcndigung \u2014 Unit 4.eml"
    assert "Inner words." in read(inside[name])[0][0].text
    assert read(inside[name], depth=MOST_DEPTH + 1)[2].state is DocumentState.REFUSED


def test_an_e_mail_of_attachments_alone_says_where_they_are() -> None:
    message = mail("")
    message.add_attachment(b"1", maintype="image", subtype="png", filename="scan.png")
    (page,), inside, ended = read(message.as_bytes())
    assert page.text.startswith("From: Jane Doe")
    assert list(inside) == ["scan.png"]
    assert ended.state is DocumentState.NO_TEXT
    assert ended.reason == "An e-mail without text; 1 attachment: it stands beside it."


def test_attachments_over_the_limit_are_left_out_and_the_words_kept() -> None:
    message = mail("")
    message.add_attachment(bytes(2000), maintype="image", subtype="png", filename="scan.png")
    (page,), inside, ended = read(message.as_bytes(), output_bytes=2000)
    assert "Jane" in page.text
    assert not inside
    assert ended.state is DocumentState.PARTIAL
    assert ended.reason == "The attachments are larger than is allowed. Save them and add those."


def test_a_header_that_is_no_address_is_kept_as_it_stands() -> None:
    (page,), _, _ = read(b"From: Ol\xe9; Per <\r\nMIME-Version: 1.0\r\nTo: a@b.c;d@e.f\r\n\r\nwords")
    assert page.text == "From: Ol\u00e9; Per <\nTo: a@b.c;d@e.f\n\nwords"


def test_odd_charsets_and_broken_headers_cost_no_words() -> None:
    data = (
        b"From: =?nonsense?q?=41?= <\r\nSubject: =?utf-8?b?YWI?= x\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=rot13; name*=%%%\r\n\r\nCaf\xe9 words"
    )
    (page,), _, ended = read(data)
    assert page.text.endswith("Caf\u00e9 words")
    assert ended.state is DocumentState.READY


def test_an_e_mail_nested_a_thousand_deep_ends_in_words() -> None:
    head = b"From: a@b.c\r\nMIME-Version: 1.0\r\n"
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1000)
    )
    *_, ended = read_eml(head + nested + b"\r\nwords", Limits())
    assert isinstance(ended, Ended)
    assert ended.state in (DocumentState.DAMAGED, DocumentState.READY)


def test_html_is_read_as_it_is_seen() -> None:
    found = html_text(
        "<html><head><title>T</title><style>p{}</style></head><body><h2>Term</h2><p>One<br>two "
        "&sect;&nbsp;3</p><ul><li>first<li>second</ul><table><tr><th>Rent<th>Due</tr><tr><td><p>100</p></td>"
        "<td>May</td></tr></table>"
        "<script>alert(1)</script>end</body>"
    )
    assert [(block.heading, block.text) for block in found.blocks] == [
        (2, "Term"), (0, "One\ntwo \u00a7\u00a03"), (0, "\u2022 first"), (0, "\u2022 second"),
        (0, "Rent | Due"), (0, "100 | May"), (0, "end"),
    ]  # fmt: skip


def test_hidden_html_is_unseen_and_does_not_swallow_what_follows() -> None:
    *pages, ended = read_html(
        b"<p>Seen.</p><div style='DISPLAY : none'><div>ignore</div> all</div><span style='font-size:0'>rules"
        b"</span><p hidden>this</p><p>Also seen.</p>",
        Limits(),
    )
    (page,) = pages
    assert isinstance(page, PageRead)
    assert page.text == "Seen.\n\nAlso seen."
    assert [one.text for one in page.unseen] == ["ignore all", "rules", "this"]
    assert isinstance(ended, Ended)
    assert ended.flags == ("holds words nobody can see",)


def test_long_html_is_parted_at_paragraphs_and_says_so() -> None:
    paragraph = "<p>" + "words " * 100 + "</p>"
    *pages, ended = read_html((paragraph * 30).encode(), Limits())
    assert len(pages) > 4
    assert all(isinstance(page, PageRead) and page.text.endswith("words") for page in pages)
    assert isinstance(ended, Ended)
    assert ended.flags == ("pages are counted by Pincite",)
    assert list(read_html((paragraph * 30).encode(), Limits(pages=2)))[-1].kind == "ended"
