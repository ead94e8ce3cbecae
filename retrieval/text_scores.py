"""How well a sentence of a document fits a task by the task's own words: no labels of that task are needed.

A logistic regression over what likeness and shared words say of a sentence, of the passage around it and of
the heading above. It is learned over many tasks at once (``models.train.text_scores``), so it knows how much
each of these tells, and nothing of any task. A task with examples has more features, and slopes of their own.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.ports import Embedder, IndexedText
from app.domain.task import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("text_weights.json")
FEATURES = 16
EXAMPLE_FEATURES = 12
"""Besides, of a task with examples."""

PRESENCE = 7

_RELATIVE = 7
"""So many of the features are also told as the distance to the document's best."""

_WORD = re.compile(r"[^\W\d_]{3,}")
_STEM = 6
_COMMON = 0.12
_CUE = 1.3
_SHORT, _LONG = 60, 600


@dataclass(frozen=True, eq=False)
class Slopes:
    """Of natural log-odds, for features as they are, not scaled.

    ``sentences`` (features,) and ``intercept`` are of one sentence, ``presence`` (PRESENCE + 1,) is of a
    document: slopes for ``presence_shape``, and an intercept.
    """

    sentences: Floats
    intercept: float
    presence: Floats


@dataclass(frozen=True, eq=False)
class TextWeights:
    """Of ``embedder``'s vectors: for tasks without examples, and for tasks that have some."""

    embedder: str
    plain: Slopes
    shown: Slopes

    def of(self, task: Task) -> Slopes:
        """Those that fit the task's features."""
        return self.shown if task.examples else self.plain

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> TextWeights:
        """Of this build: raises whatever a damaged installation does."""
        held = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            held["embedder"],
            _slopes(held["plain"], FEATURES, path.name),
            _slopes(held["shown"], FEATURES + EXAMPLE_FEATURES, path.name),
        )


def _slopes(held: Mapping[str, Any], features: int, name: str) -> Slopes:
    import numpy as np

    sentences = np.array(held["slopes"], dtype=np.float32)
    if sentences.shape != (features,):
        raise ValueError(f"{name} does not hold {features} slopes")
    presence = np.array(held["presence"], dtype=np.float32)
    if presence.shape != (PRESENCE + 1,):
        raise ValueError(f"{name} does not hold {PRESENCE} slopes of presence and an intercept")
    return Slopes(sentences, float(held["intercept"]), presence)


@dataclass(frozen=True, eq=False)
class Fit:
    """``logits`` (sentences,) are natural log-odds that a sentence answers. ``presence`` is the probability
    that any does; None without sentences, or for vectors of an embedder that the weights are not of."""

    logits: Floats
    presence: float | None


class TextScorer:
    """Keeps what it made of the last document and of each task's text."""

    def __init__(self, embedder: Embedder, weights: TextWeights) -> None:
        self._embedder = embedder
        self._weights = weights
        self._document: tuple[IndexedText, _Words] | None = None
        self._vectors: dict[tuple[str, ...], Floats] = {}

    def logits(self, task: Task, indexed: IndexedText, text: str) -> Floats:
        """One for each sentence, natural log-odds that it answers; ``text`` is canonical.

        For vectors of an embedder that the weights are not of, only the order means something.
        """
        return self.fit(task, indexed, text).logits

    def fit(self, task: Task, indexed: IndexedText, text: str) -> Fit:
        """As ``logits``, with what they say of the document."""
        features = self.features(task, indexed, text)
        slopes = self._weights.of(task)
        logits: Floats = features @ slopes.sentences + slopes.intercept
        logits = logits.astype("float32", copy=False)
        if not len(logits) or indexed.embedder != self._weights.embedder:
            return Fit(logits, None)
        odds = float(presence_shape(logits, features) @ slopes.presence)
        return Fit(logits, 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds)))))

    def features(self, task: Task, indexed: IndexedText, text: str) -> Floats:
        """Shape (sentences, FEATURES), or so many more of a task with examples."""
        import numpy as np

        if self._document is None or self._document[0] is not indexed:
            self._document = (indexed, _Words(indexed, text))
        words = self._document[1]
        phrasings = self._embedded(phrasings_of(task))
        alike = indexed.sentence_vectors @ phrasings.T
        around = (indexed.passage_vectors @ phrasings.T).max(axis=1)
        shared = words.shared(asked_of(task))
        told = np.column_stack([
            alike[:, :-2].max(axis=1, initial=-1.0),
            alike[:, -2],
            alike[:, -1],
            around[words.passage_of],
            shared.sentences,
            shared.passages[words.passage_of],
            shared.headings[words.passage_of],
            words.lengths < _SHORT,
            np.minimum(words.lengths, _LONG) / 300,
        ])  # fmt: skip
        best = told[:, :_RELATIVE].max(axis=0, initial=0.0)
        plain = np.hstack([told, told[:, :_RELATIVE] - best]).astype(np.float32)
        return np.hstack([plain, self._shown(task, indexed, words)]) if task.examples else plain

    def _shown(self, task: Task, indexed: IndexedText, words: _Words) -> Floats:
        """What the examples say, shape (sentences, EXAMPLE_FEATURES)."""
        import numpy as np

        examples = self._embedded(task.examples)
        alike = indexed.sentence_vectors @ examples.T
        around = (indexed.passage_vectors @ examples.T).max(axis=1)
        shared = words.shared(_common(task.examples))
        told = np.column_stack([
            alike.max(axis=1),
            alike.mean(axis=1),
            around[words.passage_of],
            shared.sentences,
            shared.sentences * np.sqrt(100 / np.maximum(words.lengths, 30)),
            shared.headings[words.passage_of],
        ])  # fmt: skip
        return np.hstack([told, told - told.max(axis=0, initial=0.0)]).astype(np.float32)

    def likeness(self, task: Task, indexed: IndexedText) -> Floats:
        """Of every sentence to the task's likest phrasing, as a cosine."""
        return (indexed.sentence_vectors @ self._embedded(phrasings_of(task))[:-1].T).max(axis=1)

    def _embedded(self, texts: tuple[str, ...]) -> Floats:
        if texts not in self._vectors:
            self._vectors[texts] = self._embedder.embed(texts)
        return self._vectors[texts]


