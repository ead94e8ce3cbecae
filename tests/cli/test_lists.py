"""Lists from the command line: swept by the real engine, one of them read by the real small model."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.domain.record import EntryKind
from app.store.opening import read_matter
from tests.cli.conftest import Demo, Pincite
from tests.conftest import MODEL
from tests.verticals.made import put_pack

DUTIES = """\
kind = "list"
title = "Duties of the tenant"
description = "What the tenant has to do."
question = "Does the text say what the tenant has to do?"
queries = ["Tenant shall", "Tenant must"]
[thresholds]
absent = 0.0
found = 0.0
"""
LEASE = "Tenant shall mow the lawn. Tenant shall pay $500 by May 3, 2027. Rain fell on the hills all day."


def listed(findings: list[dict[str, Any]], task: str, name: str) -> dict[str, Any]:
    return next(f for f in findings if f["task"] == task and f["document"]["name"].startswith(name))


def test_every_amount_and_period_of_a_sample_is_listed_with_its_sentence(demo: Demo) -> None:
    findings = demo.said.json()["findings"]
    money = listed(findings, "amounts-of-money", "Pelican")
    items = money["value"]["items"]
    assert [item["display"] for item in items][:2] == ["USD 279,000", "USD 55,800"]
    assert [item["value"]["amount"] for item in items] == [279000.0, *[55800.0] * 5, 1.0, 500.0, 750.0]
    assert "$279,000.00" in money["citations"][items[0]["citation"]]["quote"]
    periods = listed(findings, "dates-and-periods", "LinkPlus")
    assert periods["display"].startswith("13 items: 2005-07-15; 2005-05-03; 60 days; 2 weeks")
    assert {cited["page"] for cited in periods["citations"]} == {1, 2, 4, 5, 6, 7}
    assert listed(findings, "amounts-of-money", "LinkPlus")["status"] == "absent"


def test_findings_prints_each_item_of_a_list_with_its_page(demo: Demo, pincite: Pincite) -> None:
    said = pincite("findings", demo.matter, "--status", "found")
    assert "p. 2: 2 weeks: …and to move out of the office space at any time upon two weeks" in said.out


def test_the_evidence_of_a_list_is_all_that_passes_its_gate_or_the_best_of_it(
    demo: Demo, pincite: Pincite
) -> None:
    words = ("evidence", demo.matter, "--pack", "contracts", "--task", "dates-and-periods", "--json")
    name = ("--document", "LinkPlus affiliate agreement.pdf")
    (whole,) = pincite(*words, *name).json()
    (short,) = pincite(*words, *name, "--budget", 400).json()
    assert {sentence["page"] for sentence in whole["evidence"]} >= {1, 2, 4, 5, 6, 7}
    assert sum(len(sentence["text"]) for sentence in short["evidence"]) <= 400
    texts = [sentence["text"] for sentence in whole["evidence"]]
    assert all(sentence["text"] in texts for sentence in short["evidence"])


def test_a_list_that_no_gate_settles_is_read_by_the_model(tmp_path: Path, pincite: Pincite) -> None:
    pack = put_pack(tmp_path / "leases", **{"tasks/duties.toml": DUTIES})
    (tmp_path / "lease.txt").write_text(LEASE)
    matter = tmp_path / "m"
    assert pincite("add", matter, tmp_path / "lease.txt").code == 0
    words = ("--pack", pack, "--task", "duties", "--model", MODEL, "--json")
    quoted = pincite("quote", matter, *words).json()["seconds"]["expected"]
    (finding,) = pincite("review", matter, *words).json()["findings"]
    assert finding["status"] == "found"
    shown = [item["display"] for item in finding["value"]["items"]]
    assert shown[:2] == ["Tenant shall mow the lawn.", "Tenant shall pay $500 by May 3, 2027."]
    assert [cited["quote"] for cited in finding["citations"]] == shown
    assert all(item["value"] is None and item["words"] == "" for item in finding["value"]["items"])
    usual = ("--pack", "contracts", "--task", "parties", "--model", "qwen2.5-coder-1.5b", "--json")
    assert quoted > 5 * pincite("quote", matter, *usual).json()["seconds"]["expected"]


def test_a_list_is_quoted_by_what_lists_took_here(tmp_path: Path, pincite: Pincite) -> None:
    pack = put_pack(tmp_path / "leases", **{"tasks/duties.toml": DUTIES})
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(f"Lease {name}. {LEASE}")
    matter = tmp_path / "m"
    assert pincite("add", matter, tmp_path / "one.txt", tmp_path / "two.txt").code == 0
    words = (matter, "--pack", pack, "--task", "duties", "--model", MODEL, "--json")
    assert pincite("review", *words, "--document", "one.txt").code == 0
    with closing(read_matter(matter)) as reader:
        (took,) = [entry.payload["seconds"] for entry in reader.entries() if entry.kind is EntryKind.FINDING]
    quoted = pincite("quote", *words).json()
    assert isinstance(took, float)
    assert (quoted["findings"], quoted["seconds"]["expected"]) == (1, pytest.approx(took, abs=0.05))
