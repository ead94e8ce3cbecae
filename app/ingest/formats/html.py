"""HTML as text: what a reader of it sees, in the order in which it stands in the file."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.domain.kinds import DocumentState
from app.ingest.formats.charsets import decoded, load_charsets
from app.ingest.formats.ending import Message, ends_once, too_many_pages
from app.ingest.formats.markup import etree
from app.ingest.formats.pages import COUNTED_HERE, Block, counted, one_line, page_of, tidy, unseen
from app.ingest.formats.source import Source, whole
from app.ingest.formats.text import decode
from app.ingest.limits import Limits
from app.ingest.messages import Ended, Unseen

HIDDEN = "hidden by the page's own style"
UNSEEN_FLAG = "holds words nobody can see"

_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt"}
    | {"fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"}
    | {"hr", "html", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table"}
    | {"tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
_NO_WORDS = frozenset({"script", "style", "head", "title", "template", "noscript", "object", "svg", "select"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_UNSEEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0*\.?0*(?:px|pt|em|%)?\s*(?:;|$|!)"
    r"|mso-hide\s*:\s*all",
    re.I,
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.I)
_CHARSET_WITHIN = 4096
_ROW_CHARACTERS = 2_000
_FED_CHARACTERS = 1 << 16


@dataclass
class HtmlText:
    """The blocks that are seen, and the words that are not."""

    blocks: list[Block] = field(default_factory=list[Block])
    unseen: list[Unseen] = field(default_factory=list[Unseen])

    @property
    def text(self) -> str:
        """The blocks, parted by blank lines."""
        return "\n\n".join(block.text for block in self.blocks)


def warm_up() -> None:
    """Load the codecs."""
    load_charsets()
    html_text("<p>warm &amp; up")


@ends_once
def read_html(source: Source, limits: Limits) -> Iterator[Message]:
    """Pages of about 3,000 characters: a page on the web has none."""
    found = html_text(html_decoded(whole(source), None))
    pages = list(counted(found.blocks))
    if len(pages) > limits.pages:
        raise too_many_pages(len(pages), limits)
    for number, blocks in enumerate(pages, start=1):
        yield page_of(number, blocks, found.unseen if number == 1 else ())
    flags = (COUNTED_HERE,) * (len(pages) > 1) + (UNSEEN_FLAG,) * bool(found.unseen)
    if found.blocks:
        yield Ended(state=DocumentState.READY, flags=flags)
    else:
        yield Ended(state=DocumentState.NO_TEXT, reason="There are no words in it.", flags=flags)


def html_decoded(data: bytes, charset: str | None) -> str:
    """By what was said with it, else its mark, else what it says itself."""
    if charset is None and (stated := _CHARSET.search(data[:_CHARSET_WITHIN])):
        charset = stated[1].decode("ascii")
    if charset is not None:
        return decoded(data, charset)
    return (decode(data) or (decoded(data, None), ()))[0]


def html_text(html: str) -> HtmlText:
    """Never raises; nothing is fetched, and no script is run.

    Through libxml2, as the standard library's parser takes quadratic time on hostile input.
    """
    target = _Target()
    with contextlib.suppress(etree.ParserError, etree.XMLSyntaxError):  # of what holds nothing at all
        parser = etree.HTMLParser(target=target, recover=True, no_network=True, huge_tree=True)
        for at in range(0, len(html), _FED_CHARACTERS):
            parser.feed(html[at : at + _FED_CHARACTERS].replace("\0", ""))
        parser.close()
    target.close()
    return target.found


class _Target:
    """Hears elements begin and end, properly nested; keeps no tree."""

    def __init__(self) -> None:
        self.found = HtmlText()
        self._line: list[str] = []
        self._unseen: list[str] = []
        self._heading = 0
        self._depth = 0
        self._silent: int | None = None  # how deep the outermost element without words is
        self._hidden: int | None = None
        self._pre = 0
        self._rows: list[list[int]] = []  # of each open row, the block that each of its cells begins with

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Called by the parser."""
        self._depth += 1
        if self._silent is not None:
            return
        if tag in _NO_WORDS:
            self._silent = self._depth
            return
        if tag in _BLOCKS:
            self._end_block()
            self._heading = _HEADINGS.get(tag, 0)
        if self._hidden is None and _is_hidden(attributes):
            self._hidden = self._depth
        if tag == "br":
            self._say("\n")
        elif tag == "li":
            self._say("• ")
        elif tag == "pre":
            self._pre += 1
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th") and self._rows:
            self._rows[-1].append(len(self.found.blocks))

    def end(self, tag: str) -> None:
        """Called by the parser."""
        if self._silent is None:
            if tag in _BLOCKS:
                self._end_block()
            if tag == "pre":
                self._pre = max(0, self._pre - 1)
            elif tag == "tr" and self._rows:
                self._end_row(self._rows.pop())
        elif self._silent == self._depth:
            self._silent = None
        if self._hidden == self._depth:
            self._hidden = None
            self._end_hidden()
        self._depth -= 1

    def data(self, text: str) -> None:
        """Called by the parser."""
        if self._silent is None:
            self._say(text if self._pre else re.sub(r"[ \t\r\n]+", " ", text))

    def close(self) -> None:
        """Called by the parser at the end, and safe to call twice."""
        self._end_block()
        self._end_hidden()

    def _end_block(self) -> None:
        if self._hidden is not None:
            self._unseen.append(" ")
        text = "\n".join(line.strip() for line in tidy("".join(self._line)).split("\n")).strip()
        self._line.clear()
        if text and text != "•":
            self.found.blocks.append(Block(text, heading=self._heading))
        self._heading = 0

    def _end_hidden(self) -> None:
        if hidden := one_line("".join(self._unseen)):
            self.found.unseen.append(unseen(hidden, HIDDEN))
        self._unseen.clear()

    def _say(self, text: str) -> None:
        (self._line if self._hidden is None else self._unseen).append(text)

    def _end_row(self, cells: list[int]) -> None:
        """A short row becomes one block; the cells of a page that is laid out by a table stay apart."""
        blocks = self.found.blocks
        ends = [*cells[1:], len(blocks)]
        texts = [" ".join(block.text for block in blocks[a:b]) for a, b in zip(cells, ends, strict=True)]
        if sum(map(bool, texts)) > 1 and sum(map(len, texts)) <= _ROW_CHARACTERS:
            # a bar, not a tab: page text holds no control characters, and a space would join cells' words
            blocks[cells[0] :] = [Block(" | ".join(one_line(text) for text in texts))]


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or _UNSEEN_STYLE.search(attributes.get("style", "")) is not None
