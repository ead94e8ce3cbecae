from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from app.domain.errors import MatterBusy
from app.store.opening import open_matter
from app.store.writer import SqliteMatter
from retrieval.chroma_shard import ChromaShard
from retrieval.vector_index import ChromaVectorIndex, ExactVectorIndex, open_vector_index
from tests.retrieval.made_vectors import (
    DOCUMENTS,
    EMBEDDER,
    ROWS,
    WORD,
    assert_as_good_as_exact,
    place,
    put,
    vectors,
)


@pytest.fixture(scope="module")
def indexed_matter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A matter of three documents with a whole index beside it. Copied, never changed."""
    folder = tmp_path_factory.mktemp("vectors") / "m"
    matter = open_matter(folder, create=True)
    for seed, document in enumerate(DOCUMENTS):
        put(matter, document, vectors(seed + 1))
    opened(matter).close()
    matter.close()
    return folder


@pytest.fixture
def matter(indexed_matter: Path, tmp_path: Path) -> Iterator[SqliteMatter]:
    shutil.copytree(indexed_matter, tmp_path / "m")
    held = open_matter(tmp_path / "m", create=False)
    yield held
    held.close()


def index_folder(matter: SqliteMatter) -> Path:
    return matter.folder / "index"


def segments(matter: SqliteMatter) -> list[Path]:
    return [path for path in index_folder(matter).glob("*/chroma/*") if path.is_dir()]


def opened(matter: SqliteMatter) -> ChromaVectorIndex:
    """With all that the store holds in it."""
    index = open_vector_index(matter, EMBEDDER)
    assert isinstance(index, ChromaVectorIndex)
    index.sync()
    return index


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Documents whose vectors were read from the store."""
    read: list[str] = []
    original = SqliteMatter.passage_vectors

    def noted(matter: SqliteMatter, document: str, embedder: str) -> np.ndarray | None:
        read.append(document)
        return original(matter, document, embedder)

    monkeypatch.setattr(SqliteMatter, "passage_vectors", noted)
    return read


def test_exact_search_is_the_order_of_cosine_similarity(matter: SqliteMatter) -> None:
    query = vectors(99, 1)[0]
    everything = [
        (float(score), document, row)
        for seed, document in enumerate(DOCUMENTS)
        for row, score in enumerate(vectors(seed + 1) @ query)
    ]
    hits = ExactVectorIndex(matter, EMBEDDER).query(query, 7)
    assert [(hit.document, hit.passage) for hit in hits] == [
        (document, row) for _, document, row in sorted(everything, reverse=True)[:7]
    ]


def test_chroma_answers_as_exact_search_does(matter: SqliteMatter, reads: list[str]) -> None:
    index = opened(matter)
    assert_as_good_as_exact(index, matter)
    reads.clear()
    index.query(vectors(99, 1)[0], 50)
    assert reads == []
    index.close()


def test_an_index_that_is_whole_is_opened_and_not_built_again(
    matter: SqliteMatter, caplog: pytest.LogCaptureFixture
) -> None:
    before = segments(matter)
    for _ in range(3):
        opened(matter).close()
    assert segments(matter) == before
    assert len(before) == 1
    assert caplog.records == []


def test_chroma_holds_vectors_and_ids_and_no_words_of_a_document(matter: SqliteMatter) -> None:
    index = opened(matter)
    index.query(vectors(1, 1)[0], 5)
    index.close()
    files = [path for path in index_folder(matter).rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files).lower()
    assert any(path.name == "data_level0.bin" for path in files)
    assert DOCUMENTS[0].encode() in content
    for word in (WORD, "secret", ".pdf"):
        assert word.encode() not in content
        assert word.encode("utf-16-le") not in content


Damage = Callable[[SqliteMatter], None]


def flip(name: str, first: int = 0, count: int | None = None) -> Damage:
    def damage(matter: SqliteMatter) -> None:
        for path in index_folder(matter).rglob(name):
            content = bytearray(path.read_bytes())
            for offset in range(first, len(content) if count is None else first + count):
                content[offset] ^= 0xFF
            path.write_bytes(bytes(content))

    return damage


def cut(name: str) -> Damage:
    def damage(matter: SqliteMatter) -> None:
        for path in index_folder(matter).rglob(name):
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return damage


def remove(name: str) -> Damage:
    def damage(matter: SqliteMatter) -> None:
        for path in index_folder(matter).rglob(name):
            path.unlink()

    return damage


def remove_segment(matter: SqliteMatter) -> None:
    for folder in segments(matter):
        shutil.rmtree(folder)


def leave_the_mark(matter: SqliteMatter) -> None:
    for shard in index_folder(matter).iterdir():
        (shard / "opening").touch()


def rewrite_manifest(matter: SqliteMatter) -> None:
    """As a version before seals wrote it."""
    content = {"embedder": EMBEDDER, "documents": dict.fromkeys(DOCUMENTS, ROWS)}
    for shard in index_folder(matter).iterdir():
        (shard / "manifest.json").write_text(json.dumps(content))


def lay_out_as_before(matter: SqliteMatter) -> None:
    """As versions without shards did: one Chroma and its manifest in the folder itself."""
    (shard,) = index_folder(matter).iterdir()
    for path in shard.iterdir():
        path.rename(index_folder(matter) / path.name)
    shard.rmdir()


