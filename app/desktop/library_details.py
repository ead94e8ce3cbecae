"""Under the list of documents: everything there is to say of the one that is looked at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.desktop import look
from app.desktop.document.eliding_label import ElidingLabel
from app.desktop.panels import plain, scrolled

_MOST_HEIGHT = 16 * look.STEP


class LibraryDetails(QWidget):
    """There only while there is something to say; what is too long can be scrolled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ElidingLabel()
        self.name.setFont(look.font(bold=True))
        self.text = self._text()
        self._area = self._scrolled()
        column = QVBoxLayout(self)
        column.setContentsMargins(look.STEP // 2, 0, look.STEP // 2, 0)
        column.setSpacing(look.STEP // 2)
        column.addWidget(self.name)
        column.addWidget(self._area)
        self.setAccessibleName(self.tr("About the document"))
        self.hide()

    def show_remarks(self, name: str, remarks: Sequence[str]) -> None:
        """Each on a line of its own; none hides it."""
        text = "\n".join(part if part.endswith(".") else f"{part}." for part in remarks)
        self.name.setText(name)
        if text != self.text.text():
            self.text.setText(text)
            self._area.verticalScrollBar().setValue(0)
        self.setVisible(bool(text))
        self._fit()

    def resizeEvent(self, event: object) -> None:  # type: ignore[override]  # noqa: N802
        """Narrow text is higher."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()

    def _fit(self) -> None:
        wanted = self.text.heightForWidth(max(1, self.width() - look.STEP))
        self._area.setFixedHeight(min(max(wanted, 1), _MOST_HEIGHT))

    def _text(self) -> QLabel:
        made = look.muted(plain())
        made.setWordWrap(True)
        made.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        return made

    def _scrolled(self) -> QScrollArea:
        area = scrolled(self.text)
        area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return area
