"""Vectors of a whole matter: Chroma for what it holds as it is now, exact search for the rest.

The store's vectors are the truth, and Chroma is derived: a thread makes it hold what the store holds, and no
search waits for that. Documents of which Chroma has none, some or other vectors than the store are searched
exactly. What is damaged is found when it is opened, and built again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.domain.errors import MatterBusy
from app.domain.ports import MatterReader, PassageHit, VectorsDigest
from app.platform.locks import FileLock
from app.platform.network_lock import Address
from retrieval.chroma_homes import FolderHome, Home, ServerHome
from retrieval.exact_search import HeldVectors, best_of, nearest
from retrieval.index_keeper import IndexKeeper
from retrieval.store_digests import StoreDigests

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

SHARD_ROWS = 100_000
"""A shard with as many vectors takes in no more documents: what a crash costs at most, and sealing reads."""


class VectorIndex(Protocol):
    """Nearest passages in a matter."""

    def query(self, vector: Vector, limit: int) -> tuple[PassageHit, ...]:
        """Best first by cosine similarity, of what the matter holds now."""
        ...

    def sync(self) -> None:
        """Wait until what is derived from the store agrees with it; no search needs that."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


class ExactVectorIndex:
    """A matrix product over the store's vectors: right by construction."""

    def __init__(self, matter: MatterReader, embedder: str) -> None:
        self._matter = matter
        self._embedder = embedder

    def query(self, vector: Vector, limit: int) -> tuple[PassageHit, ...]:
        """Best first by cosine similarity."""
        with self._matter.at_one_moment():
            documents = self._matter.indexed_documents(self._embedder)
            return tuple(nearest(self._matter, self._embedder, documents, vector, limit))

    def sync(self) -> None:
        """Nothing to do: it reads the store."""

    def close(self) -> None:
        """Nothing is held."""


class ChromaVectorIndex:
    """Chroma, kept up by a thread. Raises MatterBusy if another process has it open.

    Its vectors are in the matter's folder, or with a Chroma server. The thread reads over ``own_reader``,
    which it closes, so that neither waits for the other; without it over ``matter``, which is to be closed
    later.
    """

    def __init__(
        self,
        matter: MatterReader,
        embedder: str,
        shard_rows: int = SHARD_ROWS,
        server: Address | None = None,
        own_reader: Callable[[], MatterReader] | None = None,
    ) -> None:
        self._matter = matter
        self._embedder = embedder
        self._digests = StoreDigests(matter, embedder)
        self._held = HeldVectors(matter, embedder)
        self._wanted: dict[str, VectorsDigest] = {}

        def home_of(shard: Path) -> Home:
            return ServerHome(server, matter.folder, shard.name) if server else FolderHome(shard)

        self._lock = FileLock(matter.folder / "index.lock")
        self._lock.acquire()
        self._keeper = IndexKeeper(matter, embedder, home_of, shard_rows, own_reader)
        self._keeper.start()

    def query(self, vector: Vector, limit: int) -> tuple[PassageHit, ...]:
        """Best first by cosine similarity; approximate among what Chroma answers for."""
        with self._matter.at_one_moment():
            wanted = self._digests.now()
            hits: list[PassageHit] = []
            answered: set[str] = set()
            for shard in self._keeper.shards:
                found = shard.nearest(vector, limit, wanted)
                hits += found.hits
                answered |= found.documents
            rest = [document for document, of in wanted.items() if of.rows and document not in answered]
            if rest or wanted is not self._wanted:
                self._wanted = wanted
                self._keeper.look()
            if rest:
                hits += self._held.nearest({document: wanted[document] for document in rest}, vector, limit)
            else:
                self._held.forget()
        return best_of(hits, limit)

    def sync(self) -> None:
        """Wait until Chroma holds what the store held when this was called, or cannot be made to."""
        self._keeper.wait()

    def close(self) -> None:
        """Stop at the next step, keep what was done, and let another process open it."""
        if self._keeper.stop():
            self._lock.release()


def open_vector_index(
    matter: MatterReader,
    embedder: str,
    server: Address | None = None,
    own_reader: Callable[[], MatterReader] | None = None,
) -> VectorIndex:
    """Chroma, or exact search while another process has it open."""
    try:
        return ChromaVectorIndex(matter, embedder, server=server, own_reader=own_reader)
    except MatterBusy:
        return ExactVectorIndex(matter, embedder)