DAMAGES: dict[str, Damage] = {
    "vectors flipped": flip("data_level0.bin"),
    "one byte of a vector flipped": flip("data_level0.bin", first=1_000_003, count=1),
    "one byte of a link flipped": flip("data_level0.bin", first=4, count=1),
    "vectors gone": remove("data_level0.bin"),
    "header flipped": flip("header.bin"),
    "header cut": cut("header.bin"),
    "ids flipped": flip("index_metadata.pickle"),
    "ids gone": remove("index_metadata.pickle"),
    "segment gone": remove_segment,
    "database flipped": flip("chroma.sqlite3"),
    "database gone": remove("chroma.sqlite3"),
    "manifest gone": remove("manifest.json"),
    "manifest of another version": rewrite_manifest,
    "crashed when it was opened": leave_the_mark,
    "made before there were shards": lay_out_as_before,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_is_built_again_and_answers_as_exact_search_does(
    matter: SqliteMatter, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = segments(matter)
    DAMAGES[damage](matter)
    index = open_vector_index(matter, EMBEDDER)
    assert_as_good_as_exact(index, matter)
    index.sync()
    assert_as_good_as_exact(index, matter)
    index.close()
    assert not list(index_folder(matter).rglob("opening"))
    assert not {path.name for path in segments(matter)} & {path.name for path in before}
    assert "built again" in caplog.text
    assert WORD not in caplog.text
    caplog.clear()
    opened(matter).close()
    assert caplog.records == []


def test_a_deleted_index_comes_back_without_a_word(
    matter: SqliteMatter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    shutil.rmtree(index_folder(matter))
    index = opened(matter)
    assert_as_good_as_exact(index, matter)
    index.close()
    assert caplog.records == []


def test_a_second_opener_gets_exact_search_until_the_first_is_done(matter: SqliteMatter) -> None:
    first = opened(matter)
    with pytest.raises(MatterBusy):
        ChromaVectorIndex(matter, EMBEDDER)
    second = open_vector_index(matter, EMBEDDER)
    assert isinstance(second, ExactVectorIndex)
    assert_as_good_as_exact(second, matter)
    second.sync()
    second.close()
    assert_as_good_as_exact(first, matter)
    first.close()
    opened(matter).close()


def test_where_chroma_cannot_be_kept_up_search_is_exact_and_the_lock_is_given_back(
    matter: SqliteMatter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(shard: ChromaShard) -> None:
        raise OSError(f"the disk is gone, said of {WORD}")

    shutil.rmtree(index_folder(matter))
    with monkeypatch.context() as patched:
        patched.setattr(ChromaShard, "create", fails)
        index = opened(matter)
        assert_as_good_as_exact(index, matter)
        index.close()
    assert "not kept up any more: OSError" in caplog.text
    assert WORD not in caplog.text
    opened(matter).close()


def test_a_document_added_while_it_is_open_is_taken_in(matter: SqliteMatter) -> None:
    index = opened(matter)
    new = "4" * 16
    put(matter, new, vectors(4, 30))
    index.sync()
    assert_as_good_as_exact(index, matter)
    index.close()
    again = opened(matter)
    assert again.query(vectors(4, 30)[7], 1)[0].document == new
    again.close()


def test_a_document_whose_vectors_changed_is_taken_in_anew(matter: SqliteMatter) -> None:
    changed = vectors(1)
    changed[:50] = vectors(77, 50)
    put(matter, DOCUMENTS[0], changed)
    index = opened(matter)
    for row in range(0, 50, 7):
        (hit,) = index.query(changed[row], 1)
        assert place(hit) == (DOCUMENTS[0], row)
        assert hit.score == pytest.approx(1.0, abs=1e-3)
    assert_as_good_as_exact(index, matter)
    index.close()


def test_a_document_that_grew_shorter_leaves_no_passages_behind(matter: SqliteMatter) -> None:
    put(matter, DOCUMENTS[1], vectors(2)[:100])
    index = opened(matter)
    passages = [hit.passage for hit in index.query(vectors(2)[300], 500) if hit.document == DOCUMENTS[1]]
    assert passages
    assert max(passages) < 100
    assert_as_good_as_exact(index, matter)
    index.close()


def test_vectors_of_another_embedder_are_never_mixed_in(matter: SqliteMatter) -> None:
    index = open_vector_index(matter, "f" * 64)
    assert index.query(vectors(1, 1)[0], 5) == ()
    index.close()


def test_an_empty_matter_has_an_empty_index(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    matter = open_matter(tmp_path / "empty", create=True)
    for _ in range(2):
        index = opened(matter)
        assert index.query(vectors(1, 1)[0], 5) == ()
        index.close()
    assert caplog.records == []
    matter.close()


def test_asking_for_more_than_there_is_gives_what_there_is(tmp_path: Path) -> None:
    matter = open_matter(tmp_path / "small", create=True)
    put(matter, DOCUMENTS[0], vectors(1, 3))
    index = opened(matter)
    assert {place(hit) for hit in index.query(vectors(1, 3)[0], 100)} == {(DOCUMENTS[0], n) for n in range(3)}
    index.close()
    matter.close()
