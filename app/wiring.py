"""The one module that builds adapters and hands them to use cases."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import JsonValue

from app.domain.base import Frozen
from app.domain.cost import Interval, Quote, RateCard, Usage
from app.domain.errors import DocumentNotReadable, PinciteError, TaskNotFound, VerificationFailed
from app.domain.finding import (
    Decision,
    Evidence,
    Finding,
    ModelRef,
    Outcome,
    PackRef,
)
from app.domain.ports import IndexedText, SearchHit
from app.domain.record import EntryKind
from app.domain.task import Pack, Task
from app.domain.text import Document, document_id
from app.domain.work import CancelToken, Progress, Report
from app.engine.protocol import EvidenceJob, SearchJob
from app.engine.supervisor import EngineSupervisor
from app.ledger.costs import CostTable, Grouping, cost_table
from app.ledger.meters import start_meter
from app.ledger.quotes import quote_review
from app.ledger.rate_card import machine_cost
from app.platform.files import write_atomically
from app.platform.logs import set_up_logging
from app.platform.network_lock import lock_network
from app.platform.paths import data_folder, models_folder
from app.platform.settings import load_rate_card
from app.reports.finding_json import finding_json
from app.reports.findings_csv import findings_csv
from app.reports.findings_xlsx import findings_xlsx
from app.review.ask import Asker
from app.review.check_matter import Checked, check_matter
from app.review.ground import ground
from app.review.review_matter import Priced, Reviewed, ReviewMatter, WorkItem, undone, work_items
from app.store.opening import open_matter, read_matter
from app.store.reader import SqliteMatterReader
from app.store.writer import SqliteMatter
from models.catalog import CatalogModel, load_catalog
from models.library import ModelLibrary
from verticals.loader import bundled_packs, check_pack, find_pack, load_pack

SAMPLES = Path(__file__).parent.parent / "verticals/samples/contracts"
DEFAULT_SECONDS = 3.0
"""Of a finding on this kind of machine, until it has a history of its own."""

INDEX_SECONDS_PER_CHARACTER = 1.2e-4
_ENGINE = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from app.__main__ import main; main()",
    str(Path(__file__).parent.parent),
    "--engine",
)


def demo_matter() -> Path:
    """Where the sample contracts are reviewed."""
    return data_folder() / "demo"


def library() -> ModelLibrary:
    """Models on this machine."""
    return ModelLibrary(models_folder(), load_catalog())


def chosen_model(model_id: str | None) -> CatalogModel:
    """By id, or the default. Raises ModelNotFound."""
    return load_catalog().find(model_id)


def pack_of(key: str) -> Pack:
    """A bundled pack or a folder. Raises PackNotFound, PackInvalid."""
    return load_pack(find_pack(key))


def tasks_of(pack: Pack, names: Sequence[str]) -> tuple[Task, ...]:
    """The named ones in the pack's order; all of them if none is named. Raises TaskNotFound."""
    known = {task.id for task in pack.tasks}
    for name in names:
        if name not in known:
            raise TaskNotFound(
                f"The pack {pack.ref.id} has no task {name}.", f"See `pincite packs show {pack.ref.id}`."
            )
    return tuple(task for task in pack.tasks if not names or task.id in names)


def engine_command(matter: Path, pack: str | None, model: str | None) -> list[str]:
    """What starts the engine for a matter."""
    return [sys.executable, "-c", *_ENGINE, str(matter.absolute()), pack or "", model or ""]


@contextmanager
def engine_for(matter: Path, pack: str | None, model: str | None) -> Generator[EngineSupervisor]:
    """An engine that is stopped at the end, however it comes."""
    supervisor = EngineSupervisor(engine_command(matter, pack, model))
    try:
        yield supervisor
    finally:
        supervisor.close()


