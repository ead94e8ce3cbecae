"""A model server that a policy names, by command: passages go there alone, and everybody is told."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.platform.files import sha256_of
from app.platform.network_lock import Address
from app.store.opening import read_matter
from app.wiring import model_server, policy, reviews, second_models
from tests.cli.conftest import Pincite
from tests.cli.test_second_opinion import LEASE, a_pack
from tests.conftest import MODEL
from tests.models.completions_server import Answer, CompletionsServer, Reply, canned
from tests.models.gguf_made import tiny_llama

SURE = {"1": -0.1, "2": -4.0, "Yes": -0.1, "No": -4.0}
ENGINE = """\
import pathlib, sys
sys.path.insert(0, sys.argv.pop(1))
from app.platform import policy
policy.policy_file = lambda: pathlib.Path({place!r})
from app.__main__ import main
main()
"""


@pytest.fixture
def policy_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this process and its engines look for the policy; a user can move neither."""
    place = tmp_path / "policy.toml"
    for module in (policy, second_models, model_server):
        monkeypatch.setattr(module, "policy_file", lambda: place)
    script, *rest = reviews._ENGINE  # pyright: ignore[reportPrivateUsage]
    assert script.startswith("import sys")
    monkeypatch.setattr(reviews, "_ENGINE", (ENGINE.format(place=str(place)), *rest))
    return place


@pytest.fixture
def matter(pincite: Pincite, tmp_path: Path) -> Path:
    (tmp_path / "lease.txt").write_text(LEASE)
    assert pincite("add", tmp_path / "m", tmp_path / "lease.txt").code == 0
    return tmp_path / "m"


def names(server: CompletionsServer) -> str:
    return f'[server]\norigin = "http://127.0.0.1:{server.port}"\nmodel = "small"\n'


def test_passages_go_to_the_server_that_the_policy_names_and_everybody_is_told(
    pincite: Pincite, matter: Path, tmp_path: Path, policy_at: Path
) -> None:
    server = CompletionsServer(canned(SURE))
    origin = f"http://127.0.0.1:{server.port}"
    policy_at.write_text(names(server))
    folder = a_pack(tmp_path / "pack", **{server.server.ref.sha256: 6.0})
    review = ("review", matter, "--pack", folder, "--task", "rent", "--model", "server")
    try:
        said = pincite(*review, "--json")
    finally:
        server.stop()
    assert said.code == 0, said.err
    assert f"Passages of the documents are sent to {origin}" in said.err
    assert said.json()["model"] == {"id": f"small on {origin}", "sha256": server.server.ref.sha256}
    (finding,) = said.json()["findings"]
    assert (finding["status"], finding["model"]["id"]) == ("found", f"small on {origin}")
    assert [reading["sent_to"] for reading in finding["readings"]] == [origin]
    assert f"Passages were sent to {origin}." in pincite("findings", matter).out
    assert any("900 per month" in body["prompt"] for body in server.bodies)
    reader = read_matter(matter)
    sent = [entry.payload.get("sent_to") for entry in reader.entries() if "task" in entry.payload]
    reader.close()
    assert sent == [[origin]]


def is_up_for(completions: int, down: list[bool]) -> Reply:
    """Answers so often and then has no time, until ``down`` is emptied."""
    answer, left = canned(SURE), [completions]

    def reply(path: str, body: dict[str, Any]) -> Answer:
        if down and body:
            left[0] -= 1
            if left[0] < 0:
                return 503, b""
        return answer(path, body)

    return reply


def states(matter: Path) -> list[str]:
    with closing(read_matter(matter)) as reader:
        return [outcome.finding.status.value for outcome in reader.outcomes()]


def test_a_server_that_is_down_stops_the_review_with_one_sentence_and_the_next_one_goes_on(
    pincite: Pincite, matter: Path, tmp_path: Path, policy_at: Path
) -> None:
    server = CompletionsServer(canned(SURE))
    server.stop()
    policy_at.write_text(names(server))
    folder = a_pack(tmp_path / "pack", **{server.server.ref.sha256: 6.0})
    review = ("review", matter, "--pack", folder, "--model", "server", "--json")
    said = pincite(*review)
    assert (said.code, said.error()["code"]) == (1, "server.not-reachable")
    assert said.error()["message"] == f"The model server http://127.0.0.1:{server.port} does not answer."
    assert "goes on where it stopped" in said.error()["hint"]
    assert states(matter) == []
    again = CompletionsServer(canned(SURE), port=server.port)
    try:
        said = pincite(*review, "--resume")
    finally:
        again.stop()
    assert (said.code, states(matter)) == (0, ["found", "found"])


