from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from app.store.opening import read_matter
from tests.cli.conftest import Demo, Pincite, in_a_process
from tests.conftest import MODEL, SAMPLES

SHA256 = re.compile(r"[0-9a-f]{64}")
TASKS = 43
STATUSES = {"found", "absent", "abstained", "failed"}
STATES = {"accepted", "edited", "rejected", "undecided", "abstained", "absent", "failed"}


def need_form_of_findings(value: dict[str, Any], texts: dict[str, str]) -> None:
    """The contract's "JSON of the other commands" and "JSON of one finding", key by key."""
    assert list(value) == ["matter", "pack", "model", "findings", "failures"]
    assert list(value["pack"]) == ["id", "version", "sha256"]
    assert list(value["model"]) == ["id", "sha256"]
    assert SHA256.fullmatch(value["pack"]["sha256"])
    assert SHA256.fullmatch(value["model"]["sha256"])
    for finding in value["findings"]:
        need_form_of_finding(finding, texts[finding["document"]["id"]])


def need_form_of_finding(finding: dict[str, Any], text: str) -> None:
    assert set(finding) == {
        *("id", "document", "task", "status", "value", "display", "confidence", "citations"),
        *("reason", "decision", "cost"),
    }
    assert list(finding["document"]) == ["id", "name", "sha256"]
    assert finding["document"]["sha256"].startswith(finding["document"]["id"])
    assert finding["status"] in STATUSES
    assert 0 <= finding["confidence"] <= 1
    assert bool(finding["citations"]) is (finding["status"] == "found")
    assert bool(finding["reason"]) is (finding["status"] in {"abstained", "failed"})
    assert set(finding["cost"]) == {"currency", "machine", "analyst", "quoted"}
    assert finding["cost"]["machine"] > 0
    for citation in finding["citations"]:
        assert list(citation) == ["page", "start", "end", "quote", "boxes"]
        assert citation["page"] >= 1
        assert text[citation["start"] : citation["end"]] == citation["quote"] != ""
        assert citation["boxes"]
        assert all(x0 < x1 and y0 < y1 for x0, y0, x1, y1 in citation["boxes"])


def texts_of(pincite: Pincite, matter: Path) -> dict[str, str]:
    """As `pincite text` prints them, by document."""
    ids = [document["id"] for document in pincite("documents", matter, "--json").json()["documents"]]
    return {key: pincite("text", matter, key).out for key in ids}


def test_the_demo_reviews_every_sample_and_every_citation_is_the_text_at_its_place(
    demo: Demo, pincite: Pincite
) -> None:
    assert demo.said.code == 0
    value = demo.said.json()
    need_form_of_findings(value, texts_of(pincite, demo.matter))
    names = {finding["document"]["name"] for finding in value["findings"]}
    assert names == {file.name for file in SAMPLES.glob("*.pdf")}
    assert len(value["findings"]) == TASKS * len(names)
    assert value["failures"] == []
    assert value["model"]["id"] == MODEL
    assert {"found", "absent"} <= {finding["status"] for finding in value["findings"]}


def test_progress_and_quotes_go_beside_the_result_and_quiet_silences_them(demo: Demo) -> None:
    assert f"{3 * TASKS} findings: USD" in demo.said.err
    again = in_a_process(demo.home, "demo", "--model", MODEL, "--json", "--quiet")
    assert (again.code, again.err) == (0, "")
    assert again.json()["findings"] == demo.said.json()["findings"]


def test_the_demo_run_again_prints_findings_pages_and_costs_for_people(demo: Demo) -> None:
    said = in_a_process(demo.home, "demo", "--model", MODEL)
    assert said.code == 0
    for name in (file.name for file in SAMPLES.glob("*.pdf")):
        assert name in said.out
    assert re.search(r"p\. \d+: “", said.out)
    assert "Outcome costs by document, USD" in said.out
    assert "Nothing is left to do" in said.err


def test_a_review_of_what_is_reviewed_changes_nothing(own_matter: Path, pincite: Pincite, demo: Demo) -> None:
    before = ledger_of(own_matter)
    said = pincite("review", own_matter, "--pack", "contracts", "--model", MODEL, "--resume", "--json")
    assert said.code == 0
    assert said.json()["findings"] == demo.said.json()["findings"]
    assert ledger_of(own_matter) == before


def ledger_of(matter: Path) -> list[str]:
    reader = read_matter(matter)
    try:
        return [f"{entry.kind} {entry.hash}" for entry in reader.entries()]
    finally:
        reader.close()


