"""The ranking of a whole matter is that of FTS5's bm25(), whatever comes and goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import MatterDamaged
from app.domain.kinds import DocumentState
from app.domain.ports import IndexedText
from app.domain.search import Within
from app.domain.spans import Span
from app.domain.text import Document, Page, Passage, Sentence
from app.store.connection import DATABASE, connect_to_read
from app.store.lexical import match_expression
from app.store.matter_ranking import candidates
from app.store.opening import open_matter, read_matter
from app.store.posting_lists import PostingLists
from app.store.reader import SqliteMatterReader
from app.store.writer import SqliteMatter

EMBEDDER = "e" * 64
IDS = [letter * 16 for letter in "abcd"]
WORDS = ["term", "terms", "party", "fee", "Gebühr", "§", "pay", "paid", "audit", "lease", "x_y", "cap", "due"]


def texts(seed: int, count: int) -> list[str]:
    """Of 1 to 400 words, the first words of the list far more often than the last."""
    random = np.random.default_rng(seed)
    chances = 1.0 / np.arange(1, len(WORDS) + 1)
    lengths = random.integers(1, 40, count) * random.choice([1, 10], count)
    return [" ".join(random.choice(WORDS, n, p=chances / chances.sum())) for n in lengths]


def put(matter: SqliteMatter, document: str, held: Sequence[str]) -> None:
    """A document of one page, in which each text is a passage."""
    starts = np.cumsum([0, *(len(text) + 1 for text in held)])
    spans = [Span(int(at), int(at) + len(text)) for at, text in zip(starts, held, strict=False)]
    page = Page(number=1, start=0, text="\n".join(held), width=612, height=792)
    of_it = Document(id=document, name=document, sha256=document * 4, pages=1, state=DocumentState.READY)
    matter.put_document(of_it, [page])
    vectors = np.zeros((len(held), 4), dtype=np.float32)
    matter.put_indexed(
        IndexedText(
            document,
            EMBEDDER,
            tuple(Sentence(ordinal=row, page=1, span=span) for row, span in enumerate(spans)),
            tuple(
                Passage(ordinal=row, page=1, span=span, first=row, last=row) for row, span in enumerate(spans)
            ),
            vectors,
            vectors,
        )
    )


def by_fts5(folder: Path, query: str, limit: int) -> list[tuple[str, int, float]]:
    with sqlite3.connect(folder / DATABASE) as base:
        rows = base.execute(
            """
            SELECT passages.document, passages.ordinal, -bm25(passages_fts)
            FROM passages_fts JOIN passages ON passages.id = passages_fts.rowid
            WHERE passages_fts MATCH ? ORDER BY bm25(passages_fts), passages_fts.rowid LIMIT ?
            """,
            (match_expression(query), limit),
        ).fetchall()
    base.close()
    return rows


def agrees(matter: SqliteMatterReader, query: str, limit: int = 20) -> bool:
    hits = matter.lexical(query, None, limit)
    expected = by_fts5(matter.folder, query, limit)
    assert [hit.score for hit in hits] == pytest.approx([row[2] for row in expected], rel=1e-5, abs=1e-4)
    places = {(hit.document, hit.passage): hit.score for hit in hits}
    # passages alike to the last digit may change places, and the last ones may be others as good
    return all(places[row[:2]] == pytest.approx(row[2], rel=1e-5) for row in expected if row[:2] in places)


@pytest.fixture(scope="module")
def matter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteMatter]:
    held = open_matter(tmp_path_factory.mktemp("ranking") / "m", create=True)
    for seed, document in enumerate(IDS[:3]):
        put(held, document, texts(seed, 60))
    yield held
    held.close()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([*WORDS, "never", "Terminated", "?"]), min_size=1, max_size=8),
    st.integers(1, 200),
)
def test_scores_are_those_of_bm25(matter: SqliteMatter, words: list[str], limit: int) -> None:
    if match_expression(" ".join(words)) is not None:
        assert agrees(matter, " ".join(words), limit)


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.5]), min_size=1, max_size=60), st.integers(1, 12))
def test_the_best_are_among_the_candidates_however_scores_lie(some: list[float], limit: int) -> None:
    scores = np.zeros(512 * 20)
    scores[np.arange(len(some)) * 167] = some
    found = candidates(scores, limit)
    assert list(found) == sorted(found)
    right = sorted((score for score in some if score), reverse=True)[:limit]
    assert sorted(scores[found], reverse=True)[:limit] == right


def test_passages_that_come_and_go_are_counted_at_once(tmp_path: Path) -> None:
    matter = open_matter(tmp_path / "m", create=True)
    beside = read_matter(tmp_path / "m")
    assert beside.lexical("term fee", None, 5) == ()
    for seed, document in enumerate(IDS):  # each document is held when the next one comes
        put(matter, document, texts(seed, 20))
        assert agrees(matter, "term fee audit")
        assert agrees(beside, "term fee audit")
    put(matter, IDS[1], texts(9, 5))
    assert agrees(matter, "term fee audit")
    assert agrees(beside, "term fee audit")
    gone = Document(id=IDS[0], name="a", sha256=IDS[0] * 4, pages=0, state=DocumentState.DAMAGED, reason="")
    matter.put_document(gone, [])
    assert agrees(matter, "term fee audit")
    assert agrees(beside, "term fee audit")
    beside.close()
    matter.close()


def test_a_search_reads_no_list_twice_and_keeps_no_more_than_it_may(matter: SqliteMatter) -> None:
    read: list[str] = []
    database = connect_to_read(matter.folder / DATABASE)
    lists = PostingLists(most_kept=100, for_each=0)
    with database.snapshot() as connection:
        connection.set_trace_callback(read.append)
        lists.refresh(connection)
        for _ in range(2):
            lists.of(connection, "audit")
        before = len(read)
        held = [len(lists.of(connection, word).ids) for word in ("audit", "fee", "cap")]
        lists.refresh(connection)
        again = [line for line in read[before:] if "passage_instances" in line]
    database.close()
    assert sum("passage_instances" in line for line in read[:before]) == 1
    assert len(again) == 2
    assert sum(held) > 100


def test_a_filter_ranks_what_it_lets_through(matter: SqliteMatter) -> None:
    everything = matter.lexical("audit lease", None, 1000)
    there = Within(documents=(IDS[0], IDS[2]))
    within = matter.lexical("audit lease", None, 1000, there)
    assert within == tuple(hit for hit in everything if hit.document in there.documents)
    assert matter.lexical("audit lease", None, 3, there) == within[:3]


def test_a_quoted_phrase_changes_no_other_passage(matter: SqliteMatter) -> None:
    plain = matter.lexical("audit lease", None, 1000)
    quoted = matter.lexical('"audit lease"', None, 1000)
    others = [hit for hit in quoted if not hit.exact]
    assert 0 < len(others) < len(plain)
    places = {(hit.document, hit.passage) for hit in others}
    assert others == [hit for hit in plain if (hit.document, hit.passage) in places]


def test_lengths_that_cannot_be_are_told_as_damage(tmp_path: Path) -> None:
    matter = open_matter(tmp_path / "m", create=True)
    put(matter, IDS[0], texts(0, 20))
    matter.close()
    base = sqlite3.connect(tmp_path / "m" / DATABASE)
    base.execute("UPDATE passages_fts_docsize SET sz = x'80' WHERE id = 7")
    base.commit()
    base.close()
    reader = read_matter(tmp_path / "m")
    with pytest.raises(MatterDamaged):
        reader.lexical("term", None, 5)
    reader.close()
