"""Trains the reranker: all-MiniLM-L6-v2 reads query and passage together and gives one score.

Usage: python -m models.train.reranker SOURCE_FOLDER GROUPS_JSONL OUT_FOLDER [--minutes 60] [--resume]

The score is the sum of three: a linear layer on the first token, the likeness of the query's and the
passage's mean, and the mean over the query's tokens of the likest token of the passage. So it ranks before it
has learned.
Embeddings and the lowest three layers stay as they are. Loss: softmax over the passages of a group. Seeded;
a checkpoint is kept every five minutes.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from pathlib import Path

import torch
from torch import nn
from transformers import AutoTokenizer, BertModel

MOST_TOKENS, MOST_QUERY = 128, 40
FROZEN, GROUPS, EPOCHS, WRONG = 3, 8, 2, 3
RATE, WARM = 8e-5, 0.06
KEEP_S = 300
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
"""One pass over the groups: nothing is learned by heart, and a pair costs a third less."""


class Reranker(nn.Module):
    """Scores of shape (n,), higher is better; comparable for one query only."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert
        self.first = nn.Linear(bert.config.hidden_size, 1)
        self.weights = nn.Parameter(torch.tensor([5.0, 5.0]))
        nn.init.zeros_(self.first.weight)
        nn.init.zeros_(self.first.bias)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        hidden = self.bert(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        passage = (token_type_ids * attention_mask).unsqueeze(-1).to(hidden.dtype)
        query = ((1 - token_type_ids) * attention_mask).unsqueeze(-1).to(hidden.dtype)
        mean_q = nn.functional.normalize((hidden * query).sum(1) / query.sum(1), dim=1)
        mean_p = nn.functional.normalize((hidden * passage).sum(1) / passage.sum(1).clamp(min=1), dim=1)
        unit = nn.functional.normalize(hidden, dim=2)
        like = unit @ unit.transpose(1, 2) - 2.0 * (1.0 - passage.transpose(1, 2))
        best = (like.max(dim=2).values * query.squeeze(-1)).sum(1) / query.squeeze(-1).sum(1)
        return (
            self.first(hidden[:, 0]).squeeze(-1)
            + self.weights[0] * (mean_q * mean_p).sum(1)
            + self.weights[1] * best
        )


class Pairs:
    """Texts to tensors; a passage is cut so that both fit, a query only if it is very long."""

    def __init__(self, source: Path, most: int = MOST_TOKENS) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(source)
        self._most = most

    def ids(self, query: str, passage: str) -> tuple[list[int], int]:
        asked = self._tokenizer(query, add_special_tokens=False, truncation=True, max_length=MOST_QUERY)[
            "input_ids"
        ]
        told = self._tokenizer(passage, add_special_tokens=False, truncation=True, max_length=400)[
            "input_ids"
        ]
        told = told[: self._most - 3 - len(asked)]
        return [101, *asked, 102, *told, 102], len(asked) + 2


def batch_of(rows: list[tuple[list[int], int]]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    longest = max(len(ids) for ids, _ in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    for place, (row, asked) in enumerate(rows):
        ids[place, : len(row)] = torch.tensor(row)
        mask[place, : len(row)] = 1
        types[place, asked : len(row)] = 1
    return ids, mask, types


def scored(model: Reranker, rows: list[tuple[list[int], int]], size: int) -> torch.Tensor:
    """Rows of like length share a batch."""
    order = sorted(range(len(rows)), key=lambda place: len(rows[place][0]))
    parts = [model(*batch_of([rows[p] for p in order[at : at + size]])) for at in range(0, len(order), size)]
    back = torch.empty(len(rows), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(rows))
    return torch.cat(parts)[back]


def rate_at(done: float) -> float:
    return (
        done / WARM
        if done < WARM
        else 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (done - WARM) / (1 - WARM)))
    )


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(5)
    torch.set_num_threads(options.threads)
    groups = [json.loads(line) for line in options.groups.open(encoding="utf-8")]
    model = Reranker(BertModel.from_pretrained(options.source, add_pooling_layer=False, **NO_DROPOUT))
    for part in (model.bert.embeddings, *model.bert.encoder.layer[:FROZEN]):
        part.requires_grad_(False)
    learned = [p for p in model.parameters() if p.requires_grad]
    plain = [p for p in learned if p.dim() > 1]
    scale = [p for p in learned if p.dim() < 2 and p is not model.weights]
    made = torch.optim.AdamW(
        [
            {"params": plain, "weight_decay": 0.01, "base": RATE},
            {"params": scale, "weight_decay": 0.0, "base": RATE},
            {"params": [model.weights], "weight_decay": 0.0, "base": 5e-3},
        ]
    )
    pairs, rng = Pairs(options.source), random.Random(7)
    began, spent, kept, seen = time.monotonic(), 0.0, time.monotonic(), 0
    order = [place for _ in range(EPOCHS) for place in rng.sample(range(len(groups)), len(groups))]
    losses: list[float] = []
    right: list[float] = []
    model.train()
    if options.resume:
        state = torch.load(options.out / "checkpoint.pt")
        model.load_state_dict(state["model"])
        made.load_state_dict(state["optimizer"])
        seen, spent = state["seen"], state["spent"]
    while seen < len(order):
        spent_now = spent + time.monotonic() - began
        share = max(seen / len(order), spent_now / (60 * options.minutes))
        if share >= 1:
            break
        for held in made.param_groups:
            held["lr"] = held["base"] * rate_at(share)
        some = [groups[place] for place in order[seen : seen + GROUPS]]
        seen += len(some)
        rows = [
            pairs.ids(one["query"], text) for one in some for text in (one["right"], *one["wrong"][:WRONG])
        ]
        scores = scored(model, rows, 16).view(len(some), -1)
        loss = nn.functional.cross_entropy(scores, torch.zeros(len(some), dtype=torch.long))
        made.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(learned, 1.0)
        made.step()
        losses.append(loss.item())
        right.append((scores.argmax(1) == 0).float().mean().item())
        if len(losses) % 10 == 0:
            sys.stdout.write(
                f"{spent_now / 60:.1f} min {seen} groups loss {sum(losses[-10:]) / 10:.3f} "
                f"first {sum(right[-10:]) / 10:.3f} weights {model.weights.tolist()}\n"
            )
            sys.stdout.flush()
        if time.monotonic() - kept > KEEP_S:
            keep(model, made, options.out, seen, spent + time.monotonic() - began)
            kept = time.monotonic()
    keep(model, made, options.out, seen, spent + time.monotonic() - began)


def keep(model: Reranker, made: torch.optim.Optimizer, out: Path, seen: int, spent: float) -> None:
    out.mkdir(parents=True, exist_ok=True)
    part = out / "checkpoint.part"
    torch.save(
        {"model": model.state_dict(), "optimizer": made.state_dict(), "seen": seen, "spent": spent}, part
    )
    part.replace(out / "checkpoint.pt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("groups", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
