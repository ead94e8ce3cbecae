"""Task probes: for every fixed task of a pack a learned direction over what the index holds anyway.

A probe is a logistic regression on a sentence's vector, its neighbours' vectors, hashed words and place. How
well the sentence fits the task's own words is added to it, which carries a task that has few labels. Scoring
all tasks on a contract takes milliseconds and no language model.
"""

from __future__ import annotations

import hashlib
import io
import math
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.errors import PackInvalid
from app.domain.ports import IndexedText
from app.platform.files import write_atomically
from retrieval.gate import Gate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BUCKETS = 1 << 14
TEXT_WEIGHT = 0.75
"""Of the fit to the task's text beside the probe: by folds of companies 0.5 to 1 do alike."""

PRESENCE = 4
_WORD = re.compile(r"[a-z]+|\d+|[$%“\"]")


@dataclass(frozen=True, eq=False)
class Features:
    """``dense`` is (sentences, 3 × dimensions + 4); the hashed words are in compressed-row form."""

    dense: Floats
    indices: NDArray[np.int32]
    data: Floats
    starts: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DocumentScores:
    """Logits per sentence and the calibrated probability that the document answers; None: unknown."""

    sentences: Floats
    presence: float | None


@dataclass(frozen=True, eq=False)
class Probe:
    """Of one task: dense (D,), words (BUCKETS,), and presence (PRESENCE,), not a number where unknown."""

    dense: Floats
    words: Floats
    bias: float
    presence: Floats
    gate: Gate | None = None


class TaskProbes:
    """Probes of one pack for one embedder."""

    def __init__(
        self,
        tasks: tuple[str, ...],
        embedder: str,
        dense: Floats,
        words: Floats,
        bias: Floats,
        presence: Floats,
        gates: Floats | None = None,
    ) -> None:
        """Shapes for T tasks: dense (T, D), words (T, BUCKETS), bias (T,), presence (T, PRESENCE).

        A row of presence that is not a number says that it was not learned: the model tells it.
        ``gates`` (T, 2) are thresholds and recalls, not a number where a task has none.
        """
        self.embedder = embedder
        self._rows = {task: row for row, task in enumerate(tasks)}
        self._dense, self._words, self._bias, self._presence = dense, words, bias, presence
        self._gates = gates
        self._last: tuple[IndexedText, Floats] | None = None

    @classmethod
    def load(cls, path: Path) -> TaskProbes:
        """Raises PackInvalid if the file is not one of probes."""
        import numpy as np

        try:
            # opened here: numpy leaves a file that it cannot read open
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
                tasks = tuple(str(task) for task in held["tasks"])
                embedder = str(held["embedder"])
                dense = held["dense"].astype(np.float32)
                words = held["words"].astype(np.float32) * held["words_scale"].astype(np.float32)[:, None]
                bias = held["bias"].astype(np.float32)
                presence = held["presence"].astype(np.float32)
                # packs trained before there were list tasks have none
                gates = held["gates"].astype(np.float32) if "gates" in held.files else None
        except Exception as error:  # a damaged archive raises whatever its reader happens upon
            raise _no_probes(path) from error
        rows = len(tasks)
        if dense.ndim != 2 or (len(dense), words.shape, bias.shape, presence.shape) != (
            rows,
            (rows, BUCKETS),
            (rows,),
            (rows, PRESENCE),
        ):
            raise _no_probes(path)
        if gates is not None and gates.shape != (rows, 2):
            raise _no_probes(path)
        return cls(tasks, embedder, dense, words, bias, presence, gates)

    def scores(self, task: str, indexed: IndexedText, text: str, fit: Floats) -> DocumentScores | None:
        """None if the task has no probe, or none for this embedder. ``text`` is canonical.

        ``fit`` (sentences,) is what ``TextScorer.logits`` says of the task.
        """
        import numpy as np

        row = self._rows.get(task)
        if row is None or indexed.embedder != self.embedder or not indexed.sentences:
            return None
        if self._last is None or self._last[0] is not indexed:
            self._last = (indexed, self._all(sentence_features(indexed, text)))
        logits = (self._last[1][:, row] + TEXT_WEIGHT * fit).astype(np.float32)
        weights = self.presence_weights(task)
        told = presence(logits, fit, weights) if np.isfinite(weights).all() else None
        return DocumentScores(sentences=logits, presence=told)

    def presence_weights(self, task: str) -> Floats:
        """Of ``presence``, shape (PRESENCE,). Raises KeyError for a task without a probe."""
        return self._presence[self._rows[task]]

    @property
    def tasks(self) -> tuple[str, ...]:
        """Those that have a probe."""
        return tuple(self._rows)

    def tells_presence(self, task: str) -> bool:
        """Whether a document's probability comes with the probe."""
        import numpy as np

        return task in self._rows and bool(np.isfinite(self.presence_weights(task)).all())

    def probe(self, task: str) -> Probe:
        """Raises KeyError for a task without one."""
        row = self._rows[task]
        parts = self._dense[row], self._words[row], float(self._bias[row]), self._presence[row]
        return Probe(*parts, gate=self.gate(task))

    def gate(self, task: str) -> Gate | None:
        """Of a task's logits with the fit; None for a task without a probe, or whose probe has none."""
        row = self._rows.get(task)
        if row is None or self._gates is None:
            return None
        threshold, recall = map(float, self._gates[row])
        return None if math.isnan(threshold) else Gate(threshold, recall)

    def fingerprint(self, task: str) -> bytes | None:
        """Of a task's probe and the embedder it is for; None for a task without a probe."""
        row = self._rows.get(task)
        if row is None:
            return None
        parts = (self._dense[row], self._words[row], self._bias[row])
        return hashlib.sha256(self.embedder.encode() + b"".join(p.tobytes() for p in parts)).digest()

    def _all(self, features: Features) -> Floats:
        import numpy as np

        logits = features.dense @ self._dense.T + self._bias
        parts = self._words.T[features.indices] * features.data[:, None]
        return (logits + np.add.reduceat(parts, features.starts, axis=0)).astype(np.float32)


