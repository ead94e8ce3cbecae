"""Models by command: what comes in is checked and known, what policy does not list is not loaded."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.wiring import models as wiring_models
from app.wiring import policy
from app.wiring.catalogs import chosen_model
from models.machine import Machine
from models.replanning import Failure
from tests.cli.conftest import Pincite
from tests.conftest import MODEL
from tests.models.gguf_made import tiny_llama, tiny_mamba


@pytest.fixture
def policy_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "policy.toml"
    monkeypatch.setattr(policy, "policy_file", lambda: place)
    return place


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return tiny_llama().write(tmp_path / "Tiny-F32.gguf")


def listed(pincite: Pincite) -> dict[str, dict[str, object]]:
    said = pincite("models", "list", "--json")
    assert said.code == 0
    return {model["id"]: model for model in said.json()["models"]}


def test_a_file_from_a_share_is_known_by_its_hash_from_then_on(pincite: Pincite, tiny: Path) -> None:
    sha256 = hashlib.sha256(tiny.read_bytes()).hexdigest()
    said = pincite("models", "import", tiny, "--json")
    assert (said.code, said.json()) == (0, {"id": "tiny-f32", "sha256": sha256})
    model = listed(pincite)["tiny-f32"]
    assert (model["imported"], model["usable"], model["chat"]) == (True, True, "chatml")
    assert (model["sha256"], model["bytes"]) == (sha256, tiny.stat().st_size)
    assert "● tiny-f32" in pincite("models", "list").out
    assert "tiny-f32" in pincite("models", "verify", "--json").json()["verified"]


def test_a_model_of_the_catalog_is_imported_under_its_id(pincite: Pincite, tmp_path: Path) -> None:
    file = tiny_mamba().write(tmp_path / "falcon-mamba-7B-instruct-Q4_K_M.gguf")
    assert pincite("models", "import", file, "--json").json()["id"] == "falcon-mamba-7b"
    assert listed(pincite)["falcon-mamba-7b"]["usable"]


def test_what_is_no_model_is_refused(pincite: Pincite, tmp_path: Path, tiny: Path) -> None:
    (tmp_path / "other.gguf").write_bytes(b"GGUF other")
    for file, code in (("other.gguf", "model.header-invalid"), ("none.gguf", "file.missing")):
        said = pincite("models", "import", tmp_path / file, "--json")
        assert (said.code, said.error()["code"]) == (1, code)
    said = pincite("models", "import", tiny, "--chat", "own", "--json")
    assert (said.code, said.error()["code"]) == (2, "usage")
    said = pincite("models", "import", tiny, "--chat", "llama3", "--json")
    assert (said.code, said.error()["code"]) == (2, "model.import-incomplete")
    assert "tiny-f32" not in listed(pincite)


def test_a_model_is_removed(pincite: Pincite, tiny: Path) -> None:
    pincite("models", "import", tiny)
    said = pincite("models", "remove", "tiny-f32", "--json")
    assert (said.code, said.json()) == (0, {"id": "tiny-f32", "bytes": tiny.stat().st_size})
    assert "tiny-f32" not in listed(pincite)
    said = pincite("models", "remove", "tiny-f32", "--json")
    assert (said.code, said.error()["code"]) == (1, "model.not-found")
    said = pincite("models", "remove", "qwen3-8b", "--json")
    assert (said.code, said.error()["code"]) == (1, "model.not-installed")


def test_a_model_that_policy_does_not_list_is_never_loaded(
    pincite: Pincite, policy_at: Path, tiny: Path, tmp_path: Path
) -> None:
    sha256 = hashlib.sha256(tiny.read_bytes()).hexdigest()
    policy_at.write_text(f'[models]\nallowed = ["{sha256}"]\n')
    model = listed(pincite)[MODEL]
    assert (model["installed"], model["allowed"], model["usable"]) == (True, False, False)
    assert "your organisation's list" in str(model["reason"])
    assert f"✕ {MODEL}" in pincite("models", "list").out
    (tmp_path / "a.txt").write_text("Some words.")
    pincite("add", tmp_path / "m", tmp_path / "a.txt")
    for words in (
        ("review", tmp_path / "m", "--pack", "contracts", "--model", MODEL),
        ("models", "plan", MODEL),
        ("models", "fetch", MODEL),
        ("models", "import", tiny_llama(layers=3).write(tmp_path / "three.gguf")),
    ):
        said = pincite(*words, "--json")
        assert (said.code, said.error()["code"]) == (4, "model.not-allowed"), words
    assert pincite("models", "import", tiny).code == 0
    assert listed(pincite)["tiny-f32"]["usable"]
    shown = pincite("policy", "show", "--json").json()["models"]
    assert shown == {"allowed": {"value": [sha256], "managed": True}}
    assert sha256 in pincite("policy", "show").out


def test_with_a_policy_that_is_wrong_no_model_is_loaded(pincite: Pincite, policy_at: Path) -> None:
    policy_at.write_text('[models]\nallowed = "all"\n')
    said = pincite("models", "list", "--json")
    assert (said.code, said.error()["code"]) == (1, "settings.invalid")
    (problem,) = pincite("doctor", "--json").json()["problems"]
    assert "models.allowed" in problem["name"]


def test_a_plan_says_in_one_sentence_what_runs_where(pincite: Pincite) -> None:
    said = pincite("models", "plan", MODEL, "--json")
    assert said.code == 0
    plan = said.json()
    assert list(plan) == [
        *("model", "sentence", "fits", "why_no_gpu", "back_end", "gpu_layers", "layers", "threads"),
        *("context", "batch", "memory", "machine", "instead", "sequences", "kv_bits"),
    ]
    assert plan["instead"] is None
    assert (plan["model"], plan["fits"], plan["context"]) == (MODEL, True, 4096)
    # 24 layers × 2 heads × (64 + 64) × 4096 × 2 bytes
    assert plan["memory"]["text"] == 24 * 2 * 128 * 4096 * 2
    assert bool(plan["why_no_gpu"]) == (plan["gpu_layers"] == 0)
    shown = pincite("models", "plan", MODEL).out
    assert shown.count(".\n") == 1
    assert f"{MODEL} runs on " in shown
    smaller = pincite("models", "plan", MODEL, "--context", 1024, "--json").json()
    assert smaller["memory"]["text"] * 4 == plan["memory"]["text"]


def test_a_plan_says_that_the_first_one_did_not_hold_for_as_long_as_that_counts(
    pincite: Pincite, tiny: Path
) -> None:
    pincite("models", "import", tiny)
    first = wiring_models.plan_of_model("tiny-f32").plan
    record = wiring_models.run_record(chosen_model("tiny-f32"))
    record.starting(first, ())
    assert wiring_models.smaller_run("tiny-f32") == ""
    record.failed(Failure(plan=first, cause="memory", at=datetime.now(UTC)))
    plan = pincite("models", "plan", "tiny-f32", "--json").json()
    assert plan["context"] == 2048
    assert plan["instead"] == (
        "this is plan 2, since the first (the processor, a context of 4,096) ran out of memory"
    )
    assert plan["sentence"].endswith(f"; {plan['instead']}.")
    record.starting(wiring_models.plan_of_model("tiny-f32").plan, record.failures())
    record.runs()
    assert wiring_models.smaller_run("tiny-f32").endswith(f"; {plan['instead']}.")
    assert pincite("models", "plan", "tiny-f32", "--context", 4096, "--json").json()["instead"] is not None
    assert pincite("models", "plan", "tiny-f32", "--context", 1024, "--json").json()["instead"] is None
    for _ in range(3):
        plan_now = wiring_models.plan_of_model("tiny-f32").plan
        record.starting(plan_now, record.failures())
        record.failed(Failure(plan=plan_now, cause="memory", at=datetime.now(UTC)))
        if plan_now.batch == 128:
            break
    said = pincite("models", "plan", "tiny-f32", "--json")
    assert (said.code, said.error()["code"]) == (1, "model.does-not-fit")
    assert "the last of 3 plans" in said.error()["message"]


def test_a_plan_that_does_not_fit_is_refused_in_words(
    pincite: Pincite, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Machine(cores=2, memory_total=1 << 29, memory_free=1 << 28, llama_cpp=True)
    monkeypatch.setattr(wiring_models, "this_machine", lambda: small)
    said = pincite("models", "plan", MODEL, "--json")
    assert (said.code, said.json()["fits"]) == (1, False)
    assert "does not fit" in pincite("models", "plan", MODEL).out


def test_a_model_that_is_not_here_has_no_plan(pincite: Pincite) -> None:
    said = pincite("models", "plan", "qwen3-8b", "--json")
    assert (said.code, said.error()["code"]) == (1, "model.not-installed")
    assert "models import FILE --as qwen3-8b" in said.error()["hint"]