def add_files(
    folder: Path, paths: Sequence[Path], report: Report, cancel: CancelToken
) -> tuple[Document, ...]:
    """Read files into a matter; bytes that were read well already are not read again."""
    from app.ingest.files import collect_files
    from app.ingest.reader import ChildReader

    files = collect_files(paths)
    reader = ChildReader()
    added: list[Document] = []
    with _written(folder, create=True) as matter:
        for done, file in enumerate(files):
            cancel.check()
            report(Progress(what="reading", done=done, total=len(files)))
            digest, sealed = matter.seal(file)
            held = next((d for d in matter.documents() if d.id == document_id(digest)), None)
            if held is None or not held.state.readable:
                read = reader.read(sealed, file.name, digest, cancel)
                matter.put_document(read.document, read.pages)
                held = read.document
            added.append(held)
        report(Progress(what="reading", done=len(files), total=len(files)))
    return tuple(added)


def documents_of(folder: Path, keys: Sequence[str] = ()) -> tuple[Document, ...]:
    """All, or those named. Raises MatterNotFound, DocumentNotFound."""
    with _read(folder) as matter:
        return tuple(map(matter.document, keys)) if keys else matter.documents()


def text_of(folder: Path, key: str) -> str:
    """Canonical text. Raises DocumentNotReadable if there is none."""
    with _read(folder) as matter:
        document = matter.document(key)
        if not document.state.readable:
            raise DocumentNotReadable(
                f"{document.name} has no text.", document.reason or "See `pincite documents MATTER`."
            )
        return matter.text(document.id)


def index_matter(folder: Path, report: Report, cancel: CancelToken, keys: Sequence[str] = ()) -> None:
    """Index what is not indexed yet."""
    with _written(folder, create=False) as matter, engine_for(folder, None, None) as engine:
        documents = tuple(map(matter.document, keys)) if keys else matter.documents()
        _reviewing(matter, engine, load_rate_card()).index(documents, report, cancel)


def search_matter(
    folder: Path,
    query: str,
    document: str | None,
    limit: int,
    budget: int | None,
    report: Report,
    cancel: CancelToken,
) -> tuple[SearchHit, ...]:
    """Best first; indexes first what is not indexed yet."""
    keys = [document] if document else []
    _index_if_needed(folder, keys, report, cancel)
    wanted = documents_of(folder, keys)[0].id if document else None
    with engine_for(folder, None, None) as engine:
        return engine.search(SearchJob(query=query, document=wanted, limit=limit, budget=budget), cancel)


def evidence_of(
    folder: Path,
    pack_key: str,
    task: str,
    keys: Sequence[str],
    budget: int | None,
    report: Report,
    cancel: CancelToken,
) -> tuple[Evidence, ...]:
    """What the model would be given, one for each readable document."""
    pack = pack_of(pack_key)
    tasks_of(pack, [task])
    _index_if_needed(folder, keys, report, cancel)
    wanted = tuple(d.id for d in documents_of(folder, keys) if d.state.readable)
    with engine_for(folder, pack_key, None) as engine:
        job = EvidenceJob(documents=wanted, task=task, budget=budget or pack.evidence_budget)
        return engine.evidence(job, cancel)


def quote_for(
    folder: Path, pack_key: str, tasks: Sequence[str], keys: Sequence[str], model: str | None
) -> Quote:
    """What the undone part of a review will cost."""
    pack = pack_of(pack_key)
    names = [task.id for task in tasks_of(pack, tasks)]
    with _read(folder) as matter:
        documents = tuple(map(matter.document, keys)) if keys else matter.documents()
        items = undone(work_items(pack, chosen_model(model).ref, names, documents), matter.outcomes())
        return _quote(matter, items, documents, load_rate_card())


