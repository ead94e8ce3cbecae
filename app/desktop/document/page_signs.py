"""What reading found on the page that is looked at, above it: words nobody can see, words hard to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from app.desktop import look
from app.desktop.document.eliding_label import ElidingLabel
from app.desktop.panels import TintedLabel
from app.review.recognised import surety, unsure_words

if TYPE_CHECKING:
    from app.desktop.document.reading import Reading
    from app.domain.text import Page, Unseen

_LINES = 5
_MOST_REASONS = 2


class PageFacts(NamedTuple):
    """``sure``, 0 to 1, is the mean confidence of a page that was recognised, and None of any other."""

    unseen: tuple[Unseen, ...] = ()
    sure: float | None = None
    unsure: int = 0


class Sign(QWidget):
    """An icon, a sentence that gives way, a button that stays down; ``more`` is told on hovering."""

    def __init__(self, icon: str, tint: str, button: str, more: str) -> None:
        super().__init__()
        self.more = more
        self.icon = TintedLabel(icon, tint)
        self.text = ElidingLabel()
        self.button = QToolButton()
        self.button.setText(button)
        self.button.setCheckable(True)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.STEP, 2, look.STEP, 2)
        row.setSpacing(look.STEP)
        row.addWidget(self.icon)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)


class PageSigns(QWidget):
    """Two lines, each there from the first page of the document that it says anything of.

    So pages do not jump while one scrolls; of a page without such words a line says that there are none.
    Words that nobody can see are listed as plain text that cannot be selected: they are no evidence.
    """

    changed = Signal()
    """What is to be marked on the pages: ``unseen_shown``, ``unsure_shown``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: dict[int, PageFacts] = {}
        self._reading: Reading | None = None
        self._fetches = False
        self._page = 1
        self.unseen = Sign("triangle-alert", "warning", self.tr("Show"), self.tr("It is not reviewed."))
        self.unsure = Sign(
            "image", "muted", self.tr("Mark"), self.tr("Check figures and names in the picture.")
        )
        look.named(self.unseen.button, self.tr("Show words nobody can see"), key="I")
        look.named(self.unsure.button, self.tr("Mark words that were hard to read"), key="D")
        self.unsure.button.setChecked(True)
        self.words = self._list()
        self._lay_out()
        for sign in (self.unseen, self.unsure):
            sign.button.toggled.connect(self._toggled)
        self._refresh()

    @property
    def unseen_shown(self) -> bool:
        """Whether places of words nobody can see are to be framed."""
        return self.unseen.button.isChecked()

    @property
    def unsure_shown(self) -> bool:
        """Whether words that were hard to read are to be marked."""
        return self.unsure.button.isChecked()

    def open(self, reading: Reading, fetches: bool) -> None:
        """Hear of another document's pages; ``fetches``: nobody else asks for their words."""
        self.close_document()
        self._reading, self._fetches = reading, fetches
        reading.page_read.connect(self._page_read)
        self.show_page(1)

    def close_document(self) -> None:
        """Nothing to say, and nothing is heard any more; whether unsure words are marked is kept."""
        if self._reading is not None:
            self._reading.page_read.disconnect(self._page_read)
        self._reading, self._facts, self._page = None, {}, 1
        self.unseen.button.setChecked(False)
        self.words.clear()
        self._refresh()

    def show_page(self, number: int) -> None:
        """The one that is looked at, from 1."""
        self._page = number
        if self._fetches and self._reading is not None and number not in self._facts:
            self._reading.want_pages([number])
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Narrow text is higher."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As many lines as there are, up to a few: the page is what one came for."""
        lines = max(1, round(self.words.document().size().height()))
        bars = Qt.ScrollBarPolicy
        self.words.setVerticalScrollBarPolicy(
            bars.ScrollBarAsNeeded if lines > _LINES else bars.ScrollBarAlwaysOff
        )
        each = self.words.fontMetrics().lineSpacing() + 1
        self.words.setFixedHeight(min(lines, _LINES) * each + 2 * look.STEP)

    def _page_read(self, page: Page) -> None:
        facts = PageFacts(page.unseen, surety(page), len(unsure_words(page)))
        self._facts[page.number] = facts
        if page.number == self._page or facts != PageFacts():
            self._refresh()

    def _toggled(self) -> None:
        self._refresh()
        self.changed.emit()

    def _refresh(self) -> None:
        here = self._facts.get(self._page)
        for sign, any_, text in (
            (self.unseen, any(f.unseen for f in self._facts.values()), self._said_unseen(here)),
            (self.unsure, any(f.sure is not None for f in self._facts.values()), self._said_unsure(here)),
        ):
            if here is not None:
                sign.text.setText(text)
                sign.text.setToolTip(f"{text} {sign.more}")
            sign.setVisible(any_)
        hidden = here.unseen if here is not None else ()
        self.unseen.icon.show_icon(*(("triangle-alert", "warning") if hidden else ("check", "muted")))
        listed = self.unseen_shown and bool(hidden)
        self.words.setVisible(listed)
        if listed and (text := "\n".join(_lines(hidden))) != self.words.toPlainText():
            self.words.setPlainText(text)
        self._fit()
        self.setVisible(not self.unseen.isHidden() or not self.unsure.isHidden())

    def _said_unseen(self, facts: PageFacts | None) -> str:
        hidden = facts.unseen if facts is not None else ()
        if not hidden:
            return self.tr("All words of this page can be seen.")
        reasons = list(dict.fromkeys(piece.why for piece in hidden))
        why = ", ".join(reasons[:_MOST_REASONS]) + (" …" if len(reasons) > _MOST_REASONS else "")
        if len(hidden) == 1:
            return self.tr("A piece of text here cannot be seen: {}.").format(why)
        return self.tr("{} pieces of text here cannot be seen: {}.").format(f"{len(hidden):,}", why)

    def _said_unsure(self, facts: PageFacts | None) -> str:
        if facts is None or facts.sure is None:
            return self.tr("The text of this page is the file's own.")
        sure = self.tr("Recognised from a picture, {} % sure").format(int(100 * facts.sure))
        if not facts.unsure:
            return f"{sure}."
        if facts.unsure == 1:
            return self.tr("{}; one word was hard to read.").format(sure)
        return self.tr("{}; {} words were hard to read.").format(sure, f"{facts.unsure:,}")

    def _list(self) -> QPlainTextEdit:
        made = QPlainTextEdit()
        made.setReadOnly(True)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setFrameShape(QFrame.Shape.NoFrame)
        made.document().setDocumentMargin(look.STEP)
        made.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        look.named(made, self.tr("Words nobody can see"), self.tr("As text; they are no evidence"))
        return made

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(0)
        for widget in (self.unseen, self.words, self.unsure):
            column.addWidget(widget)


def _lines(hidden: tuple[Unseen, ...]) -> Iterator[str]:
    """Each piece on a line of its own, with why."""
    return (f"{piece.why}: {' '.join(piece.text.split())}" for piece in hidden)
