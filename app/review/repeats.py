"""What repeats in a matter: pages without words, pages and documents with the same text, near duplicates.

Headers, footers, page and Bates numbers are left out, as are letter case and white space: a stamp or a new
line break makes no other text.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from app.domain.base import Frozen, PageNumber, Probability
from app.domain.text import Page

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.domain.cancel import CancelToken

    Hashes = NDArray[np.uint64]

SIMILAR = 0.9
"""The least share of words in common of near duplicates. Among 200 contracts (CUAD) the one pair found, an
agreement filed by two companies, has 0.96, an agreement beside its draft 0.85 and all other pairs less
than 0.5. Of two readings of one contract, each with wrong letters, 0.9 or more have all 200 at 1 %, 198 at
2 % and 190 at 3 %."""
FEWEST_WORDS_OF_PAGE = 10
"""Pages with fewer words ("Exhibit A") are no repeated pages."""
FEWEST_WORDS_OF_DOCUMENT = 50
"""Documents with fewer words are no near duplicates; the same text they may be."""

_SHINGLE = 3
_SKETCH = 256
_ALIKE = 0.1
_MOST_COMPARED = 4
_AROUND = 10
_STANDING = 3
_DRIFT = 3
_RUNNING = frozenset({"header", "footer", "page-number", "bates"})
_UNSPACED = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_SAID_BLANK = re.compile(
    r"\W*(?:\w+ ){0,4}page (?:\w+ ){0,3}(?:intentionally|deliberately) (?:left )?blank\W*"
)


class PagePlace(NamedTuple):
    """A page of a document of the matter; ``page`` counts from 1."""

    document: str
    page: PageNumber


class RepeatedPages(Frozen):
    """Pages with one and the same text, two or more, in the documents' order."""

    places: tuple[PagePlace, ...]


class SameDocuments(Frozen):
    """Documents with one and the same text in several files, the earliest first."""

    documents: tuple[str, ...]


class SimilarDocuments(Frozen):
    """Near duplicates; ``first`` came earlier. ``share`` of the longer one's words stand in passages of both.

    A passage with a word changed here and there is one of both: 1.0 is not yet the same text.
    """

    first: str
    second: str
    share: Probability


