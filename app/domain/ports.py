"""Ports: what use cases need of the world. Adapters fulfil them; ``app.wiring`` brings the two together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pydantic import JsonValue

from app.domain.base import Frozen, PageNumber
from app.domain.cancel import CancelToken
from app.domain.finding import Decision, Evidence, Finding, ModelRef, Outcome
from app.domain.question import Question
from app.domain.record import EntryKind, LedgerEntry
from app.domain.reread import Settle
from app.domain.search import Within
from app.domain.spans import Span
from app.domain.task import Task
from app.domain.text import Document, Page, PageShape, Passage, Sentence, UnreadFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]


class PassageHit(Frozen):
    """A passage that a first stage found; ``score`` is comparable within one ranking only.

    ``exact``: it, or what heads its table, holds every phrase that was quoted in the query.
    """

    document: str
    passage: int
    score: float
    exact: bool = False


class SearchHit(Frozen):
    """Words that a search found, best first.

    ``matches`` are the query's words in the text, in whatever form, and ``best`` is the sentence likest to
    the query, where that is known; both in canonical text. ``section``: the headings above, outermost first.
    """

    document: str
    page: PageNumber
    start: int
    end: int
    text: str
    score: float
    matches: tuple[Span, ...] = ()
    best: Span | None = None
    section: str = ""


class Embedder(Protocol):
    """Sentences to unit vectors."""

    @property
    def identity(self) -> str:
        """SHA-256 of the model file: vectors of different identities are never compared."""
        ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Shape (len(texts), dimensions), float32, rows of length 1."""
        ...


class Reranker(Protocol):
    """Reads a query and passages together."""

    def scores(self, query: str, texts: Sequence[str]) -> Matrix:
        """Shape (len(texts),), float32, higher is better; comparable for one query only."""
        ...


class Prompt(Frozen):
    """A chat turn. ``shared`` opens the user's turn and is what several prompts have in common.

    ``begin`` is how the assistant's answer is made to begin, before anything is read.
    """

    system: str
    shared: str = ""
    user: str
    begin: str = ""


class Choice(Frozen):
    """Whole options, each of which could follow ``prompt.begin``."""

    prompt: Prompt
    options: tuple[str, ...]


class LanguageModel(Protocol):
    """A local instruct model. Deterministic: the same call gives the same answer."""

    @property
    def ref(self) -> ModelRef: ...

    def choose(self, choices: Sequence[Choice], cancel: CancelToken) -> tuple[tuple[float, ...], ...]:
        """Log-probabilities of each choice's options, over the whole vocabulary; they need not sum to one.

        Choices whose prompts share their beginning are read together. Raises Cancelled.
        """
        ...

    def write(self, prompt: Prompt, grammar: str, most_tokens: int, cancel: CancelToken) -> str:
        """Greedy text under a GBNF grammar with rule ``root``."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, eq=False)
class IndexedText:
    """Everything derived from one document's text by one embedder. Row i of a matrix is ordinal i."""

    document: str
    embedder: str
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    sentence_vectors: Matrix
    passage_vectors: Matrix


@dataclass(frozen=True, eq=False)
class FoundPassage:
    """A passage as a search tells of it. Row i of ``vectors`` is sentence i; none if it is not embedded."""

    document: str
    ordinal: int
    page: int
    span: Span
    text: str
    section: str
    sentences: tuple[Span, ...]
    vectors: Matrix

    def hit(self, score: float, matches: Sequence[Span], best: Span | None) -> SearchHit:
        """As it is told; ``matches`` are places in its own text."""
        start, end = self.span
        return SearchHit(
            document=self.document,
            page=self.page,
            start=start,
            end=end,
            text=self.text,
            score=score,
            matches=tuple(Span(start + span.start, start + span.end) for span in matches),
            best=best,
            section=self.section,
        )


class VectorsDigest(NamedTuple):
    """Which passage vectors a document has: how many, and 64 bits of their BLAKE2b in hexadecimal."""

    rows: int
    digest: str


