"""Which Chroma server may hold the vectors, and that the engine and the doctor go by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import wiring
from app.domain.cancel import CancelToken
from app.domain.errors import RefusedByPolicy
from app.domain.kinds import DocumentState
from app.domain.text import Document
from app.engine.protocol import SearchJob
from app.platform.network_lock import Address
from app.store.opening import open_matter
from app.wiring import vector_server as room
from app.wiring.doctor import examine
from app.wiring.vector_server import answers, usable_server, vector_server
from retrieval.chroma_homes import connect, disconnect
from tests.chroma_server import ChromaServer
from tests.conftest import paged

NEVER = CancelToken()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PINCITE_HOME", str(tmp_path))
    monkeypatch.setattr(room, "policy_file", lambda: tmp_path / "policy.toml")
    return tmp_path / "settings.toml"


@pytest.fixture
def server(settings: Path) -> Iterator[ChromaServer]:
    """Named in the settings, and not started."""
    held = ChromaServer(settings.parent / "server")
    settings.write_text(f'[search]\nchroma_server = "127.0.0.1:{held.address.port}"\n')
    yield held
    held.stop()


def collections(server: ChromaServer) -> list[str]:
    client = connect(server.address)
    names = [str(collection.name) for collection in client.list_collections()]
    disconnect(client)
    return names


def test_without_a_setting_there_is_no_server(settings: Path) -> None:
    assert vector_server() is None
    settings.write_text("[search]\n")
    assert usable_server() is None


def test_only_this_machine_or_what_the_policy_names_may_hold_vectors(
    settings: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.write_text('[search]\nchroma_server = "10.0.0.5:8000"\n')
    with pytest.raises(RefusedByPolicy):
        vector_server()
    assert usable_server() is None
    assert "policy.refused" in caplog.text
    (settings.parent / "policy.toml").write_text('[search]\nservers = ["10.0.0.5"]\n')
    assert vector_server() == usable_server() == Address("10.0.0.5", 8000)


def test_the_engine_keeps_its_vectors_with_the_server_and_connects_to_nothing_else(
    server: ChromaServer, tmp_path: Path
) -> None:
    server.start()
    matter = open_matter(tmp_path / "m", create=True)
    held = Document(id="a" * 16, name="a", sha256="a" * 64, pages=1, state=DocumentState.READY)
    matter.put_document(held, paged("The lessee shall pay rent each month."))
    with wiring.engine_for(matter.folder, None, None) as engine:
        for indexed, _ in engine.index([held.id], NEVER):
            matter.put_indexed(indexed)
        assert engine.search(SearchJob(query="monthly payments"), NEVER)
        assert engine.search(SearchJob(query="monthly payments"), NEVER)
    matter.close()
    assert not list((tmp_path / "m/index").rglob("chroma.sqlite3"))


def test_the_doctor_says_whether_the_server_answers(server: ChromaServer) -> None:
    assert not answers()
    (problem,) = [fact.name for fact in examine().problems if "Chroma" in fact.name]
    assert problem == f"The Chroma server 127.0.0.1:{server.address.port} does not answer."
    server.start()
    assert answers()
    examined = examine()
    assert not [fact for fact in examined.problems if "Chroma" in fact.name]
    assert f"Chroma server 127.0.0.1:{server.address.port}" in [fact.text for fact in examined.facts]
