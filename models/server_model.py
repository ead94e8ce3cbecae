"""A model behind an OpenAI-compatible server: the same prompts, answers read off its probabilities."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from pydantic import BaseModel, Field, JsonValue, ValidationError

from app.domain.cancel import CancelToken
from app.domain.errors import ServerRefused, ValueNotOffered
from app.domain.finding import ModelRef
from app.domain.ports import Choice, Prompt
from models.chat import FRAMES, MARK
from models.model_server import ModelServer
from models.server_connection import ServerConnection, invalid

TOP = 20
"""Likeliest tokens that are asked for: the most that vLLM gives without being told to."""

_NOTHING = 1e-9
"""Of probability: sums of rounded figures come no nearer to one."""

_BEGINNINGS = ("<|begin_of_text|>", "<bos>", "<s>")
"""Marks of a text's beginning: servers put them there themselves."""

_WORDS = re.compile(r'"((?:[^"\\]|\\.)*)"')
_TEXTS = re.compile(rf"root ::= {_WORDS.pattern}(?: \| {_WORDS.pattern})*")


class _Candidate(BaseModel):
    token: str
    logprob: float


class _Place(BaseModel):
    top_logprobs: list[_Candidate]


class _Probabilities(BaseModel):
    """Of each token written: in the form of the older completions, or of chat and llama.cpp's server."""

    top_logprobs: list[dict[str, float]] = Field(default_factory=list[dict[str, float]])
    content: list[_Place] = Field(default_factory=list[_Place])


class _Written(BaseModel):
    text: str
    logprobs: _Probabilities | None = None


class _Completion(BaseModel):
    choices: list[_Written] = Field(min_length=1)


class _Model(BaseModel):
    id: str


class _Models(BaseModel):
    data: list[_Model]


class ServerModel:
    """Implements LanguageModel with ``/v1/completions`` and Pincite's own chat frame.

    The server cuts the whole prompt into tokens, marks too, so marks in a document's words are broken up.
    """

    def __init__(self, server: ModelServer, connection: ServerConnection | None = None) -> None:
        """Connects when it is first asked."""
        self._server = server
        self._connection = connection or ServerConnection(server)
        self._frame = FRAMES[server.chat]
        self._known = False

    @property
    def ref(self) -> ModelRef:
        """What findings name."""
        return self._server.ref

    def choose(self, choices: Sequence[Choice], cancel: CancelToken) -> tuple[tuple[float, ...], ...]:
        """Natural log-probabilities of whole options, read token by token from the likeliest ``TOP``.

        An option whose next token is not among them gets the most that it can have: what the least of them
        has, or what all of them leave if that is less. Raises Cancelled and the server's errors.
        """
        return tuple(self._chosen(choice, cancel) for choice in choices)

    def write(self, prompt: Prompt, grammar: str, most_tokens: int, cancel: CancelToken) -> str:
        """One of the texts that a grammar of texts allows, whether or not the server takes grammars.

        What another grammar asks for is as the server gives it: who asked has to check it. Raises
        ValueNotOffered if the answer begins with none of the texts, Cancelled and the server's errors.
        """
        asked: dict[str, JsonValue] = {"max_tokens": most_tokens, "grammar": grammar}
        if not _TEXTS.fullmatch(grammar):
            return self._completion(self._text(prompt), asked, cancel).text.strip()
        offered = [re.sub(r"\\(.)", r"\1", text) for text in _WORDS.findall(grammar)]
        asked |= {"structured_outputs": {"choice": list(offered)}}
        written = self._completion(self._text(prompt), asked, cancel).text.strip()
        for text in sorted(offered, key=len, reverse=True):
            if written.startswith(text):
                return text
        raise ValueNotOffered(
            f"The model on {self._server.origin} named none of the values that stand there.",
            "Read the sentence yourself.",
        )

    def close(self) -> None:
        """Holds no connection."""

    def need_model(self, cancel: CancelToken) -> None:
        """Once: some servers answer for any name with whatever model they have.

        Raises ServerRefused, Cancelled and the server's other errors.
        """
        if self._known:
            return
        try:
            held = _Models.model_validate(self._connection.get("/v1/models", cancel))
        except ValidationError:
            raise invalid(self._server) from None
        if self._server.model not in {model.id for model in held.data}:
            raise ServerRefused(
                f"The model server {self._server.origin} has no model {self._server.model}.",
                "Ask who looks after this machine: the policy names the model.",
            )
        self._known = True

    def _chosen(self, choice: Choice, cancel: CancelToken) -> tuple[float, ...]:
        prompt = self._text(choice.prompt)
        tops: dict[str, dict[str, float]] = {}

        def score(option: str) -> float:
            total, read = 0.0, ""
            while read != option:
                if read not in tops:
                    tops[read] = self._top(prompt + read, cancel)
                left, top = option[len(read) :], tops[read]
                # of tokens that go on with the option the longest, as a tokeniser would cut it
                token = max((t for t in top if t and left.startswith(t)), key=len, default="")
                if not token:
                    return total + _at_most(top)
                total, read = total + top[token], read + token
            return total

        return tuple(score(option) for option in choice.options)

    def _top(self, text: str, cancel: CancelToken) -> dict[str, float]:
        """The likeliest tokens after a text, with their natural log-probabilities."""
        told = self._completion(text, {"max_tokens": 1, "logprobs": TOP}, cancel).logprobs
        if told is not None and told.top_logprobs and told.top_logprobs[0]:
            return told.top_logprobs[0]
        if told is not None and told.content and told.content[0].top_logprobs:
            return {one.token: one.logprob for one in told.content[0].top_logprobs}
        raise invalid(self._server)

    def _completion(self, text: str, asked: dict[str, JsonValue], cancel: CancelToken) -> _Written:
        cancel.check()
        self.need_model(cancel)
        body: dict[str, JsonValue] = {"model": self._server.model, "prompt": text, "temperature": 0, **asked}
        try:
            answer = _Completion.model_validate(self._connection.post("/v1/completions", body, cancel))
        except ValidationError:
            raise invalid(self._server) from None
        return answer.choices[0]

    def _text(self, prompt: Prompt) -> str:
        frame = self._frame
        opening = frame.opening
        for mark in _BEGINNINGS:
            opening = opening.removeprefix(mark)
        said = [frame.inside(_unmarked(text)) for text in (prompt.system, prompt.shared, prompt.user)]
        return f"{opening}{said[0]}{frame.between}{said[1]}{said[2]}{frame.closing}{prompt.begin}"


def _at_most(top: dict[str, float]) -> float:
    """Natural log of the most that a token which is not among the likeliest can have."""
    left = 1.0 - sum(map(math.exp, top.values()))
    return min(*top.values(), math.log(max(left, _NOTHING)))


def _unmarked(text: str) -> str:
    """A document cannot end its turn: a blank behind the first character makes a mark mere words."""
    return MARK.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)
