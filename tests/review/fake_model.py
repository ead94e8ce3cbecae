"""A language model for tests. It is a fake: it says what it was told to, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.cancel import CancelToken
from app.domain.finding import ModelRef
from app.domain.ports import Choice, LanguageModel, Prompt
from tests.review.made import MODEL


class FakeModel:
    """``picks`` is the sentence number that gets nearly all of the probability; None: all the same.

    ``yes`` is the log-odds of Yes against No, and ``agrees`` that for prompts with these words. ``writes`` is
    what a call of ``write`` gives.
    """

    def __init__(
        self,
        picks: int | None = None,
        yes: float = 0.0,
        writes: str = "",
        ref: ModelRef = MODEL,
        agrees: dict[str, float] | None = None,
    ) -> None:
        self.ref = ref
        self.selections: list[Prompt] = []
        self.questions: list[Prompt] = []
        self.numbers: list[tuple[str, ...]] = []
        self.writings: list[Prompt] = []
        self.grammars: list[str] = []
        self._picks, self._yes, self._writes, self._agrees = picks, yes, writes, agrees or {}

    @property
    def calls(self) -> int:
        return len(self.selections) + len(self.questions) + len(self.writings)

    def choose(self, choices: Sequence[Choice], cancel: CancelToken) -> tuple[tuple[float, ...], ...]:
        cancel.check()
        return tuple(self._chosen(choice.prompt, choice.options) for choice in choices)

    def _chosen(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        if list(options) == ["Yes", "No"]:
            self.questions.append(prompt)
            said = next((odds for words, odds in self._agrees.items() if words in prompt.user), self._yes)
            return said - 1.0, -1.0
        self.selections.append(prompt)
        self.numbers.append(tuple(options))
        return tuple(-2.0 if option == str(self._picks) else -9.0 for option in options)

    def write(self, prompt: Prompt, grammar: str, most_tokens: int, cancel: CancelToken) -> str:
        cancel.check()
        assert most_tokens > 0
        self.writings.append(prompt)
        self.grammars.append(grammar)
        return self._writes

    def close(self) -> None:
        """Holds nothing."""


_: LanguageModel = FakeModel()
