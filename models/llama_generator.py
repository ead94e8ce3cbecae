"""llama.cpp through llama-cpp-python: answers read off the logits, or written under a grammar."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from app.domain.cancel import CancelToken
from app.domain.errors import ModelNotLoaded
from app.domain.finding import ModelRef
from app.domain.ports import Prompt
from models.backends import built_in, hidden, library_folder, loads
from models.chat import FRAMES, ChatFamily
from models.run_plan import RunPlan, plan_here

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_log = logging.getLogger(__name__)


class LlamaModel:
    """One model in this process, loaded on first use as this machine's plan says.

    A prompt is evaluated in three fixed pieces (system, shared part, rest). Pieces that the last prompt
    began with are not evaluated again, and since the cuts never move, the logits do not depend on
    what was asked before. A model that remembers by a state cannot go back in it: it begins anew.
    """

    def __init__(
        self,
        path: Path,
        ref: ModelRef,
        chat: ChatFamily = ChatFamily.CHATML,
        plan: Callable[[Path, str], RunPlan] = plan_here,
        seed: int = 0,
    ) -> None:
        """``plan`` reads the file's header, before llama.cpp does, when the model is first needed."""
        self._path = path
        self._ref = ref
        self._frame = FRAMES[chat]
        self._plan = plan
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
            if len(tokens) > 1 and not self._forget(length):
                self._evaluate(pieces)
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
        for token in self._llama.generate(everything, temp=0.0, top_k=1, grammar=rules):
            cancel.check()
            if self._ends(token) or len(written) == most_tokens:
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
        plan = self._plan(self._path, self._ref.id)
        _log.info(
            "%s: context %d, threads %d, layers on a GPU %d of %d",
            *(self._ref.id, plan.context, plan.threads, plan.gpu_layers, plan.layers),
        )
        # spinning threads that wait for each other are ruinous on a machine that does anything else
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        os.environ.update(hidden(plan.hidden))
        try:
            return self._loaded(plan, plan.gpu_layers)
        except ValueError:
            if not plan.gpu_layers:
                raise _not_loaded(self._ref) from None
        _log.warning("%s: %s did not take it, the processor does", self._ref.id, plan.back_end)
        try:
            return self._loaded(plan, 0)
        except ValueError:
            raise _not_loaded(self._ref) from None

    def _loaded(self, plan: RunPlan, gpu_layers: int) -> Any:
        """Raises ValueError where llama.cpp refuses the file or has not enough memory."""
        import llama_cpp

        return llama_cpp.Llama(
            str(self._path),
            n_ctx=plan.context,
            n_batch=plan.batch,
            n_threads=plan.threads,
            n_threads_batch=plan.threads,
            n_gpu_layers=gpu_layers,
            seed=self._seed,
            verbose=False,
        )

    def _pieces(self, prompt: Prompt) -> list[tuple[int, ...]]:
        frame = self._frame
        return [
            self._tokens(frame.opening + frame.inside(prompt.system) + frame.between, special=True),
            self._tokens(frame.inside(prompt.shared)),
            self._tokens(frame.inside(prompt.user))
            + self._tokens(frame.closing, special=True)
            + self._tokens(prompt.begin),
        ]

    def _tokens(self, text: str, special: bool = False) -> tuple[int, ...]:
        """Only our own frame may hold special tokens: a document cannot end its turn."""
        if not text:
            return ()
        return tuple(self._llama.tokenize(text.encode(), add_bos=False, special=special))

    def _evaluate(self, pieces: Sequence[tuple[int, ...]]) -> None:
        if sum(map(len, pieces)) >= self._llama.n_ctx():
            raise ValueError("the prompt does not fit the model's context")
        same = 0
        # the last piece is always evaluated anew, so that its logits are there to read
        while same < min(len(self._held), len(pieces) - 1) and self._held[same] == pieces[same]:
            same += 1
        if not self._forget(sum(map(len, pieces[:same]))):
            same = 0
        for piece in pieces[same:]:
            if piece:
                self._llama.eval(piece)
        self._held = list(pieces)

    def _forget(self, keep: int) -> bool:
        """Go back to so many tokens. False: a state has no way back but to the beginning, where it is now."""
        import llama_cpp

        memory = cast(Any, llama_cpp.llama_get_memory(self._llama.ctx))
        if llama_cpp.llama_memory_seq_rm(memory, -1, keep, -1):
            self._llama.n_tokens = keep
            return True
        llama_cpp.llama_memory_clear(memory, True)
        self._llama.n_tokens = 0
        self._held = []
        return False

    def _ends(self, token: int) -> bool:
        """Whether the model ends its turn with it; some have several such tokens."""
        import llama_cpp

        vocabulary = cast(Any, llama_cpp.llama_model_get_vocab(self._llama.model))
        return bool(llama_cpp.llama_vocab_is_eog(vocabulary, token))

    def _log_probabilities(self) -> NDArray[np.float32]:
        import llama_cpp
        import numpy as np

        pointer = cast(Any, llama_cpp.llama_get_logits_ith(self._llama.ctx, -1))
        logits = np.ctypeslib.as_array(pointer, shape=(self._llama.n_vocab(),)).astype(np.float64)
        top = logits.max()
        return (logits - top - np.log(np.exp(logits - top).sum())).astype(np.float32)


def runtime_version() -> str | None:
    """Version and kind of the llama.cpp that is installed; None if it cannot be loaded.

    Tried in another process: loading it wakes drivers.
    """
    from importlib import metadata

    folder = library_folder()
    if folder is None or not loads():
        return None
    kind = "GPU" if built_in(folder) else "processor"
    return f"{metadata.version('llama-cpp-python')}, {kind}"


def _not_loaded(ref: ModelRef) -> ModelNotLoaded:
    return ModelNotLoaded(
        f"llama.cpp does not load the model {ref.id}.",
        "Run `pincite models verify` and `pincite doctor`; another model may work.",
    )
