"""A document's pages to what retrieval needs of them."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.cancel import CancelToken
from app.domain.ports import Embedder, IndexedText
from app.domain.spans import Span
from app.domain.text import Page, canonical_text
from retrieval.passages import split_passages
from retrieval.sentences import split_sentences

_STEP = 256


def index_document(
    document: str, pages: Sequence[Page], embedder: Embedder, cancel: CancelToken
) -> IndexedText:
    """Split and embed. Raises Cancelled between batches."""
    sentences = split_sentences(pages)
    passages = split_passages(pages, sentences)
    text = canonical_text(tuple(pages))
    return IndexedText(
        document=document,
        embedder=embedder.identity,
        sentences=sentences,
        passages=passages,
        sentence_vectors=_embed(text, [s.span for s in sentences], embedder, cancel),
        passage_vectors=_embed(text, [p.span for p in passages], embedder, cancel),
    )


def _embed(text: str, spans: Sequence[Span], embedder: Embedder, cancel: CancelToken):
    import numpy as np

    vectors = np.zeros((len(spans), embedder.dimensions), dtype=np.float32)
    for first in range(0, len(spans), _STEP):
        cancel.check()
        part = spans[first : first + _STEP]
        vectors[first : first + len(part)] = embedder.embed([text[s.start : s.end] for s in part])
    return vectors
