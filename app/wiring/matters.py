"""What is read from a matter and written to it, without an engine."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.domain.base import Frozen
from app.domain.cancel import CancelToken
from app.domain.errors import DocumentNotFound, DocumentNotReadable
from app.domain.finding import Decision, ModelRef, Outcome, PackRef
from app.domain.kinds import OPENED_WITH_A_PASSWORD
from app.domain.record import EntryKind
from app.domain.search import Within
from app.domain.text import Document
from app.domain.work import Report
from app.ingest.files import collect_files
from app.ingest.version import READER_VERSION
from app.ledger.costs import CostTable, Grouping, cost_table
from app.platform.paths import data_folder
from app.platform.settings import load_rate_card
from app.review.search_query import SearchQuery
from app.store.opening import open_matter, read_matter
from app.store.reader import SqliteMatterReader
from app.store.writer import SqliteMatter
from app.wiring.reading import add_to

SAMPLES = Path(__file__).parents[2] / "verticals/samples/contracts"


def demo_matter() -> Path:
    """Where the sample contracts are reviewed."""
    return data_folder() / "demo"


def add_files(
    folder: Path, paths: Sequence[Path], report: Report, cancel: CancelToken
) -> tuple[Document, ...]:
    """Read files into a matter; bytes that were read well already are not read again."""
    files = collect_files(paths)
    with written(folder, create=True) as matter:
        return add_to(matter, files, lambda _: None, report, cancel)


def read_again(
    folder: Path, keys: Sequence[str], passwords: Mapping[str, str], report: Report, cancel: CancelToken
) -> tuple[Document, ...]:
    """Read documents anew, with a password each or none; decisions stay wherever their words are still there.

    Raises DocumentNotFound.
    """
    with written(folder, create=False) as matter:
        named = {key: matter.document(key).id for key in keys}
        held = {named[key]: password for key, password in passwords.items()}
        return add_to(matter, (), lambda _: None, report, cancel, again=list(named.values()), passwords=held)


def outdated_of(folder: Path) -> tuple[Document, ...]:
    """Documents that an older reader read and this one can read without being asked for a password."""
    with read(folder) as matter:
        return without_password(matter.outdated(READER_VERSION))


def without_password(documents: Sequence[Document]) -> tuple[Document, ...]:
    """Those that nobody had to unlock."""
    return tuple(document for document in documents if OPENED_WITH_A_PASSWORD not in document.flags)


def documents_of(folder: Path, keys: Sequence[str] = ()) -> tuple[Document, ...]:
    """All, or those named. Raises MatterNotFound, DocumentNotFound."""
    with read(folder) as matter:
        return tuple(map(matter.document, keys)) if keys else matter.documents()


def within_of(matter: SqliteMatterReader, asked: SearchQuery, keys: Sequence[str] = ()) -> Within:
    """Where a query looks: in ``keys``, which name one document each, and in what it says itself.

    ``document:`` in a query may be a part of a name, and means every document with it. Raises
    DocumentNotFound.
    """
    named = [matter.document(key) for key in keys]
    for part in asked.documents:
        named.extend(_called(matter, part))
    return Within(
        documents=tuple(dict.fromkeys(document.id for document in named)),
        section=asked.section,
        first_page=asked.first_page,
        last_page=asked.last_page,
        first_day=asked.first_day,
        last_day=asked.last_day,
    )


def _called(matter: SqliteMatterReader, part: str) -> Sequence[Document]:
    try:
        return [matter.document(part)]
    except DocumentNotFound:
        like = [d for d in matter.documents() if part and part.casefold() in d.name.casefold()]
        if not like:
            raise
        return like


def text_of(folder: Path, key: str) -> str:
    """Canonical text. Raises DocumentNotReadable if there is none."""
    with read(folder) as matter:
        document = matter.document(key)
        if not document.state.readable:
            raise DocumentNotReadable(
                f"{document.name} has no text.", document.reason or "See `pincite documents MATTER`."
            )
        return matter.text(document.id)


def outcomes_of(folder: Path) -> tuple[Outcome, ...]:
    """The newest finding of every task on every document, or the decided one where that is older."""
    with read(folder) as matter:
        return current(matter)


class LastRun(Frozen):
    """What the last review was made with; None before the first."""

    pack: PackRef | None = None
    model: ModelRef | None = None


def last_run(folder: Path) -> LastRun:
    """From the ledger."""
    with read(folder) as matter:
        for entry in reversed(matter.entries()):
            if entry.kind is EntryKind.RUN_STARTED:
                return LastRun.model_validate({key: entry.payload[key] for key in ("pack", "model")})
    return LastRun()


def decide(folder: Path, decision: Decision) -> Outcome:
    """Record a decision; ``decision.finding`` may be the beginning of an id. Raises FindingNotFound."""
    with written(folder, create=False) as matter:
        key = matter.outcome(decision.finding).finding.id
        matter.put_decision(decision.model_copy(update={"finding": key}))
        return matter.outcome(key)


def costs_of(folder: Path, by: Grouping) -> CostTable:
    """Outcome costs."""
    with read(folder) as matter:
        return cost_table(current(matter), matter.entries(), matter.documents(), load_rate_card(), by)


def current(matter: SqliteMatterReader) -> tuple[Outcome, ...]:
    """The newest outcome of every task on every document, or the decided one where that is older."""
    newest: dict[tuple[str, str], Outcome] = {}
    for outcome in matter.outcomes():
        key = (outcome.finding.document, outcome.finding.task)
        if key not in newest or newest[key].decision is None or outcome.decision is not None:
            newest[key] = outcome
    return tuple(newest.values())


@contextmanager
def read(folder: Path) -> Generator[SqliteMatterReader]:
    """A matter to read, closed at the end."""
    matter = read_matter(folder)
    try:
        yield matter
    finally:
        matter.close()


@contextmanager
def written(folder: Path, create: bool) -> Generator[SqliteMatter]:
    """A matter to write to, with analyst time priced by the rate card; closed at the end."""
    matter = open_matter(folder, create, load_rate_card())
    try:
        yield matter
    finally:
        matter.close()