class Repeats(Frozen):
    """Of documents with the same text only the earliest is looked at for repeated pages and near duplicates.

    ``similar`` names each document as ``second`` once at most, beside the document that a whole group is
    like where there is one, so that n copies are n - 1 pairs.
    """

    blank: tuple[PagePlace, ...] = ()
    pages: tuple[RepeatedPages, ...] = ()
    same: tuple[SameDocuments, ...] = ()
    similar: tuple[SimilarDocuments, ...] = ()

    def leaders(self, nearly: bool) -> dict[str, str]:
        """By document with a copy, the earliest of its copies; ``nearly``: near duplicates are copies too."""
        found: dict[str, str] = {}

        def leader(document: str) -> str:
            while (above := found.setdefault(document, document)) != document:
                document = above
            return document

        pairs = [(group.documents[0], other) for group in self.same for other in group.documents[1:]]
        if nearly:
            pairs = [*((pair.first, pair.second) for pair in self.similar), *pairs]
        for first, second in pairs:
            found[leader(second)] = leader(first)
        return {document: leader(document) for document in tuple(found)}


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What has to be known of a document to compare it: 4 bytes a word, 16 a page and 2 KiB.

    ``pages`` has a digest for each page of enough words, else None. ``words`` are hashes, in order;
    ``sketch`` the least hashes of word triples, rising (bottom-k MinHash: Broder, 1997).
    """

    document: str
    blank: tuple[PageNumber, ...]
    pages: tuple[tuple[PageNumber, bytes | None], ...]
    text: bytes
    words: NDArray[np.uint32]
    sketch: Hashes


def fingerprint_of(document: str, pages: Iterable[Page], whole: bool) -> Fingerprint:
    """``whole``: every page could be read, so that one without words is one without words."""
    import numpy as np

    hashes = _WordHashes()
    digest = blake2b(digest_size=16)
    words: list[int] = []
    blank: list[int] = []
    digests: list[tuple[int, bytes | None]] = []
    for page in pages:
        text = plain(_own_text(page))
        found = _WORD.findall(text)
        if not found or _SAID_BLANK.fullmatch(text):
            if found or whole:
                blank.append(page.number)
            digests.append((page.number, None))
            continue
        encoded = text.encode(errors="surrogatepass")
        digest.update(encoded + b" ")
        long = len(found) >= FEWEST_WORDS_OF_PAGE
        digests.append((page.number, blake2b(encoded, digest_size=16).digest() if long else None))
        words += map(hashes.__getitem__, found)
    held = np.array(words, dtype=np.uint32)
    return Fingerprint(
        document=document,
        blank=tuple(blank),
        pages=tuple(digests),
        text=digest.digest() if words else b"",
        words=held,
        sketch=np.unique(_shingles(held))[:_SKETCH],
    )


def repeats_among(fingerprints: Sequence[Fingerprint], cancel: CancelToken | None = None) -> Repeats:
    """Everything that repeats, each list in the order of the documents given. Raises Cancelled."""
    alike: dict[bytes, list[str]] = defaultdict(list)
    apart: list[Fingerprint] = []
    for one in fingerprints:
        if one.text not in alike or not one.text:
            apart.append(one)
        alike[one.text].append(one.document)
    return Repeats(
        blank=tuple(PagePlace(one.document, page) for one in fingerprints for page in one.blank),
        pages=tuple(_repeated(apart)),
        same=tuple(
            SameDocuments(documents=tuple(documents))
            for text, documents in alike.items()
            if text and len(documents) > 1
        ),
        similar=tuple(_similar([one for one in apart if len(one.words) >= FEWEST_WORDS_OF_DOCUMENT], cancel)),
    )


def plain(text: str) -> str:
    """Without letter case, and with one blank for all white space between words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class _WordHashes(dict[str, int]):
    """Each word is hashed once."""

    def __missing__(self, word: str) -> int:
        self[word] = found = zlib.crc32(word.encode(errors="surrogatepass"))
        return found


def _own_text(page: Page) -> str:
    """A page's text without what runs through the document; footnotes stay."""
    parts: list[str] = []
    start = 0
    for aside in page.asides:
        if aside.kind in _RUNNING:
            parts.append(page.text[start : aside.start - page.start])
            start = aside.end - page.start
    return " ".join([*parts, page.text[start:]])


def _repeated(fingerprints: Sequence[Fingerprint]) -> Iterator[RepeatedPages]:
    met: dict[bytes, list[PagePlace]] = defaultdict(list)
    for one in fingerprints:
        for number, digest in one.pages:
            if digest is not None:
                met[digest].append(PagePlace(one.document, number))
    return (RepeatedPages(places=tuple(places)) for places in met.values() if len(places) > 1)


def _similar(fingerprints: Sequence[Fingerprint], cancel: CancelToken | None) -> Iterator[SimilarDocuments]:
    """Each document is set beside the earlier ones whose sketches are most like its own, and their firsts."""
    leaders: dict[int, int] = {}
    for place, candidates in _candidates(fingerprints):
        if cancel is not None:
            cancel.check()
        second = fingerprints[place]
        for earlier in dict.fromkeys([*(leaders.get(one, one) for one in candidates), *candidates]):
            first = fingerprints[earlier]
            share = shared_words(first.words, second.words)
            if share >= SIMILAR:
                leaders[place] = leaders.get(earlier, earlier)
                yield SimilarDocuments(first=first.document, second=second.document, share=share)
                break


