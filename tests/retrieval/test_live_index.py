"""A vector index beside a matter that is written to: right at every moment, and caught up with later."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from app.domain.errors import MatterBusy
from app.domain.kinds import DocumentState
from app.domain.ports import PassageHit, VectorsDigest
from app.domain.text import Document, Page
from app.store.opening import open_matter, read_matter
from app.store.reader import SqliteMatterReader
from app.store.writer import SqliteMatter
from retrieval import exact_search
from retrieval.chroma_homes import FolderHome
from retrieval.chroma_shard import ChromaShard
from retrieval.exact_search import HeldVectors, nearest
from retrieval.vector_index import ChromaVectorIndex, ExactVectorIndex
from tests.retrieval.made_vectors import EMBEDDER, assert_as_good_as_exact, place, put, vectors

ROOT = Path(__file__).parents[2]
ROWS = 120
A, B, C = ("a" * 16, "b" * 16, "c" * 16)
BUILDS = """
import sys
from pathlib import Path
from app.store.opening import read_matter
from retrieval.vector_index import ChromaVectorIndex
from tests.retrieval.made_vectors import EMBEDDER
index = ChromaVectorIndex(read_matter(Path(sys.argv[1])), EMBEDDER, 500)
while True:
    print(sum(shard.rows for shard in index._keeper.shards), flush=True)
