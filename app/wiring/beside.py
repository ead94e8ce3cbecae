"""What the same work costs elsewhere, for faces: the figures, and a matter beside them."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.cost import RateCard, Reference
from app.domain.finding import Outcome
from app.ledger.costs import CostRow
from app.ledger.references import Beside, Reviewed, beside, load_references, save_references
from app.store.reader import SqliteMatterReader


def references() -> tuple[Reference, ...]:
    """Those in force. Raises SettingsInvalid."""
    return load_references()


def set_references(changed: Sequence[Reference]) -> None:
    """Keep the figures that are not the defaults. Raises SettingsInvalid, DiskFull."""
    save_references(changed)


def matter_beside(
    matter: SqliteMatterReader, outcomes: Sequence[Outcome], total: CostRow, card: RateCard
) -> Beside:
    """This matter's total beside the references in force."""
    documents = {outcome.finding.document for outcome in outcomes}
    characters = sum(shapes[-1].end for key in documents if (shapes := matter.shapes(key)))
    return beside(load_references(), total, Reviewed(documents=len(documents), characters=characters), card)