def review(
    folder: Path,
    pack_key: str,
    tasks: Sequence[str],
    keys: Sequence[str],
    model: str | None,
    most: float | None,
    report: Report,
    cancel: CancelToken,
) -> tuple[Quote, Reviewed]:
    """Make the findings that are not there yet."""
    pack = pack_of(pack_key)
    names = [task.id for task in tasks_of(pack, tasks)]
    entry = chosen_model(model)
    library().path(entry)  # a missing or damaged model is said now, not after the reading
    card = load_rate_card()
    with _written(folder, create=False) as matter, engine_for(folder, pack_key, entry.id) as engine:
        documents = tuple(map(matter.document, keys)) if keys else matter.documents()
        items = undone(work_items(pack, entry.ref, names, documents), matter.outcomes())
        quote = _quote(matter, items, documents, card)
        each = quote.cost.expected / len(items) if items else None
        if items:
            matter.append(EntryKind.QUOTED, quote.model_dump(mode="json"))
        priced = Priced(currency=card.currency, quoted_each=each, most=most)
        reviewed = _reviewing(matter, engine, card).run(
            pack, entry.ref, names, documents, priced, report, cancel
        )
        return quote, reviewed


def outcomes_of(folder: Path) -> tuple[Outcome, ...]:
    """The newest finding of every task on every document, or the decided one where that is older."""
    with _read(folder) as matter:
        return _current(matter)


class LastRun(Frozen):
    """What the last review was made with; None before the first."""

    pack: PackRef | None = None
    model: ModelRef | None = None


def last_run(folder: Path) -> LastRun:
    """From the ledger."""
    with _read(folder) as matter:
        for entry in reversed(matter.entries()):
            if entry.kind is EntryKind.RUN_STARTED:
                return LastRun.model_validate({key: entry.payload[key] for key in ("pack", "model")})
    return LastRun()


def decide(folder: Path, decision: Decision) -> Outcome:
    """Record a decision; ``decision.finding`` may be the beginning of an id. Raises FindingNotFound."""
    with _written(folder, create=False) as matter:
        key = matter.outcome(decision.finding).finding.id
        matter.put_decision(decision.model_copy(update={"finding": key}))
        return matter.outcome(key)


def costs_of(folder: Path, by: Grouping) -> CostTable:
    """Outcome costs."""
    with _read(folder) as matter:
        return cost_table(_current(matter), matter.entries(), matter.documents(), load_rate_card(), by)


def check(folder: Path, repair: bool, report: Report, cancel: CancelToken) -> Checked:
    """Prove the matter; with ``repair`` the derived index is thrown away and made again."""
    if repair:
        import shutil

        with _written(folder, create=False):
            shutil.rmtree(folder / "index", ignore_errors=True)
        index_matter(folder, report, cancel)
    with _read(folder) as matter:
        return check_matter(matter, matter.integrity())


def run_engine(arguments: Sequence[str]) -> None:
    """The engine's process: ``MATTER PACK MODEL``, the last two possibly empty."""
    from app.engine.child import serve

    lock_network()
    set_up_logging(verbose=False, name="engine")
    folder, pack, model = arguments
    serve(_EngineWorker(Path(folder), pack or None, model or None))


