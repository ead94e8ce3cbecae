"""llama.cpp through llama-cpp-python: answers read off the logits, or written under a grammar."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from app.domain.cancel import CancelToken
from app.domain.errors import ModelDoesNotFit, ModelNotLoaded, PinciteError
from app.domain.finding import ModelRef
from app.domain.ports import Choice, Prompt
from models.backends import built_in, hidden, library_folder, probe, processor
from models.chat import FRAMES, ChatFamily
from models.llama_context import GaveOut, LlamaContext, NoRoom, NotLoaded, Step
from models.replanning import Cause, Failure, Plans, plan_after
from models.run_plan import RunPlan
from models.run_record import RunRecord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_log = logging.getLogger(__name__)
_SYSTEM, _SHARED, _FORKS = 0, 1, 2
"""Sequences: what was read of the first piece, of the first two, and the first of those that are dropped."""

Tokens = tuple[int, ...]
T = TypeVar("T")


class LlamaModel:
    """One model in this process, loaded on first use as this machine's plan says.

    Where a plan does not hold, when it is loaded or while it computes, the next smaller one is taken and what
    was asked is asked again.

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
        plan: Plans = plan_after,
        record: RunRecord | None = None,
    ) -> None:
        """``plan`` reads the file's header, before llama.cpp does, when the model is first needed."""
        self._path = path
        self._ref = ref
        self._frame = FRAMES[chat]
        self._plan = plan
        self._record = record or RunRecord()
        self._held: list[Tokens] = []

    @property
    def ref(self) -> ModelRef:
        """What findings name."""
        return self._ref

    def choose(self, choices: Sequence[Choice], cancel: CancelToken) -> tuple[tuple[float, ...], ...]:
        """Natural log-probabilities of each choice's whole options, over the vocabulary. Raises Cancelled."""
        return self._whatever_gives_out(lambda: self._choose(choices, cancel))

    def write(self, prompt: Prompt, grammar: str, most_tokens: int, cancel: CancelToken) -> str:
        """Greedy text under a GBNF grammar with rule ``root``; deterministic. Raises Cancelled."""
        return self._whatever_gives_out(lambda: self._write(prompt, grammar, most_tokens, cancel))

    @property
    def run_plan(self) -> RunPlan:
        """What it really runs by; loads it if it is not loaded."""
        return self._loaded[1]

    def close(self) -> None:
        """Free the model's memory; the next call loads it again."""
        if "_loaded" in self.__dict__:
            self._llama.close()
            del self.__dict__["_loaded"]
            self._held = []
            self._record.ended()

    def _choose(self, choices: Sequence[Choice], cancel: CancelToken) -> tuple[tuple[float, ...], ...]:
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

    def _write(self, prompt: Prompt, grammar: str, most_tokens: int, cancel: CancelToken) -> str:
        system, shared, rest = self._pieces(prompt)
        with self._standing((system, shared), cancel):
            self._llama.fork(_SHARED, _FORKS)
            step = Step(_FORKS, self._stands_at, rest, last=1)
            written = self._llama.write(step, grammar, most_tokens, cancel)
            self._drop()
        return self._llama.text(written).strip()

    def _whatever_gives_out(self, work: Callable[[], T]) -> T:
        """Asked again with the next plan. It ends: plans are few. Raises ModelDoesNotFit after the last."""
        while True:
            try:
                done = work()
            except GaveOut as gone:
                plan = self.run_plan
                self.close()
                self._gave_out(plan, gone.cause)
            else:
                self._record.runs()
                return done

    @property
    def _llama(self) -> LlamaContext:
        return self._loaded[0]

    @cached_property
    def _loaded(self) -> tuple[LlamaContext, RunPlan]:
        # spinning threads that wait for each other are ruinous on a machine that does anything else
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        while True:
            failures = self._record.failures()
            plan = self._planned(failures)
            _log.info(
                "%s: context %d, threads %d, layers on a GPU %d of %d%s",
                *(self._ref.id, plan.context, plan.threads, plan.gpu_layers, plan.layers),
                f"; {plan.instead}" if plan.instead else "",
            )
            os.environ.update(hidden(plan.hidden))
            self._record.starting(plan, failures)
            try:
                return LlamaContext(self._path, plan), plan
            except NotLoaded as refused:
                if refused.weights and not plan.gpu_layers:  # nothing smaller takes other weights
                    self._record.ended()
                    raise _not_loaded(self._ref, refused.cause) from None
                self._gave_out(plan, refused.cause)

    def _planned(self, failures: Sequence[Failure]) -> RunPlan:
        try:
            return self._plan(self._path, self._ref.id, failures)
        except ModelDoesNotFit:
            self._record.forget()
            raise

    def _gave_out(self, plan: RunPlan, cause: Cause) -> None:
        _log.warning("%s: a plan did not hold (%s), the next is taken", self._ref.id, cause)
        self._record.failed(Failure(plan=plan, cause=cause, at=datetime.now(UTC)))

    @property
    def _forks(self) -> int:
        """So many at once, besides the two that stay and the one that reads options."""
        return self.run_plan.sequences - _FORKS - 1

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
        return self.run_plan.sequences - 1

    def _drop(self) -> None:
        for sequence in range(_FORKS, self.run_plan.sequences):
            self._llama.forget(sequence)


def runtime_version() -> str | None:
    """Version of the llama.cpp that is installed, and "GPU" or "processor"; None if it cannot be loaded.

    With plug-ins the processor's kind is named. Tried in other processes: loading it wakes drivers.
    """
    from importlib import metadata

    folder = library_folder()
    kind = None if folder is None else processor()
    if kind is None:
        return None
    gpu = any(probe(key).state == "works" for key in built_in(folder))
    here = "GPU" if gpu else f"processor ({kind})" if kind else "processor"
    return f"{metadata.version('llama-cpp-python')}, {here}"


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


def _not_loaded(ref: ModelRef, cause: Cause) -> PinciteError:
    if cause == "memory":
        return ModelDoesNotFit(
            f"{ref.id} does not fit: there is not enough memory for its weights.",
            "Close other programmes, or use a smaller model.",
        )
    return ModelNotLoaded(
        f"llama.cpp does not load the model {ref.id}.",
        "Run `pincite models verify` and `pincite doctor`; another model may work.",
    )