def presence_shape(logits: Floats, features: Floats) -> Floats:
    """Of one document, shape (PRESENCE + 1,): the best logit, the mean of the best three, how far the best
    stands above the mean of the best ten, the most likeness of a sentence and of a passage, the most words
    shared by a sentence and by a heading, and one."""
    import numpy as np

    best = np.sort(logits)[::-1]
    most = features[:, [0, 3, 4, 6]].max(axis=0)
    told = [best[0], best[:3].mean(), best[0] - best[:10].mean(), *most, 1.0]
    return np.array(told, dtype=np.float32)


def phrasings_of(task: Task) -> tuple[str, ...]:
    """The queries, the description, the title; a question of the analyst's own has no title."""
    return (*task.queries, task.description, task.title or task.description)


def asked_of(task: Task) -> dict[str, float]:
    """Stems of the task's words with their weights; a cue's counts for more."""
    asked = dict.fromkeys(_stems(" ".join((*task.queries, task.title))), 1.0)
    asked.update(dict.fromkeys(_stems(" ".join(task.cues)), _CUE))
    return asked


def _common(examples: Sequence[str]) -> dict[str, float]:
    """Stems of the examples' words, each with the share of them that have it."""
    held = [_stems(example) for example in examples]
    stems = sorted(set[str]().union(*held))
    return {stem: sum(stem in one for one in held) / len(held) for stem in stems}


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.lower())}


@dataclass(frozen=True, eq=False)
class _Shared:
    """Weights of the words shared with a task: per sentence, per passage, per passage's heading."""

    sentences: Floats
    passages: Floats
    headings: Floats


class _Words:
    """Which sentences, passages and headings of a document hold a word."""

    def __init__(self, indexed: IndexedText, text: str) -> None:
        import numpy as np

        spans = [sentence.span for sentence in indexed.sentences]
        held = [_stems(text[span.start : span.end]) for span in spans]
        self.lengths = np.array([span.end - span.start for span in spans], dtype=np.float32)
        self.passage_of = np.zeros(len(spans), dtype=np.int64)
        for passage in indexed.passages:
            self.passage_of[passage.first : passage.last + 1] = passage.ordinal
        self._sentences = _places(held)
        self._passages = _places([set[str]().union(*held[p.first : p.last + 1]) for p in indexed.passages])
        headings = [p.heading for p in indexed.passages]
        self._headings = _places([_stems(text[h.start : h.end]) if h else set[str]() for h in headings])
        self._counts = (len(spans), len(indexed.passages))

    def shared(self, asked: dict[str, float]) -> _Shared:
        import numpy as np

        sentences, passages = self._counts
        found = _Shared(*(np.zeros(n, dtype=np.float32) for n in (sentences, passages, passages)))
        most = math.log(sentences + 1)
        for stem, weight in asked.items():
            places = self._sentences.get(stem, ())
            if not places or len(places) > max(2, _COMMON * sentences):
                continue
            rarity = weight * math.log((sentences + 1) / (len(places) + 1)) / most
            found.sentences[places] += rarity
            found.passages[self._passages[stem]] += rarity
            if stem in self._headings:
                found.headings[self._headings[stem]] += rarity
        return found


def _places(held: Sequence[Iterable[str]]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for number, stems in enumerate(held):
        for stem in stems:
            places.setdefault(stem, []).append(number)
    return places
