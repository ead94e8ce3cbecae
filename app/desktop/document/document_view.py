"""The viewer of documents: pages or text with the cited words marked, and what one does with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.document import zoom
from app.desktop.document.document_keys import Command, command_of
from app.desktop.document.marks import Marks
from app.desktop.document.notice import Notice
from app.desktop.document.page_pictures import PagePictures
from app.desktop.document.page_signs import PageSigns
from app.desktop.document.pages_view import PagesView
from app.desktop.document.searching import Searching
from app.desktop.document.session import Session
from app.desktop.document.shared_drawers import SharedDrawers, real_drawers
from app.desktop.document.text_view import TextView
from app.desktop.document.thumbnails import Thumbnails
from app.desktop.document.tile_cache import TileCache
from app.desktop.document.toolbar import Toolbar
from app.desktop.document.zoom import Fit
from app.domain.spans import Span

if TYPE_CHECKING:
    from app.desktop.document.paragraphs import Paragraphs
    from app.desktop.document.source import DocumentSource, Drawers
    from app.domain.finding import Citation
    from app.domain.text import Document

_SHUT_DOWN_SECONDS = 10.0


class DocumentView(QWidget):
    """Shows one document. Whatever takes time happens in threads that live as long as it is open."""

    page_changed = Signal(int)
    citation_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None, drawers: Callable[[], Drawers] = real_drawers) -> None:
        super().__init__(parent)
        self._make_drawers = drawers
        self._drawers: SharedDrawers | None = None
        self._session: Session | None = None
        self._leaving: list[Session] = []
        self._closing: list[threading.Thread] = []
        self._marks = Marks()
        self.cache = TileCache()
        self._pictures = PagePictures(self.cache, self)
        self.toolbar = Toolbar()
        self.signs = PageSigns()
        self._searching = Searching(self._mark_hits, self._reveal_hit, self)
        self.search_bar = self._searching.bar
        self.notice = Notice()
        self.pages = PagesView(self._pictures)
        self.text = TextView()
        self.thumbnails = Thumbnails(self._small_image)
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self._show(self.notice)
        self.toolbar.show_document("", 0)

    def prepare(self) -> None:
        """Start what the first document will need, while nobody waits for it; returns at once."""
        self._closing.append(self._shared().prepare_aside())

    def show_document(self, source: DocumentSource) -> None:
        """Open it in place of the one that is open. The same again stays as it is."""
        held = self._session
        if held is not None and held.shows(source):
            return
        self._leave()
        self._session = session = Session(source, self._shared())
        reading = session.reading
        reading.pages_are_real.connect(self._kind_known)
        reading.text_read.connect(self._text_read)
        self._searching.follow(reading)
        reading.copied.connect(self._copied)
        reading.failed.connect(self._unreadable)
        reading.start()
        self.toolbar.show_document(source.document.name, len(source.shapes))
        if source.document.name.lower().endswith(".pdf"):
            self._kind_known(True)
        else:
            self.notice.show_loading(source.document.name)
            self._show(self.notice)
            reading.want_kind()

    def show_state(self, document: Document) -> None:
        """A document that cannot be shown: why, and what to do."""
        self._leave()
        self.toolbar.show_document(document.name, 0)
        self.notice.show_state(document)
        self._show(self.notice)

    def show_loading(self, name: str) -> None:
        """One that is on its way."""
        self._leave()
        self.toolbar.show_document(name, 0)
        self.notice.show_loading(name)
        self._show(self.notice)

    def close_document(self) -> None:
        """Stop everything, forget every page; returns at once. ``shut_down`` waits for it."""
        self._leave()
        self.cache.clear()
        if self._drawers is not None:
            self._closing = [thread for thread in self._closing if thread.is_alive()]
            self._closing.append(self._drawers.close_aside())
            self._drawers = None
        self.toolbar.show_document("", 0)
        self.notice.show_nothing()
        self._show(self.notice)

    def shut_down(self) -> None:
        """Close, and wait until no thread and no process is left; for the end of the window."""
        self.close_document()
        for session in self._leaving:
            session.join(_SHUT_DOWN_SECONDS)
        for thread in self._closing:
            thread.join(_SHUT_DOWN_SECONDS)

    def show_citations(self, citations: Sequence[Citation], current: int = 0) -> None:
        """Mark them, and bring the current one (from 0) to a third of the height."""
        self._marks = replace(self._marks, citations=tuple(citations), citation=current)
        self.thumbnails.show_cited(frozenset(citation.page for citation in citations))
        self._show_citation()

    def next_citation(self) -> None:
        """After the last comes the first."""
        self._step_citation(1)

    def previous_citation(self) -> None:
        """Before the first comes the last."""
        self._step_citation(-1)

    def go_to_page(self, number: int) -> None:
        """Counted from 1."""
        self._pane.go_to_page(number)

    def open_search(self) -> None:
        """Begins at the page that is looked at."""
        if self._session is not None:
            shapes = self._session.source.shapes
            self._searching.open(shapes[self._pane.page - 1].start if shapes else 0)

    def copy(self) -> None:
        """The selected words, exactly as they stand in the canonical text."""
        if self._session is not None and self._marks.selection is not None:
            self._session.reading.want_copy(self._marks.selection)

    def select_page(self) -> None:
        """All words of the current page."""
        self._select(self._pane.span_of_page())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Keys of the document; letters that the window has come here only where it has none for them."""
        command = command_of(event) if self._session is not None else None
        if command is None:
            super().keyPressEvent(event)
        else:
            self._commands()[command]()

    @property
    def _pane(self) -> PagesView | TextView:
        return self.text if self._stack.currentWidget() is self.text else self.pages

    def _lay_out(self) -> None:
        line = QWidget()
        line.setFixedHeight(1)
        line.setAutoFillBackground(True)
        line.setBackgroundRole(QPalette.ColorRole.Mid)
        for widget in (self.notice, self.pages, self.text):
            self._stack.addWidget(widget)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.thumbnails)
        body.addWidget(self._stack, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.toolbar, self.search_bar, self.signs, line):
            column.addWidget(widget)
        column.addLayout(body, 1)
        self.thumbnails.hide()
        self.search_bar.hide()

    def _connect(self) -> None:
        bar = self.toolbar
        bar.page_wanted.connect(self.go_to_page)
        bar.search_wanted.connect(self.open_search)
        bar.zoom_wanted.connect(self._set_zoom)
        bar.zoom_stepped.connect(self._step_zoom)
        bar.fit_wanted.connect(self._fit)
        bar.rotate_wanted.connect(self._rotate)
        bar.next_citation_wanted.connect(self.next_citation)
        bar.previous_citation_wanted.connect(self.previous_citation)
        bar.thumbnails_toggled.connect(self._toggle_thumbnails)
        self.search_bar.closed.connect(lambda: self._pane.setFocus())
        self.signs.changed.connect(lambda: self._mark(self._marks))
        for pane in (self.pages, self.text):
            pane.page_changed.connect(self._page_changed)
            pane.zoom_changed.connect(self._zoom_changed)
            pane.selection_changed.connect(self._select)
        self.thumbnails.page_wanted.connect(self.go_to_page)
        self.thumbnails.pages_in_sight.connect(self._thumbnails_in_sight)
        self._pictures.arrived.connect(self._picture_arrived)

    def _show(self, widget: QWidget) -> None:
        self._stack.setCurrentWidget(widget)
        real = widget is self.pages
        self.thumbnails.setVisible(real and self.toolbar.thumbnails.isChecked())
        self.setFocusProxy(widget)
        self._zoom_changed()

    def _shared(self) -> SharedDrawers:
        if self._drawers is None:
            self._drawers = SharedDrawers(self._make_drawers)
        return self._drawers

    def _leave(self) -> None:
        self._leaving = [session for session in self._leaving if not session.ended]
        session, self._session = self._session, None
        self._marks = Marks()
        self._searching.follow(None)
        self.signs.close_document()
        self.toolbar.show_citations(0, 0)
        if session is None:
            return
        self._pictures.close()
        self.pages.close_document()
        self.text.close_document()
        self.thumbnails.show_pages(0)
        session.close()
        self._leaving.append(session)

    def _kind_known(self, real: bool) -> None:
        session = self._session
        if session is None:
            return
        shapes = session.source.shapes
        self.signs.open(session.reading, fetches=not real)
        if real:
            session.drawing.start()
            self._pictures.open(session.source.document.id, session.sizes, session.drawing)
            self.pages.open(shapes, session.sizes, session.reading)
            self.thumbnails.show_pages(len(shapes))
            self._show(self.pages)
        else:
            self.text.open(shapes)
            session.reading.want_text()
        self._show_citation()

    def _text_read(self, text: Paragraphs) -> None:
        self.text.set_text(text)
        self._show(self.text)
        self._show_citation()

    def _unreadable(self) -> None:
        if self._session is not None and self._stack.currentWidget() is self.notice:
            self.notice.show_unreadable(self._session.source.document.name)

    def _show_citation(self) -> None:
        marks = self._marks
        self.toolbar.show_citations(marks.citation, len(marks.citations))
        self._mark(marks)
        cited = marks.cited
        if cited is not None and self._session is not None:
            self._pane.reveal(cited.page, cited.boxes, Span(cited.start, cited.end))

    def _step_citation(self, step: int) -> None:
        count = len(self._marks.citations)
        if count:
            self._marks = replace(self._marks, citation=(self._marks.citation + step) % count)
            self._show_citation()
            self.citation_changed.emit(self._marks.citation)

    def _mark(self, marks: Marks) -> None:
        marks = replace(marks, unseen=self.signs.unseen_shown, unsure=self.signs.unsure_shown)
        self._marks = marks
        self._pane.set_marks(marks)

    def _select(self, span: Span | None) -> None:
        self._mark(replace(self._marks, selection=span))

    def _mark_hits(self, hits: tuple[Span, ...], hit: int) -> None:
        self._mark(replace(self._marks, hits=hits, hit=hit))

    def _reveal_hit(self, hit: Span) -> None:
        if self._session is not None:
            self._pane.reveal(self._session.page_of(hit.start), (), hit)

    def _copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    def _page_changed(self, number: int) -> None:
        self.toolbar.show_page(number)
        self.thumbnails.show_page(number)
        self.signs.show_page(number)
        self.page_changed.emit(number)

    def _toggle_thumbnails(self, shown: bool) -> None:
        self.thumbnails.setVisible(shown and self._stack.currentWidget() is self.pages)

    def _thumbnails_in_sight(self, pages: list[int]) -> None:
        self._pictures.ask_small(pages, self.pages.rotation)

    def _picture_arrived(self, _page: int) -> None:
        self.thumbnails.viewport().update()

    def _set_zoom(self, wanted: float) -> None:
        self._pane.set_zoom(wanted)

    def _zoom_changed(self, _zoom: float = 1.0) -> None:
        self.toolbar.show_zoom(self._pane.zoom, self.pages.fit, self._stack.currentWidget() is self.pages)

    def _step_zoom(self, step: int) -> None:
        self._pane.set_zoom(zoom.step(self._pane.zoom, step))

    def _fit(self, fit: Fit) -> None:
        if self._pane is self.pages:
            self.pages.set_fit(fit)
        else:
            self._pane.set_zoom(1.0)

    def _rotate(self) -> None:
        if self._pane is self.pages:
            self.pages.rotate()
            self.thumbnails.viewport().update()

    def _small_image(self, page: int) -> QImage | None:
        return self._pictures.small_image(page, self.pages.rotation) if self._session is not None else None

    def _commands(self) -> dict[Command, Callable[[], object]]:
        return {
            Command.COPY: self.copy,
            Command.SELECT_PAGE: self.select_page,
            Command.SELECT_NOTHING: lambda: self._select(None),
            Command.SEARCH: self.open_search,
            Command.NEXT_HIT: lambda: self._searching.step(1),
            Command.PREVIOUS_HIT: lambda: self._searching.step(-1),
            Command.FIRST_PAGE: lambda: self.go_to_page(1),
            Command.END: self._go_to_end,
            Command.LARGER: lambda: self._step_zoom(1),
            Command.SMALLER: lambda: self._step_zoom(-1),
            Command.REAL_SIZE: lambda: self._pane.set_zoom(1.0),
            Command.FIT_WIDTH: lambda: self._fit(Fit.WIDTH),
            Command.FIT_PAGE: lambda: self._fit(Fit.PAGE),
            Command.ROTATE: self._rotate,
            Command.PAGE_FIELD: self._focus_page,
            Command.THUMBNAILS: self.toolbar.thumbnails.click,
            Command.UNSEEN: lambda: self.signs.unseen.isVisible() and self.signs.unseen.button.click(),
            Command.UNSURE: lambda: self.signs.unsure.isVisible() and self.signs.unsure.button.click(),
        }

    def _go_to_end(self) -> None:
        bar = self._pane.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _focus_page(self) -> None:
        self.toolbar.page.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.toolbar.page.selectAll()
