"""Pages to sentences: a library's boundaries, corrected by what layout says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from app.domain.spans import Span
from app.domain.text import Page, Sentence
from retrieval.layout import is_enumerator, is_heading, starts_with_enumerator
from retrieval.tables import tables_of

MOST_CHARACTERS = 600
"""A sentence longer than this is split at its semicolons and enumerators, where it has any."""

HARD_CHARACTERS = 1500
"""Text without any punctuation (tables, lists) is cut at white space so as not to pass this."""

Boundaries = Callable[[str], Iterable[int]]
"""Text without line breaks to the offsets at which sentences start."""

_BLANK_LINES = re.compile(r"[^\S\n]*\n(?:[^\S\n]*\n)+")
_LINE_BREAK = re.compile(r"\n[^\S\n]*")
_IDEOGRAPHIC_STOP = re.compile(r"[。！？]+[”’」』）]*")
_PLAIN_STOP = re.compile(
    r"(?<![^\W_])(?!approx|paras|subpara|subparas|cont[’']d)[a-z]{5,}[.?!][\"”’)]*(?=\s+[\"“‘(]?[A-Z])"
)
"""A stop after an ordinary word, before a capital: nupunkt takes a few such words for abbreviations."""

_ITEM = re.compile(r";\s+(?:(?:and|or)\s+)?|[,:]\s+(?:(?:and|or)\s+)?(?=\([a-zA-Z0-9]{1,4}\)\s)")
_SPACE = re.compile(r"\s+")
_LINE_ENDS = re.compile(r"(?:[.;:!?)\]\"”]|[;,]\s+(?:and|or)|—)\Z")
_TERMINAL = ".;:!?"


def split_sentences(pages: Sequence[Page]) -> tuple[Sentence, ...]:
    """Sentences of all pages in order.

    Every character that is not white space belongs to exactly one sentence, none crosses a page, and
    none begins or ends with white space. A single line break never ends a sentence by itself; a blank
    line does, unless the next line plainly goes on with it (as at a page break inside plain text). Each
    row of a table is one, together with the lines without figures above it. What stands beside a page's
    text (running headers, page numbers) is in no sentence.
    """
    sentences: list[Sentence] = []
    for page in pages:
        for start, end in sentence_spans(without_asides(page)):
            span = Span(page.start + start, page.start + end)
            sentences.append(Sentence(ordinal=len(sentences), page=page.number, span=span))
    return tuple(sentences)


def sentence_spans(text: str, boundaries: Boundaries | None = None) -> list[Span]:
    """Spans in ``text``; ``boundaries`` replaces the library's, to compare libraries under the same rules."""
    boundaries = boundaries or nupunkt_boundaries
    spans: list[Span] = []
    for block in _pieces(text, 0, len(text), _block_cuts(text)):
        sentences = _pieces(text, block.start, block.end, _sentence_cuts(text, block, boundaries))
        for sentence in _without_scraps(text, sentences):
            spans.extend(_shortened(text, sentence))
    return _with_enumerators_joined(text, spans)


def without_asides(page: Page) -> str:
    """The page's text with blanks where its asides are, so that every place stays the same."""
    text = page.text
    for aside in page.asides:
        if aside.kind == "footnote":  # it says something, and says it once
            continue
        start, end = aside.start - page.start, aside.end - page.start
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def nupunkt_boundaries(text: str) -> Iterable[int]:
    """Nupunkt (Bommarito et al., 2025), made for legal text; see bench/splitters for the comparison."""
    import nupunkt

    return [start for start, _ in nupunkt.sent_spans(text)]


def _pieces(text: str, start: int, end: int, cuts: Iterable[int]) -> list[Span]:
    """What lies between cuts, without white space at either end; blank pieces are left out."""
    inner = sorted({cut for cut in cuts if start < cut < end})
    found: list[Span] = []
    for left, right in pairwise([start, *inner, end]):
        piece = text[left:right]
        bare = piece.strip()
        if bare:
            first = left + len(piece) - len(piece.lstrip())
            found.append(Span(first, first + len(bare)))
    return found


