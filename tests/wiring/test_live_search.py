"""A running engine finds by meaning what the matter holds now, and leaves a whole index behind."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import wiring
from app.domain.cancel import CancelToken
from app.domain.kinds import DocumentState
from app.domain.text import Document
from app.engine.protocol import SearchJob
from app.engine.supervisor import EngineSupervisor
from app.store.opening import open_matter
from app.store.writer import SqliteMatter
from models.onnx_embedder import MODEL_SHA256
from retrieval.vector_index import ChromaVectorIndex
from tests.conftest import paged

NEVER = CancelToken()
RENT = "The lessee shall pay the landlord twelve thousand dollars on the first day of each month."
LAW = "Disputes between the parties are heard by the courts of Delaware."
ASKED = "monthly payments a tenant owes"
"""Shares no word with any of the documents."""


@pytest.fixture
def matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteMatter]:
    monkeypatch.setenv("PINCITE_HOME", str(tmp_path / "home"))
    held = open_matter(tmp_path / "m", create=True)
    yield held
    held.close()


@pytest.fixture
def engine(matter: SqliteMatter) -> Iterator[EngineSupervisor]:
    with wiring.engine_for(matter.folder, None, None) as held:
        yield held


def put(matter: SqliteMatter, engine: EngineSupervisor, key: str, text: str) -> None:
    document = key * 16
    held = Document(id=document, name=key, sha256=key * 64, pages=1, state=DocumentState.READY)
    matter.put_document(held, paged(text))
    for indexed, _ in engine.index([document], NEVER):
        matter.put_indexed(indexed)


def found(engine: EngineSupervisor) -> list[str]:
    return [hit.text for hit in engine.search(SearchJob(query=ASKED), NEVER)]


def test_documents_added_and_read_anew_while_the_engine_runs_are_found_by_meaning(
    matter: SqliteMatter, engine: EngineSupervisor
) -> None:
    put(matter, engine, "a", LAW)
    assert found(engine) == [LAW]
    pid = engine.pid
    put(matter, engine, "b", RENT)
    assert found(engine) == [RENT, LAW]
    put(matter, engine, "b", "Goods are delivered to the buyer's warehouse.")
    assert RENT not in found(engine)
    put(matter, engine, "a", RENT)
    assert found(engine)[0] == RENT
    assert engine.pid == pid


def test_an_engine_that_is_closed_leaves_an_index_that_the_next_one_takes_up(
    matter: SqliteMatter, engine: EngineSupervisor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for key in "abcdef":
        put(matter, engine, key, f"{LAW} {RENT} {key}")
        found(engine)
    engine.close()
    index = ChromaVectorIndex(matter, MODEL_SHA256)
    index.sync()
    index.close()
    assert caplog.records == []
