"""Vectors of a whole matter: Chroma where it is whole and free, exact search where it is not.

Chroma holds vectors and ids only and is derived: the store's vectors are the truth. A damaged index is
found by a manifest, by a probe, or by the mark that a crashed opening left, and is built again.
"""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from app.domain.errors import MatterBusy
from app.domain.ports import IndexedText, MatterReader, PassageHit
from app.platform.files import write_atomically
from app.platform.locks import FileLock

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

_log = logging.getLogger(__name__)
_BATCH = 1000


class VectorIndex(Protocol):
    """Nearest passages in a matter."""

    def query(self, vector: Vector, limit: int) -> tuple[PassageHit, ...]:
        """Best first by cosine similarity."""
        ...

    def sync(self) -> None:
        """Take in what the store holds and drop what it no longer holds."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


class ExactVectorIndex:
    """A matrix product over the store's vectors: right by construction, 11 ms for 100,000 passages."""

    def __init__(self, matter: MatterReader, embedder: str) -> None:
        self._matter = matter
        self._embedder = embedder

    def query(self, vector: Vector, limit: int) -> tuple[PassageHit, ...]:
        """Best first by cosine similarity."""
        hits: list[PassageHit] = []
        for document in self._matter.indexed_documents(self._embedder):
            indexed = self._matter.indexed(document, self._embedder)
            if indexed is not None:
                scores = indexed.passage_vectors @ vector
                hits.extend(
                    PassageHit(document=document, passage=index, score=float(score))
                    for index, score in enumerate(scores)
                )
        return tuple(sorted(hits, key=lambda hit: -hit.score)[:limit])

    def sync(self) -> None:
        """Nothing to do: it reads the store."""

    def close(self) -> None:
        """Nothing is held."""


class ChromaVectorIndex:
    """Chroma in a folder of its own. Raises MatterBusy if another process has it open."""

    def __init__(self, matter: MatterReader, embedder: str) -> None:
        self._matter = matter
        self._embedder = embedder
        self._folder = matter.folder / "index"
        self._lock = FileLock(matter.folder / "index.lock")
        self._lock.acquire()
        try:
            self._open()
        except BaseException:
            self._lock.release()
            raise

    def query(self, vector: Vector, limit: int) -> tuple[PassageHit, ...]:
        """Best first by cosine similarity (approximate)."""
        count = self._collection.count()
        if not count:
            return ()
        found = self._collection.query(
            query_embeddings=[vector.tolist()], n_results=min(limit, count), include=["distances"]
        )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return tuple(_hit(str(key), 1.0 - float(distance)) for key, distance in pairs)

    def sync(self) -> None:
        """Take in what the store holds and drop what it no longer holds."""
        wanted = {d: self._rows(d) for d in self._matter.indexed_documents(self._embedder)}
        held = self._manifest()
        for document in [d for d, rows in held.items() if wanted.get(d) != rows]:
            self._collection.delete(where={"document": document})
            del held[document]
            self._write_manifest(held)
        for document, rows in wanted.items():
            if document not in held:
                self._add(document)
                held[document] = rows
                self._write_manifest(held)

    def close(self) -> None:
        """Let another process open it."""
        self._client.close()
        self._lock.release()

    def _open(self) -> None:
        mark = self._folder / "opening"
        if mark.exists():  # the last opening took the process down with it
            self._discard("crashed when it was opened")
        self._folder.mkdir(parents=True, exist_ok=True)
        mark.touch()
        try:
            self._connect()
            whole = self._whole()
        except Exception as error:
            _log.warning("index of matter unreadable: %s", type(error).__name__)
            whole = False
        if not whole:
            self._discard("not whole")
            self._folder.mkdir(parents=True, exist_ok=True)
            self._connect()
        self.sync()
        mark.unlink(missing_ok=True)

    def _connect(self) -> None:
        import chromadb
        from chromadb.config import Settings

        self._client = cast(
            Any,
            chromadb.PersistentClient(
                path=str(self._folder / "chroma"), settings=Settings(anonymized_telemetry=False)
            ),
        )
        self._collection = self._client.get_or_create_collection(
            f"passages-{self._embedder[:16]}",
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine"}},
        )

    def _whole(self) -> bool:
        """Counts agree with the manifest, and a vector of every document finds itself."""
        held = self._manifest()
        if self._collection.count() != sum(held.values()):
            return False
        for document, rows in held.items():
            indexed = self._matter.indexed(document, self._embedder) if rows else None
            if indexed is not None and len(indexed.passages) == rows:
                vector = indexed.passage_vectors[rows // 2]
                best = self.query(vector, 3)
                if not best or best[0].score < 0.999:
                    return False
        return True

    def _add(self, document: str) -> None:
        indexed = cast(IndexedText, self._matter.indexed(document, self._embedder))
        for first in range(0, len(indexed.passages), _BATCH):
            vectors = indexed.passage_vectors[first : first + _BATCH]
            self._collection.upsert(
                ids=[f"{document}:{first + row}" for row in range(len(vectors))],
                embeddings=vectors,
                metadatas=[{"document": document}] * len(vectors),
            )

    def _rows(self, document: str) -> int:
        indexed = self._matter.indexed(document, self._embedder)
        return 0 if indexed is None else len(indexed.passages)

    def _manifest(self) -> dict[str, int]:
        try:
            held = json.loads(self._manifest_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return cast("dict[str, int]", held["documents"]) if held.get("embedder") == self._embedder else {}

    def _write_manifest(self, held: dict[str, int]) -> None:
        content = json.dumps({"embedder": self._embedder, "documents": held}).encode()
        write_atomically(self._manifest_file, content)

    @property
    def _manifest_file(self) -> Path:
        return self._folder / "manifest.json"

    def _discard(self, why: str) -> None:
        _log.warning("index of matter built again: %s", why)
        try:
            from chromadb.api.shared_system_client import SharedSystemClient

            SharedSystemClient.clear_system_cache()
        except ImportError:
            pass
        shutil.rmtree(self._folder, ignore_errors=True)


def open_vector_index(matter: MatterReader, embedder: str) -> VectorIndex:
    """Chroma, or exact search while another process has it open."""
    try:
        return ChromaVectorIndex(matter, embedder)
    except MatterBusy:
        return ExactVectorIndex(matter, embedder)


def _hit(key: str, score: float) -> PassageHit:
    document, _, passage = key.rpartition(":")
    return PassageHit(document=document, passage=int(passage), score=score)