def save_probes(path: Path, embedder: str, probes: Mapping[str, Probe]) -> None:
    """Whole or not at all; the same probes give the same bytes. There must be one. Raises DiskFull, OSError.

    Words are kept in 8 bits with one scale a task: half a megabyte for forty-one tasks.
    """
    import numpy as np

    tasks = sorted(probes)
    held = [probes[task] for task in tasks]
    words: Floats = np.array([one.words for one in held], dtype=np.float32)
    scale: Floats = np.abs(words).max(axis=1) / 127
    scale[scale == 0] = 1.0
    packed: Floats = np.round(words / scale[:, None])
    gates = [one.gate or (math.nan, math.nan) for one in held]
    body = io.BytesIO()
    np.savez_compressed(
        body,
        tasks=np.array(tasks),
        embedder=np.array(embedder),
        dense=np.array([one.dense for one in held], dtype=np.float16),
        words=packed.astype(np.int8),
        words_scale=scale.astype(np.float32),
        bias=np.array([one.bias for one in held], dtype=np.float32),
        presence=np.array([one.presence for one in held], dtype=np.float32),
        gates=np.array(gates, dtype=np.float32),
    )
    write_atomically(path, body.getvalue())


def _no_probes(path: Path) -> PackInvalid:
    return PackInvalid(f"{path.name} does not hold task probes.", "Install the pack again.")


def presence_features(logits: Floats, fit: Floats) -> tuple[float, float, float]:
    """The best sentence's logit, the mean of the best three, and the best fit to the task's text."""
    import numpy as np

    best = np.sort(logits)[::-1][:3]
    return float(best[0]), float(best.mean()), float(fit.max())


def presence(logits: Floats, fit: Floats, weights: Floats) -> float:
    """Platt scaling over ``presence_features``; ``weights`` are their slopes and an intercept."""
    z = float(weights[-1])
    for weight, feature in zip(weights[:-1], presence_features(logits, fit), strict=True):
        z += float(weight) * feature
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, z))))


def sentence_features(indexed: IndexedText, text: str) -> Features:
    """Features of every sentence; used alike in training and in running."""
    import numpy as np

    vectors = indexed.sentence_vectors
    count = len(indexed.sentences)
    before, after = np.zeros_like(vectors), np.zeros_like(vectors)
    before[1:], after[:-1] = vectors[:-1], vectors[1:]
    ordinals = np.arange(count, dtype=np.float32)
    lengths = np.array([s.span.end - s.span.start for s in indexed.sentences], dtype=np.float32)
    place = np.stack(
        [
            1.0 / (1.0 + ordinals),
            np.exp(-ordinals / 10.0),
            ordinals / max(count - 1, 1),
            np.log1p(lengths) / 7.0,
        ],
        axis=1,
    ).astype(np.float32)
    indices: list[int] = []
    data: list[float] = []
    starts: list[int] = []
    for sentence in indexed.sentences:
        buckets = hashed_words(text[sentence.span.start : sentence.span.end])
        starts.append(len(indices))
        indices.extend(buckets)
        data.extend([1.0 / max(len(buckets), 1) ** 0.5] * len(buckets))
    return Features(
        dense=np.hstack([vectors, before, after, place]),
        indices=np.array(indices, dtype=np.int32),
        data=np.array(data, dtype=np.float32),
        starts=np.array(starts, dtype=np.int64),
    )


def hashed_words(text: str) -> list[int]:
    """Buckets of a sentence's words and pairs of words, each once; never empty."""
    words = _WORD.findall(text.lower())
    found = {_bucket(word) for word in words}
    found.update(_bucket(f"{a} {b}") for a, b in pairwise(words))
    return sorted(found) or [0]


@lru_cache(maxsize=1 << 16)
def _bucket(term: str) -> int:
    return zlib.crc32(term.encode()) % BUCKETS
