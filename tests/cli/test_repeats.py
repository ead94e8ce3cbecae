from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Demo, Pincite
from tests.conftest import MODEL, SAMPLES

CONTRACT = (SAMPLES / "Ebix co-branding agreement.pdf").read_bytes()
RENT = "The tenant pays a rent of nine hundred dollars on the first day of each month to the landlord."
LAW = "This lease is governed by the laws of the State of Ohio without regard to its rules on conflicts."
KEYS = ["matter", "same", "similar", "pages", "blank", "carried"]


def added(pincite: Pincite, tmp_path: Path, **texts: str) -> Path:
    """A matter with these texts, in this order; a form feed begins a page."""
    matter = tmp_path / "m"
    for name, text in texts.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
        assert pincite("add", matter, tmp_path / f"{name}.txt").code == 0
    return matter


def names(group: list[dict[str, Any]]) -> list[str]:
    return [document["name"] for document in group]


def test_blank_and_repeated_pages_and_copies_are_told_to_people(tmp_path: Path, pincite: Pincite) -> None:
    matter = added(
        pincite,
        tmp_path,
        lease=f"{RENT}\f{LAW}\f\f\fSigned in Columbus.",
        binder=f"The lease follows on the next two pages.\f{RENT.upper()}\f{LAW}",
        copy=f"{RENT}\n{LAW}\fSigned in\nColumbus.",
    )
    said = pincite("repeats", matter)
    assert said.code == 0
    assert said.out.splitlines() == [
        "The same text in several files. Read one of them.",
        "  = lease.txt",
        "    copy.txt",
        "Pages with the same text. Read one of them.",
        "  = lease.txt, p. 1–2",
        "    binder.txt, p. 2–3",
        "Blank pages: they have no words. Look at one where a picture may be.",
        "  ○ lease.txt, p. 3–4",
    ]


def test_everything_that_repeats_is_one_json_value(tmp_path: Path, pincite: Pincite) -> None:
    body = " ".join(f"{RENT} clause{number}" for number in range(20))
    matter = added(
        pincite,
        tmp_path,
        first=f"{body}\f{LAW}\f",
        second=f"{body} {LAW}",
        third=f"{body.replace('clause7', 'section7')}\f{LAW}",
    )
    ids = {d["name"]: d["id"] for d in pincite("documents", matter, "--json").json()["documents"]}
    said = pincite("repeats", matter, "--json")
    assert said.code == 0
    found = said.json()
    assert list(found) == KEYS
    assert [names(group) for group in found["same"]] == [["first.txt", "second.txt"]]
    (pair,) = found["similar"]
    assert (pair["first"]["name"], pair["second"]["name"]) == ("first.txt", "third.txt")
    assert 0.9 <= pair["share"] <= 1
    (pages,) = found["pages"]
    assert [(place["document"]["id"], place["page"]) for place in pages] == [
        (ids["first.txt"], 2),
        (ids["third.txt"], 2),
    ]
    assert [(names([blank["document"]]), blank["pages"]) for blank in found["blank"]] == [
        (["first.txt"], [3])
    ]
    assert found["carried"] == []


def test_nearly_the_same_documents_say_how_much_is_in_both(tmp_path: Path, pincite: Pincite) -> None:
    body = " ".join(f"{RENT} clause{number}" for number in range(20))
    matter = added(pincite, tmp_path, first=body, second=body.replace("clause7", "section7"))
    lines = pincite("repeats", matter).out.splitlines()
    assert lines == [
        "Nearly the same. Read the first, then what differs in the second.",
        "  ≈ first.txt",
        "    second.txt  99% of the text is in both",
    ]


def test_a_matter_in_which_nothing_repeats_says_so(demo: Demo, pincite: Pincite) -> None:
    said = pincite("repeats", demo.matter)
    assert (said.code, said.out) == (0, "")
    assert "Nothing repeats in this matter." in said.err


def test_a_matter_that_is_not_there_is_an_error_with_a_way_out(tmp_path: Path, pincite: Pincite) -> None:
    said = pincite("repeats", tmp_path / "none", "--json")
    assert said.code == 1
    assert said.error()["code"] == "matter.not-found"


@pytest.fixture
def copied(own_matter: Path, tmp_path: Path, pincite: Pincite) -> Path:
    """The reviewed matter with a sample a second time, in a file of other bytes, reviewed for two tasks."""
    copy = tmp_path / "Ebix copy.pdf"
    copy.write_bytes(CONTRACT + b"\n% saved again\n")
    assert pincite("add", own_matter, copy).code == 0
    tasks = ("--task", "governing-law", "--task", "insurance", "--document", copy.name)
    assert pincite("review", own_matter, "--pack", "contracts", "--model", MODEL, *tasks).code == 0
    return own_matter


def test_decisions_are_carried_to_a_copy_and_said(copied: Path, pincite: Pincite) -> None:
    held = {
        (finding["document"]["name"], finding["task"]): finding
        for finding in pincite("findings", copied, "--json").json()["findings"]
    }
    decided = [held["Ebix co-branding agreement.pdf", task] for task in ("governing-law", "insurance")]
    assert pincite("decide", copied, decided[0]["id"], "edit", "Georgia").code == 0
    assert pincite("decide", copied, decided[1]["id"], "accept", "--seconds", 30).code == 0

    before = pincite("repeats", copied, "--json").json()
    assert [names(group) for group in before["same"]] == [["Ebix co-branding agreement.pdf", "Ebix copy.pdf"]]
    assert before["carried"] == []

    made = pincite("repeats", copied, "--carry", "--json").json()["carried"]
    note = "carried from Ebix co-branding agreement.pdf"
    assert {(one["document"]["name"], one["task"]): one["decision"] for one in made} == {
        ("Ebix copy.pdf", "governing-law"): {"kind": "edit", "value": "Georgia", "note": note},
        ("Ebix copy.pdf", "insurance"): {"kind": "accept", "value": None, "note": note},
    }
    after = {finding["id"]: finding for finding in pincite("findings", copied, "--json").json()["findings"]}
    assert [after[one["finding"]]["decision"]["note"] for one in made] == [note, note]
    assert pincite("verify", copied).code == 0

    again = pincite("repeats", copied, "--carry")
    assert again.code == 0
    assert again.out.splitlines()[-1] == "No decision could be carried."


def test_people_see_each_decision_that_was_carried(copied: Path, pincite: Pincite) -> None:
    (finding,) = [
        finding
        for finding in pincite("findings", copied, "--json").json()["findings"]
        if finding["document"]["name"] == "Ebix copy.pdf" and finding["task"] == "governing-law"
    ]
    assert pincite("decide", copied, finding["id"], "reject").code == 0
    head, line = pincite("repeats", copied, "--carry").out.splitlines()[-2:]
    assert head == "1 decision was carried."
    assert "Ebix co-branding agreement.pdf, governing-law: rejected, carried from Ebix copy.pdf" in line
