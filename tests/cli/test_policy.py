"""What the organisation allows holds for every file, and anybody may look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.wiring import policy
from tests.cli.conftest import Pincite


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "policy.toml"
    monkeypatch.setattr(policy, "policy_file", lambda: place)
    return place


def test_without_a_policy_the_limits_are_pincites_own(file: Path, pincite: Pincite) -> None:
    said = pincite("policy", "show", "--json")
    assert said.code == 0
    assert said.json() == {
        "file": str(file),
        "there": False,
        "reading": {
            "file_megabytes": {"value": 1024, "managed": False},
            "inner_files": {"value": 20_000, "managed": False},
            "inner_megabytes": {"value": 4096, "managed": False},
            "pages": {"value": 20_000, "managed": False},
            "seconds": {"value": 300, "managed": False},
        },
        "search": {"servers": []},
        "models": {"allowed": {"value": None, "managed": False}},
    }


def test_a_policy_lowers_limits_and_never_raises_one(file: Path, pincite: Pincite) -> None:
    file.write_text("[reading]\npages = 10\nseconds = 100000\n")
    held = pincite("policy", "show", "--json").json()["reading"]
    assert held["pages"] == {"value": 10, "managed": True}
    assert held["seconds"] == {"value": 300, "managed": True}
    assert "set by policy" in pincite("policy", "show").out


def test_servers_that_a_policy_names_are_shown(file: Path, pincite: Pincite) -> None:
    file.write_text('[search]\nservers = ["10.0.0.5"]\n')
    assert pincite("policy", "show", "--json").json()["search"] == {"servers": ["10.0.0.5"]}
    assert "10.0.0.5" in pincite("policy", "show").out


def test_what_is_added_is_held_to_it(file: Path, tmp_path: Path, pincite: Pincite) -> None:
    file.write_text("[reading]\nfile_megabytes = 0.001\n")
    (tmp_path / "small.txt").write_text("small")
    (tmp_path / "large.txt").write_text("large " * 500)
    said = pincite("add", tmp_path / "m", tmp_path / "small.txt", tmp_path / "large.txt", "--json")
    assert said.code == 3
    states = {document["name"]: document["state"] for document in said.json()["documents"]}
    assert states == {"small.txt": "ready", "large.txt": "too-large"}


def test_with_a_policy_that_is_wrong_nothing_is_read(file: Path, tmp_path: Path, pincite: Pincite) -> None:
    file.write_text("[reading]\npages = -1\n")
    (tmp_path / "a.txt").write_text("a")
    for words in (("policy", "show"), ("add", tmp_path / "m", tmp_path / "a.txt")):
        said = pincite(*words, "--json")
        assert said.code == 1
        assert said.error()["code"] == "settings.invalid"
        assert "reading.pages" in said.error()["message"]


def test_a_file_is_checked_before_it_is_put_in_its_place(
    file: Path, tmp_path: Path, pincite: Pincite
) -> None:
    other = tmp_path / "new.toml"
    assert pincite("policy", "check", other, "--json").error()["code"] == "file.missing"
    other.write_text("[reading]\ninner_files = 100\n")
    said = pincite("policy", "check", other, "--json")
    assert said.json()["reading"]["inner_files"] == {"value": 100, "managed": True}
    assert not file.exists()
    other.write_text("[reading]\nfiles = 100\n")
    assert pincite("policy", "check", other, "--json").error()["code"] == "settings.invalid"
