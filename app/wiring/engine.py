"""The engine's process: builds what it needs, when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.cancel import CancelToken
from app.domain.cost import Usage
from app.domain.errors import Cancelled
from app.domain.finding import Evidence, Finding
from app.domain.kinds import TaskKind
from app.domain.ports import IndexedText, LanguageModel, SearchHit
from app.domain.task import Pack, Task
from app.domain.text import Page
from app.engine.protocol import SearchJob
from app.ledger.meters import Meter, start_meter
from app.platform.logs import set_up_logging
from app.platform.network_lock import Address, lock_network
from app.platform.settings import load_rate_card, load_reranks
from app.review.ask import Asker
from app.review.ground import ground, ground_list, ground_summary
from app.review.list_items import Lister
from app.review.mixing import Readout
from app.review.questions import QUESTION_BUDGET
from app.review.review_matter import WorkItem
from app.review.second_opinion import read_by
from app.review.summarize import Summarizer
from app.review.summary_topics import TOPIC_BUDGET, TopicEvidence, merged, sought, topics_of
from app.review.values import holds_value
from app.store.opening import read_matter
from app.store.reader import SqliteMatterReader
from app.wiring.catalogs import chosen_model, library, pack_of, tasks_of
from app.wiring.learning import usable_learned
from app.wiring.model_server import need_server, server_address
from app.wiring.models import run_record
from app.wiring.vector_server import usable_server

if TYPE_CHECKING:
    from models.catalog import CatalogModel
    from models.onnx_embedder import OnnxEmbedder
    from models.onnx_reranker import OnnxReranker
    from models.run_record import RunRecord
    from retrieval.retriever import MatterRetriever
    from retrieval.vector_index import VectorIndex


def run_engine(arguments: Sequence[str]) -> None:
    """The engine's process: ``MATTER PACK MODEL``, the last two possibly empty."""
    from app.engine.child import serve

    set_up_logging(verbose=False, name="engine")
    folder, pack, model = arguments
    server = usable_server()
    lock_network(server, server_address(model))
    serve(_EngineWorker(Path(folder), pack or None, model or None, server))


