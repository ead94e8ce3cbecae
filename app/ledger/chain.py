"""The ledger's chain, checked."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.base import Frozen
from app.domain.record import LedgerEntry, first_broken_link


class ChainCheck(Frozen):
    """``broken`` is the sequence number of the first entry that does not follow; None if all do."""

    entries: int
    broken: int | None

    @property
    def whole(self) -> bool:
        """Whether every entry follows from the one before."""
        return self.broken is None


def verify_chain(entries: Sequence[LedgerEntry]) -> ChainCheck:
    """Finds any entry that was changed, moved, put in or taken out, but not entries cut off at the end."""
    return ChainCheck(entries=len(entries), broken=first_broken_link(list(entries)))