def _block_cuts(text: str) -> Iterator[int]:
    for gap in _BLANK_LINES.finditer(text):
        if not _goes_on(text, gap.start(), gap.end()):
            yield gap.end()
    for line_break in _LINE_BREAK.finditer(text):
        if _line_starts_block(text, line_break.start(), line_break.end()):
            yield line_break.end()
    for table in tables_of(text):
        if table.head is not None:
            yield table.head.end
        yield from (row.end for row in table.rows)


def _goes_on(text: str, end: int, start: int) -> bool:
    """Whether the words after a blank line go on with the sentence before it."""
    before, after = text[max(0, end - 200) : end].rstrip(), text[start : start + 40].lstrip()
    if not before or not after or before[-1] in _TERMINAL or starts_with_enumerator(after):
        return False
    return after[0].islower() and before[-1].isalnum() | (before[-1] in ",-")


def _line_starts_block(text: str, end: int, start: int) -> bool:
    """Whether the line that starts at ``start`` stands apart from the line that ends at ``end``."""
    previous = text[text.rfind("\n", 0, end) + 1 : end].strip()
    stop = text.find("\n", start)
    line = text[start : len(text) if stop < 0 else stop].strip()
    if not previous or not line:
        return False
    after_heading = is_heading(previous) and _opens_after_heading(text, previous, line, end)
    if starts_with_enumerator(line):
        return after_heading or _LINE_ENDS.search(previous) is not None
    return after_heading


def _opens_after_heading(text: str, heading: str, line: str, end: int) -> bool:
    """A heading line counts only where it cannot be the middle of a wrapped paragraph."""
    if not (heading.isupper() or starts_with_enumerator(heading)):
        return False
    if line.isupper() and not starts_with_enumerator(line):
        return False
    if not (line[0].isupper() or line[0] in '"“(' or starts_with_enumerator(line)):
        return False
    above_end = text.rfind("\n", 0, end)
    above = text[text.rfind("\n", 0, max(above_end, 0)) + 1 : above_end].strip() if above_end > 0 else ""
    return not above or _LINE_ENDS.search(above) is not None or is_heading(above)


def _sentence_cuts(text: str, block: Span, boundaries: Boundaries) -> Iterator[int]:
    body = text[block.start : block.end]
    level = re.sub(r"\s", " ", body)
    for offset in boundaries(level):
        yield block.start + offset
    for pattern in (_PLAIN_STOP, _IDEOGRAPHIC_STOP):
        for stop in pattern.finditer(body):
            yield block.start + stop.end()


def _without_scraps(text: str, spans: Sequence[Span]) -> list[Span]:
    """Pieces without a letter or digit (a stray quotation mark, a rule of dashes) join what precedes."""
    joined: list[Span] = []
    for span in spans:
        if joined and not any(map(str.isalnum, text[span.start : span.end])):
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined


def _shortened(text: str, sentence: Span) -> list[Span]:
    if sentence.end - sentence.start <= MOST_CHARACTERS:
        return [sentence]
    body = text[sentence.start : sentence.end]
    items = [sentence.start + found.end() for found in _ITEM.finditer(body)]
    parts = _packed(_pieces(text, sentence.start, sentence.end, items), MOST_CHARACTERS)
    return [short for part in parts for short in _cut_at_spaces(text, part)]


def _cut_at_spaces(text: str, span: Span) -> list[Span]:
    if span.end - span.start <= HARD_CHARACTERS:
        return [span]
    spaces = [span.start + found.end() for found in _SPACE.finditer(text[span.start : span.end])]
    return _packed(_pieces(text, span.start, span.end, spaces), MOST_CHARACTERS)


def _packed(spans: Sequence[Span], most: int) -> list[Span]:
    """Neighbours put together again as long as they stay within ``most`` characters."""
    packed: list[Span] = []
    for span in spans:
        if packed and span.end - packed[-1].start <= most:
            packed[-1] = Span(packed[-1].start, span.end)
        else:
            packed.append(span)
    return packed


def _with_enumerators_joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """An enumerator alone belongs to the sentence after it."""
    joined: list[Span] = []
    alone: Span | None = None
    for span in spans:
        start = span.start if alone is None else alone.start
        alone = None
        if is_enumerator(text[start : span.end]):
            alone = Span(start, span.end)
        else:
            joined.append(Span(start, span.end))
    return [*joined, alone] if alone is not None else joined
