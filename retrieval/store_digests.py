"""Which vectors the store holds, asked again only if anything was written since."""

from __future__ import annotations

from app.domain.ports import MatterReader, VectorsDigest


class StoreDigests:
    """Of one embedder, over one connection. One thread at a time, as ``at_one_moment`` sees to."""

    def __init__(self, matter: MatterReader, embedder: str) -> None:
        self._matter = matter
        self._embedder = embedder
        self._generation: tuple[int, int] | None = None
        self._held: dict[str, VectorsDigest] = {}

    def now(self) -> dict[str, VectorsDigest]:
        """By document; to be asked inside ``at_one_moment``. The same object as long as it says the same."""
        generation = self._matter.generation()
        if generation != self._generation:
            found = self._matter.vector_digests(self._embedder)
            if found != self._held:
                self._held = found
            self._generation = generation
        return self._held