def test_what_a_server_answered_before_it_went_down_is_kept_and_not_asked_again(
    pincite: Pincite, matter: Path, tmp_path: Path, policy_at: Path
) -> None:
    down = [True]
    server = CompletionsServer(is_up_for(2, down))
    policy_at.write_text(names(server))
    folder = a_pack(tmp_path / "pack", **{server.server.ref.sha256: 6.0})
    review = ("review", matter, "--pack", folder, "--model", "server", "--json")
    try:
        said = pincite(*review)
        assert (said.code, said.error()["code"]) == (1, "server.busy")
        (kept,) = pincite("findings", matter, "--json").json()["findings"]
        assert (kept["status"], len(server.bodies)) == ("found", 2 + 3)
        assert pincite("decide", matter, kept["id"], "accept").code == 0
        assert pincite("quote", *review[1:]).json()["findings"] == 1
        down.clear()
        said = pincite(*review)
    finally:
        server.stop()
    findings = said.json()["findings"]
    assert (said.code, [one["status"] for one in findings], len(server.bodies)) == (0, ["found"] * 2, 5 + 2)
    assert [one["decision"] is not None for one in findings if one["id"] == kept["id"]] == [True]
    assert pincite("verify", matter).code == 0


def test_a_second_opinion_from_a_server_that_is_down_leaves_the_first_answers_and_goes_on_later(
    pincite: Pincite, matter: Path, tmp_path: Path, policy_at: Path
) -> None:
    file = tiny_llama().write(tmp_path / "Tiny-F32.gguf")
    assert pincite("models", "import", file, "--json").code == 0
    server = CompletionsServer(canned(SURE))
    server.stop()
    policy_at.write_text(names(server))
    mixed = {sha256_of(file): 0.0, server.server.ref.sha256: 6.0}
    folder = a_pack(tmp_path / "pack", **mixed)
    review = (
        "review",
        matter,
        "--pack",
        folder,
        "--model",
        "tiny-f32",
        "--second-opinion",
        "server",
        "--json",
    )
    said = pincite(*review)
    assert (said.code, said.error()["code"]) == (1, "server.not-reachable")
    assert states(matter) == ["abstained", "abstained"]
    again = CompletionsServer(canned(SURE), port=server.port)
    try:
        said = pincite(*review)
    finally:
        again.stop()
    assert (said.code, states(matter)) == (0, ["found", "found"])


def test_without_a_policy_no_setting_of_a_user_names_a_server(
    pincite: Pincite, matter: Path, home: Path, policy_at: Path
) -> None:
    (home / "settings.toml").write_text('[server]\norigin = "http://127.0.0.1:9"\nmodel = "small"\n')
    said = pincite("review", matter, "--pack", "contracts", "--model", "server", "--json")
    assert (said.code, said.error()["code"]) == (4, "model.not-allowed")
    assert "server" not in pincite("models", "list").out
    assert model_server.server_address("server") is None


def test_only_an_engine_for_the_servers_model_may_connect_to_it(policy_at: Path) -> None:
    server = CompletionsServer(canned(SURE))
    server.stop()
    policy_at.write_text(names(server))
    place = Address("127.0.0.1", server.port)
    assert model_server.server_address("server") == place
    assert model_server.server_address(server.server.ref.id) == place
    assert model_server.server_address("") is None
    assert model_server.server_address(MODEL) is None


def test_the_list_the_plan_and_the_policy_say_where_passages_are_sent(
    pincite: Pincite, policy_at: Path
) -> None:
    server = CompletionsServer(canned(SURE))
    server.stop()
    policy_at.write_text(names(server))
    origin = f"http://127.0.0.1:{server.port}"
    sentence = f"Passages of the documents are sent to {origin}, where the model small reads them."
    assert sentence in pincite("models", "list").out
    models: list[dict[str, Any]] = pincite("models", "list", "--json").json()["models"]
    assert [model["server"] for model in models if "server" in model] == [origin]
    assert pincite("models", "plan", "server").out.strip() == sentence
    assert pincite("policy", "show", "--json").json()["server"] == {"origin": origin, "model": "small"}
    assert f"passages may be sent to {origin}" in pincite("policy", "show").out


def test_doctor_tells_of_the_server_and_whether_it_answers(
    policy_at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = CompletionsServer(canned(SURE))
    policy_at.write_text(names(server))
    script, root = model_server._PROBE  # pyright: ignore[reportPrivateUsage]
    moved = script.replace(
        "from app.wiring",
        f"import pathlib; from app.platform import policy; policy.policy_file = "
        f"lambda: pathlib.Path({str(policy_at)!r}); from app.wiring",
    )
    monkeypatch.setattr(model_server, "_PROBE", (moved, root))
    assert model_server.wrong_with_server() == ""
    assert server.bodies == []
    server.stop()
    told = model_server.wrong_with_server()
    assert told == f"The model server http://127.0.0.1:{server.port} does not answer."