class _EngineWorker:
    """Builds each part when it is first needed: a search loads no language model."""

    def __init__(self, folder: Path, pack: str | None, model: str | None) -> None:
        from models.onnx_embedder import OnnxEmbedder
        from retrieval.retriever import MatterRetriever
        from retrieval.task_probes import TaskProbes
        from retrieval.vector_index import VectorIndex, open_vector_index

        self._matter = read_matter(folder)
        self._embedder = OnnxEmbedder()
        self._pack = pack_of(pack) if pack else None
        self._model = model
        self._meter = start_meter(load_rate_card())
        vectors: list[VectorIndex] = []

        def whole_matter() -> VectorIndex:
            if not vectors:
                vectors.append(open_vector_index(self._matter, self._embedder.identity))
            return vectors[0]

        probes = TaskProbes.load(self._pack.probes) if self._pack and self._pack.probes else None
        self._retriever = MatterRetriever(self._matter, self._embedder, whole_matter, probes)
        self._asker = self._build_asker()

    def _build_asker(self) -> Asker | None:
        from models.llama_generator import LlamaModel

        if self._pack is None or self._model is None:
            return None
        entry = chosen_model(self._model)
        return Asker(LlamaModel(library().path(entry), entry.ref), self._pack)

    def index(self, document: str, cancel: CancelToken) -> IndexedText:
        from retrieval.indexing import index_document

        return index_document(document, self._matter.pages(document), self._embedder, cancel)

    def answer(self, item: WorkItem, cancel: CancelToken) -> Finding:
        assert self._asker is not None
        assert self._pack is not None
        task = tasks_of(self._pack, [item.task])[0]
        evidence = self._retriever.evidence(item.document, task, self._pack.evidence_budget)
        answer = self._asker.answer(task, evidence, cancel)
        return ground(item.finding, answer, evidence, self._matter.pages(item.document))

    def search(self, job: SearchJob) -> tuple[SearchHit, ...]:
        return self._retriever.search(job.query, job.document, job.limit, job.budget)

    def evidence(self, document: str, task: str, budget: int) -> Evidence:
        assert self._pack is not None
        return self._retriever.evidence(document, tasks_of(self._pack, [task])[0], budget)

    def lap(self) -> Usage:
        return self._meter.lap()


def _reviewing(matter: SqliteMatter, engine: EngineSupervisor, card: RateCard) -> ReviewMatter:
    from models.onnx_embedder import MODEL_SHA256

    return ReviewMatter(matter, engine, MODEL_SHA256, lambda usage: machine_cost(usage, card))


def _index_if_needed(folder: Path, keys: Sequence[str], report: Report, cancel: CancelToken) -> None:
    from models.onnx_embedder import MODEL_SHA256

    with _read(folder) as matter:
        held = set(matter.indexed_documents(MODEL_SHA256))
        documents = tuple(map(matter.document, keys)) if keys else matter.documents()
    if any(d.state.readable and d.id not in held for d in documents):
        index_matter(folder, report, cancel, keys)


def _quote(
    matter: SqliteMatterReader, items: Sequence[WorkItem], documents: Sequence[Document], card: RateCard
) -> Quote:
    from models.onnx_embedder import MODEL_SHA256

    history = [
        float(seconds)
        for entry in matter.entries()
        if entry.kind is EntryKind.FINDING
        and isinstance(seconds := entry.payload.get("seconds"), int | float)
    ][-200:]
    held = set(matter.indexed_documents(MODEL_SHA256))
    characters = sum(len(matter.text(d.id)) for d in documents if d.state.readable and d.id not in held)
    seconds = characters * INDEX_SECONDS_PER_CHARACTER
    index = Interval(expected=seconds, low=seconds / 2, high=seconds * 2) if items and characters else None
    return quote_review(len(items), history, card, DEFAULT_SECONDS, index)


def _current(matter: SqliteMatterReader) -> tuple[Outcome, ...]:
    newest: dict[tuple[str, str], Outcome] = {}
    for outcome in matter.outcomes():
        key = (outcome.finding.document, outcome.finding.task)
        if key not in newest or newest[key].decision is None or outcome.decision is not None:
            newest[key] = outcome
    return tuple(newest.values())


@contextmanager
def _read(folder: Path) -> Generator[SqliteMatterReader]:
    matter = read_matter(folder)
    try:
        yield matter
    finally:
        matter.close()


@contextmanager
def _written(folder: Path, create: bool) -> Generator[SqliteMatter]:
    matter = open_matter(folder, create, load_rate_card())
    try:
        yield matter
    finally:
        matter.close()


def fetch_model(model: CatalogModel, report: Report, cancel: CancelToken) -> None:
    """The one thing that uses the network, in a process of pip's own."""
    from models.fetch import fetch

    fetch(model, library(), report, cancel)


def all_packs() -> tuple[Pack, ...]:
    """Bundled packs."""
    return tuple(map(load_pack, bundled_packs().values()))


def pack_problems(key: str) -> tuple[str, ...]:
    """All problems of a pack; none: it is fine."""
    folder = Path(key)
    return check_pack(folder if folder.is_dir() else find_pack(key))


