"""Rows to models and back. A row that cannot be what was written raises MatterDamaged, without its text."""

from __future__ import annotations

import json
import sqlite3
import struct
import zlib
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue, TypeAdapter

from app.domain.base import Frozen
from app.domain.finding import Decision, Finding, Outcome, standing
from app.domain.kinds import DecisionKind, DocumentState
from app.domain.question import Question
from app.domain.record import EntryKind, LedgerEntry
from app.domain.spans import Box, Span, Word
from app.domain.text import Aside, Document, Heading, Page, PageShape, Passage, Sentence, Unseen
from app.domain.words import Words
from app.store.connection import damaged

if TYPE_CHECKING:
    from app.domain.ports import Matrix

Row = tuple[Any, ...]

DOCUMENT_COLUMNS = "id, name, sha256, pages, state, reason, parent, flags"
PAGE_COLUMNS = "number, begins, text, width, height, words, confidences, marks"
UNREAD_COLUMNS = "document, name, sha256, parent"
SHAPE_COLUMNS = "number, begins, begins + length(text), width, height"
SENTENCE_COLUMNS = "ordinal, page, begins, ends"
PASSAGE_COLUMNS = (
    "ordinal, page, begins, ends, first, last, heading_begins, heading_ends, table_begins, table_ends"
)
ENTRY_COLUMNS = "sequence, at, kind, payload, previous, hash"
DECISION_COLUMNS = "finding, kind, value, note, at, analyst_seconds"
QUESTION_COLUMNS = "id, text, at, kept"


class _Marks(Frozen):
    asides: tuple[Aside, ...] = ()
    headings: tuple[Heading, ...] = ()
    unseen: tuple[Unseen, ...] = ()


_NO_MARKS = _Marks()
_FLAGS = TypeAdapter(tuple[str, ...])
_HUNDREDTHS, _SINGLE, _DOUBLE = b"h", b"f", b"d"


@contextmanager
def as_written() -> Generator[None]:
    """Decode inside. The cause is left out: pydantic's and json's errors quote what they were given."""
    try:
        yield
    except (ValueError, TypeError, zlib.error, struct.error):
        raise damaged() from None


def document_to_row(document: Document) -> Row:
    """In the order of DOCUMENT_COLUMNS."""
    return (
        document.id,
        document.name,
        document.sha256,
        document.pages,
        document.state.value,
        document.reason,
        document.parent,
        json.dumps(document.flags),
    )


def document_from_row(row: Row) -> Document:
    """From DOCUMENT_COLUMNS."""
    with as_written():
        return Document(
            id=row[0],
            name=row[1],
            sha256=row[2],
            pages=row[3],
            state=DocumentState(row[4]),
            reason=row[5],
            parent=row[6],
            flags=_FLAGS.validate_json(row[7]),
        )


def page_to_row(page: Page) -> Row:
    """In the order of PAGE_COLUMNS."""
    return (
        page.number,
        page.start,
        page.text,
        page.width,
        page.height,
        pack_words(page),
        bytes(round(100 * confidence) for confidence in page.confidences),
        _marks_of(page),
    )


def page_from_row(row: Row) -> Page:
    """From PAGE_COLUMNS."""
    with as_written():
        marks = _Marks.model_validate_json(row[7]) if row[7] else _NO_MARKS
        return Page(
            number=row[0],
            start=row[1],
            text=row[2],
            width=row[3],
            height=row[4],
            words=unpack_words(row[5], row[1]),
            confidences=tuple(hundredths / 100 for hundredths in row[6]),
            asides=marks.asides,
            headings=marks.headings,
            unseen=marks.unseen,
        )


def _marks_of(page: Page) -> str:
    """Empty for the many pages that have none."""
    marks = _Marks(asides=page.asides, headings=page.headings, unseen=page.unseen)
    return "" if marks == _NO_MARKS else marks.model_dump_json(exclude_defaults=True)


def sentence_to_row(sentence: Sentence) -> Row:
    """In the order of SENTENCE_COLUMNS."""
    return (sentence.ordinal, sentence.page, *sentence.span)


def sentence_from_row(row: Row) -> Sentence:
    """From SENTENCE_COLUMNS."""
    with as_written():
        return Sentence(ordinal=row[0], page=row[1], span=Span(row[2], row[3]))


def passage_to_row(passage: Passage) -> Row:
    """In the order of PASSAGE_COLUMNS."""
    heading, table = passage.heading or (None, None), passage.table or (None, None)
    return (passage.ordinal, passage.page, *passage.span, passage.first, passage.last, *heading, *table)


def passage_from_row(row: Row) -> Passage:
    """From PASSAGE_COLUMNS."""
    with as_written():
        return Passage(
            ordinal=row[0],
            page=row[1],
            span=Span(row[2], row[3]),
            first=row[4],
            last=row[5],
            heading=None if row[6] is None else Span(row[6], row[7]),
            table=None if row[8] is None else Span(row[8], row[9]),
        )


def pack_words(page: Page) -> bytes:
    """A page's words in few bytes: "h" and the zlib of their columns, with offsets in the page's own text."""
    return _HUNDREDTHS + zlib.compress(page.words.packed(page.start), 1)