"""


@pytest.fixture
def matter(tmp_path: Path) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path / "m", create=True)
    put(held, A, vectors(1, ROWS))
    put(held, B, vectors(2, ROWS))
    yield held
    held.close()


@pytest.fixture
def reader(matter: SqliteMatter) -> Iterator[SqliteMatterReader]:
    held = read_matter(matter.folder)
    yield held
    held.close()


@pytest.fixture
def index(reader: SqliteMatterReader) -> Iterator[ChromaVectorIndex]:
    """Whole, with connections of its own, and shards of three documents."""
    held = ChromaVectorIndex(reader, EMBEDDER, 3 * ROWS, own_reader=lambda: read_matter(reader.folder))
    held.sync()
    yield held
    held.close()


def best(index: ChromaVectorIndex, vector: np.ndarray) -> PassageHit:
    return index.query(vector, 1)[0]


def remove(matter: SqliteMatter, document: str) -> None:
    """As reading it anew does, before it is indexed again."""
    page = Page(number=1, start=0, text="other words", width=1, height=1)
    matter.put_document(
        Document(id=document, name="n", sha256=document * 4, pages=1, state=DocumentState.READY), [page]
    )


def never() -> bool:
    return False


def test_a_document_is_found_as_soon_as_it_is_indexed(matter: SqliteMatter, index: ChromaVectorIndex) -> None:
    put(matter, C, vectors(3, ROWS))
    hit = best(index, vectors(3, ROWS)[7])
    assert place(hit) == (C, 7)
    assert hit.score == pytest.approx(1.0, abs=1e-3)


def test_a_document_that_is_read_anew_is_never_found_at_its_old_passages(
    matter: SqliteMatter, index: ChromaVectorIndex
) -> None:
    put(matter, A, vectors(77, 30))
    hits = index.query(vectors(1, ROWS)[100], 2 * ROWS)
    assert {hit.passage for hit in hits if hit.document == A} == set(range(30))
    assert len(hits) == 30 + ROWS
    assert max(hit.score for hit in hits) < 0.999
    assert place(best(index, vectors(77, 30)[5])) == (A, 5)


def test_a_document_that_is_gone_is_not_found(matter: SqliteMatter, index: ChromaVectorIndex) -> None:
    remove(matter, A)
    assert {hit.document for hit in index.query(vectors(1, ROWS)[0], 2 * ROWS)} == {B}


def test_what_was_written_is_taken_in_without_being_asked_for_twice(
    matter: SqliteMatter, index: ChromaVectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(matter, A, vectors(77, 30))
    put(matter, C, vectors(3, ROWS))
    remove(matter, B)
    index.sync()
    assert_as_good_as_exact(index, matter)

    def reads(*_: object) -> None:
        raise AssertionError("vectors were read from the store")

    monkeypatch.setattr(SqliteMatterReader, "passage_vectors", reads)
    assert place(best(index, vectors(77, 30)[5])) == (A, 5)
    assert place(best(index, vectors(3, ROWS)[9])) == (C, 9)


def test_while_documents_come_and_go_every_search_is_as_good_as_an_exact_one(
    matter: SqliteMatter, reader: SqliteMatterReader, index: ChromaVectorIndex
) -> None:
    """In many shards, with building going on all the time."""
    names = [f"{number:016x}" for number in range(12)]
    done = threading.Event()
    failed: list[BaseException] = []

    def write() -> None:
        try:
            for turn in range(3):
                for number, name in enumerate(names):
                    put(matter, name, vectors(1000 * turn + number, 40 + 10 * number))
                for name in names[turn::3]:
                    remove(matter, name)
        except BaseException as error:
            failed.append(error)
        finally:
            done.set()

    exact = ExactVectorIndex(reader, EMBEDDER)
    writer = threading.Thread(target=write)
    writer.start()
    searches = 0
    while not done.is_set() or searches < 30:
        asked = vectors(searches, 1)[0]
        with reader.at_one_moment():
            hits, right = index.query(asked, 20), exact.query(asked, 20)
            held = reader.vector_digests(EMBEDDER)
        assert all(hit.passage < held[hit.document].rows for hit in hits)
        assert len(set(map(place, hits))) == len(hits) == len(right)
        assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in right], abs=0.02)
        searches += 1
    writer.join()
    assert failed == []
    index.sync()
    assert_as_good_as_exact(index, matter)


def test_shards_that_are_full_take_in_no_more(matter: SqliteMatter, reader: SqliteMatterReader) -> None:
    for number in range(6):
        put(matter, f"{number:016x}", vectors(10 + number, ROWS))
    index = ChromaVectorIndex(reader, EMBEDDER, 2 * ROWS)
    index.sync()
    assert_as_good_as_exact(index, matter)
    index.close()
    assert len(list((matter.folder / "index").iterdir())) == 4


def test_closing_in_the_middle_loses_nothing_that_was_taken_in(
    matter: SqliteMatter, reader: SqliteMatterReader, caplog: pytest.LogCaptureFixture
) -> None:
    put(matter, C, vectors(3, 2000))
    for _ in range(3):
        ChromaVectorIndex(reader, EMBEDDER).close()
    index = ChromaVectorIndex(reader, EMBEDDER)
    index.sync()
    assert_as_good_as_exact(index, matter)
    index.close()
    assert caplog.records == []


def test_a_document_taken_in_by_half_goes_on_where_it_stopped(tmp_path: Path) -> None:
    held = vectors(1, 1250)
    of = VectorsDigest(len(held), "d" * 16)
    shard = ChromaShard(tmp_path / "s", EMBEDDER, FolderHome(tmp_path / "s"))
    shard.create()
    steps = iter((False, False, True))
    shard.add(A, of, held, lambda: next(steps))
    half = shard.rows
    assert 0 < half < len(held)
    assert shard.nearest(held[0], 5, {A: of}).documents == set()
    shard.seal()
    shard.close()
    again = ChromaShard(tmp_path / "s", EMBEDDER, FolderHome(tmp_path / "s"))
    again.open(lambda *_: None)
    assert again.rows == half
    again.add(A, of, held, never)
    assert again.rows == len(held)
    found = again.nearest(held[1200], 1, {A: of})
    assert (found.documents, place(found.hits[0])) == ({A}, (A, 1200))
    again.close()


def test_rows_that_are_to_go_never_crowd_out_those_that_stay(tmp_path: Path) -> None:
    of = {A: VectorsDigest(180, "a"), B: VectorsDigest(50, "b")}
    shard = ChromaShard(tmp_path / "s", EMBEDDER, FolderHome(tmp_path / "s"))
    shard.create()
    asked = vectors(1, 1)[0]
    near = asked + 0.1 * vectors(2, 180)
    shard.add(A, of[A], near / np.linalg.norm(near, axis=1, keepdims=True), never)
    shard.add(B, of[B], vectors(3, 50), never)
    found = shard.nearest(asked, 13, {B: of[B]})
    assert found.documents == {B}
    assert [hit.document for hit in found.hits] == [B] * 13
    assert shard.nearest(asked, 5, {B: of[B]}).documents == set()
    shard.close()


def test_a_shard_that_chroma_cannot_search_is_answered_for_exactly_and_built_again(
    matter: SqliteMatter, index: ChromaVectorIndex, caplog: pytest.LogCaptureFixture
) -> None:
    (before,) = index._keeper.shards
    before._collection.query = None
    assert_as_good_as_exact(index, matter)
    index.sync()
    (after,) = index._keeper.shards
    assert after is not before
    assert_as_good_as_exact(index, matter)
    assert "could not be searched or changed" in caplog.text


def test_no_search_waits_for_a_step_that_does_not_end(matter: SqliteMatter, index: ChromaVectorIndex) -> None:
    (shard,) = index._keeper.shards
    with shard._in_turn():
        assert place(best(index, vectors(1, ROWS)[7])) == (A, 7)
    assert_as_good_as_exact(index, matter)


def test_a_shard_with_more_ghosts_than_rows_is_made_anew_without_a_word(
    matter: SqliteMatter, index: ChromaVectorIndex, caplog: pytest.LogCaptureFixture
) -> None:
    (before,) = index._keeper.shards
    for seed in range(5):
        put(matter, A, vectors(50 + seed, ROWS))
        index.sync()
    assert before not in index._keeper.shards
    assert_as_good_as_exact(index, matter)
    assert caplog.records == []


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_killing_it_while_it_builds_costs_time_and_no_answer(
    matter: SqliteMatter, reader: SqliteMatterReader
) -> None:
    for number in range(8):
        put(matter, f"{number:016x}", vectors(10 + number, 300))
    for rows in (0, 100, 1200):
        child = subprocess.Popen(
            [sys.executable, "-c", BUILDS, str(matter.folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert child.stdout is not None
        while int(child.stdout.readline()) < rows:
            pass
        os.kill(child.pid, signal.SIGKILL)
        child.stdout.close()
        child.wait()
        index = ChromaVectorIndex(reader, EMBEDDER, 500)
        assert_as_good_as_exact(index, matter)
        index.close()
    index = ChromaVectorIndex(reader, EMBEDDER, 500)
    index.sync()
    assert_as_good_as_exact(index, matter)
    index.close()


def test_a_thread_that_cannot_read_the_matter_leaves_searches_to_the_store(
    matter: SqliteMatter, reader: SqliteMatterReader, caplog: pytest.LogCaptureFixture
) -> None:
    def busy() -> SqliteMatterReader:
        raise MatterBusy("It is held.", "Wait.")

    index = ChromaVectorIndex(reader, EMBEDDER, own_reader=busy)
    index.sync()
    assert "not kept up any more: MatterBusy" in caplog.text
    assert_as_good_as_exact(index, matter)
    index.close()


def test_vectors_that_are_kept_answer_as_the_store_does_whatever_comes_and_goes(
    matter: SqliteMatter, reader: SqliteMatterReader
) -> None:
    kept, little_room = HeldVectors(reader, EMBEDDER), HeldVectors(reader, EMBEDDER, 300)
    changes: tuple[Callable[[], None], ...] = (
        lambda: put(matter, C, vectors(3, 500)),
        lambda: put(matter, A, vectors(77, 30)),
        lambda: remove(matter, C),
        lambda: put(matter, C, vectors(4, 200)),
    )
    for change in changes:
        change()
        for seed in range(5):
            asked = vectors(200 + seed, 1)[0]
            with reader.at_one_moment():
                wanted = reader.vector_digests(EMBEDDER)
                right = nearest(reader, EMBEDDER, wanted, asked, 9)
                for held in (kept, little_room):
                    hits = held.nearest(wanted, asked, 9)
                    assert [place(hit) for hit in hits] == [place(hit) for hit in right]
                    fewer = held.nearest({B: wanted[B]}, asked, 9)
                    assert {hit.document for hit in fewer} == {B}


def test_vectors_that_are_kept_are_read_once_while_the_index_is_built(
    matter: SqliteMatter, reader: SqliteMatterReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = SqliteMatterReader.passage_vectors

    def told(held: SqliteMatterReader, document: str, embedder: str) -> object:
        if held is reader:
            read.append(document)
        return real(held, document, embedder)

    def busy() -> SqliteMatterReader:
        raise MatterBusy("It is held.", "Wait.")

    monkeypatch.setattr(SqliteMatterReader, "passage_vectors", told)
    index = ChromaVectorIndex(reader, EMBEDDER, own_reader=busy)
    for seed in range(3):
        index.query(vectors(seed, 1)[0], 5)
    index.close()
    assert sorted(read) == [A, B]


def test_an_exact_search_keeps_few_candidates_and_finds_the_best(
    matter: SqliteMatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exact_search, "_HELD", 10)
    asked = vectors(9, 1)[0]
    every = [
        (float(score), document, row)
        for document, seed in ((A, 1), (B, 2))
        for row, score in enumerate(vectors(seed, ROWS) @ asked)
    ]
    hits = nearest(matter, EMBEDDER, (A, B), asked, 7)
    assert [place(hit) for hit in hits] == [(d, row) for _, d, row in sorted(every, reverse=True)[:7]]
