"""Asking a question of one's own, with the real small model: that it works, not that it is right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.domain.question import question_id
from app.domain.record import EntryKind
from app.store.opening import read_matter
from tests.conftest import MODEL, ROOT

QUESTION = "When does the agreement end?"
LEASE = (
    "LEASE\n\nThis Lease is made between Ada Ltd. and Bob Inc.\n\nThe Lease ends on 31 March 2027.\n\n"
    "The rent is USD 1,200 a month."
)
LETTER = "Dear Sir.\n\nThe parcel of oranges arrived.\n\nIt was raining. Yours, Ada."
KEYS = {"finding", "document", "task", "status", "pack", "model", "seconds", "kwh", "measured", "quoted"}


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def pincite(home: Path, *words: str) -> Said:
    done = subprocess.run(
        [sys.executable, "-m", "app", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PINCITE_HOME": str(home)},
        timeout=300,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Held:
    """A matter of a lease and a letter that was asked, and what was said."""

    home: Path
    folder: Path
    first: Said

    def ask(self, *words: str) -> Said:
        return pincite(self.home, "ask", str(self.folder), *words, "--model", MODEL)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory, model_file: Path) -> Held:
    home = tmp_path_factory.mktemp("home")
    (home / "models").mkdir()
    (home / "models" / model_file.name).symlink_to(model_file)
    files = tmp_path_factory.mktemp("files")
    (files / "lease.txt").write_text(LEASE)
    (files / "letter.txt").write_text(LETTER)
    folder = tmp_path_factory.mktemp("matters") / "m"
    assert pincite(home, "add", str(folder), str(files)).code == 0
    first = pincite(home, "ask", str(folder), QUESTION, "--model", MODEL, "--json")
    return Held(home, folder, first)


def test_every_document_has_one_finding_of_this_question(held: Held) -> None:
    assert held.first.code == 0
    said = held.first.json
    assert list(said) == ["matter", "pack", "model", "findings", "failures"]
    assert (said["pack"]["id"], said["model"]["id"]) == ("contracts", MODEL)
    assert {f["document"]["name"] for f in said["findings"]} == {"lease.txt", "letter.txt"}
    assert {f["task"] for f in said["findings"]} == {question_id(QUESTION)}
    assert {f["status"] for f in said["findings"]} <= {"found", "absent", "abstained"}
    assert said["failures"] == []


def test_answers_come_best_first_and_cite_the_very_words(held: Held) -> None:
    findings = held.first.json["findings"]
    order = ["found", "abstained", "failed", "absent"]
    places = [order.index(f["status"]) for f in findings]
    assert places == sorted(places)
    texts = {"lease.txt": LEASE, "letter.txt": LETTER}
    for finding in findings:
        assert bool(finding["citations"]) is (finding["status"] == "found")
        for cited in finding["citations"]:
            text = texts[finding["document"]["name"]]
            assert text[cited["start"] : cited["end"]] == cited["quote"]


def test_the_question_and_its_findings_are_in_the_matter_and_it_verifies(held: Held) -> None:
    reader = read_matter(held.folder)
    assert reader.questions()[0].text == QUESTION
    made = [e.payload for e in reader.entries() if e.kind is EntryKind.FINDING]
    assert len(made) >= 2
    assert all(set(payload) >= KEYS for payload in made)
    assert QUESTION not in json.dumps([e.payload for e in reader.entries()])
    reader.close()
    assert pincite(held.home, "verify", str(held.folder), "--json").json["problems"] == []


def test_asking_again_goes_on_with_what_is_there(held: Held) -> None:
    reader = read_matter(held.folder)
    before = len(reader.entries())
    again = held.ask(f" {QUESTION.lower().rstrip('?')}", "--json")
    assert again.json["findings"] == held.first.json["findings"]
    assert len(reader.entries()) == before
    assert len({q.id for q in reader.questions()}) == len(reader.questions())
    reader.close()


def test_one_document_is_asked_and_shown_alone_with_its_page(held: Held) -> None:
    said = held.ask("How much is the rent?", "--document", "lease.txt")
    assert said.code == 0
    assert "lease.txt" in said.out
    assert "letter.txt" not in said.out
    assert "p. 1:" in said.out or "absent" in said.out or "abstained" in said.out


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("?",), 2, "question.invalid"),
        (("a" * 600,), 2, "question.invalid"),
        ((QUESTION, "--document", "nowhere"), 1, "document.not-found"),
        ((QUESTION, "--pack", "nowhere"), 1, "pack.not-found"),
    ],
)
def test_what_cannot_be_asked_says_so(held: Held, words: tuple[str, ...], code: int, error: str) -> None:
    said = held.ask(*words, "--json")
    assert said.code == code
    assert said.json["error"]["code"] == error


def test_a_document_that_cannot_be_read_makes_it_done_in_part(held: Held, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    folder = tmp_path / "m"
    pincite(held.home, "add", str(folder), str(tmp_path / "empty.txt"))
    said = pincite(held.home, "ask", str(folder), QUESTION, "--model", MODEL, "--json")
    assert said.code == 3
    assert said.json["findings"] == []
    assert [f["reason"] for f in said.json["failures"]] == ["The file is empty."]


def test_a_decision_is_withdrawn(held: Held) -> None:
    finding = held.first.json["findings"][0]["id"]
    folder = str(held.folder)
    assert (
        pincite(held.home, "decide", folder, finding, "accept", "--json").json["decision"]["kind"] == "accept"
    )
    withdrawn = pincite(held.home, "decide", folder, finding, "withdraw", "--json")
    assert withdrawn.code == 0
    assert withdrawn.json["decision"] is None
    again = pincite(held.home, "decide", folder, finding, "withdraw", "--json")
    assert again.code == 1
    assert again.json["error"]["code"] == "decision.nothing-to-withdraw"
    usage = pincite(held.home, "decide", folder, finding, "withdraw", "a value", "--json")
    assert usage.code == 2
