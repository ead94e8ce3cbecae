"""A model whose answers are kept on disk, so that a long measurement can be stopped, and gone on with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from app.domain.cancel import CancelToken
from app.domain.finding import ModelRef
from app.domain.ports import Choice, LanguageModel, Prompt


class RememberedModel:
    """Asks ``model`` what is not in ``file`` yet. Answers are kept by what was asked, a line each."""

    def __init__(self, model: LanguageModel, file: Path) -> None:
        self._model = model
        self._file = file
        self._held: dict[str, list[list[float]] | str] = {}
        self.asked = self.remembered = 0
        if file.exists():
            for line in file.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                self._held[row["key"]] = row["said"]

    @property
    def ref(self) -> ModelRef:
        """The model's own."""
        return self._model.ref

    def choose(self, choices: Sequence[Choice], cancel: CancelToken) -> tuple[tuple[float, ...], ...]:
        """As the model does."""
        key = self._key(*(choice.model_dump_json() for choice in choices))
        said = self._held.get(key)
        if not isinstance(said, list):
            said = [list(scores) for scores in self._model.choose(choices, cancel)]
            self._keep(key, said)
        else:
            self.remembered += 1
        return tuple(tuple(scores) for scores in said)

    def write(self, prompt: Prompt, grammar: str, most_tokens: int, cancel: CancelToken) -> str:
        """As the model does."""
        key = self._key(prompt.model_dump_json(), grammar, str(most_tokens))
        said = self._held.get(key)
        if not isinstance(said, str):
            said = self._model.write(prompt, grammar, most_tokens, cancel)
            self._keep(key, said)
        else:
            self.remembered += 1
        return said

    def close(self) -> None:
        """The model's memory; what it said stays."""
        self._model.close()

    def _key(self, *parts: str) -> str:
        return hashlib.sha256("\0".join((self.ref.sha256, *parts)).encode()).hexdigest()[:32]

    def _keep(self, key: str, said: list[list[float]] | str) -> None:
        self.asked += 1
        self._held[key] = said
        with self._file.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"key": key, "said": said}) + "\n")