def test_a_review_of_some_tasks_and_documents_gives_those_alone(demo: Demo, pincite: Pincite) -> None:
    words = ("--pack", "contracts", "--task", "parties", "--task", "insurance", "--document")
    name = "Ebix co-branding agreement.pdf"
    said = pincite("review", demo.matter, *words, name, "--model", MODEL, "--json")
    assert said.code == 0
    got = {(f["document"]["name"], f["task"]) for f in said.json()["findings"]}
    assert got == {(name, "parties"), (name, "insurance")}


def test_a_review_stops_at_its_limit_on_cost_and_says_it_is_done_in_part(
    tmp_path: Path, pincite: Pincite
) -> None:
    (tmp_path / "a.txt").write_text("This Agreement is governed by the laws of Ohio.")
    matter = tmp_path / "m"
    assert pincite("add", matter, tmp_path / "a.txt").code == 0
    limited = ("--pack", "contracts", "--model", MODEL, "--max-cost", "0", "--json")
    said = pincite("review", matter, *limited)
    assert said.code == 3
    left = re.search(r"Stopped at the limit on cost; (\d+) findings are left\.", said.err)
    assert left is not None
    assert len(said.json()["findings"]) + int(left[1]) == TASKS
    assert int(left[1]) >= TASKS - 1


def test_a_document_that_cannot_be_read_makes_the_review_partial_and_is_listed(
    tmp_path: Path, pincite: Pincite
) -> None:
    (tmp_path / "good.txt").write_text("This Agreement is governed by the laws of Ohio.")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    matter = tmp_path / "m"
    assert pincite("add", matter, tmp_path / "good.txt", tmp_path / "bad.pdf").code == 3
    said = pincite(
        "review", matter, "--pack", "contracts", "--task", "governing-law", "--model", MODEL, "--json"
    )
    assert said.code == 3
    (finding,) = said.json()["findings"]
    assert finding["document"]["name"] == "good.txt"
    (failure,) = said.json()["failures"]
    assert list(failure) == ["finding", "document", "task", "reason"]
    assert (failure["finding"], failure["task"]) == (None, None)
    assert failure["reason"]
    assert "bad.pdf was not reviewed" in said.err


def test_findings_are_what_the_review_said(demo: Demo, pincite: Pincite) -> None:
    said = pincite("findings", demo.matter, "--json")
    assert said.code == 0
    assert said.json() == demo.said.json()


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_findings_can_be_had_by_status(demo: Demo, pincite: Pincite, status: str) -> None:
    said = pincite("findings", demo.matter, "--status", status, "--json")
    wanted = [f for f in demo.said.json()["findings"] if f["status"] == status]
    assert (said.code, said.json()["findings"]) == (0, wanted)


def test_what_the_model_would_be_given_comes_best_first_and_within_the_budget(
    demo: Demo, pincite: Pincite
) -> None:
    texts = texts_of(pincite, demo.matter)
    words = ("--pack", "contracts", "--task", "governing-law", "--json")
    full = pincite("evidence", demo.matter, *words)
    assert full.code == 0
    assert [one["document"] for one in full.json()] == list(texts)
    one = ("--document", "Ebix co-branding agreement.pdf")
    (short,) = pincite("evidence", demo.matter, *words, *one, "--budget", 400).json()
    for given in (*full.json(), short):
        assert list(given) == ["task", "document", "presence", "evidence"]
        assert 0 <= given["presence"] <= 1
        assert given["evidence"]
        scores = [sentence["score"] for sentence in given["evidence"]]
        assert scores == sorted(scores, reverse=True)
        for sentence in given["evidence"]:
            assert list(sentence) == ["document", "page", "start", "end", "text", "score"]
            text = texts[sentence["document"]]
            assert text[sentence["start"] : sentence["end"]] == sentence["text"]
    assert sum(len(sentence["text"]) for sentence in short["evidence"]) <= 400


def test_a_quote_is_for_what_is_not_done_yet(demo: Demo, pincite: Pincite) -> None:
    done = pincite("quote", demo.matter, "--pack", "contracts", "--model", MODEL, "--json")
    assert (done.code, done.json()["findings"]) == (0, 0)
    # another model's findings would all be new ones
    whole = pincite("quote", demo.matter, "--pack", "contracts", "--json").json()
    one = pincite("quote", demo.matter, "--pack", "contracts", "--task", "parties", "--json").json()
    assert (whole["findings"], one["findings"]) == (3 * TASKS, 3)
    for quote in (whole, one):
        assert list(quote) == ["findings", "currency", "cost", "seconds", "kwh"]
        for figure in ("cost", "seconds", "kwh"):
            assert list(quote[figure]) == ["expected", "low", "high"]
            assert 0 < quote[figure]["low"] <= quote[figure]["expected"] <= quote[figure]["high"]


