"""The parts of a DOCX package that hold words or say how they look; each is parsed when it is asked for.

python-docx is not used to read: it gives up on a package with one dangling relationship, loads every picture
into memory, and knows no footnotes, text boxes, tracked changes or hidden text.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast
from zipfile import ZipFile

from app.domain.kinds import DocumentState
from app.ingest.formats.ending import Refused, locked
from app.ingest.formats.markup import etree
from app.ingest.formats.packages import chunks, is_locked

MOST_PART_BYTES = 96 << 20
"""Of XML in one part; parsed it takes about eight times as much memory."""

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_LOOSE = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT_RELATIONS = b"http://purl.oclc.org/ooxml/officeDocument/relationships"
_LOOSE_RELATIONS = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_OFF = ("0", "false", "off", "none")
_MOST_BASES = 20


def w(name: str) -> str:
    """``p`` as lxml names it."""
    return W + name


def is_on(parent: Any, name: str) -> bool | None:
    """A toggle property: None where it is not stated."""
    element = None if parent is None else parent.find(w(name))
    return None if element is None else str(element.get(w("val"), "1")).lower() not in _OFF


def value(parent: Any, name: str) -> str | None:
    """The ``w:val`` of a child."""
    element = None if parent is None else parent.find(w(name))
    return None if element is None else cast("str | None", element.get(w("val")))


def parsed(data: bytes) -> Any:
    """No entities, no network, no huge trees; what declares a document type is refused."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    # the strict variant differs in its names alone
    if _STRICT in data[:8192]:
        data = data.replace(_STRICT, _LOOSE).replace(_STRICT_RELATIONS, _LOOSE_RELATIONS)
    root = etree.fromstring(data, parser)
    if root.getroottree().docinfo.doctype:
        raise Refused(DocumentState.REFUSED, "The file declares entities, as no word processor does.")
    return root


class DocxParts:
    """Raises KeyError for a missing main part, and what zipfile and lxml raise for damage to it."""

    def __init__(self, package: ZipFile) -> None:
        self._package = package
        self._names = {info.filename.lstrip("/").lower(): info for info in package.infolist()}
        self._main = self._main_name()
        self._folder = self._main.rpartition("/")[0]
        self.lost = False

    @cached_property
    def body(self) -> Any:
        """The ``w:body``."""
        body = parsed(self._bytes(self._main)).find(w("body"))
        if body is None:
            raise KeyError("body")
        return body

    @cached_property
    def styles(self) -> Styles:
        """Empty where the part is missing or damaged."""
        return Styles(self.part("styles.xml"))

    def part(self, name: str) -> Any | None:
        """A part beside the main one by its usual name; None where it is missing, or damaged (``lost``)."""
        return self._optional(f"{self._folder}/{name}")

    def related(self, relation: str) -> Any | None:
        """The part that a relationship of the main part leads to."""
        target = self._relations.get(relation)
        return None if target is None else self._optional(target)

    def has(self, name: str) -> bool:
        """Whether there is such a part beside the main one."""
        return f"{self._folder}/{name}".lower() in self._names

    @cached_property
    def _relations(self) -> dict[str, str]:
        file = self._main.rpartition("/")[2]
        root = self._optional(f"{self._folder}/_rels/{file}.rels")
        found: dict[str, str] = {}
        for relation in () if root is None else root:
            if relation.get("TargetMode") != "External" and (target := relation.get("Target")):
                name = target.lstrip("/") if target.startswith("/") else f"{self._folder}/{target}"
                found[str(relation.get("Id"))] = name.lower()
        return found

    def _main_name(self) -> str:
        if "word/document.xml" in self._names:
            return "word/document.xml"
        # some producers number it
        return min(name for name in self._names if name.startswith("word/document") and name.endswith(".xml"))

    def _optional(self, name: str) -> Any | None:
        if name.lower() not in self._names:
            return None
        try:
            return parsed(self._bytes(name))
        except (Refused, MemoryError):
            raise
        except Exception:  # a part that is not the text itself; zipfile and lxml have no common error
            self.lost = True
            return None

    def _bytes(self, name: str) -> bytes:
        member = self._names[name.lower()]
        if is_locked(member):
            raise locked()
        if member.file_size > MOST_PART_BYTES:
            raise Refused(
                DocumentState.TOO_LARGE,
                f"The file holds more than {MOST_PART_BYTES >> 20} MB of text. Split it and add the parts.",
            )
        return b"".join(chunks(self._package, member))


class Styles:
    """Paragraph and character styles by their ids, with what they inherit."""

    def __init__(self, root: Any | None) -> None:
        self._by_id: dict[str, Any] = {}
        self._default: str | None = None
        for style in () if root is None else root.iterfind(w("style")):
            identity = style.get(w("styleId"))
            self._by_id.setdefault(identity, style)
            if style.get(w("type")) == "paragraph" and style.get(w("default")) in ("1", "true"):
                self._default = identity
        self._hidden: dict[str, bool] = {}

    def chain(self, identity: str | None) -> list[Any]:
        """The style, then what it is based on."""
        found: list[Any] = []
        while identity in self._by_id and len(found) < _MOST_BASES:
            found.append(self._by_id[identity])
            identity = value(found[-1], "basedOn")
        return found

    def hides(self, identity: str | None) -> bool:
        """Whether text of this style is hidden."""
        if identity is None:
            return False
        if identity not in self._hidden:
            stated = (is_on(style.find(w("rPr")), "vanish") for style in self.chain(identity))
            self._hidden[identity] = next((on for on in stated if on is not None), False)
        return self._hidden[identity]

    def outline_level(self, identity: str | None) -> int:
        """From 1 for headings; 0 for text."""
        for style in self.chain(identity or self._default):
            name = (value(style, "name") or "").lower()
            if name == "title":
                return 1
            if name.startswith("heading ") and name[8:].isdigit():
                return int(name[8:])
            stated = value(style.find(w("pPr")), "outlineLvl")
            if stated is not None and stated.isdigit():
                return int(stated) + 1 if int(stated) < 9 else 0
        return 0

    def numbering(self, identity: str | None) -> Any | None:
        """The ``w:numPr`` that a paragraph of this style has."""
        for style in self.chain(identity or self._default):
            properties = style.find(w("pPr"))
            if properties is not None and (found := properties.find(w("numPr"))) is not None:
                return found
        return None
