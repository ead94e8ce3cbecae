"""Groups to train a reranker on: a query, passages that answer it and passages of the same place that do not.

Usage: python -m models.train.reranker_pairs PACK_FOLDER DATA_FOLDER OUT_JSONL

Of CUAD: companies of ``is_training``, categories but those of ``LEFT_OUT``. Of ContractNLI: documents of even
index, hypotheses but those of ``LEFT_OUT_HYPOTHESES``. Of ACORD: the train judgements, without clauses that
stand in a contract of the other companies. Of TAT-QA: seven contexts in eight. Headings of the training
contracts are queries as well: their passages answer them. Seeded; the same input gives the same file.
"""

from __future__ import annotations

import csv
import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from app.domain.text import Page
from bench.retrieval.rankings import Bm25
from models.train.split import is_training, kebab
from retrieval.passages import split_passages
from retrieval.sentences import split_sentences
from verticals.loader import load_pack

NEGATIVES = 4
LEFT_OUT_HYPOTHESES = ("nda-3", "nda-18", "nda-8", "nda-13", "nda-4")
MOST, MOST_HEADINGS = 480, 2000
Group = dict[str, Any]


LEFT_OUT = (
    "affiliate-license-licensee",
    "audit-rights",
    "change-of-control",
    "liquidated-damages",
    "minimum-commitment",
    "post-termination-services",
    "revenue-profit-sharing",
    "third-party-beneficiary",
)
"""Categories that no query of ACORD's train judgements is about."""


def pages_of(text: str) -> tuple[Page, ...]:
    pages, start = [], 0
    for number, part in enumerate(text.split("\f"), start=1):
        pages.append(Page(number=number, start=start, text=part, width=612, height=792))
        start += len(part) + 1
    return tuple(pages)


def plain(text: str) -> str:
    return " ".join(text.split())