class _EngineWorker:
    """Builds each part when a job first needs it: a search loads no language model.

    What cannot be built ends that job with its own error, and not the process.
    """

    def __init__(self, folder: Path, pack: str | None, model: str | None, server: Address | None) -> None:
        self._folder = folder
        self._server = server
        self._pack_key = pack
        self._model = model
        self._last_pages: tuple[str, tuple[Page, ...]] = ("", ())
        self._opening = threading.Lock()
        self._opened: VectorIndex | None = None
        self._closed = False
        self._run: RunRecord | None = None

    def index(self, document: str, cancel: CancelToken) -> IndexedText:
        from retrieval.indexing import index_document

        return index_document(document, self._matter.pages(document), self._embedder, cancel)

    def answer(self, item: WorkItem, cancel: CancelToken) -> Finding:
        return self.answer_own(item, self._task(item.task), cancel)

    def answer_own(self, item: WorkItem, task: Task, cancel: CancelToken) -> Finding:
        if task.kind is TaskKind.SUMMARY:
            return self._summary(item, task, cancel)
        evidence = self._evidence(item.document, task)
        pages = self._pages(item.document)
        if task.kind is TaskKind.LIST:
            answer = self._lister.answer(task, evidence, cancel)
            finding = ground_list(item.finding, answer, evidence, pages, task.value)
        else:
            answer = self._asker.answer(task, evidence, cancel)
            finding = ground(item.finding, answer, evidence, pages, task.value)
        return read_by(finding, self._entry.ref, answer.model_calls, self._entry.server)

    def search(self, job: SearchJob) -> tuple[SearchHit, ...]:
        return self._retriever.search(job.query, job.document, job.limit, job.budget, job.within, job.alike)

    def evidence(self, document: str, task: str, budget: int | None) -> Evidence:
        asked = self._task(task)
        if budget is None or asked.kind in (TaskKind.LIST, TaskKind.SUMMARY):
            return self._evidence(document, asked, budget)
        return self._retriever.evidence(document, asked, budget)

    def read(self, evidence: Evidence, cancel: CancelToken) -> Readout:
        return self._asker.read(self._task(evidence.task), evidence, cancel)

    def lap(self) -> Usage:
        return self._meter.lap()

    def close(self) -> None:
        with self._opening:
            self._closed = True
            if self._opened is not None:
                self._opened.close()
        if self._run is not None:
            self._run.ended()

    def _evidence(self, document: str, task: Task, budget: int | None = None) -> Evidence:
        """``budget`` is for what passes the gate of a list task, or for all topics of a summary."""
        if task.kind is TaskKind.SUMMARY:
            each = budget // len(topics_of(task)) if budget else TOPIC_BUDGET
            return merged(document, task.id, self._parts(document, task, each))
        if task.kind is TaskKind.LIST:
            holds = holds_value(task.value, task.scheme, task.unit_codes)
            return self._retriever.sweep(document, task, holds, budget)
        if task.kind is TaskKind.ASK:
            return self._retriever.evidence(document, task, QUESTION_BUDGET)
        return self._retriever.evidence(document, task, self._pack.evidence_budget, adapt=True)

    def _summary(self, item: WorkItem, task: Task, cancel: CancelToken) -> Finding:
        parts = self._parts(item.document, task, TOPIC_BUDGET)
        answer = Summarizer(self._language_model, self._pack).answer(task, parts, cancel)
        whole = merged(item.document, task.id, parts)
        finding = ground_summary(item.finding, answer, whole, self._pages(item.document))
        return read_by(finding, self._entry.ref, answer.model_calls, self._entry.server)

    def _parts(self, document: str, task: Task, budget: int) -> tuple[TopicEvidence, ...]:
        """A document's evidence for each topic of a summary."""
        return tuple(
            TopicEvidence(
                topic, self._retriever.evidence(document, sought(task, topic, number, self._pack), budget)
            )
            for number, topic in enumerate(topics_of(task), start=1)
        )

    def _task(self, task: str) -> Task:
        return tasks_of(self._pack, [task])[0]

    def _pages(self, document: str) -> tuple[Page, ...]:
        """Kept for the next task: a review goes document by document."""
        if self._last_pages[0] != document:
            self._last_pages = (document, self._matter.pages(document))
        return self._last_pages[1]

    @cached_property
    def _matter(self) -> SqliteMatterReader:
        return read_matter(self._folder)

    @cached_property
    def _pack(self) -> Pack:
        assert self._pack_key is not None
        return pack_of(self._pack_key)

    @cached_property
    def _meter(self) -> Meter:
        return start_meter(load_rate_card())

    @cached_property
    def _embedder(self) -> OnnxEmbedder:
        from models.onnx_embedder import OnnxEmbedder

        return OnnxEmbedder()

    def _vectors(self) -> VectorIndex:
        """Raises Cancelled once the owner is gone: nothing may be opened that nobody closes."""
        from retrieval.vector_index import open_vector_index

        with self._opening:
            if self._closed:
                raise Cancelled
            if self._opened is None:
                self._opened = open_vector_index(
                    self._matter, self._embedder.identity, self._server, lambda: read_matter(self._folder)
                )
            return self._opened

    @cached_property
    def _retriever(self) -> MatterRetriever:
        from retrieval.retriever import MatterRetriever
        from retrieval.task_probes import TaskProbes

        file = self._pack.probes if self._pack_key else None
        probes = TaskProbes.load(file) if file else None
        learned = usable_learned(self._pack.ref.id) if self._pack_key else None
        return MatterRetriever(self._matter, self._embedder, self._vectors, probes, learned, self._reranker)

    @cached_property
    def _reranker(self) -> OnnxReranker | None:
        from models.onnx_reranker import FOLDER, OnnxReranker

        return OnnxReranker() if load_reranks() and (FOLDER / "model.onnx").exists() else None

    @cached_property
    def _lister(self) -> Lister:
        return Lister(self._asker, self._pack, self._entry.ref)

    @cached_property
    def _entry(self) -> CatalogModel:
        return chosen_model(self._model)

    @cached_property
    def _asker(self) -> Asker:
        return Asker(self._language_model, self._pack)

    @cached_property
    def _language_model(self) -> LanguageModel:
        entry = self._entry
        if entry.server:
            from models.server_model import ServerModel

            return ServerModel(need_server())
        from models.llama_generator import LlamaModel

        self._run = run_record(entry)
        return LlamaModel(library().path(entry), entry.ref, entry.chat, record=self._run)
