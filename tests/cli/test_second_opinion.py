"""A second opinion by command, with two real models: a tiny one with random weights, then the small one."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.wiring import policy, second_models
from models.catalog import load_catalog
from tests.cli.conftest import Pincite, command, environment
from tests.conftest import MODEL, ROOT
from tests.models.gguf_made import tiny_llama
from tests.verticals.made import put_pack

LEASE = "The tenant pays a rent of USD 900 per month. A security deposit of USD 500 is held by the landlord."
LINE = "Answered by {}, asked for a second opinion."
CLAUSE = """\
order = 1
title = "{title}"
description = "What is held or paid."
question = "Does the lease speak of it?"
queries = ["{title}"]

[thresholds]
absent = 0.2
found = 0.8
"""


def mixes(**intercepts: float) -> str:
    """A calibration in which a model says the same of everything, whatever it reads."""
    flat = {"probe": 0.0, "yes": 0.0, "peak": 0.0, "select": 1.0}
    return json.dumps({sha256: {"intercept": at, **flat} for sha256, at in intercepts.items()})


def small_sha256() -> str:
    return str(load_catalog().find(MODEL).sha256)


@pytest.fixture
def tiny(pincite: Pincite, tmp_path: Path) -> str:
    """SHA-256 of the model `tiny-f32`, which is here then."""
    file = tiny_llama().write(tmp_path / "Tiny-F32.gguf")
    assert pincite("models", "import", file, "--json").code == 0
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture
def matter(pincite: Pincite, tmp_path: Path) -> Path:
    (tmp_path / "lease.txt").write_text(LEASE)
    assert pincite("add", tmp_path / "m", tmp_path / "lease.txt").code == 0
    return tmp_path / "m"


def a_pack(folder: Path, **intercepts: float) -> Path:
    tasks = {f"tasks/{name}.toml": CLAUSE.format(title=name.capitalize()) for name in ("rent", "deposit")}
    return put_pack(folder, **tasks, **{"calibration.json": mixes(**intercepts)})


def test_a_second_model_answers_by_its_own_calibration_and_the_finding_says_so(
    pincite: Pincite, matter: Path, tiny: str, tmp_path: Path
) -> None:
    folder = a_pack(tmp_path / "pack", **{tiny: 0.0, small_sha256(): 6.0})
    review = ("review", matter, "--pack", folder, "--model", "tiny-f32")
    alone = pincite(*review, "--json").json()["findings"]
    assert [finding["status"] for finding in alone] == ["abstained"] * 2
    assert all("readings" not in finding for finding in alone)

    twice = ("--second-opinion", MODEL)
    quote = pincite("quote", *review[1:], *twice, "--json").json()
    assert (quote["findings"], quote["second_opinion"]["model"]) == (0, MODEL)
    assert quote["second_opinion"]["findings"] == {"expected": 2.0, "low": 2.0, "high": 2.0}
    assert quote["cost"] == quote["second_opinion"]["cost"]

    said = pincite(*review, *twice, "--json")
    assert (said.code, said.json()["model"]["id"]) == (0, "tiny-f32")
    for before, finding in zip(alone, said.json()["findings"], strict=True):
        assert (finding["id"], finding["status"], finding["reason"]) == (before["id"], "found", None)
        assert finding["model"] == {"id": MODEL, "sha256": small_sha256()}
        assert [(one["model"]["id"], one["status"]) for one in finding["readings"]] == [
            ("tiny-f32", "abstained"),
            (MODEL, "found"),
        ]
        for citation in finding["citations"]:
            assert LEASE[citation["start"] : citation["end"]] == citation["quote"]
        assert finding["cost"]["machine"] > before["cost"]["machine"]
    assert "asked about 2 that the first one was not sure of" in said.err
    again = pincite(*review, *twice, "--resume")
    assert "Nothing is left to do" in again.err
    assert again.out.count(LINE.format(MODEL)) == 2
    assert pincite("verify", matter).code == 0
    assert pincite("report", matter, "--format", "json", "--out", tmp_path / "r.json").code == 0
    assert MODEL in (tmp_path / "r.json").read_text()


def test_settings_or_policy_may_name_it_and_a_review_may_do_without(
    pincite: Pincite,
    matter: Path,
    tiny: str,
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = a_pack(tmp_path / "pack", **{tiny: 0.0, small_sha256(): 0.0})
    (home / "settings.toml").write_text(f'[models]\nsecond_opinion = "{MODEL}"\n')
    place = tmp_path / "policy.toml"
    for module in (policy, second_models):
        monkeypatch.setattr(module, "policy_file", lambda: place)
    review = ("review", matter, "--pack", folder, "--task", "rent", "--model", "tiny-f32")
    (finding,) = pincite(*review, "--second-opinion", "none", "--json").json()["findings"]
    assert "asked" not in finding["reason"]
    place.write_text('[models]\nsecond_opinion = "qwen3-8b"\n')
    said = pincite(*review)
    assert (said.code, "the model qwen3-8b is not installed" in said.err) == (0, True)
    place.unlink()
    (finding,) = pincite(*review, "--json").json()["findings"]
    assert finding["status"] == "abstained"
    assert f"Two models were asked, tiny-f32 and {MODEL}, and neither could tell." in finding["reason"]
    assert finding["model"]["id"] == "tiny-f32"
    # a smaller model than the one that is asked first is nobody's second opinion unless it is named
    other = pincite("review", matter, "--pack", folder, "--task", "rent", "--model", MODEL, "--json").json()
    assert "readings" not in other["findings"][-1]


def test_a_model_gives_no_second_opinion_on_itself(pincite: Pincite, matter: Path) -> None:
    words = ("--pack", "contracts", "--model", MODEL, "--second-opinion", MODEL, "--json")
    for verb in ("review", "quote"):
        said = pincite(verb, matter, *words)
        assert (said.code, said.error()["code"]) == (2, "model.no-second-opinion")


def test_a_second_model_that_is_not_here_is_said_before_the_review_begins(
    pincite: Pincite, matter: Path
) -> None:
    words = ("--pack", "contracts", "--model", MODEL, "--second-opinion", "qwen3-8b", "--json")
    said = pincite("review", matter, *words)
    assert (said.code, said.error()["code"]) == (1, "model.not-installed")
    assert pincite("findings", matter, "--json").json()["findings"] == []


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_command_that_is_killed_while_it_asks_a_second_time_goes_on_where_it_was(
    pincite: Pincite, tiny: str, tmp_path: Path, home: Path
) -> None:
    for number in range(4):
        (tmp_path / f"{number}.txt").write_text(f"Lease {number}. {LEASE}")
    matter = tmp_path / "m"
    assert pincite("add", matter, *(tmp_path / f"{number}.txt" for number in range(4))).code == 0
    folder = a_pack(tmp_path / "pack", **{tiny: 0.0, small_sha256(): 6.0})
    words = ("review", matter, "--pack", folder, "--model", "tiny-f32", "--second-opinion", MODEL)

    def settled() -> dict[str, object]:
        held = pincite("findings", matter, "--json").json()["findings"]
        return {finding["id"]: finding for finding in held if "readings" in finding}

    with subprocess.Popen(command(*words), cwd=ROOT, env=environment(home)) as review:
        while not (before := settled()):
            assert review.poll() is None
            time.sleep(0.05)
        review.kill()
    assert before.items() <= settled().items()
    while (said := pincite(*words, "--resume", "--json")).code == 1:  # the engine of the killed one may live
        assert said.error()["code"] == "matter.busy"
        time.sleep(0.05)
    assert said.code == 0
    after = settled()
    assert (len(after), before.items() <= after.items()) == (8, True)
    assert pincite("verify", matter).code == 0
