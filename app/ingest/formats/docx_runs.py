"""What stands inside a paragraph: runs as a reader sees them, changes accepted, fields by their results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from app.ingest.formats.docx_parts import Styles, is_on, value, w
from app.ingest.formats.pages import one_line


@dataclass(frozen=True)
class Said:
    """Words."""

    text: str


@dataclass(frozen=True)
class Broke:
    """A page begins here: because its author said so, or because it did when it was last laid out."""

    start: Literal["asked", "rendered"]


@dataclass(frozen=True)
class Noted:
    """A reference to a note: its text stands at the end of the page."""

    kind: Literal["footnote", "endnote"]
    identity: str


@dataclass(frozen=True)
class Boxed:
    """A text box that hangs on the paragraph."""

    content: Any


Inline: TypeAlias = Said | Broke | Noted | Boxed

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_TEXT_BOX = w("txbxContent")
_GONE = frozenset(map(w, ("del", "moveFrom")))
_CHANGED = frozenset(map(w, ("ins", "moveTo")))
_DRAWN = frozenset(map(w, ("drawing", "pict", "object")))
_ALTERNATIVE = f"{_MC}AlternateContent"
_MATH_TEXT = f"{_M}t"
_R = w("r")
_P = w("p")
_FLD_CHAR = w("fldChar")
_LAST_RENDERED_PAGE_BREAK = w("lastRenderedPageBreak")
_BR = w("br")
_FOOTNOTE_REFERENCE = w("footnoteReference")
_ENDNOTE_REFERENCE = w("endnoteReference")
_T = w("t")
_SYM = w("sym")
_TYPE = w("type")
_ID = w("id")
_FLD_CHAR_TYPE = w("fldCharType")
_PLAIN = {w("tab"): " ", w("br"): "\n", w("cr"): "\n", w("noBreakHyphen"): "\u2011", w("ptab"): " "}
_NO_WORDS = frozenset(
    map(w, ("rPr", "pPr", "instrText", "delText", "delInstrText", "softHyphen", "sdtPr", "sdtEndPr"))
)
# of the pictorial fonts that forms use; others have no letter that says the same
_SYMBOLS = {
    ("wingdings", 0xA8): "☐",
    ("wingdings", 0x6F): "☐",
    ("wingdings", 0xFE): "☒",
    ("wingdings", 0xFD): "☒",
    ("wingdings", 0xFC): "✓",
    ("wingdings", 0xFB): "✗",
    ("wingdings 2", 0xA3): "☐",
    ("wingdings 2", 0x52): "☑",
    ("wingdings 2", 0x54): "☒",
    ("symbol", 0xB7): "•",
}


class RunWalker:
    """Keeps count of fields, which may begin in one paragraph and end in another."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._fields: list[bool] = []  # of each open field, whether its result has begun
        self.tracked = False
        self.hidden: list[str] = []

    def inline(self, paragraph: Any, style: str | None) -> list[Inline]:
        """In order; hidden words go to ``hidden``."""
        concealed = self._styles.hides(style)
        hidden: list[str] = []
        found: list[Inline] = []
        for one, unseen in self._walk(paragraph, concealed):
            if not unseen:
                found.append(one)
            elif isinstance(one, Said):
                hidden.append(one.text)
        if text := one_line("".join(hidden)):
            self.hidden.append(text)
        # a field whose instruction does not end with its paragraph is damaged: it must not hide what follows
        while self._fields and not self._fields[-1]:
            self._fields.pop()
        return found

    def _walk(self, parent: Any, concealed: bool) -> Iterator[tuple[Inline, bool]]:
        for element in parent:
            tag = element.tag
            if tag in _GONE:
                self.tracked = True
            elif tag == _R:
                unseen = self._is_hidden(element.find(w("rPr")), concealed)
                for one in self._run(element):
                    yield one, unseen
            elif tag in _NO_WORDS or tag == _P:
                continue
            elif tag == _ALTERNATIVE:
                for one in self._alternative(element):
                    yield one, False
            elif tag == _MATH_TEXT:
                yield Said(str(element.text or "")), False
            else:  # links, content controls, simple fields, formulas, inserted runs
                self.tracked = self.tracked or tag in _CHANGED
                yield from self._walk(element, concealed)

    def _run(self, run: Any) -> Iterator[Inline]:
        for element in run:
            tag = element.tag
            if tag == _FLD_CHAR:
                yield from self._field(element)
            elif tag == _LAST_RENDERED_PAGE_BREAK:
                yield Broke("rendered")
            elif tag == _BR and element.get(_TYPE) == "page":
                yield Broke("asked")
            elif tag in (_FOOTNOTE_REFERENCE, _ENDNOTE_REFERENCE):
                kind = "footnote" if tag == _FOOTNOTE_REFERENCE else "endnote"
                yield Noted(kind, str(element.get(_ID)))
            elif tag in _DRAWN:
                yield from _boxes(element)
            elif tag == _ALTERNATIVE:
                yield from self._alternative(element)
            elif all(self._fields):  # else it is a field's instruction
                if tag == _T:
                    yield Said(str(element.text or ""))
                elif tag in _PLAIN:
                    yield Said(_PLAIN[tag])
                elif tag == _SYM:
                    yield Said(_symbol(element))

    def _field(self, mark: Any) -> Iterator[Inline]:
        kind = mark.get(_FLD_CHAR_TYPE)
        if kind == "begin":
            self._fields.append(False)
            box = None if (data := mark.find(w("ffData"))) is None else data.find(w("checkBox"))
            if box is not None:
                ticked = is_on(box, "checked")
                yield Said("☒" if (is_on(box, "default") if ticked is None else ticked) else "☐")
        elif kind == "separate" and self._fields:
            self._fields[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _alternative(self, element: Any) -> Iterator[Inline]:
        """The first choice that holds a text box; the fallback says the same again."""
        for version in element:
            boxes = list(_boxes(version))
            if boxes:
                yield from boxes
                return

    def _is_hidden(self, properties: Any | None, concealed: bool) -> bool:
        if properties is None:
            return concealed
        stated = is_on(properties, "vanish")
        if stated is not None:
            return stated
        return concealed != self._styles.hides(value(properties, "rStyle"))


def _boxes(parent: Any) -> Iterator[Inline]:
    """Text boxes, but not those inside text boxes: they come when their outer one is read."""
    for element in parent:
        if element.tag == _TEXT_BOX:
            yield Boxed(element)
        elif element.tag == _ALTERNATIVE:
            for version in element:
                if boxes := list(_boxes(version)):
                    yield from boxes
                    break
        else:
            yield from _boxes(element)


def _symbol(element: Any) -> str:
    try:
        code = int(str(element.get(w("char"))), 16) & 0xFFF
    except ValueError:
        return ""
    return _SYMBOLS.get((str(element.get(w("font"))).lower(), code & 0xFF), "\ufffd")
