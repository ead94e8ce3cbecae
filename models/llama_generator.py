"""llama.cpp through llama-cpp-python: answers read off the logits, or written under a grammar."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.cancel import CancelToken
from app.domain.errors import ModelNotLoaded
from app.domain.finding import ModelRef
from app.domain.ports import Choice, Prompt
from models.backends import built_in, hidden, library_folder, loads
from models.chat import FRAMES, ChatFamily
from models.llama_context import LlamaContext, NoRoom, NotLoaded, Step
from models.run_plan import RunPlan, plan_here

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_log = logging.getLogger(__name__)
_SYSTEM, _SHARED, _FORKS = 0, 1, 2
"""Sequences: what was read of the first piece, of the first two, and the first of those that are dropped."""

Tokens = tuple[int, ...]


class LlamaModel:
    """One model in this process, loaded on first use as this machine's plan says.

    A prompt is read in three fixed pieces: system, shared part, rest. Two sequences hold what was read of the
    first, and of the first and second; everything else is a fork of them that is dropped again, so a model
    that remembers by a state needs no way back. What is asked together about one shared part is read as
    parallel sequences. Since the cuts never move and the forks begin in the same cells, the logits do not
    depend on what was asked before.
    """

    def __init__(
        self,
        path: Path,
        ref: ModelRef,
        chat: ChatFamily = ChatFamily.CHATML,
        plan: Callable[[Path, str], RunPlan] = plan_here,
    ) -> None:
        """``plan`` reads the file's header, before llama.cpp does, when the model is first needed."""
        self._path = path
        self._ref = ref
        self._frame = FRAMES[chat]
        self._plan = plan
        self._held: list[Tokens] = []

    @property
    def ref(self) -> ModelRef:
        """What findings name."""
        return self._ref

    def choose(self, choices: Sequence[Choice], cancel: CancelToken) -> tuple[tuple[float, ...], ...]:
        """Natural log-probabilities of each choice's whole options, over the vocabulary. Raises Cancelled."""
        found: dict[int, tuple[float, ...]] = {}
        begun = [self._pieces(choice.prompt) for choice in choices]
        for beginning in dict.fromkeys((system, shared) for system, shared, _ in begun):
            alike = [n for n, (system, shared, _) in enumerate(begun) if (system, shared) == beginning]
            with self._standing(beginning, cancel):
                for some in _parts(alike, self._forks):
                    first = self._first([begun[n][2] for n in some], cancel)
                    for place, n in enumerate(some):
                        found[n] = self._scores(place, len(begun[n][2]), first[place], choices[n], cancel)
                    self._drop()
        return tuple(found[n] for n in range(len(choices)))

    def write(self, prompt: Prompt, grammar: str, most_tokens: int, cancel: CancelToken) -> str:
        """Greedy text under a GBNF grammar with rule ``root``; deterministic. Raises Cancelled."""
        system, shared, rest = self._pieces(prompt)
        with self._standing((system, shared), cancel):
            self._llama.fork(_SHARED, _FORKS)
            step = Step(_FORKS, self._stands_at, rest, last=1)
            written = self._llama.write(step, grammar, most_tokens, cancel)
            self._drop()
        return self._llama.text(written).strip()

    def close(self) -> None:
        """Free the model's memory; the next call loads it again."""
        if "_llama" in self.__dict__:
            self._llama.close()
            del self.__dict__["_llama"], self.__dict__["_run_plan"]
            self._held = []

    @cached_property
    def _run_plan(self) -> RunPlan:
        return self._plan(self._path, self._ref.id)

    @cached_property
    def _llama(self) -> LlamaContext:
        plan = self._run_plan
        _log.info(
            "%s: context %d, threads %d, layers on a GPU %d of %d",
            *(self._ref.id, plan.context, plan.threads, plan.gpu_layers, plan.layers),
        )
        # spinning threads that wait for each other are ruinous on a machine that does anything else
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        os.environ.update(hidden(plan.hidden))
        try:
            return LlamaContext(self._path, plan, plan.gpu_layers)
        except NotLoaded:
            if not plan.gpu_layers:
                raise _not_loaded(self._ref) from None
        _log.warning("%s: %s did not take it, the processor does", self._ref.id, plan.back_end)
        try:
            return LlamaContext(self._path, plan, 0)
        except NotLoaded:
            raise _not_loaded(self._ref) from None

    @property
    def _forks(self) -> int:
        """So many at once, besides the two that stay and the one that reads options."""
        return self._run_plan.sequences - _FORKS - 1

    @property
    def _stands_at(self) -> int:
        return sum(map(len, self._held))

    def _pieces(self, prompt: Prompt) -> tuple[Tokens, Tokens, Tokens]:
        frame = self._frame
        pieces = (
            self._tokens(frame.opening + frame.inside(prompt.system) + frame.between, special=True),
            self._tokens(frame.inside(prompt.shared)),
            self._tokens(frame.inside(prompt.user))
            + self._tokens(frame.closing, special=True)
            + self._tokens(prompt.begin),
        )
        if sum(map(len, pieces)) >= self._llama.size:
            raise _too_long()
        return pieces

    def _tokens(self, text: str, special: bool = False) -> Tokens:
        """Only our own frame may hold special tokens: a document cannot end its turn."""
        return self._llama.tokens(text, special)

    @contextmanager
    def _standing(self, beginning: tuple[Tokens, Tokens], cancel: CancelToken) -> Generator[None]:
        """With both pieces read. Whatever breaks here, the next one begins anew."""
        held, self._held = self._held, []
        system, shared = beginning
        try:
            if held[:1] != [system]:
                self._llama.clear()
                self._llama.read([Step(_SYSTEM, 0, system)], cancel)
                held = []
            if held != [system, shared]:
                self._llama.fork(_SYSTEM, _SHARED)
                self._llama.read([Step(_SHARED, len(system), shared)], cancel)
            self._held = [system, shared]
            yield
        except NoRoom:
            self._anew()
            raise _too_long() from None
        except BaseException:
            self._anew()
            raise

    def _anew(self) -> None:
        self._held = []
        self._llama.clear()

    def _first(self, rests: Sequence[Tokens], cancel: CancelToken) -> list[Floats]:
        """Log-probabilities of what follows each, every one a fork."""
        for place in range(len(rests)):
            self._llama.fork(_SHARED, _FORKS + place)
        steps = [Step(_FORKS + place, self._stands_at, rest, last=1) for place, rest in enumerate(rests)]
        return [_log_probabilities(rows[0]) for rows in self._llama.read(steps, cancel)]

    def _scores(
        self, place: int, length: int, first: Floats, choice: Choice, cancel: CancelToken
    ) -> tuple[float, ...]:
        """Of whole options; what follows their first token is read by forks of the fork, one by one."""
        scores: list[float] = []
        for option in choice.options:
            tokens = self._tokens(option)
            score = float(first[tokens[0]])
            if len(tokens) > 1:
                self._llama.fork(_FORKS + place, self._last_fork)
                at = self._stands_at + length
                step = Step(self._last_fork, at, tokens[:-1], last=len(tokens) - 1)
                (rows,) = self._llama.read([step], cancel)
                score += sum(float(_log_probabilities(r)[t]) for r, t in zip(rows, tokens[1:], strict=True))
                self._llama.forget(self._last_fork)
            scores.append(score)
        return tuple(scores)

    @property
    def _last_fork(self) -> int:
        return self._run_plan.sequences - 1

    def _drop(self) -> None:
        for sequence in range(_FORKS, self._run_plan.sequences):
            self._llama.forget(sequence)


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


def _log_probabilities(logits: Floats) -> Floats:
    """Natural; float64 inside, since a vocabulary is long."""
    import numpy as np

    wide = logits.astype(np.float64)
    top = wide.max()
    return (wide - top - np.log(np.exp(wide - top).sum())).astype(np.float32)


def _parts(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for first in range(0, len(numbers), size):
        yield numbers[first : first + size]


def _too_long() -> ValueError:
    return ValueError("the prompt does not fit the model's context")


def _not_loaded(ref: ModelRef) -> ModelNotLoaded:
    return ModelNotLoaded(
        f"llama.cpp does not load the model {ref.id}.",
        "Run `pincite models verify` and `pincite doctor`; another model may work.",
    )
