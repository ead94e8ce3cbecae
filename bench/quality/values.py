"""How many labelled values the readers read right, from the labelled words and from what stands around them.

Usage: python -m bench.quality.values DATA_FOLDER [--misses N]

``DATA_FOLDER`` holds ``cuad``, ``tatqa`` and ``mts-dialog``. What is right is said by the labels, or by a
count of plain digits that shares no code with the readers. Nothing is learned, no model is asked.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import JsonValue

from app.domain.kinds import ValueKind
from app.review.values import Candidate, candidates
from models.train.split import kebab
from verticals.loader import find_pack, load_pack

_KINDS = {kind.value: kind for kind in ValueKind}
_MONTHS = [date(2000, month, 1).strftime("%b").casefold() for month in range(1, 13)]
_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_FIGURE = r"[0-9][0-9,]*(?:\.[0-9]+)?"
_MONEY = re.compile(
    rf"(?P<below>-\s?|\(\s?)?[$€£¥]\s?(?P<open>\()?(?P<figure>{_FIGURE})"
    r"\s?(?P<scale>thousand|million|billion|trillion)?",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    rf"(?<![\d.,/])(?P<below>[-−]|\()?(?P<figure>{_FIGURE})\s?\)?\s?(?:%|percent\b|per cent\b)", re.IGNORECASE
)
_BARE = re.compile(rf"(?P<below>[-−]|\()?\s?(?P<figure>{_FIGURE})\)?", re.IGNORECASE)
_COUNT = re.compile(
    rf"(?P<figure>{_FIGURE})\s(?P<scale>thousand|million|billion)?\s?[a-z]+(?:\s[a-z]+)?", re.IGNORECASE
)
_PERIOD = re.compile(
    rf"(?:approximately\s)?(?P<figure>{_FIGURE}|one|two|three|four|five|six|seven|eight|nine|ten|twelve)"
    r"[\s-](?P<unit>day|week|month|year)s?",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    rf"(?<![\w./,-])(?P<figure>{_FIGURE})\s?-?(?P<unit>mg|mcg|kg|g|lbs?|pounds|cc|mL|ml|cm|mm|%|percent|degrees|beats"
    r"|inches|feet|grams|milligrams|liters?|ounces|units|tablets?|packs?)\b(?!/)"
    r"|(?:\bBP|[Bb]lood pressure)\s(?:is\s|was\s|of\s|today\s){0,2}(?P<both>[0-9]{2,3}/[0-9]{2,3})"
)
_NAMED_LAST = re.compile(
    rf"(?<![\d.,/$€£])(?P<figure>{_FIGURE})\s(?P<scale>thousand|million|billion)?\s?(?:(?:U\.?S\.?|Canadian)\s)?"
    r"(?:dollars|euros?|USD|EUR|GBP|RMB)\b",
    re.IGNORECASE,
)
_NUMBER_WORDS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_WORDS = {word: number for number, word in enumerate(_NUMBER_WORDS, start=1)}


class Case(NamedTuple):
    """``right`` tells whether a value is the one that ``words`` state; ``units`` are a task's."""

    group: str
    kind: str
    words: str
    around: str
    right: Callable[[JsonValue], bool]
    units: Collection[str] = ()


@dataclass
class Told:
    """Cases, those whose value is among those read, and those where it comes first."""

    cases: int = 0
    alone: int = 0
    alone_first: int = 0
    around: int = 0
    missed: list[str] = field(default_factory=list[str])

    def add(self, case: Case) -> None:
        own = _read(case.kind, case.words, case.units)
        found = [case.right(candidate.value) for candidate in own]
        within = any(case.right(candidate.value) for candidate in _read(case.kind, case.around, case.units))
        self.cases += 1
        self.alone += any(found)
        self.alone_first += found[:1] == [True]
        self.around += within
        if not within:
            self.missed.append(f"{case.words!r} -> {[candidate.display for candidate in own][:3]}")