def test_decisions_are_kept_and_the_last_one_counts(own_matter: Path, pincite: Pincite) -> None:
    found = pincite("findings", own_matter, "--status", "found", "--json").json()["findings"]
    key = found[0]["id"]
    accepted = pincite("decide", own_matter, key[:10], "accept", "--seconds", 30, "--json")
    assert accepted.code == 0
    assert accepted.json()["id"] == key
    assert accepted.json()["decision"]["kind"] == "accept"
    edited = pincite("decide", own_matter, key, "edit", "Ohio", "--note", "see page 2", "--json").json()
    assert edited["decision"] | {"at": ""} == {
        "kind": "edit",
        "value": "Ohio",
        "note": "see page 2",
        "at": "",
    }
    rejected = pincite("decide", own_matter, found[1]["id"], "reject")
    assert (rejected.code, rejected.out) == (0, f"{found[1]['id']}: rejected.\n")
    held = {f["id"]: f for f in pincite("findings", own_matter, "--json").json()["findings"]}
    assert held[key] == edited
    assert (held[key]["value"], held[key]["display"]) == (found[0]["value"], found[0]["display"])
    undecided = pincite("findings", own_matter, "--undecided", "--json").json()["findings"]
    assert {f["id"] for f in held.values()} - {f["id"] for f in undecided} == {key, found[1]["id"]}
    assert sum(line.startswith("decision ") for line in ledger_of(own_matter)) == 3
    total = pincite("costs", own_matter, "--json").json()["total"]
    assert (total["outcomes"]["edited"], total["outcomes"]["rejected"], total["analyst_seconds"]) == (
        1,
        1,
        30,
    )
    assert total["analyst"] == pytest.approx(0.5)
    assert total["per_accepted"] == pytest.approx(total["actual"])


@pytest.mark.parametrize("words", [("edit",), ("accept", "Ohio"), ("reject", "Ohio")])
def test_an_edit_and_only_an_edit_takes_a_value(demo: Demo, pincite: Pincite, words: tuple[str, ...]) -> None:
    key = demo.said.json()["findings"][0]["id"]
    said = pincite("decide", demo.matter, key, *words, "--json")
    assert (said.code, said.error()["code"]) == (2, "decision.incomplete")


@pytest.mark.parametrize(("by", "rows"), [("task", TASKS + 1), ("document", 3), ("pack", 2), ("month", None)])
def test_costs_add_up_however_they_are_grouped(
    demo: Demo, pincite: Pincite, by: str, rows: int | None
) -> None:
    said = pincite("costs", demo.matter, "--by", by, "--json")
    assert said.code == 0
    table = said.json()
    assert list(table) == ["by", "currency", "rows", "total"]
    assert rows is None or len(table["rows"]) == rows
    for row in (*table["rows"], table["total"]):
        assert set(row) == {
            *("key", "title", "outcomes", "machine_seconds", "kwh", "energy", "machine"),
            *("analyst_seconds", "analyst", "quoted", "actual", "per_accepted", "rejects"),
        }
        assert set(row["outcomes"]) == STATES
        assert row["energy"] in {"measured", "estimated", "mixed", "none"}
        assert row["actual"] == pytest.approx(row["machine"] + row["analyst"])
    total = table["total"]
    for figure in ("machine_seconds", "kwh", "machine", "analyst", "actual"):
        assert sum(row[figure] for row in table["rows"]) == pytest.approx(total[figure])
    findings = demo.said.json()["findings"]
    assert sum(total["outcomes"].values()) == len(findings)
    assert total["outcomes"]["undecided"] == sum(f["status"] == "found" for f in findings)


def test_outcomes_are_counted_for_each_document(demo: Demo, pincite: Pincite) -> None:
    rows = pincite("costs", demo.matter, "--by", "document", "--json").json()["rows"]
    counted = {row["title"]: row["outcomes"]["absent"] for row in rows}
    findings = demo.said.json()["findings"]
    wanted = Counter(f["document"]["name"] for f in findings if f["status"] == "absent")
    assert counted == {name: wanted[name] for name in counted}