class MatterReader(Protocol):
    """A matter, read. Safe to use while another process writes to it."""

    @property
    def folder(self) -> Path: ...

    def at_one_moment(self) -> AbstractContextManager[None]:
        """What this thread reads inside is of one moment; other threads wait."""
        ...

    def generation(self) -> tuple[int, int]:
        """Another one after anything was written to the matter."""
        ...

    def documents(self) -> tuple[Document, ...]:
        """In the order they were added."""
        ...

    def names(self) -> dict[str, str]:
        """Every document's name by its id, and nothing else that takes time to read."""
        ...

    def document(self, key: str) -> Document:
        """By id, an unambiguous beginning of one, or name. Raises DocumentNotFound."""
        ...

    def outdated(self, reader: int) -> tuple[Document, ...]:
        """Those that an older version of the reader read, in the order they were added."""
        ...

    def unread(self) -> tuple[UnreadFile, ...]:
        """Files that were taken in and not read to their end, in order."""
        ...

    def unread_pages(self, document: str) -> Iterator[tuple[int, bytes]]:
        """What was kept of the pages of one of them, by number, in order; a few are held at a time."""
        ...

    def pages(self, document: str) -> tuple[Page, ...]:
        """With words and boxes."""
        ...

    def page(self, document: str, number: int) -> Page:
        """One page with words and boxes. Raises DocumentNotFound, PageNotFound."""
        ...

    def shapes(self, document: str) -> tuple[PageShape, ...]:
        """Every page's place and size, without reading texts or words. Raises DocumentNotFound."""
        ...

    def text(self, document: str) -> str:
        """Canonical text."""
        ...

    def indexed(self, document: str, embedder: str) -> IndexedText | None:
        """None if the document was not indexed by this embedder yet."""
        ...

    def indexed_documents(self, embedder: str) -> tuple[str, ...]: ...

    def vector_digests(self, embedder: str) -> dict[str, VectorsDigest]:
        """Of the passage vectors of every document that this embedder has indexed; reads no vectors."""
        ...

    def lexical(
        self, query: str, document: str | None, limit: int, within: Within | None = None
    ) -> tuple[PassageHit, ...]:
        """BM25 over passages (FTS5), best first, higher is better. Any text is a valid query.

        Passages with all of the query's quoted phrases come first, then those with any word.
        """
        ...

    def within(self, within: Within) -> dict[str, tuple[int, ...]]:
        """Ordinals of the passages that a filter lets through, by document."""
        ...

    def found(self, places: Sequence[tuple[str, int]], embedder: str) -> tuple[FoundPassage | None, ...]:
        """Passages by document and ordinal, in that order; None for one that is gone."""
        ...

    def passage_vectors(self, document: str, embedder: str) -> Matrix | None:
        """Row i is passage i; None if the document was not indexed by this embedder yet."""
        ...

    def matched(self, texts: Sequence[str], query: str) -> tuple[tuple[Span, ...], ...]:
        """In each text, the words that a search finds, in whatever form: code points of that text."""
        ...

    def outcomes(self) -> tuple[Outcome, ...]:
        """Every finding with the decision that stands, in document order, then the order found."""
        ...

    def outcome(self, finding: str) -> Outcome:
        """By id or an unambiguous beginning of one. Raises FindingNotFound."""
        ...

    def decisions(self, finding: str) -> tuple[Decision, ...]:
        """All that was decided on a finding, withdrawals too, oldest first. Raises FindingNotFound."""
        ...

    def questions(self) -> tuple[Question, ...]:
        """Questions of the analyst's own, in the order they were first asked."""
        ...

    def entries(self) -> tuple[LedgerEntry, ...]: ...

    def original(self, document: str) -> Path:
        """The sealed file, by its SHA-256."""
        ...

    def close(self) -> None: ...


class MatterStore(MatterReader, Protocol):
    """A matter, written. One per matter at a time; every call is one transaction."""

    def seal(self, source: Path) -> tuple[str, Path]:
        """Copy a file in under its SHA-256; (sha256, sealed path). The same bytes are kept once."""
        ...

    def take_in(self, files: Sequence[UnreadFile]) -> None:
        """Remember that they are to be read; one that is known keeps its place."""
        ...

    def begin_reading(self, reader: int) -> None:
        """Forget the kept pages of files that another version of the reader began."""
        ...

    def keep_pages(self, document: str, pages: Sequence[tuple[int, bytes]]) -> None:
        """Pages of a file that is being read, by number, until ``put_document``; a later one replaces."""
        ...

    def put_document(
        self, document: Document, pages: Iterable[Page], reader: int = 0, settle: Settle | None = None
    ) -> None:
        """Add or replace, and forget what was kept while it was read; ``reader`` is the version that did.

        ``pages`` may be made one by one. Replacing drops what was derived from the old text; ``settle``
        says what becomes of the findings that cite it.
        """
        ...

    def restate(self, document: Document) -> None:
        """What is said of a document, and nothing of its text. Raises DocumentNotFound."""
        ...

    def leave_as_it_was(self, document: str) -> None:
        """Forget what was kept of a document that was read again for nothing."""
        ...

    def put_indexed(self, indexed: IndexedText) -> None:
        """Sentences, passages, their FTS rows and vectors, together."""
        ...

    def put_finding(self, finding: Finding, payload: dict[str, JsonValue]) -> None:
        """The finding and its ledger entry, together.

        A finding on which a decision stands is never overwritten.
        """
        ...

    def put_decision(self, decision: Decision) -> None:
        """The decision and its ledger entry, together. Raises FindingNotFound, NothingToWithdraw."""
        ...

    def put_decisions(self, decisions: Sequence[Decision]) -> None:
        """As ``put_decision``, in order, all or none."""
        ...

    def put_question(self, text: str) -> Question:
        """Remember a question; one that was asked before stays as it was. Raises QuestionInvalid."""
        ...

    def keep_question(self, question: str, kept: bool) -> None:
        """Whether its answers are a column of their own, by its id. Raises QuestionNotFound."""
        ...

    def append(self, kind: EntryKind, payload: dict[str, JsonValue]) -> LedgerEntry: ...


class Retriever(Protocol):
    """The few right sentences for a task."""

    def evidence(self, document: str, task: Task, budget: int, adapt: bool = False) -> Evidence:
        """At most ``budget`` characters of whole sentences, in document order.

        ``adapt``: as few as are likely to hold the answer, or up to twice as many characters.
        """
        ...

    def sweep(
        self, document: str, task: Task, holds: Callable[[str], bool] | None, budget: int | None = None
    ) -> Evidence:
        """Every sentence of the document that may hold an item of a list task, in document order.

        ``holds`` says whether words hold a value of the task's kind; None: its values are of no kind.
        With a budget the best of them, at most so many characters.
        """
        ...

    def search(
        self,
        query: str,
        document: str | None,
        limit: int,
        budget: int | None,
        within: Within | None = None,
        alike: float = -1.0,
    ) -> tuple[SearchHit, ...]:
        """Best first; with a budget the texts together stay within that many characters.

        ``alike`` is the cosine that a passage without any of the words needs.
        """
        ...


class ReadFile(Frozen):
    """What reading one file gave."""

    document: Document
    pages: tuple[Page, ...]


class Reader(Protocol):
    """Files to pages, in limited child processes. Never raises for a bad file: that is a state."""

    def read(self, path: Path, name: str, sha256: str, cancel: CancelToken) -> ReadFile: ...
