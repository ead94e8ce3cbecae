"""Vectors of a whole matter: Chroma where it is whole and free, exact search where it is not.

Chroma holds vectors and ids only and is derived: the store's vectors are the truth. A damaged index is
found by its files' digest, by a manifest, by a probe, or by the mark that a crashed opening left, and is
built again.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from pydantic import Field

from app.domain.base import Frozen
from app.domain.errors import MatterBusy
from app.domain.ports import IndexedText, MatterReader, PassageHit
from app.platform.files import sha256_of, write_atomically
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


class _Held(Frozen):
    """One document's vectors as they were taken in: how many, and their CRC-32."""

    rows: int
    checksum: int


class _Manifest(Frozen):
    """What Chroma should hold. ``seal`` is over its segments' files, empty while they are changing."""

    embedder: str
    documents: dict[str, _Held] = Field(default_factory=dict[str, _Held])
    seal: str = ""


class ChromaVectorIndex:
    """Chroma in a folder of its own. Raises MatterBusy if another process has it open."""

    def __init__(self, matter: MatterReader, embedder: str) -> None:
        self._matter = matter
        self._embedder = embedder
        self._client: Any = None
        self._rows = 0
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
        if not self._rows:
            return ()
        found = self._collection.query(
            query_embeddings=[vector.tolist()], n_results=min(limit, self._rows), include=["distances"]
        )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return tuple(_hit(str(key), 1.0 - float(distance)) for key, distance in pairs)

    def sync(self) -> None:
        """Take in what the store holds and drop what it no longer holds."""
        wanted = {d: self._wanted(d) for d in self._matter.indexed_documents(self._embedder)}
        held = dict(self._manifest().documents)
        changed = not self._manifest_file.exists()
        for document in [d for d, vectors in held.items() if wanted.get(d) != vectors]:
            changed = True
            del held[document]
            self._write_manifest(held, seal="")
            self._collection.delete(where={"document": document})
        for document, vectors in wanted.items():
            if document not in held:
                changed = True
                self._write_manifest(held, seal="")
                self._add(document)
                held[document] = vectors
        if changed:
            self._write_manifest(held, seal=self._seal())
        self._rows = sum(vectors.rows for vectors in held.values())

    def close(self) -> None:
        """Let another process open it."""
        self._client.close()
        self._lock.release()

    def _open(self) -> None:
        mark = self._folder / "opening"
        if mark.exists():  # the last opening took the process down with it
            self._discard("crashed when it was opened")
        elif self._folder.exists() and self._manifest().seal != self._seal():
            self._discard("its files are not those that were written")
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
        held = self._manifest().documents
        self._rows = sum(vectors.rows for vectors in held.values())
        if self._collection.count() != self._rows:  # counted here only: it takes longer than a search
            return False
        for document, vectors in held.items():
            indexed = self._matter.indexed(document, self._embedder) if vectors.rows else None
            if indexed is not None and _held(indexed) == vectors:
                best = self.query(indexed.passage_vectors[vectors.rows // 2], 3)
                if not best or not 0.999 <= best[0].score <= 1.001:  # damaged vectors score NaN, too
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

    def _wanted(self, document: str) -> _Held:
        indexed = self._matter.indexed(document, self._embedder)
        return _Held(rows=0, checksum=0) if indexed is None else _held(indexed)

    def _manifest(self) -> _Manifest:
        try:
            held = _Manifest.model_validate_json(self._manifest_file.read_bytes())
        except (OSError, ValueError):
            held = None
        if held is None or held.embedder != self._embedder:
            return _Manifest(embedder=self._embedder)
        return held

    def _write_manifest(self, documents: dict[str, _Held], seal: str) -> None:
        manifest = _Manifest(embedder=self._embedder, documents=documents, seal=seal)
        write_atomically(self._manifest_file, manifest.model_dump_json().encode())

    def _seal(self) -> str:
        """SHA-256 over the segments' files: Chroma trusts their bytes, and changed ones crash or mislead it.

        Its database is left out, since every opening writes to it.
        """
        digest = hashlib.sha256()
        for file in sorted((self._folder / "chroma").glob("*/*")):
            digest.update(f"{file.parent.name}/{file.name}\n{sha256_of(file)}\n".encode())
        return digest.hexdigest()

    @property
    def _manifest_file(self) -> Path:
        return self._folder / "manifest.json"

    def _discard(self, why: str) -> None:
        _log.warning("index of matter built again: %s", why)
        if self._client is not None:
            with suppress(Exception):  # it may be what is damaged
                self._client.close()
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


def _held(indexed: IndexedText) -> _Held:
    return _Held(rows=len(indexed.passages), checksum=zlib.crc32(indexed.passage_vectors.tobytes()))


def _hit(key: str, score: float) -> PassageHit:
    document, _, passage = key.rpartition(":")
    return PassageHit(document=document, passage=int(passage), score=score)
