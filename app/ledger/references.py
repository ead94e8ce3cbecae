"""What the same work costs elsewhere, beside what this matter took."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.domain.base import Frozen
from app.domain.cost import RateCard, Reference
from app.domain.errors import SettingsInvalid
from app.domain.kinds import OutcomeState
from app.ledger.costs import CostRow
from app.ledger.rate_card import analyst_cost
from app.platform.files import write_atomically
from app.platform.paths import data_folder
from app.platform.toml_table import TableNotPlain, with_values

DEFAULTS = Path(__file__).with_name("references.toml")
OWN_FILE = "references.toml"
_FIGURES = ("low", "high", "source")
_HINT = "Correct the file, or remove it to go back to the defaults."


class Bounds(Frozen):
    """From ``low`` to ``high``, both the same where the reference is one figure."""

    low: float
    high: float


class Reviewed(Frozen):
    """How much of a matter its outcomes are on: documents, and code points of their canonical text."""

    documents: int
    characters: int


class Priced(Frozen):
    """A reference's price for this matter, in ``currency``.

    ``each`` is for one document, or for one accepted finding where that is the unit; ``ours_each`` is what
    one took here. ``whole`` is for all of them. ``checked`` adds our analyst's time where the reference
    pays for nobody's judgement, and ``times`` divides that by all that this matter took. Both are None
    where the currencies differ; ``times`` also where nothing was spent, and, where the reference pays for
    a judgement, until an analyst's time is in ours: for a whole document, until all of it is decided.
    """

    currency: str
    each: Bounds
    ours_each: float
    whole: Bounds
    checked: Bounds | None
    times: Bounds | None


class Compared(Frozen):
    """One reference, priced; None where this matter has nothing of its unit yet."""

    reference: Reference
    priced: Priced | None


class Beside(Frozen):
    """All references beside this matter. Money of ``total`` is in ``currency``."""

    currency: str
    reviewed: Reviewed
    total: CostRow
    rows: tuple[Compared, ...]

    @property
    def undecided(self) -> int:
        """Findings on which no analyst's time was spent yet."""
        return self.total.outcomes[OutcomeState.UNDECIDED]


def beside(references: Sequence[Reference], total: CostRow, reviewed: Reviewed, card: RateCard) -> Beside:
    """``total`` is a cost table's, and ``reviewed`` counts the documents that have outcomes."""
    return Beside(
        currency=card.currency,
        reviewed=reviewed,
        total=total,
        rows=tuple(_compared(reference, total, reviewed, card) for reference in references),
    )


def _compared(reference: Reference, total: CostRow, reviewed: Reviewed, card: RateCard) -> Compared:
    accepted = total.outcomes[OutcomeState.ACCEPTED] + total.outcomes[OutcomeState.EDITED]
    things = accepted if reference.unit == "accepted" else reviewed.documents
    if not things:
        return Compared(reference=reference, priced=None)
    amount, currency = float(things), reference.currency
    if reference.unit == "million-characters":
        amount = reviewed.characters / 1e6
    elif reference.unit == "minute":
        amount, currency = things * analyst_cost(60.0, card), card.currency
    whole = Bounds(low=reference.low * amount, high=reference.high * amount)
    added = 0.0 if reference.judged else total.analyst
    same = currency == card.currency
    alike = total.actual > 0 and (not reference.judged or _judged(reference, total))
    checked = Bounds(low=whole.low + added, high=whole.high + added) if same else None
    return Compared(
        reference=reference,
        priced=Priced(
            currency=currency,
            each=_over(whole, things),
            ours_each=total.actual / things,
            whole=whole,
            checked=checked,
            times=_over(checked, total.actual) if checked is not None and alike else None,
        ),
    )


def _judged(reference: Reference, total: CostRow) -> bool:
    waiting = reference.unit != "accepted" and total.outcomes[OutcomeState.UNDECIDED]
    return total.analyst_seconds > 0 and not waiting


def _over(bounds: Bounds, by: float) -> Bounds:
    return Bounds(low=bounds.low / by, high=bounds.high / by)


def load_references(file: Path | None = None) -> tuple[Reference, ...]:
    """The defaults, with the figures of one's own file over them; a new name there is one more.

    A figure that is set without its source is said to come from the file. Raises SettingsInvalid, which
    names the file and the key or line.
    """
    file = _own(file)
    held, own = _tables(DEFAULTS), _tables(file)
    for key, values in own.items():
        if "low" in values or "high" in values:
            values.setdefault("source", f"set in {file.name}")
        held[key] = held.get(key, {}) | values
    return tuple(_reference(key, values, file) for key, values in held.items())


def save_references(references: Sequence[Reference], file: Path | None = None) -> None:
    """Write the figures and their sources, whole or not at all; all else in the file stays as it is.

    A figure that was never set and still is the default is not written: a later default may be better.
    Raises SettingsInvalid, which names the file; DiskFull.
    """
    file = _own(file)
    before = _tables(file)
    defaults = {key: _reference(key, values, DEFAULTS) for key, values in _tables(DEFAULTS).items()}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        source = changed = file.read_bytes().decode() if file.exists() else ""
        for reference in references:
            if reference.id in before or reference != defaults.get(reference.id):
                changed = with_values(
                    changed, reference.id, {name: getattr(reference, name) for name in _FIGURES}
                )
        if changed != source:
            write_atomically(file, changed.encode())
    except TableNotPlain as error:
        raise SettingsInvalid(
            f"{file}: {error}: is not a table of its own.", f"Write it as [{error}], then save again."
        ) from None
    except OSError as error:
        raise SettingsInvalid(
            f"{file}: cannot be written: {error.strerror}.", "See that you may write there."
        ) from error


def _own(file: Path | None) -> Path:
    return file if file is not None else data_folder() / OWN_FILE


def _reference(key: str, values: dict[str, Any], file: Path) -> Reference:
    try:
        return Reference.model_validate({**values, "id": key})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join([key, *(str(part) for part in first["loc"])])
        raise SettingsInvalid(f"{file}: {place}: {first['msg']}.", _HINT) from None


def _tables(file: Path) -> dict[str, dict[str, Any]]:
    try:
        held = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{file}: not valid TOML: {error}.", _HINT) from None
    except OSError as error:
        raise SettingsInvalid(f"{file}: cannot be read: {error.strerror}.", _HINT) from error
    for key, table in held.items():
        if not isinstance(table, dict):
            raise SettingsInvalid(f"{file}: {key}: must be a table.", _HINT)
    return held
