"""Messages between the owner of a matter and the engine: one line of JSON each."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, TypeAdapter

from app.domain.base import Frozen
from app.domain.cost import Usage
from app.domain.finding import Evidence, Finding
from app.domain.ports import IndexedText, SearchHit
from app.domain.search import Within
from app.domain.task import Task
from app.domain.text import Passage, Sentence
from app.review.mixing import Readout
from app.review.review_matter import WorkItem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class IndexJob(Frozen):
    """Split and embed documents."""

    kind: Literal["index"] = "index"
    documents: tuple[str, ...]


class ReviewJob(Frozen):
    """Make findings. ``tasks`` are those of the items' tasks that are not the pack's: questions."""

    kind: Literal["review"] = "review"
    items: tuple[WorkItem, ...]
    tasks: tuple[Task, ...] = ()


class SearchJob(Frozen):
    """Search the matter or one document, or what ``within`` lets through.

    ``alike`` is the cosine that a passage without any of the words needs.
    """

    kind: Literal["search"] = "search"
    query: str
    document: str | None = None
    limit: int = 10
    budget: int | None = None
    within: Within | None = None
    alike: float = -1.0


class EvidenceJob(Frozen):
    """What the model would be given, or the best sentences within ``budget`` characters."""

    kind: Literal["evidence"] = "evidence"
    documents: tuple[str, ...]
    task: str
    budget: int | None = None


class ReadJob(Frozen):
    """What the model says of evidence for a task of the pack, before anything is made of it."""

    kind: Literal["read"] = "read"
    evidence: tuple[Evidence, ...]


class CancelJob(Frozen):
    """Stop the job in hand, at its next step."""

    kind: Literal["cancel"] = "cancel"


Job = IndexJob | ReviewJob | SearchJob | EvidenceJob | ReadJob
REQUEST: TypeAdapter[Job | CancelJob] = TypeAdapter(Annotated[Job | CancelJob, Field(discriminator="kind")])


class Matrix(Frozen):
    """A float32 matrix, little-endian, in base64."""

    rows: int
    columns: int
    data: str


class Indexed(Frozen):
    """One document's index."""

    kind: Literal["indexed"] = "indexed"
    document: str
    embedder: str
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    sentence_vectors: Matrix
    passage_vectors: Matrix
    usage: Usage


class Begun(Frozen):
    """Said before a finding is worked on, so that a crash can be laid at its door."""

    kind: Literal["begun"] = "begun"
    item: WorkItem


class Made(Frozen):
    """A finding."""

    kind: Literal["made"] = "made"
    finding: Finding
    usage: Usage


class Hits(Frozen):
    """What a search found."""

    kind: Literal["hits"] = "hits"
    hits: tuple[SearchHit, ...]


class Given(Frozen):
    """Evidence for one document."""

    kind: Literal["given"] = "given"
    evidence: Evidence


class Said(Frozen):
    """The model's reading of one evidence."""

    kind: Literal["said"] = "said"
    reading: Readout


class Ended(Frozen):
    """The one terminal event of a job; the error's fields are set if it failed."""

    kind: Literal["ended"] = "ended"
    ending: Literal["done", "cancelled", "failed"]
    code: str = ""
    message: str = ""
    hint: str = ""


Event = Indexed | Begun | Made | Hits | Given | Said | Ended
EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])


def packed(vectors: NDArray[np.float32]) -> Matrix:
    """A matrix as a message."""
    rows, columns = vectors.shape
    data = base64.b64encode(vectors.astype("<f4").tobytes()).decode("ascii")
    return Matrix(rows=rows, columns=columns, data=data)


def unpacked(matrix: Matrix) -> NDArray[np.float32]:
    """A message as a matrix."""
    import numpy as np

    flat = np.frombuffer(base64.b64decode(matrix.data), dtype="<f4")
    return flat.reshape(matrix.rows, matrix.columns).astype(np.float32)


def indexed_event(indexed: IndexedText, usage: Usage) -> Indexed:
    """An index as a message."""
    return Indexed(
        document=indexed.document,
        embedder=indexed.embedder,
        sentences=indexed.sentences,
        passages=indexed.passages,
        sentence_vectors=packed(indexed.sentence_vectors),
        passage_vectors=packed(indexed.passage_vectors),
        usage=usage,
    )


def indexed_text(event: Indexed) -> IndexedText:
    """A message as an index."""
    return IndexedText(
        document=event.document,
        embedder=event.embedder,
        sentences=event.sentences,
        passages=event.passages,
        sentence_vectors=unpacked(event.sentence_vectors),
        passage_vectors=unpacked(event.passage_vectors),
    )
