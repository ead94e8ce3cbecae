"""`pincite packs learn`, and `pincite evidence` after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.domain.kinds import DecisionKind
from tests.cli.conftest import Pincite
from tests.verticals.made import put_pack
from tests.wiring.learning_made import DECOY, add, caution, decide, decided_matter, find, lease


def best_of(pincite: Pincite, matter: Path, pack: Path) -> str:
    said = pincite("evidence", matter, "--pack", pack, "--task", "deposit", "--json")
    assert said.code == 0, said.out
    (given,) = said.json()
    return str(given["evidence"][0]["text"]).strip()


def test_a_department_teaches_its_pack_and_takes_it_back(pincite: Pincite, tmp_path: Path) -> None:
    pack = put_pack(tmp_path / "leases")
    add(tmp_path / "new", {"new.txt": lease(13)})
    assert best_of(pincite, tmp_path / "new", pack) == DECOY
    matter = decided_matter(tmp_path / "m", many=6)

    said = pincite("packs", "learn", pack, "--from", matter, "--json")
    assert said.code == 0, said.out
    assert list(said.json()) == ["pack", "tasks"]
    rows: dict[str, Any] = {row["task"]: row for row in said.json()["tasks"]}
    row = rows["deposit"]
    assert list(row) == ["task", "decisions", "learned", "reason", "presence", "before", "after"]
    assert row["decisions"] == {"accepted": 5, "edited": 1, "rejected": 0, "absent": 2, "skipped": 0}
    assert (row["learned"], row["reason"], row["presence"]) == (True, None, False)
    assert 0 <= row["before"] <= row["after"] <= 1
    assert (rows["rent"]["learned"], rows["rent"]["before"]) == (False, None)
    assert best_of(pincite, tmp_path / "new", pack) == caution(13)
    shown = pincite("packs", "show", pack, "--json").json()["learned"]
    assert shown == {"state": "used", "used": ["deposit"], "outdated": []}

    assert pincite("packs", "learn", pack, "--forget", "--json").json() == {"forgotten": ["deposit"]}
    assert best_of(pincite, tmp_path / "new", pack) == DECOY
    assert pincite("packs", "show", pack, "--json").json()["learned"]["state"] == "none"


def test_people_read_one_line_for_each_decided_task(pincite: Pincite, tmp_path: Path) -> None:
    pack = put_pack(tmp_path / "leases")
    matter = tmp_path / "m"
    add(matter, {f"lease {number}.txt": lease(number) for number in range(4)})
    said = pincite("packs", "learn", pack, "--from", matter)
    assert (said.code, said.out) == (0, "")
    assert "Nothing is decided yet." in said.err
    decide(matter, find(matter, "lease 0.txt", caution(0)), DecisionKind.ACCEPT)
    said = pincite("packs", "learn", pack, "--from", matter)
    assert said.out == (
        "deposit: not learned from 1 decision. "
        "It needs 2 documents with an accepted or edited place, and has 1.\n"
    )
    for number in range(1, 4):
        decide(matter, find(matter, f"lease {number}.txt", caution(number)), DecisionKind.ACCEPT)
    said = pincite("packs", "learn", pack, "--from", matter)
    assert said.code == 0
    (line,) = said.out.splitlines()
    assert line.startswith("deposit: learned from 4 decisions. Cited words within 2,000 characters: ")
    assert "Learned from decisions: deposit." in pincite("packs", "show", pack).out
    (tmp_path / "home/learned/leases.npz").write_bytes(b"PK and no more")
    assert "is damaged and not used" in pincite("packs", "show", pack).out
    assert best_of(pincite, matter_of_one(tmp_path), pack) == DECOY


def matter_of_one(tmp_path: Path) -> Path:
    add(tmp_path / "one", {"one.txt": lease(13)})
    return tmp_path / "one"


def test_wrong_words_end_as_the_contract_says(pincite: Pincite, tmp_path: Path) -> None:
    pack = put_pack(tmp_path / "leases")
    for words in ((), ("--from", tmp_path, "--forget")):
        said = pincite("packs", "learn", pack, *words, "--json")
        assert (said.code, said.error()["code"]) == (2, "usage")
    for words, code in (
        (("nope", "--forget"), "pack.not-found"),
        ((pack, "--forget", "--task", "nope"), "task.not-found"),
        ((pack, "--from", tmp_path / "nowhere"), "matter.not-found"),
    ):
        said = pincite("packs", "learn", *words, "--json")
        assert (said.code, said.error()["code"]) == (1, code)
