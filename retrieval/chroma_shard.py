"""A part of a vector index: some documents' vectors in a Chroma collection, and a manifest of what is in it.

Rows are taken in and let go in steps, between which a search gets its turn. What a crash leaves behind is
told by the manifest's seal, which is empty while the files are changing.
"""

from __future__ import annotations

import logging
import math
import shutil
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import Field

from app.domain.base import Frozen
from app.domain.ports import PassageHit, VectorsDigest
from app.platform.files import write_atomically
from retrieval.chroma_homes import Home, ShardAway, ShardDamaged

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

_log = logging.getLogger(__name__)
_STEP = 100
"""Rows that Chroma takes in while a search waits: a tenth of a second."""

_PATIENCE_SECONDS = 0.25
"""So long a search waits for its turn; the store is read instead."""

_PROBES = 16
_WIDER = (1, 4, 16)
"""How many times the wanted hits Chroma is asked for, where rows that do not count take places."""

Stopping = Callable[[], bool]
VectorsOf = Callable[[str, VectorsDigest], "Vectors | None"]
"""A document's vectors in the store, or None if they are others by now."""


class Held(NamedTuple):
    """A document's vectors in a shard: which they are, and how many of them were taken in so far."""

    of: VectorsDigest
    taken: int

    @property
    def whole(self) -> bool:
        """Whether all are there."""
        return self.taken == self.of.rows


class Found(NamedTuple):
    """What a shard answers, and the documents that it answers for."""

    hits: list[PassageHit]
    documents: set[str]


class _Manifest(Frozen):
    """What Chroma holds. ``gone``: rows that were let go, which HNSW keeps as ghosts."""

    embedder: str
    place: str
    documents: dict[str, Held] = Field(default_factory=dict[str, Held])
    gone: int = 0
    seal: str = ""