def write_report(folder: Path, form: str, out: Path) -> None:
    """Raises VerificationFailed if a citation is not what stands in the text."""
    checked = check(folder, repair=False, report=lambda _: None, cancel=CancelToken())
    if checked.problems:
        raise VerificationFailed(
            f"The report was not written: {checked.problems[0]}.",
            "Run `pincite verify MATTER` for all of it.",
        )
    outcomes = outcomes_of(folder)
    documents = {document.id: document for document in documents_of(folder)}
    if form == "json":
        import json

        found: list[JsonValue] = [finding_json(o, documents[o.finding.document]) for o in outcomes]
        data = json.dumps({"findings": found}, ensure_ascii=False, indent=1).encode()
    elif form == "csv":
        data = findings_csv(outcomes, documents)
    else:
        titles = dict.fromkeys((o.finding.task for o in outcomes), "")
        for pack in all_packs():
            titles.update({t.id: t.title for t in pack.tasks if t.id in titles})
        table = costs_of(folder, "document")
        rows: list[list[str | float | None]] = [
            ["", "machine seconds", "kWh", "machine", "analyst", "quoted", "per accepted outcome"]
        ]
        for row in (*table.rows, table.total):
            rows.append(
                [
                    row.title,
                    row.machine_seconds,
                    row.kwh,
                    row.machine,
                    row.analyst,
                    row.quoted,
                    row.per_accepted,
                ]
            )
        data = findings_xlsx(outcomes, documents, {k: v or k for k, v in titles.items()}, rows)
    write_atomically(out, data)


class Fact(Frozen):
    """Something about this machine, or something wrong with what to do."""

    name: str
    text: str


class Examined(Frozen):
    """What the doctor saw."""

    facts: tuple[Fact, ...]
    problems: tuple[Fact, ...]


def examine() -> Examined:
    """Hardware, versions, models and what is wrong."""
    import platform
    import shutil
    from importlib import metadata

    import psutil

    from models.llama_generator import runtime_version

    runtimes = sorted({d.name for d in metadata.distributions() if d.name.lower().startswith("onnxruntime")})
    problems: list[Fact] = []
    if len(runtimes) != 1:
        problems.append(
            Fact(
                name=f"There are {len(runtimes)} ONNX runtimes where one must be: {', '.join(runtimes)}.",
                text="Delete .venv and run `python3 installer/bootstrap.py install` again.",
            )
        )
    llama = runtime_version()
    if llama is None:
        problems.append(
            Fact(name="llama.cpp cannot be loaded.", text="Run `python3 installer/bootstrap.py install`.")
        )
    models = library()
    for model in models.installed():
        try:
            models.path(model)
        except PinciteError as error:
            problems.append(Fact(name=error.message, text=error.hint))
    installed = ", ".join(model.id for model in models.installed()) or "none"
    folder = data_folder()
    free = shutil.disk_usage(next(p for p in (folder, *folder.parents) if p.exists())).free
    if free < 2e9:
        problems.append(Fact(name="Less than 2 GB are free on the disk.", text="Make room before a review."))
    card = load_rate_card()
    facts = (
        Fact(name="machine", text=f"{platform.system()} {platform.machine()}, {psutil.cpu_count()} cores, "
             f"{psutil.virtual_memory().total / 2**30:.0f} GB"),
        Fact(name="Python", text=platform.python_version()),
        Fact(name="llama.cpp", text=llama or "missing"),
        Fact(name="ONNX", text=", ".join(f"{name} {metadata.version(name)}" for name in runtimes)),
        Fact(name="models", text=installed),
        Fact(name="data folder", text=f"{folder}, {free / 1e9:.0f} GB free"),
        Fact(name="energy", text="measured" if start_meter(card).stop().energy.measured else "estimated"),
    )  # fmt: skip
    return Examined(facts=facts, problems=tuple(problems))
