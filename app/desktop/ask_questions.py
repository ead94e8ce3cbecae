"""The questions that were asked of a matter: what they are called by, and which are columns of the grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.domain.question import Question


class AskedQuestions:
    """A question is a column while it is kept, and while its answers are looked at."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self._kept: set[str] = set()
        self._looked_at: set[str] = set()

    def hold(self, questions: Sequence[Question]) -> None:
        """Those of a matter, oldest first, in place of any other's."""
        self._texts, self._titles = {}, {}
        self._kept = {question.id for question in questions if question.kept}
        self._looked_at = set()
        for question in questions:
            self._name(question.id, question.text)

    def look_at(self, text: str) -> str:
        """Asked, now or before: the id of its task. Raises QuestionInvalid."""
        from app.domain.question import question_id, question_text

        key = question_id(text)
        if key not in self._texts:
            self._name(key, question_text(text))
        self._looked_at.add(key)
        return key

    def look_away(self) -> None:
        """Only what is kept is a column now."""
        self._looked_at = set()

    @property
    def looks(self) -> bool:
        """Whether there are questions whose answers are looked at."""
        return bool(self._looked_at)

    def keep(self, key: str, kept: bool) -> None:
        """Whether it stays a column."""
        (self._kept.add if kept else self._kept.discard)(key)

    def is_kept(self, key: str) -> bool:
        """Whether it stays a column."""
        return key in self._kept

    def text(self, key: str) -> str:
        """As it was asked."""
        return self._texts[key]

    @property
    def titles(self) -> dict[str, str]:
        """Of all, by id, also of those that are no column."""
        return self._titles

    @property
    def latest(self) -> list[str]:
        """Texts, the last asked first."""
        return list(reversed(self._texts.values()))

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Ids and titles, oldest first."""
        shown = self._kept | self._looked_at
        return [(key, title) for key, title in self._titles.items() if key in shown]

    def _name(self, key: str, text: str) -> None:
        from app.review.questions import question_task

        self._texts[key] = text
        self._titles[key] = question_task(text).title