def pick(rng: random.Random, ranked: Sequence[int], others: Sequence[int], right: set[int]) -> list[int]:
    """Half that share words with the query, half at random."""
    hard = [place for place in ranked if place not in right][:16]
    chosen = rng.sample(hard, min(len(hard), NEGATIVES // 2))
    rest = [place for place in others if place not in right and place not in chosen]
    return chosen + rng.sample(rest, min(len(rest), NEGATIVES - len(chosen)))


def cuad(pack: Path, data: Path, rng: random.Random) -> Iterator[Group]:
    tasks = load_pack(pack).tasks
    told: dict[str, str] = {}
    with (data / "cuad/category_descriptions.csv").open(encoding="utf-8-sig") as source:
        for row in list(csv.reader(source))[1:]:
            told[kebab(row[0].split(":", 1)[1])] = row[1].split(":", 1)[1].strip()
    seen: Counter[str] = Counter()
    for row in json.loads((data / "cuad/gold.json").read_text(encoding="utf-8")):
        if not is_training(row["file"]):
            continue
        with (data / "cuad/txt" / row["file"]).open(encoding="utf-8", newline="") as source:
            text = source.read()
        pages = pages_of(text)
        passages = split_passages(pages, split_sentences(pages))
        texts = [plain(text[p.span.start : p.span.end]) for p in passages]
        if len(texts) < 8:
            continue
        bm25 = Bm25(texts)
        everywhere = [place for place, one in enumerate(texts) if len(one) > 40]
        gold = {kebab(name): clause["spans"] for name, clause in row["clauses"].items()}
        for task in tasks:
            if task.id in LEFT_OUT or not gold.get(task.id):
                continue
            touched, right = set(), set()
            for span in gold[task.id]:
                for place, p in enumerate(passages):
                    shared = min(span["end"], p.span.end) - max(span["start"], p.span.start)
                    if shared > 0:
                        touched.add(place)
                    if shared >= 0.5 * min(span["end"] - span["start"], p.span.end - p.span.start):
                        right.add(place)
            asked = [task.question, task.description, f"{task.title}. {task.description}", *task.queries]
            asked += [told[task.id]] * 2 if task.id in told else []
            query = rng.choice(asked)
            if right:
                wrong = pick(rng, bm25.ranked(query), everywhere, touched)
                yield group("cuad", query, texts[rng.choice(sorted(right))], [texts[i] for i in wrong])
        yield from headings(row["file"], text, passages, texts, bm25, everywhere, seen, rng)
        bm25.close()


_NUMBER = re.compile(r"^(?:article|section)?\s*[\divxlc]*[\d.()]*\s*[-–:.]?\s*", re.IGNORECASE)
_FORMS: tuple[Callable[[str], str], ...] = (
    lambda name: name,
    lambda name: name,
    lambda name: f"What does it say about {name}?",
    lambda name: f"{name} clause",
)


def headings(name, text, passages, texts, bm25, everywhere, seen, rng) -> Iterator[Group]:
    """A heading asks, a passage below it answers, without the heading's own words in front."""
    under: dict[Any, list[int]] = defaultdict(list)
    for place, passage in enumerate(passages):
        if passage.heading is not None:
            under[passage.heading].append(place)
    for heading, places in under.items():
        title = _NUMBER.sub("", plain(text[heading.start : heading.end])).strip(" .:;-")
        if not 4 <= len(title) <= 70 or sum(c.isalpha() for c in title) < 0.7 * len(title):
            continue
        title = title.lower() if title.isupper() or rng.random() < 0.5 else title
        if seen[title.lower()] >= 4 or title.lower().startswith(("exhibit", "schedule", "page", "source")):
            continue
        place = places[0] if rng.random() < 0.7 else rng.choice(places)
        body = passages[place].span
        start = heading.end if body.start <= heading.start < body.end else body.start
        answer = plain(text[start : body.end])
        if len(answer) < 60:
            continue
        seen[title.lower()] += 1
        query = rng.choice(_FORMS)(title)
        wrong = pick(rng, bm25.ranked(query), everywhere, set(places))
        yield group("headings", query, answer, [texts[i] for i in wrong])


def contractnli(data: Path, rng: random.Random) -> Iterator[Group]:
    held = json.loads((data / "contractnli/dev.json").read_text(encoding="utf-8"))
    labels = {key: label["hypothesis"] for key, label in held["labels"].items()}
    for row in held["documents"][0::2]:
        texts = [plain(row["text"][start:end]) for start, end in row["spans"]]
        bm25 = Bm25(texts)
        everywhere = [place for place, one in enumerate(texts) if len(one) > 25]
        for key, told in row["annotation_sets"][0]["annotations"].items():
            right = set(told["spans"])
            if key in LEFT_OUT_HYPOTHESES or not right:
                continue
            for place in rng.sample(sorted(right), min(2, len(right))):
                wrong = pick(rng, bm25.ranked(labels[key]), everywhere, right)
                yield group("contractnli", labels[key], texts[place], [texts[i] for i in wrong])
        bm25.close()


def acord(data: Path, rng: random.Random) -> Iterator[Group]:
    texts = {
        row["_id"]: plain(row["text"])
        for row in map(json.loads, (data / "acord/corpus.jsonl").open(encoding="utf-8"))
    }
    kept = ""
    for row in json.loads((data / "cuad/gold.json").read_text(encoding="utf-8")):
        if not is_training(row["file"]):
            kept += plain((data / "cuad/txt" / row["file"]).read_text(encoding="utf-8"))
    banned = {key for key, text in texts.items() if text[10:90] in kept}
    sys.stderr.write(f"{len(banned)} of {len(texts)} clauses stand in contracts that are kept\n")
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    with (data / "acord/qrels/train.tsv").open(encoding="utf-8", newline="") as source:
        for query, clause, grade in list(csv.reader(source, delimiter="\t"))[1:]:
            if clause not in banned:
                grades[query][clause] = int(grade)
    for query, graded in grades.items():
        keys = list(graded)
        bm25 = Bm25([texts[key] for key in keys])
        ranked = bm25.ranked(query, 60)
        bm25.close()
        some = [place for place, key in enumerate(keys) if graded[key] == 1]
        for key in (key for key in keys if graded[key] >= 2):
            right = {place for place, other in enumerate(keys) if graded[other] >= max(2, graded[key])}
            hard = [place for place in ranked if graded[keys[place]] == 0][:30]
            wrong = rng.sample(some, min(2, len(some))) + rng.sample(hard, min(1, len(hard)))
            rest = [place for place in range(len(keys)) if place not in right and place not in wrong]
            wrong += rng.sample(rest, NEGATIVES - len(wrong))
            yield group("acord", query, texts[key], [texts[keys[i]] for i in wrong])


def table_chunks(table: list[list[str]]) -> list[str]:
    """Rows one after another as a page's text has them; the head again on each chunk."""
    lines = [" ".join(cell.strip() for cell in row if cell.strip()) for row in table]
    head = " ".join(lines[:2])
    chunks, held = [], head
    for line in lines[2:]:
        if len(held) + len(line) > MOST and held != head:
            chunks.append(held)
            held = head
        held += " " + line
    return [*chunks, held]


def paragraph_chunks(text: str) -> list[str]:
    pages = (Page(number=1, start=0, text=text, width=612, height=792),)
    return [text[p.span.start : p.span.end] for p in split_passages(pages, split_sentences(pages))]


def tatqa(data: Path, rng: random.Random, kept: bool = False) -> Iterator[Group]:
    contexts = json.loads((data / "tatqa/dev.json").read_text(encoding="utf-8"))
    texts: list[str] = []
    where: list[tuple[int, str]] = []
    for number, context in enumerate(contexts):
        if (number % 8 == 0) != kept:
            continue
        for chunk in table_chunks(context["table"]["table"]):
            texts.append(plain(chunk))
            where.append((number, "table"))
        for paragraph in context["paragraphs"]:
            for chunk in paragraph_chunks(paragraph["text"]):
                texts.append(plain(chunk))
                where.append((number, str(paragraph["order"])))
    bm25 = Bm25(texts)
    for number, context in enumerate(contexts):
        mine = [place for place, (owner, _) in enumerate(where) if owner == number]
        for asked in context["questions"] if mine else ():
            query = asked["question"]
            answers = asked["answer"] if isinstance(asked["answer"], list) else [str(asked["answer"])]
            words = [w for w in map(str, answers) if w] + re.findall(
                r"[\d][\d,.]*\d", str(asked["derivation"])
            )
            sources = {"table"} if "table" in asked["answer_from"] else set()
            if "text" in asked["answer_from"]:
                sources |= set(asked["rel_paragraphs"])
            fit = [place for place in mine if where[place][1] in sources]
            counts = {place: sum(w.lower() in texts[place].lower() for w in words) for place in fit}
            most = max(counts.values(), default=0)
            right = [place for place in fit if most and counts[place] == most]
            if not right:
                continue
            far = [p for p in bm25.ranked(query, 40) if where[p][0] != number]
            near = [p for p in mine if p not in fit and len(texts[p]) > 30]
            wrong = rng.sample(near, min(2, len(near))) + rng.sample(far, min(1, len(far)))
            rest = [p for p in range(len(texts)) if where[p][0] != number and len(texts[p]) > 30]
            wrong += rng.sample(rest, NEGATIVES - len(wrong))
            if rng.random() < 0.4:
                query = as_analysts_ask(query, rng)
            yield group("tatqa", query, texts[rng.choice(right)], [texts[i] for i in wrong])
    bm25.close()


COMPANIES = (
    "Acme",
    "Northwind Traders",
    "Contoso",
    "Globex Corporation",
    "Initech",
    "Umbra Foods",
    "Vandelay Industries",
)
_YEAR = re.compile(r"\b(?=20[12]\d\b)")


def as_analysts_ask(query: str, rng: random.Random) -> str:
    """Fiscal years and a company's name, which the passages seldom have."""
    query = _YEAR.sub("FY", query)
    name = rng.choice(COMPANIES)
    return rng.choice((f"{query[:-1]} for {name}?" if query.endswith("?") else f"{query} for {name}", query))


def group(source: str, query: str, right: str, wrong: list[str]) -> Group:
    return {"source": source, "query": plain(query), "right": right, "wrong": wrong}


def main() -> None:
    pack, data, out = map(Path, sys.argv[1:4])
    rng = random.Random(5)
    groups = [*tatqa(data, rng), *cuad(pack, data, rng), *contractnli(data, rng), *acord(data, rng)]
    groups = [one for one in groups if len(one["wrong"]) == NEGATIVES]
    named = [one for one in groups if one["source"] == "headings"]
    groups = [one for one in groups if one["source"] != "headings"] + rng.sample(
        named, min(MOST_HEADINGS, len(named))
    )
    rng.shuffle(groups)
    with out.open("w", encoding="utf-8") as sink:
        sink.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in groups)
    sys.stdout.write(f"{len(groups)} groups: {dict(Counter(one['source'] for one in groups))}\n")


if __name__ == "__main__":
    main()
