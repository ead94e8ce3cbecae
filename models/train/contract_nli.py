"""Brings ContractNLI into the form of labels that pack training reads: one text a document, clauses by task.

Usage: python -m models.train.contract_nli CONTRACTNLI_JSON TXT_FOLDER GOLD_JSON

A task of the pack ``nda`` asks what one hypothesis of ContractNLI speaks of: its clauses are the pieces of
text that were labelled as evidence for or against the hypothesis.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

TASKS = {
    "nda-1": "explicit-identification",
    "nda-2": "technical-information-only",
    "nda-3": "verbal-information",
    "nda-4": "limited-use",
    "nda-5": "sharing-with-employees",
    "nda-7": "sharing-with-third-parties",
    "nda-8": "notice-of-compelled-disclosure",
    "nda-10": "confidentiality-of-the-agreement",
    "nda-11": "no-reverse-engineering",
    "nda-12": "independent-development",
    "nda-13": "information-from-third-parties",
    "nda-15": "no-licence",
    "nda-16": "return-or-destruction",
    "nda-17": "copies",
    "nda-18": "no-solicitation",
    "nda-19": "survival",
    "nda-20": "retention-after-return",
}
"""Hypotheses of ContractNLI and the tasks that ask what they speak of."""


def text_of(document: dict[str, Any]) -> str:
    """Its text with every code point in its place, on one page."""
    return str(document["text"]).replace("\f", " ")


def bring(contract_nli: Path, txt: Path, gold: Path) -> None:
    """Write one text for each document into ``txt``, and where its clauses are into ``gold``."""
    txt.mkdir(parents=True, exist_ok=True)
    rows = []
    for document in json.loads(contract_nli.read_text(encoding="utf-8"))["documents"]:
        name = f"{document['id']}.txt"
        with (txt / name).open("w", encoding="utf-8", newline="") as out:
            out.write(text_of(document))
        told = document["annotation_sets"][0]["annotations"]
        clauses = {
            task: {"spans": [_span(*document["spans"][piece]) for piece in told[key]["spans"]]}
            for key, task in TASKS.items()
        }
        rows.append({"file": name, "clauses": clauses})
    gold.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def _span(start: int, end: int) -> dict[str, int]:
    return {"start": start, "end": end}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contract_nli", type=Path)
    parser.add_argument("txt", type=Path)
    parser.add_argument("gold", type=Path)
    options = parser.parse_args()
    bring(options.contract_nli, options.txt, options.gold)


if __name__ == "__main__":
    main()
