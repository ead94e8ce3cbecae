"""Leases as gold cases: what the words of `deposit` are, by quotes or by spans, or that there are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.wiring.learning_made import caution, lease

Row = dict[str, Any]


def put_gold(folder: Path, rows: list[Row], texts: dict[str, str]) -> Path:
    """The documents and their ``gold.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="")
    (folder / "gold.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder


def leases(folder: Path, many: int = 8, bare: int = 2) -> Path:
    """The deposit of every second lease is marked by its place, that of the others by its words."""
    rows: list[Row] = []
    texts: dict[str, str] = {}
    for number in range(many):
        name, text = f"lease {number}.txt", lease(number)
        start = text.index(caution(number))
        span = {"start": start, "end": start + len(caution(number)), "text": caution(number)}
        marked = {"spans": [span]} if number % 2 else {"quotes": [caution(number).replace(" ", "\n", 1)]}
        rows.append({"file": name, "clauses": {"Deposit": marked}})
        texts[name] = text
    for number in range(bare):
        name = f"bare {number}.txt"
        rows.append({"file": name, "clauses": {"deposit": "absent" if number % 2 else {"spans": []}}})
        texts[name] = lease(20 + number, deposit=False)
    return put_gold(folder, rows, texts)
