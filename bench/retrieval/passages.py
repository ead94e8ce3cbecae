"""What passages are made of: tables by row, what heads them, and how long passages are.

Usage: python -m bench.retrieval.passages DATA_FOLDER --cache FOLDER [--only tatqa,contracts] [--sizes 500]
       [--every N] [--rerank]

``DATA_FOLDER`` holds ``tatqa``, ``contractnli`` and ``cuad`` in the form of the open sets; one in N of their
documents is taken. Every context of TAT-QA is a page of its own: its first paragraph, its table with a row a
line, the other paragraphs. Gold is each row or each piece of a paragraph that holds a figure or words of the
answer. Contracts are asked with their labels' questions, each in its own document. Told is the share of the
gold, by pieces of which at least half is inside, in the first passage, in five, and in the first characters
of whole passages: only the last compares passages of different length.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.domain.kinds import DocumentState
from app.domain.ports import IndexedText, SearchHit
from app.domain.text import Document, Page
from app.store.opening import open_matter
from bench.retrieval.measures import Span, filled, pieces_inside
from models.onnx_embedder import OnnxEmbedder
from models.onnx_reranker import OnnxReranker
from models.train.split import is_held_out
from models.train.text_pages import pages_of
from retrieval.passages import MOST_CHARACTERS, split_passages
from retrieval.retriever import MatterRetriever
from retrieval.sentences import split_sentences
from retrieval.vector_index import ExactVectorIndex

BUDGET, DEPTH = 2500, 40
MOST_CONTRACT = 30_000
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Asked:
    """A question, where its answer stands, and whether only this document is searched."""

    document: str
    question: str
    gold: tuple[Span, ...]
    alone: bool


def tatqa(data: Path, every: int) -> Iterator[tuple[str, str, list[Asked]]]:
    contexts: list[Any] = json.loads((data / "tatqa" / "dev.json").read_text(encoding="utf-8"))
    for number, context in list(enumerate(contexts))[::every]:
        key = f"{number:016x}"
        rows = [[cell.strip() for cell in row if cell.strip()] for row in context["table"]["table"]]
        ordered = sorted(context["paragraphs"], key=lambda paragraph: paragraph["order"])
        paragraphs = [(str(one["order"]), one["text"].replace("\n", " ").strip()) for one in ordered]
        text, places, lines = _page_of([row for row in rows if row], paragraphs)
        asked: list[Asked] = []
        for question in context["questions"]:
            gold = _gold(question, lines, places, text)
            if gold:
                asked.append(Asked(key, question["question"], tuple(sorted(gold)), alone=False))
        yield key, text, asked


Lines = list[tuple[Span, list[str]]]


def _page_of(
    rows: Sequence[list[str]], paragraphs: Sequence[tuple[str, str]]
) -> tuple[str, dict[str, Span], Lines]:
    """The page, each paragraph's place, and each row's with its cells."""
    (first, words), *others = paragraphs
    places: dict[str, Span] = {first: (0, len(words))}
    text = words + "\n"
    lines: Lines = []
    for row in rows:
        start = len(text) + 1
        text += "\n" + " ".join(row)
        lines.append(((start, len(text)), row))
    for number, words in others:
        start = len(text) + 2
        text += "\n\n" + words
        places[number] = (start, len(text))
    return text, places, lines


def _gold(question: Any, lines: Lines, places: dict[str, Span], text: str) -> set[Span]:
    told = question["answer"] if isinstance(question["answer"], list) else [question["answer"]]
    answers = [str(answer) for answer in told if str(answer)]
    figures = _NUMBER.findall(str(question["derivation"]))
    gold: set[Span] = set()
    if "table" in question["answer_from"]:
        wanted = {_bare(word) for word in (*answers, *figures)}
        labels = {answer.strip().lower() for answer in answers}
        for span, row in lines:
            cells = [_bare(cell) for cell in row[0 if _NUMBER.fullmatch(_bare(row[0])) else 1 :]]
            answers_it = not all(map(_YEAR.fullmatch, cells)) and not wanted.isdisjoint(cells)
            if answers_it or (row[0].lower() in labels and cells):
                gold.add(span)
    if "text" in question["answer_from"]:
        for number in question["rel_paragraphs"]:
            start, end = places[number]
            for word in (*answers, *figures):
                place = text[start:end].lower().find(word.lower())
                if place >= 0:
                    gold.add((start + place, start + place + len(word)))
    return gold


def _bare(word: str) -> str:
    return word.replace(",", "").strip(" $()%")


def contracts(data: Path, every: int) -> Iterator[tuple[str, str, list[Asked]]]:
    """NDAs with their hypotheses, and short contracts of companies that nothing was learned from."""
    held = json.loads((data / "contractnli" / "dev.json").read_text(encoding="utf-8"))
    for row in held["documents"][:: 4 * every]:
        key = f"{int(row['id']):016x}"
        asked = [
            Asked(key, held["labels"][name]["hypothesis"], gold, alone=True)
            for name, label in row["annotation_sets"][0]["annotations"].items()
            if (gold := tuple(tuple(row["spans"][i]) for i in label["spans"]))
        ]
        yield key, row["text"], asked
    meant = _meanings(data / "cuad" / "category_descriptions.csv")
    texts = data / "cuad" / "txt"
    short: list[tuple[str, str, list[Asked]]] = []
    for row in json.loads((data / "cuad" / "gold.json").read_text(encoding="utf-8")):
        with (texts / row["file"]).open(encoding="utf-8", newline="") as source:
            text = source.read()
        if len(text) > MOST_CONTRACT or not is_held_out(row["file"]):
            continue
        key = hashlib.sha256(row["file"].encode()).hexdigest()[:16]
        asked = [
            Asked(
                key, meant[name.lower()], tuple((s["start"], s["end"]) for s in clause["spans"]), alone=True
            )
            for name, clause in row["clauses"].items()
            if clause["spans"]
        ]
        short.append((key, text, asked))
    yield from short[:: 2 * every]


def _meanings(file: Path) -> dict[str, str]:
    import csv

    with file.open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))[1:]
    return {
        row[0].removeprefix("Category: ").strip().lower(): row[1].removeprefix("Description: ").strip()
        for row in rows
    }


SETS = {"tatqa": tatqa, "contracts": contracts}


def measure(
    name: str, data: Path, every: int, most: int, cache: Path, embedder: OnnxEmbedder, rerank: bool
) -> None:
    questions: list[Asked] = []
    with tempfile.TemporaryDirectory() as folder:
        matter = open_matter(Path(folder) / "matter", create=True)
        for key, text, asked in SETS[name](data, every):
            pages = pages_of(text)
            sha = hashlib.sha256(key.encode()).hexdigest()
            state = DocumentState.READY
            matter.put_document(Document(id=key, name=key, sha256=sha, pages=len(pages), state=state), pages)
            matter.put_indexed(_indexed(key, text, pages, most, cache, embedder))
            questions.extend(asked)
        index = ExactVectorIndex(matter, embedder.identity)
        reranker = OnnxReranker() if rerank else None
        retriever = MatterRetriever(matter, embedder, lambda: index, reranker=reranker)
        found: list[tuple[float, ...]] = []
        for one in questions:
            hits = retriever.search(one.question, one.document if one.alone else None, DEPTH, None)
            found.append(_shares(one, hits))
        matter.close()
    first, five, held = np.mean(found, axis=0)
    row = f"| {name}, {most} | {len(questions)} | {first:.1%} | {five:.1%} | {held:.1%} |\n"
    sys.stdout.write(row)
    sys.stdout.flush()


def _shares(one: Asked, hits: Sequence[SearchHit]) -> tuple[float, ...]:
    """In the first passage, in five, and in as many whole ones as there is room for."""
    ranked = [
        (hit.start, hit.end) if hit.document == one.document else (-hit.end, -hit.start) for hit in hits
    ]
    chosen = (ranked[:1], ranked[:5], filled(ranked, BUDGET))
    return tuple(pieces_inside(one.gold, [span for span in spans if span[0] >= 0]) for spans in chosen)


def _indexed(
    key: str, text: str, pages: Sequence[Page], most: int, cache: Path, embedder: OnnxEmbedder
) -> IndexedText:
    """Without vectors of sentences, which change nothing of the order."""
    sentences = split_sentences(pages)
    passages = split_passages(pages, sentences, most)
    texts = [text[p.span.start : p.span.end] for p in passages]
    named = hashlib.sha256("\0".join((embedder.identity, *texts)).encode(errors="replace")).hexdigest()[:24]
    kept = cache / f"{named}.npy"
    if not kept.exists():
        np.save(kept, embedder.embed(texts))
    blank = np.zeros((len(sentences), embedder.dimensions), dtype=np.float32)
    return IndexedText(key, embedder.identity, sentences, passages, blank, np.load(kept))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--only", default=",".join(SETS))
    parser.add_argument("--sizes", default=str(MOST_CHARACTERS))
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--rerank", action="store_true")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    embedder = OnnxEmbedder()
    sys.stdout.write(
        f"| | questions | first | five | {BUDGET:,} characters |\n| --- | --- | --- | --- | --- |\n"
    )
    for name in options.only.split(","):
        for most in map(int, options.sizes.split(",")):
            measure(name, options.data, options.every, most, options.cache, embedder, options.rerank)


if __name__ == "__main__":
    main()
