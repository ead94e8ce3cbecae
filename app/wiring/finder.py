"""Searching an open matter beside whatever else runs: by words at once, by meaning with its own engine."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled
from app.domain.ports import FoundPassage, SearchHit
from app.domain.spans import Span
from app.domain.text import Document
from app.domain.work import Progress
from app.engine.protocol import SearchJob
from app.engine.supervisor import EngineSupervisor
from app.platform.settings import load_rate_card
from app.review.search_query import search_query
from app.store.writer import SqliteMatter
from app.wiring.matters import within_of
from app.wiring.reviews import engine_command, reviewing
from models.onnx_embedder import MODEL_SHA256

_ALIKE = 0.25
"""Cosine below which a passage without a question's words is noise: of 221 passages of three contracts about
ten are above it for a question that these answer, one or two for a recipe or for letters without sense."""


class Finder:
    """Two engines without a language model, started when needed: a search never waits for indexing."""

    def __init__(self, folder: Path, matter: SqliteMatter) -> None:
        self._matter = matter
        self._searching = EngineSupervisor(engine_command(folder, None, None))
        self._indexing = EngineSupervisor(engine_command(folder, None, None))
        self._one_search = threading.Lock()
        self._writing = threading.Lock()
        self._waiting = 0
        self._stop_indexing = CancelToken()

    def by_words(self, typed: str, limit: int) -> tuple[SearchHit, ...]:
        """Passages with the words, best first; at once, also while a review runs.

        ``typed`` may say ``document:``, ``section:``, ``page:`` and ``date:``, too. Raises SearchInvalid,
        DocumentNotFound.
        """
        asked = search_query(typed)
        hits = self._matter.lexical(asked.words, None, limit, within_of(self._matter, asked))
        places = [(hit.document, hit.passage) for hit in hits]
        found = self._matter.found(places, MODEL_SHA256)
        texts = ["" if passage is None else passage.text for passage in found]
        matches = self._matter.matched(texts, asked.words)
        return tuple(
            _search_hit(passage, hit.score, spans)
            for hit, passage, spans in zip(hits, found, matches, strict=True)
            if passage is not None
        )

    def by_meaning(self, typed: str, limit: int, cancel: CancelToken) -> tuple[SearchHit, ...]:
        """By words and by meaning, best first. Raises what ``by_words`` does, Cancelled and EngineFailed."""
        asked = search_query(typed)
        job = SearchJob(query=asked.words, limit=limit, within=within_of(self._matter, asked), alike=_ALIKE)
        with self._one_search:
            return self._searching.search(job, cancel)

    def unsearchable(self) -> tuple[Document, ...]:
        """Documents that have text and are not indexed: no search finds anything in them yet."""
        held = set(self._matter.indexed_documents(MODEL_SHA256))
        return tuple(d for d in self._matter.documents() if d.state.readable and d.id not in held)

    def index(self, cancel: CancelToken) -> None:
        """Make every document searchable; does nothing while somebody else writes documents or findings.

        Raises Cancelled, also as soon as somebody else wants to write them, and EngineFailed.
        """
        if not self._writing.acquire(blocking=False):
            return
        try:
            self._stop_indexing = cancel
            for document in self.unsearchable():
                if self._waiting:  # since before the token was there to be cancelled
                    raise Cancelled
                reviewing(self._matter, self._indexing, load_rate_card()).index([document], _nobody, cancel)
        finally:
            self._indexing.close()
            self._writing.release()

    @contextmanager
    def undisturbed(self) -> Generator[None]:
        """Nothing is indexed meanwhile: for whoever writes documents or findings."""
        self._waiting += 1
        try:
            self._stop_indexing.cancel()
            with self._writing:
                yield
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Stop the engines. Nothing may be asked any more."""
        with self.undisturbed(), self._one_search:
            self._searching.close()


def _nobody(_: Progress) -> None:
    """Nobody waits for it, so nobody hears how far it is."""


def _search_hit(passage: FoundPassage, score: float, spans: Sequence[Span]) -> SearchHit:
    """Its best sentence is the one with the most different words that matched."""
    start = passage.span.start

    def held(sentence: Span) -> int:
        within = (s for s in spans if start + s.start < sentence.end and start + s.end > sentence.start)
        return len({passage.text[s.start : s.end].casefold() for s in within})

    return passage.hit(score, spans, max(passage.sentences, key=held, default=None))
