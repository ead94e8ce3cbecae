"""Takes an RTF file apart before its text is converted: what stands in the text, beside it, and unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.domain.kinds import DocumentState
from app.ingest.formats.ending import Refused

PAGE_MARK = "\f"
"""Stands in the converted text where a page begins."""

MOST_DEPTH = 5_000
"""So deep may groups nest."""

_TOKEN = re.compile(r"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'[0-9a-fA-F]{2}|\\.|[{}]|[^\\{}]+", re.DOTALL)
# destinations that hold words for a reader, which striprtf leaves out
_BESIDE = {
    "footnote": "footnote",
    "header": "header",
    "headerl": "header",
    "headerr": "header",
    "headerf": "header",
    "footer": "footer",
    "footerl": "footer",
    "footerr": "footer",
    "footerf": "footer",
    "shptxt": "shape",
}
# no words: pictures are long, field instructions cost striprtf quadratic time
_DROPPED = frozenset(
    {"pict", "objdata", "fldinst", "themedata", "datastore", "colorschememapping", "stylesheet", "info"}
    | {"colortbl", "listtable", "listoverridetable", "latentstyles", "rsidtbl", "xmlnstbl", "filetbl"}
    | {"revtbl", "generator"}
)
_ANNOTATIONS = frozenset({"annotation", "atnid", "atnauthor"})
_FONT = re.compile(r"\\f(\d{1,5})(?!\d)")
_CHARSET = re.compile(r"\\fcharset(\d{1,3})(?!\d)")


@dataclass
class RtfParts:
    """Pieces of RTF; each needs ``preamble``, the fonts and code page, to be read by itself."""

    body: str = ""
    preamble: str = ""
    hidden: str = ""
    beside: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    flags: tuple[str, ...] = ()


@dataclass
class _Group:
    """An open group: where its content goes (None: nowhere), and whether a reader sees it."""

    into: list[str] | None
    hidden: bool = False
    deleted: bool = False
    opens: list[str] | None = None  # what it was begun for


class _Parting:
    def __init__(self) -> None:
        self.body: list[str] = []
        self.fonts: list[str] = []
        self.page: list[str] = []
        self.hidden: list[str] = []
        self.beside: dict[str, list[list[str]]] = {}
        self.deleted = False
        self.annotated = False
        self._groups: list[_Group] = [_Group(self.body)]

    @property
    def group(self) -> _Group:
        return self._groups[-1]

    def open(self) -> None:
        if len(self._groups) > MOST_DEPTH:
            raise Refused(DocumentState.DAMAGED, "The file nests its parts too deep to be read.")
        outer = self.group
        self._groups.append(_Group(outer.into, outer.hidden, outer.deleted))
        self._brace("{")

    def close(self) -> None:
        self._brace("}")
        if len(self._groups) > 1:
            self._groups.pop()

    def word(self, name: str, number: str | None, token: str) -> None:
        group = self.group
        off = number == "0"
        if name in _DROPPED:
            self._turn(None)
        elif name in _ANNOTATIONS:
            self.annotated = True
            self._turn(None)
        elif name in _BESIDE:
            kept: list[str] = []
            self.beside.setdefault(_BESIDE[name], []).append(kept)
            self._turn(kept)
        elif name == "fonttbl":
            self._turn(self.fonts)
        elif name in ("ansicpg", "deff", "uc") and len(self.page) < 3:
            self.page.append(token)
            self._put(token)
        elif name == "v":
            group.hidden = not off
        elif name == "plain":
            group.hidden = False
            self._put(token)
        elif name == "deleted":
            group.deleted = not off
        elif name in ("page", "pagebb"):
            self._put("\\par " + PAGE_MARK)
        elif name == "sect":
            self._put("\\par ")
        else:
            self._put(token)

    def text(self, token: str) -> None:
        """Anything that is read."""
        group = self.group
        if group.into is None:
            return
        if group.deleted:
            self.deleted = self.deleted or bool(token.strip())
        elif group.hidden:
            self.hidden.append(token)
        else:
            self._put(token)

    def _turn(self, into: list[str] | None) -> None:
        """All of this group goes elsewhere; what was begun where it stands is ended there."""
        group = self.group
        if group.opens is None:
            group.opens = group.into
        group.into = into

    def _brace(self, brace: str) -> None:
        group = self.group
        if brace == "}" and group.opens is not None:
            group.opens.append("}")
        elif group.into is not None:
            group.into.append(brace)

    def _put(self, token: str) -> None:
        if self.group.into is not None:
            self.group.into.append(token)


def parted(rtf: str) -> RtfParts:
    """Raises Refused for groups that nest too deep."""
    parting = _Parting()
    for name, number, token in _tokens(rtf):
        if token == "{":
            parting.open()
        elif token == "}":
            parting.close()
        elif (name and name != "u") or token == "\\*":
            parting.word(name, number, token)
        else:
            parting.text(token)
    page = "".join(parting.page)
    flags = ("holds tracked changes",) * parting.deleted + ("holds comments",) * parting.annotated
    return RtfParts(
        body="".join(parting.body),
        preamble=page + _fonts("".join(parting.fonts)),
        hidden="".join(parting.hidden),
        beside={kind: ["".join(one) for one in many] for kind, many in parting.beside.items()},
        flags=flags,
    )


def _fonts(table: str) -> str:
    """Written anew, a font a line: on a hostile table striprtf takes cubic time."""
    lines: list[str] = []
    for entry in table.split(";"):
        font, charset = _FONT.search(entry), _CHARSET.search(entry)
        if font and charset:
            lines.append(f"{{\\f{font[1]}\\fcharset{charset[1]} x;}}\n")
    return "{\\fonttbl\n" + "".join(lines) + "}" if lines else ""


def _tokens(rtf: str) -> Iterator[tuple[str, str | None, str]]:
    """(control word or "", its number, all of it); binary data, whose length is stated, is passed over."""
    position = 0
    while (match := _TOKEN.match(rtf, position)) is not None:
        position = match.end()
        if match[1] == "bin" and match[2] and int(match[2]) > 0:
            position += int(match[2])
        else:
            yield match[1] or "", match[2], match[0]
