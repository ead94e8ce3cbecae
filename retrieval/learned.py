"""Corrections of one pack as a file. It holds no words, but its hashed weights could betray single ones."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.task import Task
from app.platform.files import write_atomically
from retrieval.learning import Correction
from retrieval.task_probes import BUCKETS, TaskProbes
from retrieval.text_scores import TextWeights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

PRESENCE = 3


class LearnedDamaged(Exception):
    """The file does not hold corrections of this pack."""


@dataclass(frozen=True, eq=False)
class Learned:
    """``corrections`` by task; ``bases`` are the fingerprints of what each of them corrects."""

    pack: str
    embedder: str
    corrections: Mapping[str, Correction]
    bases: Mapping[str, str]

    def of(self, task: str, embedder: str, base: str) -> Correction | None:
        """None if nothing was learned for it, or by other vectors or on another base."""
        if embedder != self.embedder or self.bases.get(task) != base:
            return None
        return self.corrections[task]


def base_of(task: Task, text: TextWeights, probes: TaskProbes | None) -> str:
    """Fingerprint of all that a sentence's score comes from without decisions."""
    words = "\n".join((task.title, task.description, *task.queries, "", *task.cues))
    slopes = text.of(task)
    told = hashlib.sha256(words.encode())
    if task.examples:
        told.update(json.dumps(task.examples).encode())
    told.update(text.embedder.encode() + slopes.sentences.tobytes() + str(slopes.intercept).encode())
    told.update((probes.fingerprint(task.id) if probes else None) or b"")
    return told.hexdigest()


def load_learned(path: Path, pack: str) -> Learned | None:
    """None if nothing was learned. Raises LearnedDamaged."""
    import numpy as np

    try:
        if not path.exists():
            return None
        # opened here: numpy leaves a file that it cannot read open
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
            tasks = [str(task) for task in held["tasks"]]
            of_pack, embedder = str(held["pack"]), str(held["embedder"])
            bases = [str(base) for base in held["bases"]]
            scale: Floats = held["scale"].astype(np.float32)
            dense: Floats = held["dense"].astype(np.float32)
            words: Floats = held["words"].astype(np.float32)
            presence: Floats = held["presence"].astype(np.float32)
    except Exception as error:  # a damaged archive raises whatever its reader happens upon
        raise LearnedDamaged from error
    rows = len(tasks)
    shapes = (len(bases), scale.shape, words.shape, presence.shape, len(dense), dense.ndim)
    if of_pack != pack or shapes != (rows, (rows, 2), (rows, BUCKETS), (rows, PRESENCE), rows, 2):
        raise LearnedDamaged
    if not all(np.isfinite(part).all() for part in (scale, dense, words)):
        raise LearnedDamaged
    corrections = {
        task: Correction(
            slope=float(scale[row, 0]),
            bias=float(scale[row, 1]),
            dense=dense[row],
            words=words[row],
            presence=presence[row] if np.isfinite(presence[row]).all() else None,
        )
        for row, task in enumerate(tasks)
    }
    return Learned(of_pack, embedder, corrections, dict(zip(tasks, bases, strict=True)))


def save_learned(path: Path, learned: Learned) -> None:
    """Whole or not at all; makes the folder. Raises DiskFull, OSError."""
    import numpy as np

    unknown = np.full(PRESENCE, np.nan, dtype=np.float32)
    tasks = sorted(learned.corrections)
    held = [learned.corrections[task] for task in tasks]
    body = io.BytesIO()
    np.savez_compressed(
        body,
        pack=np.array(learned.pack),
        embedder=np.array(learned.embedder),
        tasks=np.array(tasks),
        bases=np.array([learned.bases[task] for task in tasks]),
        scale=np.array([(one.slope, one.bias) for one in held], dtype=np.float32),
        dense=np.array([one.dense for one in held], dtype=np.float32),
        words=np.array([one.words for one in held], dtype=np.float32),
        presence=np.array([unknown if one.presence is None else one.presence for one in held]),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, body.getvalue())
