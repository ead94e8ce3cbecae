"""Questions of the analyst's own: what they are called by, and which are the same."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import datetime

from app.domain.base import Frozen
from app.domain.errors import QuestionInvalid

MOST_CHARACTERS = 500


class Question(Frozen):
    """A question that was asked. ``id`` is that of its task; ``kept``: its answers are a column."""

    id: str
    text: str
    at: datetime
    kept: bool = False


def question_text(text: str) -> str:
    """On one line. Raises QuestionInvalid."""
    line = " ".join(text.split())
    if not any(map(str.isalnum, line)):
        raise QuestionInvalid("The question holds no words.", "Write a question in words.")
    if len(line) > MOST_CHARACTERS:
        raise QuestionInvalid(
            f"The question is longer than {MOST_CHARACTERS} characters.", "Ask something shorter."
        )
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in line):
        raise QuestionInvalid("The question holds characters that cannot be read.", "Type it anew.")
    return line


def question_id(text: str) -> str:
    """Of the task a question becomes; case, spaces and the marks at its end make no other question."""
    same = unicodedata.normalize("NFKC", question_text(text)).casefold()
    same = " ".join(same.split()).rstrip(" ?!.:")
    return f"ask-{hashlib.sha256(same.encode()).hexdigest()[:12]}"
