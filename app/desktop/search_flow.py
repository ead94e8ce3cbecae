"""Searching the matter from the window: by words at once, by words and meaning a moment later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.desktop.slots import only
from app.domain.errors import Cancelled

if TYPE_CHECKING:
    from app.desktop.bridge import Bridge, JobEnd, Trouble
    from app.desktop.decision_flow import DecisionFlow
    from app.desktop.matter_flow import MatterFlow
    from app.desktop.search_view import SearchView
    from app.desktop.window import MainWindow
    from app.domain.ports import SearchHit
    from app.wiring.desk import Desk

_MOST_HITS = 100


class SearchFlow(QObject):
    """Keeps the documents searchable too: they are indexed as soon as they are read."""

    def __init__(
        self, window: MainWindow, bridge: Bridge, matters: MatterFlow, decisions: DecisionFlow
    ) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._matters = matters
        self._decisions = decisions
        self._view: SearchView | None = None
        self._query = ""
        self._left = 0
        """How many documents the search that is shown did not look into."""
        window.library.search_requested.connect(self.search)
        bridge.opened.connect(only(self._opened))
        bridge.ended.connect(self._ended)

    def search(self, query: str) -> None:
        """Any words, in every document of the matter."""
        self._query = query
        self._bridge.look_up(
            lambda desk: _by_words(desk, query),
            lambda found: self._by_words_came(query, *found),
            self._failed,
        )

    def _by_words_came(self, query: str, hits: tuple[SearchHit, ...], left: int) -> None:
        if query != self._query:
            return
        view = self._shown()
        self._left = left
        self._window.go_to("search")
        view.show_hits(query, hits, self._names())
        view.say(self._remark(self.tr("Found by words so far; looking for what means the same…")))
        self._bridge.find(
            query,
            _MOST_HITS,
            lambda found: self._by_meaning_came(query, found),
            lambda trouble: view.say(self.tr("Found by words alone. {}").format(trouble.message)),
        )

    def _by_meaning_came(self, query: str, hits: tuple[SearchHit, ...]) -> None:
        if query == self._query:
            view = self._shown()
            view.show_hits(query, hits, self._names())
            view.say(self._remark(""))

    def _remark(self, so_far: str) -> str:
        if not self._left:
            return so_far
        coming = (
            self.tr("1 document is not searched yet: it is being prepared.")
            if self._left == 1
            else self.tr("{} documents are not searched yet: they are being prepared.").format(self._left)
        )
        return f"{so_far} {coming}".strip()

    def _names(self) -> dict[str, str]:
        return {key: document.name for key, document in self._matters.documents.items()}

    def _shown(self) -> SearchView:
        from app.desktop.search_view import SearchView

        if self._view is None:
            self._view = SearchView()
            self._view.hit_chosen.connect(self._decisions.open_hit)
            self._window.add_place("search", self._view)
        return self._view

    def _opened(self) -> None:
        self._query, self._left = "", 0
        self._make_searchable()

    def _ended(self, _: JobEnd) -> None:
        self._make_searchable()

    def _make_searchable(self) -> None:
        self._bridge.make_searchable(self._searchable, self._not_searchable)

    def _searchable(self, _: None) -> None:
        if self._left and self._view is not None and self._view.isVisible():
            self.search(self._query)

    def _not_searchable(self, trouble: Trouble) -> None:
        if self._left and self._view is not None and trouble.code != Cancelled.code:
            self._view.say(self.tr("Some documents cannot be searched. {}").format(trouble.message))

    def _failed(self, trouble: Trouble) -> None:
        self._window.status.tell(f"{trouble.message} {trouble.hint}", stays=True)


def _by_words(desk: Desk, query: str) -> tuple[tuple[SearchHit, ...], int]:
    left = len(desk.finder.unsearchable())
    return desk.finder.by_words(query, _MOST_HITS), left
