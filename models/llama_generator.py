"""llama.cpp through llama-cpp-python: answers read off the logits, or written under a grammar."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from app.domain.cancel import CancelToken
from app.domain.finding import ModelRef
from app.domain.ports import Prompt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONTEXT = 4096
"""Tokens of prompt and answer together."""


class LlamaModel:
    """One model in this process, loaded on first use.

    A prompt is evaluated in three fixed pieces (system, shared part, rest). Pieces that the last prompt
    began with are not evaluated again, and since the cuts never move, the logits do not depend on
    what was asked before.
    """

    def __init__(self, path: Path, ref: ModelRef, threads: int | None = None, seed: int = 0) -> None:
        self._path = path
        self._ref = ref
        self._threads = threads or _physical_cores()
        self._seed = seed
        self._held: list[tuple[int, ...]] = []

    @property
    def ref(self) -> ModelRef:
        """What findings name."""
        return self._ref

    def choose(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """Natural log-probability of each whole option after ``prompt.begin``, over the vocabulary."""
        pieces = self._pieces(prompt)
        self._evaluate(pieces)
        length = sum(map(len, pieces))
        first = self._log_probabilities()
        scores: list[float] = []
        for option in options:
            tokens = self._tokens(option)
            score = float(first[tokens[0]])
            for index in range(1, len(tokens)):
                self._llama.eval(tokens[index - 1 : index])
                score += float(self._log_probabilities()[tokens[index]])
            if len(tokens) > 1:
                self._forget(length)
            scores.append(score)
        return tuple(scores)

    def write(self, prompt: Prompt, grammar: str, most_tokens: int, cancel: CancelToken) -> str:
        """Greedy text under a GBNF grammar with rule ``root``; deterministic. Raises Cancelled."""
        from llama_cpp import LlamaGrammar

        pieces = self._pieces(prompt)
        self._evaluate([*pieces[:-1], pieces[-1][:-1]])
        everything = [token for piece in pieces for token in piece]
        rules = LlamaGrammar.from_string(grammar, verbose=False)
        written: list[int] = []
        ends = self._llama.token_eos()
        for token in self._llama.generate(everything, temp=0.0, top_k=1, grammar=rules):
            cancel.check()
            if token == ends or len(written) == most_tokens:
                break
            written.append(token)
        self._held = self._held[:2]
        return self._llama.detokenize(written).decode("utf-8", errors="replace").strip()

    def close(self) -> None:
        """Free the model's memory; the next call loads it again."""
        if "_llama" in self.__dict__:
            self._llama.close()
            del self.__dict__["_llama"]
            self._held = []

    @cached_property
    def _llama(self) -> Any:
        # spinning threads that wait for each other are ruinous on a machine that does anything else
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        import llama_cpp

        offload = bool(llama_cpp.llama_supports_gpu_offload())
        return llama_cpp.Llama(
            str(self._path),
            n_ctx=CONTEXT,
            n_batch=512,
            n_threads=self._threads,
            n_threads_batch=self._threads,
            n_gpu_layers=-1 if offload else 0,
            seed=self._seed,
            verbose=False,
        )

    def _pieces(self, prompt: Prompt) -> list[tuple[int, ...]]:
        """ChatML, our own: a file's template is a program and is never run."""
        return [
            self._tokens(f"<|im_start|>system\n{prompt.system}<|im_end|>\n<|im_start|>user\n", special=True),
            self._tokens(prompt.shared),
            self._tokens(prompt.user)
            + self._tokens("<|im_end|>\n<|im_start|>assistant\n", special=True)
            + self._tokens(prompt.begin),
        ]

    def _tokens(self, text: str, special: bool = False) -> tuple[int, ...]:
        """Only our own frame may hold special tokens: a document cannot end its turn."""
        if not text:
            return ()
        return tuple(self._llama.tokenize(text.encode(), add_bos=False, special=special))

    def _evaluate(self, pieces: Sequence[tuple[int, ...]]) -> None:
        if sum(map(len, pieces)) >= CONTEXT:
            raise ValueError("the prompt does not fit the model's context")
        same = 0
        # the last piece is always evaluated anew, so that its logits are there to read
        while same < min(len(self._held), len(pieces) - 1) and self._held[same] == pieces[same]:
            same += 1
        self._forget(sum(map(len, pieces[:same])))
        for piece in pieces[same:]:
            if piece:
                self._llama.eval(piece)
        self._held = list(pieces)

    def _forget(self, keep: int) -> None:
        import llama_cpp

        memory = cast(Any, llama_cpp.llama_get_memory(self._llama.ctx))
        llama_cpp.llama_memory_seq_rm(memory, -1, keep, -1)
        self._llama.n_tokens = keep

    def _log_probabilities(self) -> NDArray[np.float32]:
        import llama_cpp
        import numpy as np

        pointer = cast(Any, llama_cpp.llama_get_logits_ith(self._llama.ctx, -1))
        logits = np.ctypeslib.as_array(pointer, shape=(self._llama.n_vocab(),)).astype(np.float64)
        top = logits.max()
        return (logits - top - np.log(np.exp(logits - top).sum())).astype(np.float32)


def runtime_version() -> str | None:
    """Version and kind of the llama.cpp that is installed; None if it cannot be loaded."""
    from importlib import metadata

    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError):
        return None
    kind = "GPU" if llama_cpp.llama_supports_gpu_offload() else "processor"
    return f"{metadata.version('llama-cpp-python')}, {kind}"


def _physical_cores() -> int:
    import psutil

    return psutil.cpu_count(logical=False) or os.cpu_count() or 1
