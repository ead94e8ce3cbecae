"""Learns where a query's vector is moved to, so that it lies nearer to the passages that answer it.

Usage: python -m models.train.query_adapter GROUPS_JSONL --cache FOLDER

Groups are those of ``models.train.reranker_pairs``: what is left out there is left out here. Passages keep
their vectors, so nothing is indexed anew. A query's vector q becomes q + q·W, at unit length. Loss: softmax
over the right and wrong passages of 64 groups, cosine times 20, with the squares of W weighed by a decay.
The decay is chosen on 15 % of the groups, then all are learned from. Writes ``retrieval/query_adapter.npz``.
Seeded.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy, normalize

from app.platform.files import write_atomically
from models.onnx_embedder import OnnxEmbedder
from retrieval.query_adapter import ADAPTER

GROUPS, EPOCHS, RATE, SCALE = 64, 4, 1e-3, 20.0
DECAYS = (3e-2, 1e-2, 3e-3, 1e-3)
KEPT_BACK = 0.15
_PARTS = 512
Group = dict[str, Any]


class Vectors:
    """Of the queries, of the right passages, and of two wrong ones of each; rows are groups."""

    def __init__(self, groups: list[Group], cache: Path) -> None:
        embedder = OnnxEmbedder()
        texts = {
            "query": [one["query"] for one in groups],
            "right": [one["right"] for one in groups],
            "near": [one["wrong"][0] for one in groups],
            "far": [one["wrong"][-1] for one in groups],
        }
        told = json.dumps([embedder.identity, texts]).encode(errors="replace")
        file = cache / f"groups-{hashlib.sha256(told).hexdigest()[:24]}.npz"
        if not file.exists():
            cache.mkdir(parents=True, exist_ok=True)
            np.savez(file, **{name: _embedded(embedder, some) for name, some in texts.items()})
        with np.load(file) as held:
            self.query, self.right, self.near, self.far = (torch.tensor(held[name]) for name in texts)
        self.names = texts["query"]
        self.sources = np.array([one["source"] for one in groups])


def _embedded(embedder: OnnxEmbedder, texts: list[str]) -> np.ndarray:
    return np.vstack([embedder.embed(texts[at : at + _PARTS]) for at in range(0, len(texts), _PARTS)])


def moved(queries: torch.Tensor, moves: torch.Tensor) -> torch.Tensor:
    return normalize(queries + queries @ moves, dim=1)


def learned(held: Vectors, rows: np.ndarray, decay: float) -> torch.Tensor:
    order = torch.Generator().manual_seed(1)
    width = held.query.shape[1]
    moves = torch.zeros(width, width, requires_grad=True)
    made = torch.optim.Adam([moves], lr=RATE)
    known = torch.tensor(rows)
    for _ in range(EPOCHS):
        shuffled = known[torch.randperm(len(known), generator=order)]
        for at in range(0, len(shuffled), GROUPS):
            some = shuffled[at : at + GROUPS]
            passages = torch.cat([held.right[some], held.near[some], held.far[some]])
            scores = SCALE * moved(held.query[some], moves) @ passages.T
            scores = scores + _the_same([held.names[place] for place in some.tolist()], len(passages))
            loss = cross_entropy(scores, torch.arange(len(some))) + decay * (moves**2).sum()
            made.zero_grad()
            loss.backward()
            made.step()
    return moves.detach()


def _the_same(names: list[str], passages: int) -> torch.Tensor:
    """What answers the same query of another group is no mistake."""
    away = torch.zeros(len(names), passages)
    for row, name in enumerate(names):
        for column, other in enumerate(names):
            if row != column and name == other:
                away[row, column] = -1e4
    return away


def right_first(held: Vectors, rows: np.ndarray, moves: torch.Tensor) -> float:
    """Share of groups whose right passage is likelier than two wrong ones."""
    asked = moved(held.query[rows], moves)
    scores = torch.stack([(asked * one[rows]).sum(1) for one in (held.right, held.near, held.far)], dim=1)
    return float((scores.argmax(1) == 0).double().mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    groups = [json.loads(line) for line in options.groups.open(encoding="utf-8")]
    held = Vectors(groups, options.cache)
    back = np.random.default_rng(0).random(len(groups)) < KEPT_BACK
    rows = np.arange(len(groups))
    still = torch.zeros(held.query.shape[1], held.query.shape[1])
    tried = {0.0: still, **{decay: learned(held, rows[~back], decay) for decay in DECAYS}}
    found: dict[float, float] = {}
    for decay, moves in tried.items():
        by_source = {
            str(source): right_first(held, rows[back & (held.sources == source)], moves)
            for source in sorted(set(held.sources))
        }
        found[decay] = float(np.mean(list(by_source.values())))
        shown = ", ".join(f"{source} {share:.1%}" for source, share in by_source.items())
        sys.stdout.write(f"{f'decay {decay}' if decay else 'as they are'}: {shown}\n")
    best = max(DECAYS, key=lambda decay: (round(found[decay], 3), decay))
    moves = learned(held, rows, best).numpy()
    body = io.BytesIO()
    np.savez_compressed(body, embedder=np.array(OnnxEmbedder().identity), moves=moves.astype(np.float16))
    write_atomically(ADAPTER, body.getvalue())
    sys.stdout.write(f"{ADAPTER.name}: decay {best}, from all {len(groups)} groups\n")


if __name__ == "__main__":
    main()
