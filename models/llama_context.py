"""llama.cpp's own interface: one model, and several texts read at once that share what they have alike.

A text that is being read is a *sequence*, known by a small number. A sequence can be forked: what both have
read so far is kept once. After ``llama.h`` and ``examples/parallel`` of llama.cpp.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled
from models.back_end_loading import load_back_ends
from models.run_plan import RunPlan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Logits = NDArray[np.float32]

_NO_ROOM, _ABORTED = 1, 2
_NO_MEMORY, _NOT_COMPUTED = -2, -3
_PIECE = 256
_ERROR = 4  # enum ggml_log_level
_Q8_0 = 8  # enum ggml_type
_SHORT = re.compile(rb"alloc|out of memory|insufficient memory", re.IGNORECASE)


class Hearing:
    """Listens to llama.cpp. Nothing of what it says is kept: it may name what a document says.

    ``short`` is whether it spoke of memory that it could not have, since that was last set to false.
    """

    short = False

    def hear(self, level: int, line: bytes) -> None:
        """One line of its log."""
        if level >= _ERROR and _SHORT.search(line):
            self.short = True


HEARING = Hearing()


@cache
def listening() -> Any:
    """The function that llama.cpp calls. It is kept for good: llama.cpp may call it at any time."""
    import llama_cpp

    def hear(level: int, line: bytes, _data: object) -> None:
        HEARING.hear(level, line)

    return cast(Any, llama_cpp).llama_log_callback(hear)


class NotLoaded(Exception):
    """llama.cpp does not start. ``cause``: ``memory`` if it said so; ``weights``: already the file failed."""

    def __init__(self, cause: Literal["memory", "refused"], *, weights: bool) -> None:
        super().__init__(cause)
        self.cause: Literal["memory", "refused"] = cause
        self.weights = weights


class GaveOut(Exception):
    """Memory ran out, or a device failed, while a batch was computed."""

    def __init__(self, cause: Literal["memory", "device"]) -> None:
        super().__init__(cause)
        self.cause: Literal["memory", "device"] = cause


class NoRoom(Exception):
    """The texts do not fit the context together."""


@dataclass(frozen=True)
class Step:
    """What one sequence reads next, from a position on; the logits after its ``last`` so many are wanted."""

    sequence: int
    position: int
    tokens: tuple[int, ...]
    last: int = 0


class LlamaContext:
    """A loaded model and its memory. Not safe to use from two threads."""

    def __init__(self, file: Path, plan: RunPlan) -> None:
        """Raises NotLoaded."""
        import llama_cpp

        self._cpp = cast(Any, llama_cpp)
        self._cpp.llama_log_set(listening(), None)
        load_back_ends(plan.hidden)
        self._cpp.llama_backend_init()
        HEARING.short = False
        self._gpu = bool(plan.gpu_layers)
        self._model = self._load(file, plan.gpu_layers)
        self._vocabulary = self._cpp.llama_model_get_vocab(self._model)
        self.words = int(self._cpp.llama_vocab_n_tokens(self._vocabulary))
        self._context = self._begin(plan)
        self._memory = self._cpp.llama_get_memory(self._context)
        self._batch_size = plan.batch
        self._batch = self._cpp.llama_batch_init(plan.batch, 0, 1)
        self._cancel: CancelToken | None = None
        # held here: llama.cpp calls it for as long as the context lives
        self._abort = self._cpp.ggml_abort_callback(self._cancelled)
        self._cpp.llama_set_abort_callback(self._context, self._abort, None)

    def close(self) -> None:
        """Free all memory; the context is of no use afterwards."""
        self._cpp.llama_batch_free(self._batch)
        self._cpp.llama_free(self._context)
        self._cpp.llama_model_free(self._model)

    @property
    def size(self) -> int:
        """Tokens that all sequences may hold together."""
        return int(self._cpp.llama_n_ctx(self._context))

    @property
    def threads(self) -> int:
        """So many compute."""
        return int(self._cpp.llama_n_threads(self._context))

    def tokens(self, text: str, special: bool = False) -> tuple[int, ...]:
        """``special``: marks such as ``<|im_end|>`` become the tokens that they stand for."""
        if not text:
            return ()
        data = text.encode()
        room = len(data) + 8
        while True:
            found = (self._cpp.llama_token * room)()
            count = self._cpp.llama_tokenize(self._vocabulary, data, len(data), found, room, False, special)
            if count >= 0:
                break
            room = -count  # so many it needs: a tiny vocabulary takes several for a blank
        return tuple(found[:count])

    def text(self, tokens: Sequence[int]) -> str:
        """What they stand for; broken characters are replaced."""
        piece = ctypes.create_string_buffer(_PIECE)
        parts = bytearray()
        for token in tokens:
            size = self._cpp.llama_token_to_piece(self._vocabulary, token, piece, _PIECE, 0, False)
            parts += piece.raw[: max(0, size)]
        return parts.decode("utf-8", errors="replace")

    def ends(self, token: int) -> bool:
        """Whether the model ends its turn with it; some have several such tokens."""
        return bool(self._cpp.llama_vocab_is_eog(self._vocabulary, token))

    def fork(self, source: int, target: int) -> None:
        """``target`` goes on where ``source`` is, whatever it was before."""
        self.forget(target)
        self._cpp.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def forget(self, sequence: int) -> None:
        """What one sequence has read, all of it."""
        self._cpp.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def clear(self) -> None:
        """All sequences."""
        self._cpp.llama_memory_clear(self._memory, True)

    def read(self, steps: Sequence[Step], cancel: CancelToken) -> list[list[Logits]]:
        """Several sequences' next words, as few batches as they fit; the wanted logits of each, in order.

        Shape of one: (words,). Raises NoRoom, Cancelled, GaveOut: what the sequences then hold is not known.
        """
        rows = [(number, place) for number, step in enumerate(steps) for place in range(len(step.tokens))]
        found: list[list[Logits]] = [[] for _ in steps]
        for first in range(0, len(rows), self._batch_size):
            part = rows[first : first + self._batch_size]
            wanted = self._fill(steps, part)
            self._decode(cancel)
            for place, number in wanted:
                found[number].append(self._logits(place))
        return found

    def write(self, step: Step, grammar: str, most_tokens: int, cancel: CancelToken) -> tuple[int, ...]:
        """The likeliest tokens under a GBNF grammar with rule ``root``, after what the step reads.

        Raises ValueError for a grammar that is none; NoRoom, Cancelled, GaveOut.
        """
        rules = self._cpp.llama_sampler_init_grammar(self._vocabulary, grammar.encode(), b"root")
        if not rules:
            raise ValueError("the grammar cannot be read")
        chain = self._cpp.llama_sampler_chain_init(self._cpp.llama_sampler_chain_default_params())
        self._cpp.llama_sampler_chain_add(chain, rules)
        self._cpp.llama_sampler_chain_add(chain, self._cpp.llama_sampler_init_greedy())
        written: list[int] = []
        try:
            while True:
                self.read([step], cancel)
                token = int(self._cpp.llama_sampler_sample(chain, self._context, -1))
                if self.ends(token) or len(written) == most_tokens:
                    return tuple(written)
                written.append(token)
                step = Step(step.sequence, step.position + len(step.tokens), (token,), last=1)
        finally:
            self._cpp.llama_sampler_free(chain)

    def _load(self, file: Path, gpu_layers: int) -> Any:
        params = self._cpp.llama_model_default_params()
        params.n_gpu_layers = gpu_layers
        nothing = (ctypes.c_void_p * 1)()  # devices end with a null
        if not gpu_layers:  # else a GPU that is loaded takes part in reading, and memory of its own for that
            params.devices = ctypes.cast(nothing, ctypes.c_void_p)
        model = self._cpp.llama_model_load_from_file(str(file).encode(), params)
        if not model:
            raise _not_loaded(weights=True)
        return model

    def _begin(self, plan: RunPlan) -> Any:
        params = self._cpp.llama_context_default_params()
        params.n_ctx = plan.context
        params.n_batch = params.n_ubatch = plan.batch
        params.n_seq_max = plan.sequences
        params.kv_unified = True
        params.n_threads = params.n_threads_batch = plan.threads
        params.no_perf = True
        if plan.kv_bits == 8:
            params.type_k = params.type_v = _Q8_0
        context = self._cpp.llama_init_from_model(self._model, params)
        if not context:
            self._cpp.llama_model_free(self._model)
            raise _not_loaded(weights=False)
        return context

    def _fill(self, steps: Sequence[Step], rows: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """The batch; which of its rows give logits, and to which step they belong."""
        batch, count = self._batch, 0
        wanted: list[tuple[int, int]] = []
        for number, place in rows:
            step = steps[number]
            wants = place >= len(step.tokens) - step.last
            batch.token[count] = step.tokens[place]
            batch.pos[count] = step.position + place
            batch.n_seq_id[count] = 1
            batch.seq_id[count][0] = step.sequence
            batch.logits[count] = wants
            if wants:
                wanted.append((count, number))
            count += 1
        batch.n_tokens = count
        return wanted

    def _decode(self, cancel: CancelToken) -> None:
        cancel.check()
        self._cancel = cancel
        try:
            code = self._cpp.llama_decode(self._context, self._batch)
        finally:
            self._cancel = None
        if code == _NO_ROOM:
            raise NoRoom
        if code == _ABORTED:
            raise Cancelled
        if code == _NO_MEMORY:
            raise GaveOut("memory")
        if code == _NOT_COMPUTED and self._gpu:
            raise GaveOut("device")
        if code:
            raise RuntimeError(f"llama.cpp could not read a batch ({code})")

    def _logits(self, row: int) -> Logits:
        import numpy as np

        pointer = self._cpp.llama_get_logits_ith(self._context, row)
        return np.ctypeslib.as_array(pointer, shape=(self.words,)).copy()

    def _cancelled(self, _: Any) -> bool:
        return self._cancel is not None and self._cancel.cancelled


def _not_loaded(*, weights: bool) -> NotLoaded:
    return NotLoaded("memory" if HEARING.short else "refused", weights=weights)