def _read(kind: str, text: str, units: Collection[str] = ()) -> Sequence[Candidate]:
    found = candidates(_KINDS[kind], [(0, text)]) if kind in _KINDS else ()
    return [c for c in found if not units or (isinstance(c.value, dict) and c.value.get("unit") in units)]


def _amount(found: re.Match[str]) -> float:
    parts = found.groupdict()
    number = float(parts["figure"].replace(",", "")) * _SCALES.get((parts.get("scale") or "").casefold(), 1.0)
    return -number if parts.get("below") or parts.get("open") else number


def _is(key: str, number: float, **more: str) -> Callable[[JsonValue], bool]:
    def right(value: JsonValue) -> bool:
        if not isinstance(value, dict):
            return False
        held = value.get(key)
        same = isinstance(held, int | float) and abs(held - number) <= 1e-6 * max(1.0, abs(number))
        ends = (value.get("low"), value.get("high")) if key == "number" else ()
        return (same or number in ends) and all(value.get(name) == wanted for name, wanted in more.items())

    return right


def _equals(wanted: dict[str, JsonValue]) -> Callable[[JsonValue], bool]:
    return lambda value: isinstance(value, dict) and all(value.get(k) == v for k, v in wanted.items())


def of_tatqa(folder: Path) -> Iterator[Case]:
    """Short answers with figures, beside their paragraph, or the row of the table that they stand in."""
    for page in json.loads((folder / "tatqa" / "dev.json").read_text(encoding="utf-8")):
        rows = [" ".join(cell for cell in row if cell) for row in page["table"]["table"]]
        texts = [paragraph["text"] for paragraph in page["paragraphs"]]
        for question in page["questions"]:
            if not question["answer_type"].endswith("span"):
                continue
            for answer in map(str, question["answer"]):
                places = [text for text in (*texts, *rows) if answer in text]
                around = places[0] if places else answer
                case = _tatqa_case(answer.strip(), around)
                if (
                    case is not None
                    and case.kind == "number"
                    and re.search(rf"[$€£]\s*{re.escape(answer)}", around)
                ):
                    continue  # an amount, whose sign the label leaves out
                if case is not None:
                    yield case


def _tatqa_case(answer: str, around: str) -> Case | None:
    if (found := _MONEY.fullmatch(answer)) is not None:
        return Case("TAT-QA amounts", "money", answer, around, _is("amount", _amount(found)))
    if (found := _PERCENT.fullmatch(answer)) is not None:
        return Case("TAT-QA percentages", "number", answer, around, _is("number", _amount(found), unit="%"))
    if (found := _PERIOD.fullmatch(answer)) is not None:
        count = found["figure"].casefold()
        number = float(_WORDS[count]) if count in _WORDS else float(count.replace(",", ""))
        wanted = _is("count", number, unit=found["unit"].casefold())
        return Case("TAT-QA periods", "duration", answer, around, wanted)
    if (
        found := re.fullmatch(r"([A-Z][a-z]{2})[a-z]*\s(?:([0-9]{1,2}),\s)?((?:19|20)[0-9]{2})", answer)
    ) is not None:
        month = _MONTHS.index(found[1].casefold()) + 1 if found[1].casefold() in _MONTHS else 0
        if month:
            written = f"{found[3]}-{month:02}" + (f"-{int(found[2]):02}" if found[2] else "")
            return Case("TAT-QA dates", "date", answer, around, _equals({"date": written}))
    if re.fullmatch(r"(?:19|20)[0-9]{2}", answer):
        return None
    if (found := _BARE.fullmatch(answer)) is not None:
        return Case("TAT-QA bare figures", "number", answer, around, _is("number", _amount(found)))
    if (found := _COUNT.fullmatch(answer)) is not None:
        return Case("TAT-QA counts", "number", answer, around, _is("number", _amount(found)))
    return None


