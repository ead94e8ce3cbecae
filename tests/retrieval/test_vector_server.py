"""Vectors with a Chroma server: answers are those of the matter, whatever becomes of the server."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.opening import open_matter
from app.store.reader import SqliteMatterReader
from app.store.writer import SqliteMatter
from retrieval.chroma_homes import connect, disconnect
from retrieval.vector_index import ChromaVectorIndex
from tests.chroma_server import ChromaServer
from tests.retrieval.made_vectors import EMBEDDER, WORD, assert_as_good_as_exact, place, put, vectors

ROWS = 80
A, B = "a" * 16, "b" * 16


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChromaServer]:
    held = ChromaServer(tmp_path / "server")
    held.start()
    yield held
    held.stop()


@pytest.fixture
def matter(tmp_path: Path) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path / "m", create=True)
    put(held, A, vectors(1, ROWS))
    put(held, B, vectors(2, ROWS))
    yield held
    held.close()


def opened(matter: SqliteMatter, server: ChromaServer) -> ChromaVectorIndex:
    index = ChromaVectorIndex(matter, EMBEDDER, server=server.address)
    index.sync()
    return index


def collections(server: ChromaServer) -> set[str]:
    client = connect(server.address)
    names = {str(collection.name) for collection in client.list_collections()}
    disconnect(client)
    return names


def assert_answers_without_the_store(index: ChromaVectorIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    def reads(*_: object) -> None:
        raise AssertionError("vectors were read from the store")

    with monkeypatch.context() as patched:
        patched.setattr(SqliteMatterReader, "passage_vectors", reads)
        assert place(index.query(vectors(2, ROWS)[9], 3)[0]) == (B, 9)


def test_a_server_holds_vectors_and_ids_and_no_words(
    matter: SqliteMatter, server: ChromaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = opened(matter, server)
    assert_as_good_as_exact(index, matter)
    assert_answers_without_the_store(index, monkeypatch)
    index.close()
    content = b"".join(path.read_bytes() for path in server.folder.rglob("*") if path.is_file())
    assert A.encode() in content
    for word in (WORD, "secret", ".pdf"):
        assert word.encode() not in content.lower()
    files = {path.name for path in (matter.folder / "index").rglob("*") if path.is_file()}
    assert files == {"manifest.json"}


def test_the_next_opening_takes_up_what_the_server_holds(
    matter: SqliteMatter, server: ChromaServer, caplog: pytest.LogCaptureFixture
) -> None:
    opened(matter, server).close()
    before = collections(server)
    put(matter, A, vectors(5, ROWS))
    index = opened(matter, server)
    assert_as_good_as_exact(index, matter)
    index.close()
    assert collections(server) == before
    assert caplog.records == []


def test_a_copy_of_a_matter_never_mixes_with_its_original(
    matter: SqliteMatter, server: ChromaServer, tmp_path: Path
) -> None:
    opened(matter, server).close()
    (first,) = collections(server)
    shutil.copytree(matter.folder, tmp_path / "copy")
    copy = open_matter(tmp_path / "copy", create=False)
    put(copy, A, vectors(7, ROWS))
    ours, theirs = opened(matter, server), opened(copy, server)
    assert_as_good_as_exact(ours, matter)
    assert_as_good_as_exact(theirs, copy)
    names = collections(server)
    assert len({name.split("-")[1] for name in names}) == len(names) == 2
    assert first in names
    ours.close()
    theirs.close()
    copy.close()


def test_while_the_server_is_away_search_is_exact_and_then_it_goes_on(
    matter: SqliteMatter,
    server: ChromaServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, logger="retrieval")
    index = opened(matter, server)
    before = collections(server)
    server.stop()
    assert_as_good_as_exact(index, matter)
    put(matter, A, vectors(5, ROWS))
    index.sync()
    assert_as_good_as_exact(index, matter)
    assert [record.getMessage() for record in caplog.records].count(
        "the vector server does not answer; matters are searched without it"
    ) == 1
    server.start()
    index.sync()
    assert_as_good_as_exact(index, matter)
    assert_answers_without_the_store(index, monkeypatch)
    assert collections(server) == before
    assert "answers again" in caplog.text
    assert WORD not in caplog.text
    index.close()


def test_a_server_that_lost_everything_is_given_it_again(
    matter: SqliteMatter, server: ChromaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(matter, server).close()
    server.stop()
    shutil.rmtree(server.folder)
    index = opened(matter, server)
    assert_as_good_as_exact(index, matter)
    server.start()
    index.sync()
    assert_answers_without_the_store(index, monkeypatch)
    index.close()


def test_going_back_to_the_folder_leaves_nothing_of_the_server_in_use(
    matter: SqliteMatter, server: ChromaServer
) -> None:
    opened(matter, server).close()
    server.stop()
    index = ChromaVectorIndex(matter, EMBEDDER)
    index.sync()
    assert_as_good_as_exact(index, matter)
    index.close()
    assert list((matter.folder / "index").rglob("chroma.sqlite3"))
