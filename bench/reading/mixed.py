"""A mix of files of every kind and fate, no two with the same bytes inside."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import docx
import pymupdf

MUPDF = cast(Any, pymupdf)
_CLAUSES = (
    "This Agreement number {number} is governed by the laws of the State of Delaware.",
    "The term of agreement {number} ends thirty days after written notice of either party.",
    "Supplier {number} is liable for direct damages only, up to the fees of one year.",
)


def mixed_files(folder: Path, count: int) -> list[Path]:
    """So many files in a new folder: of each hundred 3 scans, 8 damaged or empty, 4 with a password."""
    folder.mkdir(parents=True)
    return [
        kind(folder, number)
        for number, kind in ((number, _KINDS[number % len(_KINDS)]) for number in range(count))
    ]


def words(number: int, page: int = 1) -> str:
    """A page's text."""
    lines = (clause.format(number=f"{number}-{page}") for clause in _CLAUSES)
    return "\n\n".join(lines)


def _text(folder: Path, number: int) -> Path:
    path = folder / f"{number:03} note.txt"
    path.write_text(words(number))
    return path


def _pdf(folder: Path, number: int, password: str = "") -> Path:
    path = folder / f"{number:03} contract.pdf"
    sheets = MUPDF.open()
    for page in range(1, 4):
        sheet = sheets.new_page()
        sheet.insert_text((72, 40), f"Agreement {number}")
        sheet.insert_text((72, 120), "ARTICLE I", fontsize=18)
        sheet.insert_text((72, 160), words(number, page))
        sheet.insert_text((300, 760), f"Page {page} of 3")
    keep = {"encryption": MUPDF.PDF_ENCRYPT_AES_256, "user_pw": password} if password else {}
    sheets.save(str(path), **keep)
    sheets.close()
    return path


def _locked(folder: Path, number: int) -> Path:
    return _pdf(folder, number, password="sesame")


def _scan(folder: Path, number: int) -> Path:
    path = folder / f"{number:03} scan.pdf"
    scan = MUPDF.open()
    for page in (1, 2):
        drawn = MUPDF.open()
        drawn.new_page(width=400, height=160).insert_text((20, 40), words(number, page), fontsize=8)
        picture = drawn[0].get_pixmap(dpi=150).tobytes("png")
        drawn.close()
        scan.new_page(width=400, height=160).insert_image((0, 0, 400, 160), stream=picture)
    scan.save(str(path))
    scan.close()
    return path


def _docx(folder: Path, number: int) -> Path:
    path = folder / f"{number:03} letter.docx"
    made = docx.Document()
    made.add_heading("Terms", 1)
    for line in words(number).split("\n\n"):
        made.add_paragraph(line)
    made.save(str(path))
    return path


def _mail(folder: Path, number: int) -> Path:
    path = folder / f"{number:03} mail.eml"
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", f"Agreement {number}"
    mail.set_content(words(number, 7))
    mail.add_attachment(words(number, 8).encode(), maintype="text", subtype="plain", filename="terms.txt")
    path.write_bytes(mail.as_bytes())
    return path


def _zip(folder: Path, number: int) -> Path:
    """With an archive inside it."""
    path = folder / f"{number:03} all.zip"
    inner = BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("deep.txt", words(number, 10))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("exhibits/one.txt", words(number, 11))
        archive.writestr("two.html", f"<h1>Two</h1><p>{words(number, 12)}</p>")
        archive.writestr("inner.zip", inner.getvalue())
    return path


def _damaged(folder: Path, number: int) -> Path:
    path = folder / f"{number:03} damaged.pdf"
    path.write_bytes(b"%PDF-1.7\n" + words(number).encode())
    return path


def _empty(folder: Path, number: int) -> Path:
    """Of a kind that is not read; files without any bytes are all one document."""
    path = folder / f"{number:03} table.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + words(number).encode())
    return path


_Kind = Callable[[Path, int], Path]
_TWENTY: tuple[_Kind, ...] = (
    _text, _pdf, _docx, _mail, _zip, _text, _pdf, _damaged, _docx, _text,
    _mail, _pdf, _text, _docx, _text, _zip, _pdf, _mail, _text, _pdf,
)  # fmt: skip
_RARE: dict[int, _Kind] = {
    2: _scan,
    9: _locked,
    26: _empty,
    34: _locked,
    41: _scan,
    52: _empty,
    59: _locked,
    74: _scan,
    79: _locked,
    92: _empty,
}
_KINDS: tuple[_Kind, ...] = tuple(_RARE.get(number, _TWENTY[number % 20]) for number in range(100))
