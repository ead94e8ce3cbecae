"""Compares sentence splitters on contracts with labelled clauses.

Usage: python -m bench.splitters.compare TXT_FOLDER GOLD_JSON [CONTRACTS]

``GOLD_JSON`` is a list of ``{"file": ..., "clauses": {category: {"spans": [{"start", "end"}]}}}`` with
offsets in code points. Splitters that are not installed are left out.
"""

from __future__ import annotations

import json
import re
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from app.domain.spans import Span
from retrieval.sentences import Boundaries, nupunkt_boundaries, sentence_spans

NOT_CLAUSES = frozenset({"Document Name", "Parties", "Agreement Date", "Effective Date"})
TOLERANCE = 2
MOST_SENTENCES = 3

Splitter = Callable[[str], list[Span]]


def pysbd_boundaries() -> Boundaries:
    import pysbd  # pyright: ignore[reportMissingImports]

    library: Any = pysbd
    segmenter: Any = library.Segmenter(language="en", clean=False, char_span=True)
    return lambda text: [int(part.start) for part in segmenter.segment(text)]


def syntok_boundaries() -> Boundaries:
    from syntok import segmenter  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    def starts(text: str) -> Iterable[int]:
        for paragraph in cast(Any, segmenter).analyze(text):
            for sentence in paragraph:
                tokens = list(sentence)
                if tokens:
                    yield int(tokens[0].offset)

    return starts


def blingfire_boundaries() -> Boundaries:
    import blingfire  # pyright: ignore[reportMissingImports]

    def starts(text: str) -> Iterable[int]:
        _, spans = cast(Any, blingfire).text_to_sentences_and_offsets(text)
        return [int(start) for start, _ in spans]

    return starts


def raw(boundaries: Boundaries) -> Splitter:
    """The library alone, given the text as it is."""

    def split(text: str) -> list[Span]:
        starts = sorted({0, *boundaries(text), len(text)})
        pieces = [Span(a, b) for a, b in pairwise(starts)]
        return [_trimmed(text, piece) for piece in pieces if text[piece.start : piece.end].strip()]

    return split


def ruled(boundaries: Boundaries) -> Splitter:
    """The library within Pincite's rules."""
    return lambda text: sentence_spans(text, boundaries)


def _trimmed(text: str, span: Span) -> Span:
    piece = text[span.start : span.end]
    start = span.start + len(piece) - len(piece.lstrip())
    return Span(start, start + len(piece.strip()))


def _near(sorted_values: Sequence[int], wanted: int) -> bool:
    at = bisect_left(sorted_values, wanted - TOLERANCE)
    return at < len(sorted_values) and sorted_values[at] <= wanted + TOLERANCE


def best_jaccard(spans: Sequence[Span], gold: Span) -> float:
    """The best overlap with ``gold`` of any run of one to three neighbouring sentences."""
    ends = [span.end for span in spans]
    first = bisect_left(ends, gold.start + 1)
    best = 0.0
    for left in range(first, len(spans)):
        if spans[left].start >= gold.end:
            break
        for right in range(left, min(left + MOST_SENTENCES, len(spans))):
            start, end = spans[left].start, spans[right].end
            shared = min(end, gold.end) - max(start, gold.start)
            union = max(end, gold.end) - min(start, gold.start)
            best = max(best, shared / union)
    return best


def measure(split: Splitter, contracts: Sequence[tuple[str, Sequence[Span]]]) -> str:
    began = time.perf_counter()
    splits = [split(text) for text, _ in contracts]
    seconds = time.perf_counter() - began
    characters = sum(len(text) for text, _ in contracts)
    starts = ends = total = 0
    overlap = half = 0.0
    for (_, golds), spans in zip(contracts, splits, strict=True):
        span_starts, span_ends = [s.start for s in spans], [s.end for s in spans]
        for gold in golds:
            total += 1
            starts += _near(span_starts, gold.start)
            ends += _near(span_ends, gold.end)
            jaccard = best_jaccard(spans, gold)
            overlap += jaccard
            half += jaccard >= 0.5
    lengths = sorted(s.end - s.start for spans in splits for s in spans)
    return (
        f"{len(lengths)} | {lengths[len(lengths) // 2]} | {lengths[-1]} | {starts / total:.1%} | "
        f"{ends / total:.1%} | {overlap / total:.3f} | {half / total:.1%} | "
        f"{characters / seconds / 1e6:.2f}"
    )


def load(folder: Path, gold: Path, most: int) -> list[tuple[str, list[Span]]]:
    contracts: list[tuple[str, list[Span]]] = []
    for row in json.loads(gold.read_text(encoding="utf-8"))[:most]:
        with (folder / row["file"]).open(encoding="utf-8", newline="") as source:
            text = source.read()
        spans = {
            Span(span["start"], span["end"])
            for name, clause in row["clauses"].items()
            if name not in NOT_CLAUSES
            for span in clause["spans"]
        }
        contracts.append((re.sub(r"\f", "\n", text), sorted(spans)))
    return contracts


def main() -> None:
    folder, gold = Path(sys.argv[1]), Path(sys.argv[2])
    contracts = load(folder, gold, int(sys.argv[3]) if len(sys.argv) > 3 else 25)
    sys.stdout.write(f"{len(contracts)} contracts, {sum(len(spans) for _, spans in contracts)} clauses\n\n")
    sys.stdout.write(
        "| splitter | sentences | median chars | longest | start met | end met "
        "| Jaccard | ≥ 0.5 | Mchar/s |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    )
    makers: dict[str, Callable[[], Boundaries]] = {
        "nupunkt": lambda: nupunkt_boundaries,
        "pySBD": pysbd_boundaries,
        "syntok": syntok_boundaries,
        "blingfire": blingfire_boundaries,
    }
    for name, make in makers.items():
        try:
            boundaries = make()
            boundaries("Warm. Up.")
        except ImportError:
            continue
        for label, splitter in ((name, raw(boundaries)), (f"{name} + rules", ruled(boundaries))):
            try:
                sys.stdout.write(f"| {label} | {measure(splitter, contracts)} |\n")
                sys.stdout.flush()
            except Exception as error:  # a library that breaks on real text is a result
                sys.stdout.write(f"| {label} | fails: {type(error).__name__} |\n")


if __name__ == "__main__":
    main()
