"""The line above the document: its name, the page, search, zoom, citations."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractSpinBox, QHBoxLayout, QLabel, QMenu, QSpinBox, QToolButton, QWidget

from app.desktop import look
from app.desktop.document.eliding_label import ElidingLabel
from app.desktop.document.zoom import Fit

PERCENTS = (50, 75, 100, 125, 150, 200, 400)
_ROOM_FOR_ALL = 76 * look.STEP
_ICON = 20


class Toolbar(QWidget):
    """Shows what it is told and asks for what is clicked."""

    page_wanted = Signal(int)
    search_wanted = Signal()
    zoom_wanted = Signal(float)
    zoom_stepped = Signal(int)
    fit_wanted = Signal(Fit)
    rotate_wanted = Signal()
    next_citation_wanted = Signal()
    previous_citation_wanted = Signal()
    thumbnails_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages = self._citations = 0
        self._fits = True
        self._of_pages: list[QAction] = []
        self.thumbnails = self._button(
            "panel-left", self.tr("Thumbnails"), "T", self.thumbnails_toggled, checkable=True
        )
        self.name = ElidingLabel()
        self.name.setFont(look.font(bold=True))
        self.page = self._page_field()
        self.search = self._button("search", self.tr("Search in the document"), "Ctrl+F", self.search_wanted)
        self.smaller = self._button(
            "zoom-out", self.tr("Zoom out"), "−", lambda _: self.zoom_stepped.emit(-1)
        )
        self.percent = self._percent()
        self.larger = self._button("zoom-in", self.tr("Zoom in"), "+", lambda _: self.zoom_stepped.emit(1))
        self.fit_width = self._button(
            "", self.tr("Fit the width"), "W", lambda _: self.fit_wanted.emit(Fit.WIDTH), checkable=True
        )
        self.fit_page = self._button(
            "maximize", self.tr("Fit the page"), "F", lambda _: self.fit_wanted.emit(Fit.PAGE), checkable=True
        )
        self.rotate = self._button("rotate-cw", self.tr("Rotate"), "Ctrl+R", self.rotate_wanted)
        self.previous = self._button(
            "chevron-left", self.tr("Previous citation"), "P", self.previous_citation_wanted
        )
        self.citation = QLabel()
        self.citation.setAccessibleName(self.tr("Citation"))
        self.citation.setToolTip(self.tr("Citations of this finding"))
        self.next = self._button("chevron-right", self.tr("Next citation"), "N", self.next_citation_wanted)
        self.setMinimumHeight(4 * look.STEP)
        self._row = QHBoxLayout(self)
        self._lay_out()
        self._arrange()

    def show_document(self, name: str, pages: int) -> None:
        """Empty and 0 if there is none."""
        self.name.setText(name)
        self._pages = pages
        self.page.blockSignals(True)
        self.page.setRange(min(1, pages), max(0, pages))
        self.page.setSuffix(self.tr(" of {}").format(f"{pages:,}") if pages else "")
        self.page.setValue(min(1, pages))
        self.page.blockSignals(False)
        self.page.setFixedWidth(self.page.sizeHint().width())
        self._arrange()

    def show_page(self, number: int) -> None:
        """The current one."""
        self.page.blockSignals(True)
        self.page.setValue(number)
        self.page.blockSignals(False)

    def show_zoom(self, zoom: float, fit: Fit, fits: bool) -> None:
        """``fits``: whether pages can be fitted and turned at all; text cannot."""
        percent = self.tr("{} %").format(round(zoom * 100))
        self.percent.setText(percent)
        self.percent.setAccessibleName(self.tr("Zoom: {}").format(percent))
        for button, own in ((self.fit_width, Fit.WIDTH), (self.fit_page, Fit.PAGE)):
            button.setChecked(fit is own)
        self._fits = fits
        self._arrange()

    def show_citations(self, current: int, count: int) -> None:
        """``current`` counts from 0."""
        self._citations = count
        for button in (self.previous, self.next):
            button.setEnabled(count > 1)
        self.citation.setText(f"{current + 1} / {count}")
        self.citation.setAccessibleDescription(self.tr("{} of {}").format(current + 1, count))
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Icons take the colours in force."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.EnabledChange) and hasattr(self, "next"):
            self._tint()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Where it is narrow, what the zoom's menu offers too gives way to the name."""
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As narrow as without the buttons that give way."""
        hint = super().minimumSizeHint()
        ways = (self.fit_width, self.fit_page, self.rotate)
        spare = sum(w.sizeHint().width() + self._row.spacing() for w in ways if not w.isHidden())
        return QSize(hint.width() - spare, hint.height())

    def _arrange(self) -> None:
        """Only what can be used now is there."""
        some, real = self._pages > 0, self._pages > 0 and self._fits
        roomy = self.width() >= _ROOM_FOR_ALL
        for shown, widgets in (
            (some, (self.page, self.search, self.smaller, self.percent, self.larger)),
            (real, (self.thumbnails,)),
            (real and roomy, (self.fit_width, self.fit_page, self.rotate)),
            (some and self._citations > 0, (self.previous, self.citation, self.next)),
        ):
            for widget in widgets:
                widget.setVisible(shown)
        for action in self._of_pages:
            action.setVisible(self._fits)

    def _button(
        self,
        icon: str,
        name: str,
        key: str,
        clicked: Callable[[bool], None] | SignalInstance,
        checkable: bool = False,
    ) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setCheckable(checkable)
        button.setIconSize(QSize(_ICON - 4, _ICON - 4))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setProperty("icon-name", icon)
        button.clicked.connect(clicked)
        look.named(button, name, key=key)
        return button

    def _page_field(self) -> QSpinBox:
        field = QSpinBox(self)
        field.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        field.setKeyboardTracking(False)
        field.setFrame(False)
        field.valueChanged.connect(self.page_wanted)
        look.named(field, self.tr("Page"), self.tr("Go to a page"), "Ctrl+G")
        return field

    def _percent(self) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(button)
        self._of_pages = [
            menu.addAction(self.tr("Fit the width\tW"), lambda: self.fit_wanted.emit(Fit.WIDTH)),
            menu.addAction(self.tr("Fit the page\tF"), lambda: self.fit_wanted.emit(Fit.PAGE)),
            menu.addSeparator(),
        ]
        for percent in PERCENTS:
            title = self.tr("{} %").format(percent) + ("\t0" if percent == 100 else "")
            menu.addAction(title, lambda wanted=percent: self.zoom_wanted.emit(wanted / 100))
        self._of_pages.append(menu.addSeparator())
        self._of_pages.append(menu.addAction(self.tr("Rotate\tCtrl+R"), self.rotate_wanted.emit))
        button.setMenu(menu)
        button.setText(self.tr("{} %").format(100))
        button.setMinimumWidth(
            button.fontMetrics().horizontalAdvance(self.tr("{} %").format(800)) + 3 * look.STEP
        )
        look.named(button, self.tr("Zoom"), self.tr("Zoom, fit, rotate"), "0")
        return button

    def _lay_out(self) -> None:
        row = self._row
        row.setContentsMargins(look.STEP, look.STEP // 2, look.STEP, look.STEP // 2)
        row.setSpacing(look.STEP // 4)
        row.addWidget(self.thumbnails)
        row.addSpacing(look.STEP // 2)
        row.addWidget(self.name, 1)
        row.addSpacing(look.STEP)
        row.addWidget(self.page)
        row.addSpacing(look.STEP)
        for widget in (self.search, self.smaller, self.percent, self.larger):
            row.addWidget(widget)
        for widget in (self.fit_width, self.fit_page, self.rotate):
            row.addWidget(widget)
        row.addSpacing(look.STEP // 2)
        for widget in (self.previous, self.citation, self.next):
            row.addWidget(widget)
        self._tint()

    def _tint(self) -> None:
        for button in self.findChildren(QToolButton):
            name = button.property("icon-name")
            if name:
                button.setIcon(look.icon(str(name)))
        self.fit_width.setIcon(_apart())


def _apart() -> QIcon:
    """Two chevrons that point away from each other."""
    made = QIcon()
    for edge in (_ICON, 2 * _ICON):
        pixmap = QPixmap(edge, edge)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        for name, left in (("chevron-left", -edge // 4), ("chevron-right", edge // 4)):
            look.icon(name).paint(painter, QRect(left, 0, edge, edge))
        painter.end()
        made.addPixmap(pixmap)
    return made
