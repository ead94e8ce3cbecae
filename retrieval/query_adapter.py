"""A query's vector, moved to where the passages lie that answer such queries.

Passages keep the vectors that they have, so an index stays as it is. Learned by
``models.train.query_adapter``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

ADAPTER = Path(__file__).with_name("query_adapter.npz")


@dataclass(frozen=True, eq=False)
class QueryAdapter:
    """For vectors of ``embedder``. ``moves`` (D, D): a query's vector times it is added to that vector."""

    embedder: str
    moves: Floats

    @classmethod
    def load(cls, path: Path = ADAPTER) -> QueryAdapter:
        """Of this build: raises whatever a damaged installation does."""
        import numpy as np

        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
            moves = held["moves"].astype(np.float32)
            embedder = str(held["embedder"])
        if moves.ndim != 2 or moves.shape[0] != moves.shape[1]:
            raise ValueError(f"{path.name} does not hold a square of moves")
        return cls(embedder, moves)

    def adapted(self, vector: Floats, embedder: str) -> Floats:
        """Shape (D,), length one; as it is where it comes from another embedder."""
        import numpy as np

        if embedder != self.embedder or vector.shape != self.moves.shape[:1]:
            return vector
        found = vector + vector @ self.moves
        return (found / np.linalg.norm(found)).astype(np.float32)
