"""A policy is one plain file that says what it means, and where it is wrong nothing is guessed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.domain.errors import FileMissing, SettingsInvalid
from app.platform.policy import ModelsPolicy, Policy, ReadingPolicy, load_policy, policy_file


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    return file


def test_without_a_file_there_is_no_policy(tmp_path: Path) -> None:
    assert load_policy(tmp_path / "none.toml") == Policy()
    with pytest.raises(FileMissing):
        load_policy(tmp_path / "none.toml", must_be_there=True)


def test_it_sets_what_it_names(tmp_path: Path) -> None:
    file = written(tmp_path, "[reading]\npages = 500\nseconds = 60\n")
    assert load_policy(file).reading == ReadingPolicy(pages=500, seconds=60.0)
    assert load_policy(file).models == ModelsPolicy(allowed=None)
    listed = written(tmp_path, f'[models]\nallowed = ["{"a" * 64}"]\n')
    assert load_policy(listed).models.allowed == ("a" * 64,)
    assert load_policy(written(tmp_path, "[models]\nallowed = []\n")).models.allowed == ()


def test_it_names_servers_by_their_numeric_addresses(tmp_path: Path) -> None:
    file = written(tmp_path, '[search]\nservers = ["10.0.0.5", "FD00::0:5"]\n')
    assert load_policy(file).search.servers == ("10.0.0.5", "fd00::5")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[reading]\npages = 0", "reading.pages"),
        ('[reading]\npages = "500"', "reading.pages"),
        ("[reading]\nsheets = 500", "reading.sheets"),
        ("[network]\nopen = true", "network"),
        ("reading = 3", "reading"),
        ("[reading", "TOML"),
        ('[search]\nservers = ["vectors.example"]', "search.servers"),
        ('[search]\nservers = "10.0.0.5"', "search.servers"),
        ('[models]\nallowed = "all"', "models.allowed"),
        ('[models]\nallowed = ["abc"]', "models.allowed.0"),
        ("[models]\nforbidden = []", "models.forbidden"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(tmp_path: Path, text: str, key: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(SettingsInvalid) as error:
        load_policy(file)
    assert str(file) in error.value.message
    assert key in error.value.message


def test_no_variable_of_the_user_moves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = policy_file()
    for name in ("PINCITE_HOME", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME", "HOME", "PROGRAMDATA", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    assert policy_file() == before
    if sys.platform == "linux":
        assert before == Path("/etc/pincite/policy.toml")


@pytest.mark.parametrize(
    "lines",
    [
        'origin = "https://10.0.0.7:8443"\nmodel = "m"',
        'origin = "http://127.0.0.1:8080"\nmodel = "m"',
        'origin = "https://[fd00::1]:443"\nmodel = "m"\nname = "llm.example.com"\nchat = "llama3"',
        'origin = "https://8.8.8.8:443"\nmodel = "m"\noutside = true',
    ],
)
def test_a_model_server_may_be_named(tmp_path: Path, lines: str) -> None:
    server = load_policy(written(tmp_path, f"[server]\n{lines}")).server
    assert server is not None
    assert (server.encrypted, server.model) == ("https" in lines, "m")


@pytest.mark.parametrize(
    "lines",
    [
        'model = "m"',
        'origin = "https://10.0.0.7:8443"',
        'origin = "https://llm.example.com:8443"\nmodel = "m"',
        'origin = "https://10.0.0.7"\nmodel = "m"',
        'origin = "https://10.0.0.7:0"\nmodel = "m"',
        'origin = "https://10.0.0.7:8443/v1"\nmodel = "m"',
        'origin = "https://u:p@10.0.0.7:8443"\nmodel = "m"',
        'origin = "https://10.0.0.999:8443"\nmodel = "m"',
        'origin = "http://10.0.0.7:8080"\nmodel = "m"',
        'origin = "https://8.8.8.8:443"\nmodel = "m"',
        'origin = "https://0.0.0.0:443"\nmodel = "m"',
        'origin = "https://10.0.0.7:8443"\nmodel = "m"\nverify = false',
    ],
)
def test_a_model_server_is_named_exactly_encrypted_and_private_or_not_at_all(
    tmp_path: Path, lines: str
) -> None:
    with pytest.raises(SettingsInvalid):
        load_policy(written(tmp_path, f"[server]\n{lines}"))


def test_what_is_wrong_is_said_in_words_of_ours_alone(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[server]\norigin = "https://models.example:8443"\nmodel = "m"\nchat = "chatml"\n')
    with pytest.raises(SettingsInvalid) as wrong:
        load_policy(file)
    assert wrong.value.message.startswith(f"{file}: server.origin: is not scheme, numeric address and port")
