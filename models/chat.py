"""Chat templates of our own, one for each family. A file's own template is a program and is never run.

Written after the templates that llama.cpp ships (``llama-chat.cpp``, ``models/templates``); Phi's after the
model card of Phi-4-mini.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from app.domain.base import Frozen

MARK = re.compile(r"<[^<>\s]+>|\[/?[A-Z_]+\]")
"""What vocabularies mark turns with, and what looks like it."""

_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")


class ChatFamily(StrEnum):
    """How a model was taught to take turns."""

    CHATML = "chatml"
    CHATML_UNTHINKING = "chatml-unthinking"
    LLAMA3 = "llama3"
    GEMMA = "gemma"
    GEMMA4 = "gemma4"
    PHI = "phi"
    MISTRAL = "mistral"
    MISTRAL_V7 = "mistral-v7"
    GRANITE = "granite"
    RWKV = "rwkv"


class ChatFrame(Frozen):
    """What stands before the system's words, between them and the user's, and behind those.

    ``blank_lines_end_turns``: the family has no marks that a document could not write too; a turn ends at a
    blank line, so no other text may have one.
    """

    opening: str
    between: str
    closing: str
    blank_lines_end_turns: bool = False

    @property
    def markers(self) -> frozenset[str]:
        """Marks that must be single tokens of a model's vocabulary."""
        return frozenset(MARK.findall(self.opening + self.between + self.closing))

    def inside(self, text: str) -> str:
        """A text that cannot end its turn. Where marks do that, nothing needs to change."""
        return _BLANK_LINES.sub("\n", text) if self.blank_lines_end_turns else text


_CHATML = ChatFrame(
    opening="<|im_start|>system\n",
    between="<|im_end|>\n<|im_start|>user\n",
    closing="<|im_end|>\n<|im_start|>assistant\n",
)

FRAMES = {
    ChatFamily.CHATML: _CHATML,
    ChatFamily.CHATML_UNTHINKING: _CHATML.model_copy(
        update={"closing": _CHATML.closing + "<think>\n\n</think>\n\n"}
    ),
    ChatFamily.LLAMA3: ChatFrame(
        opening="<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n",
        between="<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
        closing="<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
    ChatFamily.GEMMA: ChatFrame(  # it has no turn for the system
        opening="<bos><start_of_turn>user\n",
        between="\n\n",
        closing="<end_of_turn>\n<start_of_turn>model\n",
    ),
    ChatFamily.GEMMA4: ChatFrame(
        opening="<bos><|turn>system\n",
        between="<turn|>\n<|turn>user\n",
        closing="<turn|>\n<|turn>model\n<|channel>thought\n<channel|>",
    ),
    ChatFamily.PHI: ChatFrame(
        opening="<|system|>",
        between="<|end|><|user|>",
        closing="<|end|><|assistant|>",
    ),
    ChatFamily.MISTRAL: ChatFrame(
        opening="<s>[INST] ",
        between="\n\n",
        closing="[/INST]",
    ),
    ChatFamily.MISTRAL_V7: ChatFrame(
        opening="<s>[SYSTEM_PROMPT]",
        between="[/SYSTEM_PROMPT][INST]",
        closing="[/INST]",
    ),
    ChatFamily.GRANITE: ChatFrame(
        opening="<|start_of_role|>system<|end_of_role|>",
        between="<|end_of_text|>\n<|start_of_role|>user<|end_of_role|>",
        closing="<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>",
    ),
    ChatFamily.RWKV: ChatFrame(
        opening="System: ",
        between="\n\nUser: ",
        closing="\n\nAssistant:",
        blank_lines_end_turns=True,
    ),
}

_SINGLE = {"rwkv7": ChatFamily.RWKV}
_BY_MARKS = (
    *(ChatFamily.LLAMA3, ChatFamily.GEMMA4, ChatFamily.GEMMA, ChatFamily.GRANITE, ChatFamily.MISTRAL_V7),
    *(ChatFamily.PHI, ChatFamily.MISTRAL, ChatFamily.CHATML),
)


def missing_marks(family: ChatFamily, markers: Iterable[str]) -> tuple[str, ...]:
    """Marks of the family that are no control tokens of a vocabulary, in order."""
    return tuple(sorted(FRAMES[family].markers - set(markers)))


def recognised(architecture: str, markers: Iterable[str]) -> ChatFamily | None:
    """The family whose marks a vocabulary has; None if that is not clear.

    A vocabulary with ``<think>`` may be of a model that thinks aloud or not: that is not clear either.
    """
    if architecture in _SINGLE:
        return _SINGLE[architecture]
    held = frozenset(markers)
    fitting = [family for family in _BY_MARKS if FRAMES[family].markers <= held]
    if not fitting or (fitting[0] is ChatFamily.CHATML and "<think>" in held):
        return None
    return fitting[0]