def unpack_words(blob: bytes, start: int) -> Words:
    """What ``pack_words`` kept of the page that begins at ``start``, and what earlier versions did.

    Those kept the gap before each word and its length (int32), then x0, y0, x1 and y1 as "f", four bytes,
    or "d", eight, with offsets in the canonical text.
    """
    kept, data = blob[:1], zlib.decompress(blob[1:])
    if kept == _HUNDREDTHS:
        return Words.unpacked(data, start)
    if kept not in (_SINGLE, _DOUBLE):
        raise ValueError("unknown packing of words")
    count = len(data) // (8 + 4 * struct.calcsize(kept.decode()))
    figures = struct.unpack(f"<{2 * count}i{4 * count}{kept.decode()}", data)
    gaps, lengths, *sides = (figures[count * column : count * (column + 1)] for column in range(6))
    words: list[Word] = []
    end = 0
    for gap, length, *box in zip(gaps, lengths, *sides, strict=True):
        words.append(Word(end + gap, end + gap + length, Box(*box)))
        end += gap + length
    return Words.of(words)


def in_order(documents: Sequence[Document]) -> tuple[Document, ...]:
    """As given, but what lies inside a document comes right after it."""
    places = {document.id: place for place, document in enumerate(documents)}
    parents = {document.id: document.parent for document in documents}

    def key(document: Document) -> list[int]:
        chain = [document.id]
        while (parent := parents[chain[-1]]) is not None and parent in places and parent not in chain:
            chain.append(parent)
        return [places[one] for one in reversed(chain)]

    return tuple(sorted(documents, key=key))


def pack_matrix(matrix: Matrix) -> bytes:
    """Rows of float32, little-endian, one after the other."""
    return matrix.astype("<f4", copy=False).tobytes()


def unpack_matrix(blob: bytes, rows: int, dimensions: int) -> Matrix:
    """Shape (rows, dimensions); a copy that may be written to."""
    import numpy as np

    with as_written():
        return np.frombuffer(blob, dtype="<f4").reshape(rows, dimensions).astype(np.float32)


def entry_to_row(entry: LedgerEntry) -> Row:
    """In the order of ENTRY_COLUMNS."""
    payload = json.dumps(entry.payload, ensure_ascii=False, allow_nan=False)
    return (
        entry.sequence,
        entry.at.isoformat(),
        entry.kind.value,
        payload,
        entry.previous,
        entry.hash,
    )


def entry_from_row(row: Row) -> LedgerEntry:
    """From ENTRY_COLUMNS."""
    with as_written():
        payload: dict[str, JsonValue] = json.loads(row[3])
        return LedgerEntry(
            sequence=row[0],
            at=datetime.fromisoformat(row[1]),
            kind=EntryKind(row[2]),
            payload=payload,
            previous=row[4],
            hash=row[5],
        )


def decision_to_row(decision: Decision) -> Row:
    """In the order of DECISION_COLUMNS."""
    return (
        decision.finding,
        decision.kind.value,
        decision.value,
        decision.note,
        decision.at.isoformat(),
        decision.analyst_seconds,
    )


def decision_from_row(row: Row) -> Decision:
    """From DECISION_COLUMNS, whatever follows them."""
    with as_written():
        return Decision(
            finding=row[0],
            kind=DecisionKind(row[1]),
            value=row[2],
            note=row[3],
            at=datetime.fromisoformat(row[4]),
            analyst_seconds=row[5],
        )


def standing_row(decisions: Sequence[Row]) -> Row | None:
    """Of a finding's decisions, oldest first, the one that stands."""
    place = standing(row[1] for row in decisions)
    return None if place is None else decisions[place]


def outcome_from_rows(body: str, decisions: Sequence[Row]) -> Outcome:
    """From a finding's body and all its decisions, oldest first: DECISION_COLUMNS, then what each cost."""
    with as_written():
        finding = Finding.model_validate_json(body)
        if not decisions:
            return Outcome(finding=finding)
        analyst = finding.cost.analyst + sum(row[6] for row in decisions)
        cost = finding.cost.model_copy(update={"analyst": analyst})
        stands = standing_row(decisions)
        return Outcome(
            finding=finding.model_copy(update={"cost": cost}),
            decision=None if stands is None else decision_from_row(stands),
        )


def question_to_row(question: Question) -> Row:
    """In the order of QUESTION_COLUMNS."""
    return (question.id, question.text, question.at.isoformat(), int(question.kept))


def question_from_row(row: Row) -> Question:
    """From QUESTION_COLUMNS."""
    with as_written():
        return Question(id=row[0], text=row[1], at=datetime.fromisoformat(row[2]), kept=bool(row[3]))


def shape_from_row(row: Row) -> PageShape:
    """From SHAPE_COLUMNS."""
    with as_written():
        return PageShape(number=row[0], start=row[1], end=row[2], width=row[3], height=row[4])


def rows_of(connection: sqlite3.Connection, query: str, *parameters: object) -> list[Row]:
    """Every row that a query gives."""
    return connection.execute(query, parameters).fetchall()
