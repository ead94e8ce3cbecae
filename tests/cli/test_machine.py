from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Pincite
from tests.conftest import MODEL, ROOT

PACK = ROOT / "verticals/contracts"
CUAD = {
    *("governing-law", "cap-on-liability", "anti-assignment", "audit-rights", "termination-for-convenience"),
    *("ip-ownership-assignment", "parties", "expiration-date", "renewal-term", "non-compete", "exclusivity"),
    "insurance",
}


def test_models_are_listed_with_what_is_here(pincite: Pincite) -> None:
    said = pincite("models", "list", "--json")
    assert said.code == 0
    models = {model["id"]: model for model in said.json()["models"]}
    assert {key for key, model in models.items() if model["installed"]} == {MODEL}
    assert [key for key, model in models.items() if model["default"]] == ["qwen2.5-coder-1.5b"]
    assert all(model["licence"] and model["source"] for model in models.values())
    assert (models[MODEL]["usable"], models[MODEL]["allowed"]) == (True, True)
    assert models[MODEL]["sha256"]
    assert f"● {MODEL}" in pincite("models", "list").out


def test_models_that_are_here_are_hashed_again(pincite: Pincite, home: Path, model_file: Path) -> None:
    said = pincite("models", "verify", "--json")
    assert (said.code, said.json()) == (0, {"verified": [MODEL]})
    file = home / "models" / model_file.name
    file.unlink()
    file.write_bytes(b"GGUF and nothing that a model is made of")
    said = pincite("models", "verify", "--json")
    assert (said.code, said.error()["code"]) == (1, "model.damaged")


def test_a_damaged_model_is_not_used(pincite: Pincite, home: Path, model_file: Path, tmp_path: Path) -> None:
    file = home / "models" / model_file.name
    file.unlink()
    file.write_bytes(b"GGUF and nothing that a model is made of")
    (tmp_path / "a.txt").write_text("Some words.")
    pincite("add", tmp_path / "m", tmp_path / "a.txt")
    said = pincite("review", tmp_path / "m", "--pack", "contracts", "--model", MODEL, "--json")
    assert (said.code, said.error()["code"]) == (1, "model.damaged")


def test_a_model_is_imported_from_a_file_without_a_network(
    pincite: Pincite, home: Path, model_file: Path
) -> None:
    (home / "models" / model_file.name).unlink()
    said = pincite("models", "import", model_file, "--json")
    assert said.code == 0
    assert said.json()["id"] == MODEL
    assert pincite("models", "verify", "--json").json() == {"verified": [MODEL]}


def test_packs_are_listed(pincite: Pincite) -> None:
    said = pincite("packs", "list", "--json")
    assert said.code == 0
    assert all(list(pack) == ["id", "version", "title", "signer", "locked"] for pack in said.json()["packs"])
    assert "contracts" in {pack["id"] for pack in said.json()["packs"]}


def test_a_pack_is_shown_with_its_tasks(pincite: Pincite) -> None:
    said = pincite("packs", "show", "contracts", "--json")
    assert said.code == 0
    pack = said.json()
    assert (pack["id"], len(pack["sha256"])) == ("contracts", 64)
    assert {task["id"] for task in pack["tasks"]} >= CUAD
    assert all(list(task) == ["id", "kind", "title", "description"] for task in pack["tasks"])
    assert pincite("packs", "show", PACK, "--json").json() == pack
    assert "governing-law" in pincite("packs", "show", "contracts").out


def test_a_sound_pack_has_no_problems(pincite: Pincite) -> None:
    said = pincite("packs", "check", "contracts", "--json")
    assert (said.code, said.json()) == (0, {"problems": []})


def test_every_problem_of_a_pack_names_file_and_line(pincite: Pincite, tmp_path: Path) -> None:
    pack = tmp_path / "mine"
    shutil.copytree(PACK, pack)
    task = pack / "tasks/parties.toml"
    task.write_text(task.read_text(encoding="utf-8") + '\nunheard_of = "x"\n', encoding="utf-8")
    (pack / "tasks/insurance.toml").write_text("title = ", encoding="utf-8")
    said = pincite("packs", "check", pack, "--json")
    assert said.code == 1
    problems = said.json()["problems"]
    assert len(problems) == 2
    line = task.read_text(encoding="utf-8").count("\n")
    assert any(problem.startswith("tasks/insurance.toml, line 1:") for problem in problems)
    assert any(problem.startswith(f"tasks/parties.toml, line {line}: unheard_of") for problem in problems)
    assert all(problem in pincite("packs", "check", pack).out for problem in problems)
    shown = pincite("packs", "show", pack, "--json")
    assert (shown.code, shown.error()["code"]) == (1, "pack.invalid")


def test_the_doctor_finds_nothing_wrong_here(pincite: Pincite) -> None:
    said = pincite("doctor", "--json")
    assert said.code == 0, said.out
    assert list(said.json()) == ["facts", "problems"]
    facts = {fact["name"]: fact["text"] for fact in said.json()["facts"]}
    assert {"machine", "Python", "llama.cpp", "ONNX", "models", "data folder", "energy"} <= set(facts)
    assert facts["models"] == MODEL
    assert "Nothing is wrong." in pincite("doctor").err


def test_the_doctor_says_what_runs_where(pincite: Pincite) -> None:
    facts = {fact["name"]: fact["text"] for fact in pincite("doctor", "--json").json()["facts"]}
    assert facts["runs"] == pincite("models", "plan", MODEL, "--json").json()["sentence"]


def test_the_doctor_says_what_is_wrong_and_what_to_do(pincite: Pincite, home: Path, model_file: Path) -> None:
    file = home / "models" / model_file.name
    file.unlink()
    file.write_bytes(b"GGUF and nothing that a model is made of")
    said = pincite("doctor", "--json")
    assert said.code == 1
    (problem,) = said.json()["problems"]
    assert MODEL in problem["name"]
    assert f"pincite models fetch {MODEL}" in problem["text"]
    assert problem["text"] in pincite("doctor").out


@pytest.mark.parametrize("command", [("doctor",), ("costs", "m"), ("models", "list")])
def test_settings_that_are_wrong_are_named_by_file_and_key(
    pincite: Pincite, home: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "a.txt").write_text("Some words.")
    pincite("add", tmp_path / "m", tmp_path / "a.txt")
    (home / "settings.toml").write_text("[rates]\nkwh = -1\n")
    words = [tmp_path / word if word == "m" else word for word in command]
    said = pincite(*words, "--json")
    if command == ("models", "list"):  # needs no prices
        assert said.code == 0
    else:
        assert (said.code, said.error()["code"]) == (1, "settings.invalid")
        assert f"{home / 'settings.toml'}: rates.kwh:" in said.error()["message"]


def test_a_pack_whose_probes_are_damaged_is_not_fine(pincite: Pincite, tmp_path: Path) -> None:
    pack = tmp_path / "contracts"
    shutil.copytree(PACK, pack)
    assert pincite("packs", "check", pack).code == 0
    (pack / "probes.npz").write_bytes((pack / "probes.npz").read_bytes()[:3000])
    said = pincite("packs", "check", pack, "--json")
    assert (said.code, said.json()) == (1, {"problems": ["probes.npz does not hold task probes."]})