def of_cuad(folder: Path) -> Iterator[Case]:
    """Labelled spans: dates, periods and laws by CUAD's own answers, amounts and shares by digits."""
    for row in json.loads((folder / "cuad" / "gold.json").read_text(encoding="utf-8")):
        for name, clause in row["clauses"].items():
            words = " … ".join(span["text"] for span in clause["spans"])
            answer = (clause.get("answer") or "").strip()
            if not words:
                continue
            yield from _cuad_answers(name, words, answer)
            for span in clause["spans"]:
                text = span["text"]
                for found in _MONEY.finditer(text):
                    if not found["below"] or found["below"] == "(":
                        number = abs(_amount(found))
                        yield Case("CUAD amounts", "money", _near(text, found), text, _is("amount", number))
                for found in _NAMED_LAST.finditer(text):
                    number = _amount(found)
                    yield Case("CUAD amounts, currency last", "money", found[0], text, _is("amount", number))
                for found in _PERCENT.finditer(text):
                    number = abs(_amount(found))
                    yield Case("CUAD percentages", "number", _near(text, found), text, _is("number", number))


def _near(text: str, found: re.Match[str]) -> str:
    return text[found.start() : found.end()].strip(" (")


def _cuad_answers(name: str, words: str, answer: str) -> Iterator[Case]:
    if name.endswith("Date") and (
        found := re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{2}|[0-9]{4})", answer)
    ):
        year = int(found[3]) + (0 if len(found[3]) == 4 else 2000 if int(found[3]) < 50 else 1900)
        try:
            day = date(year, int(found[1]), int(found[2])).isoformat()
        except ValueError:
            return
        if name != "Expiration Date" or str(year) in words:  # others are reckoned, not written
            yield Case(f"CUAD {name.lower()}", "date", words, words, _equals({"date": day}))
    period = re.search(r"([0-9]+)[\s-](day|month|year)s?", answer)
    if period and name in ("Renewal Term", "Notice Period To Terminate Renewal", "Warranty Duration"):
        right = _is("count", float(period[1]), unit=period[2])
        yield Case(f"CUAD {name.lower()}", "duration", words, words, right)
        units = _task_units().get(kebab(name))
        if units:
            yield Case(f"CUAD {name.lower()}, the task's units", "duration", words, words, right, units)
    if name == "Governing Law" and answer:
        wanted = answer.split(";")[0].split(",")[0].strip()
        yield Case("CUAD governing law", "jurisdiction", words, words, _equals({"jurisdiction": wanted}))


@cache
def _task_units() -> dict[str, frozenset[str]]:
    """Of the tasks of the pack ``contracts``."""
    return {task.id: task.unit_codes for task in load_pack(find_pack("contracts")).tasks}


def of_dialogues(folder: Path) -> Iterator[Case]:
    """Measurements in the sections of clinical notes, by their digits and the letters behind them."""
    for name in ("MTS-Dialog-TrainingSet.csv", "MTS-Dialog-ValidationSet.csv"):
        with (folder / "mts-dialog" / name).open(encoding="utf-8", newline="") as source:
            for row in csv.DictReader(source):
                text = row["section_text"]
                for found in _MEASURED.finditer(text):
                    if found["both"]:
                        right = _is("systolic", float(found["both"].partition("/")[0]))
                        yield Case("MTS-Dialog blood pressure", "number", found[0], text, right)
                    else:
                        number = float(found["figure"].replace(",", ""))
                        yield Case("MTS-Dialog measurements", "number", found[0], text, _is("number", number))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.quality.values")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misses", type=int, default=0, help="print so many of each group")
    options: Any = parser.parse_args(arguments)
    groups: dict[str, Told] = {}
    for source in (of_tatqa, of_cuad, of_dialogues):
        for case in source(options.folder):
            groups.setdefault(case.group, Told()).add(case)
    sys.stdout.write("| labelled | cases | read from the words | first | read from what is around |\n")
    sys.stdout.write("| --- | --- | --- | --- | --- |\n")
    for group, told in groups.items():
        shares = (f"{100 * n / told.cases:.1f} %" for n in (told.alone, told.alone_first, told.around))
        sys.stdout.write(f"| {group} | {told.cases} | {' | '.join(shares)} |\n")
        for line in told.missed[: options.misses]:
            sys.stdout.write(f"    {line}\n")


if __name__ == "__main__":
    main()