def _candidates(fingerprints: Sequence[Fingerprint]) -> Iterator[tuple[int, list[int]]]:
    """By place, a few earlier places worth a comparison, the likeliest first."""
    import numpy as np

    if not fingerprints:
        return
    lengths = np.array([len(one.words) for one in fingerprints])
    sizes = np.array([len(one.sketch) for one in fingerprints])
    hashes = np.concatenate([one.sketch for one in fingerprints])
    order = np.argsort(hashes, kind="stable")
    hashes, owners = hashes[order], np.repeat(np.arange(len(sizes)), sizes)[order]
    for place, one in enumerate(fingerprints):
        first = np.searchsorted(hashes, one.sketch, "left")
        counts = np.searchsorted(hashes, one.sketch, "right") - first
        hits: NDArray[np.intp] = np.repeat(first - np.cumsum(counts) + counts, counts)
        hits += np.arange(len(hits))
        shared = np.bincount(owners[hits], minlength=len(sizes))[:place]
        fits = np.minimum(lengths[:place], lengths[place]) >= SIMILAR * np.maximum(
            lengths[:place], lengths[place]
        )
        enough = shared >= _ALIKE * np.minimum(sizes[:place], sizes[place])
        found = np.flatnonzero(fits & enough)
        likeliest = found[np.argsort(-shared[found], kind="stable")][:_MOST_COMPARED]
        yield place, [int(earlier) for earlier in likeliest]


def shared_words(first: NDArray[np.uint32], second: NDArray[np.uint32]) -> float:
    """The share, 0 to 1, of the longer text's words that stand in both; of word hashes, in order.

    The texts are aligned where a word triple stands in each of them once. A word stands in both if a third
    or more of the 21 words around it are the same at the aligned place: with 3 % wrong letters half of all
    words differ and a share of triples (Jaccard) says 0.2, while passages that only one of them has stay out.
    """
    import numpy as np

    longest = max(len(first), len(second))
    places, shifts = _anchors(first, second)
    if not len(places):
        return 0.0
    here = np.arange(len(first))
    next_anchor = np.searchsorted(places, here, side="right")
    equal = np.zeros(len(first), dtype=bool)
    for anchor in (np.maximum(next_anchor - 1, 0), np.minimum(next_anchor, len(places) - 1)):
        there = here + shifts[anchor]
        inside = (there >= 0) & (there < len(second))
        equal |= inside & (first == second[np.clip(there, 0, len(second) - 1)])
    total = np.concatenate(([0], np.cumsum(equal)))
    start, end = np.maximum(here - _AROUND, 0), np.minimum(here + _AROUND + 1, len(first))
    common = int(np.count_nonzero(_STANDING * (total[end] - total[start]) >= end - start))
    return min(common, longest) / longest


def _anchors(
    first: NDArray[np.uint32], second: NDArray[np.uint32]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where triples of ``first`` that stand in both once are, and by how much they are shifted in ``second``.

    One that is shifted unlike both its neighbours is chance, and left out.
    """
    import numpy as np

    (these, here), (those, there) = _single(_shingles(first)), _single(_shingles(second))
    _, one, other = np.intersect1d(these, those, assume_unique=True, return_indices=True)
    places, shifts = here[one], there[other] - here[one]
    order = np.argsort(places)
    places, shifts = places[order], shifts[order]
    steady = np.abs(np.diff(shifts)) <= _DRIFT
    kept = np.zeros(len(places), dtype=bool)
    kept[1:] |= steady
    kept[:-1] |= steady
    return places[kept], shifts[kept]


def _single(shingles: Hashes) -> tuple[Hashes, NDArray[np.intp]]:
    """Those that are there once, rising, with their places."""
    import numpy as np

    found, places, counts = np.unique(shingles, return_index=True, return_counts=True)
    return found[counts == 1], places[counts == 1]


def _shingles(words: NDArray[np.uint32]) -> Hashes:
    """A well mixed hash for every word triple, in order (the finaliser is that of SplitMix64)."""
    import numpy as np

    count = max(len(words) - _SHINGLE + 1, 0)
    mixed = np.zeros(count, dtype=np.uint64)
    for place in range(_SHINGLE):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + words[place : place + count].astype(np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