class ChromaShard:
    """Its manifest is in a folder of its own. One thread changes it; any may search it."""

    def __init__(self, folder: Path, embedder: str, home: Home) -> None:
        self._folder = folder
        self._embedder = embedder
        self._home = home
        self._documents: dict[str, Held] = {}
        self._answers: tuple[object, set[str], int] = (None, set(), 0)
        self._gone = 0
        self._collection: Any = None
        self._unsealed = 0
        self._sealed = False
        self._broken = False
        self._next, self._turn = threading.Lock(), threading.Lock()

    @property
    def folder(self) -> Path:
        """Of its manifest."""
        return self._folder

    @property
    def documents(self) -> Mapping[str, Held]:
        """For the thread that changes it."""
        return self._documents

    @property
    def rows(self) -> int:
        """Vectors in it."""
        return sum(held.taken for held in self._documents.values())

    @property
    def unsealed(self) -> int:
        """Rows that a crash now would cost."""
        return self._unsealed

    @property
    def broken(self) -> bool:
        """Chroma failed to answer, or to change it."""
        return self._broken

    @property
    def away(self) -> bool:
        """It failed, and that says nothing about what is held."""
        return self._broken and self._home.may_be_away

    @property
    def worn(self) -> bool:
        """It has more ghosts than rows."""
        return self._gone > self.rows

    def create(self) -> None:
        """An empty one. Raises ShardAway."""
        self._folder.mkdir(parents=True)
        self._write(seal="")
        self._collection = self._home.create()

    def open(self, vectors_of: VectorsOf) -> None:
        """Take up what is held, after looking at all of it. Raises ShardDamaged, ShardAway."""
        seal = self._read()
        try:
            with self._home.opening(seal) as self._collection:
                if not self._whole(vectors_of):
                    raise ShardDamaged("not whole")
        except (ShardDamaged, ShardAway):
            raise
        except Exception as error:
            if self._home.may_be_away:
                raise ShardAway from error
            raise ShardDamaged(f"unreadable ({type(error).__name__})") from error

    def nearest(self, vector: Vectors, limit: int, wanted: Mapping[str, VectorsDigest]) -> Found:
        """Best first by cosine similarity (approximate), of the documents that are as ``wanted`` says."""
        with self._in_turn(_PATIENCE_SECONDS) as let_in:
            if not let_in:
                return Found([], set())
            documents, rows = self._answers_for(wanted)
            if self._collection is None or self._broken or not documents:
                return Found([], set())
            try:
                hits = self._query(vector, limit, documents, rows)
            except Exception as error:
                self.give_up(type(error).__name__)
                hits = None
            return Found([], set()) if hits is None else Found(hits, documents)

    def add(self, document: str, of: VectorsDigest, vectors: Vectors, stopping: Stopping) -> None:
        """Take in a document, from where it stopped before; stops between two steps if asked to."""
        self._unseal()
        for first in range(self._taken(document), of.rows, _STEP):
            if stopping():
                return
            part = vectors[first : first + _STEP]
            with self._in_turn():
                self._collection.upsert(
                    ids=[f"{document}:{first + row}" for row in range(len(part))],
                    embeddings=part,
                    metadatas=[{"document": document}] * len(part),
                )
                self._now_held(document, Held(of, first + len(part)))
                self._unsealed += len(part)

    def drop(self, document: str, stopping: Stopping) -> None:
        """Let a document go, from its end; stops between two steps if asked to."""
        self._unseal()
        while left := self._taken(document):
            if stopping():
                return
            first = max(0, left - _STEP)
            with self._in_turn():
                self._now_held(document, Held(self._documents[document].of, first))
                self._collection.delete(ids=[f"{document}:{row}" for row in range(first, left)])
                self._gone += left - first
                self._unsealed += left - first
        with self._in_turn():
            self._now_held(document, None)

    def seal(self) -> None:
        """Make what was changed outlive a crash."""
        if not self._sealed:
            self._write(seal=self._home.seal())
            self._sealed = True
            self._unsealed = 0

    def give_up(self, why: str) -> None:
        """It answers for nothing any more."""
        _log.warning("index of matter could not be searched or changed: %s", why)
        self._broken = True

    def close(self) -> None:
        """Let go of it; it answers for nothing from then on."""
        with self._in_turn():
            self._collection = None
            self._home.close()

    def discard(self) -> None:
        """Close it and remove what is held."""
        with suppress(Exception):  # it may be what is damaged
            self.close()
        self._home.remove()
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def _in_turn(self, patience: float = -1) -> Generator[bool]:
        """One thread at a time; who waits is let in before who comes back.

        False if it was not let in within ``patience`` seconds.
        """
        let_in = self._next.acquire(timeout=patience)
        if let_in:
            try:
                let_in = self._turn.acquire(timeout=patience)
            finally:
                self._next.release()
        try:
            yield let_in
        finally:
            if let_in:
                self._turn.release()

    def _answers_for(self, wanted: Mapping[str, VectorsDigest]) -> tuple[set[str], int]:
        """Documents that it holds as they are wanted, and their rows; kept until either changes."""
        if self._answers[0] is not wanted:
            held = {
                d: one.taken for d, one in self._documents.items() if one.whole and wanted.get(d) == one.of
            }
            self._answers = (wanted, set(held), sum(held.values()))
        return self._answers[1], self._answers[2]

    def _now_held(self, document: str, held: Held | None) -> None:
        self._answers = (None, set(), 0)
        if held is None:
            del self._documents[document]
        else:
            self._documents[document] = held

    def _query(self, vector: Vectors, limit: int, documents: set[str], rows: int) -> list[PassageHit] | None:
        """Hits in these documents, of ``rows`` in all; None if very many others are nearer."""
        there = self.rows
        enough = min(limit, rows)
        for times in _WIDER:
            asked = min(times * limit, there)
            found = self._collection.query(
                query_embeddings=[vector.tolist()], n_results=asked, include=["distances"]
            )
            pairs = zip(found["ids"][0], found["distances"][0], strict=True)
            hits = [_hit(str(key), 1.0 - float(distance)) for key, distance in pairs]
            if not all(math.isfinite(hit.score) for hit in hits):
                raise ShardDamaged("vectors without a length")
            kept = [hit for hit in hits if hit.document in documents][:limit]
            if len(kept) >= enough or asked == there:
                return kept
        return None

    def _taken(self, document: str) -> int:
        held = self._documents.get(document)
        return held.taken if held is not None else 0

    def _whole(self, vectors_of: VectorsOf) -> bool:
        """Counts agree with the manifest, and a vector of some documents, the last among them, is found."""
        if self._collection.count() != self.rows:  # counted here only: it takes longer than a search
            return False
        known = [(document, held.of) for document, held in self._documents.items() if held.whole]
        for document, of in known[:: -max(1, len(known) // _PROBES)]:
            vectors = vectors_of(document, of)
            if vectors is not None:
                best = self._query(vectors[of.rows // 2], 3, set(self._documents), self.rows)
                if not best or not 0.999 <= best[0].score <= 1.001:
                    return False
        return True

    def _read(self) -> str:
        try:
            manifest = _Manifest.model_validate_json(self._manifest_file.read_bytes())
        except (OSError, ValueError):
            raise ShardDamaged("it has no manifest") from None
        if manifest.embedder != self._embedder:
            raise ShardDamaged("another embedder made it")
        if manifest.place != self._home.place:
            raise ShardDamaged("it is kept elsewhere")
        if not manifest.seal:
            raise ShardDamaged("crashed when it was changed")
        self._documents = dict(manifest.documents)
        self._gone = manifest.gone
        self._sealed = True
        return manifest.seal

    def _unseal(self) -> None:
        if self._sealed:
            self._write(seal="")
            self._sealed = False

    def _write(self, seal: str) -> None:
        manifest = _Manifest(
            embedder=self._embedder,
            place=self._home.place,
            documents=self._documents,
            gone=self._gone,
            seal=seal,
        )
        write_atomically(self._manifest_file, manifest.model_dump_json().encode())

    @property
    def _manifest_file(self) -> Path:
        return self._folder / "manifest.json"


def _hit(key: str, score: float) -> PassageHit:
    document, _, passage = key.rpartition(":")
    return PassageHit(document=document, passage=int(passage), score=score)
