"""The line above everything: matter, pack, model; then the quote and the button that starts the review."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolBar, QToolButton, QWidget

from app.desktop import look
from app.desktop.buttons import ActionButton
from app.desktop.slots import only


class MenuButton(ActionButton):
    """A flat button that opens a menu under itself."""

    def __init__(self, name: str) -> None:
        super().__init__("")
        self._name = name
        self._held = QMenu(self)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(only(self._open))
        look.named(self, name)

    def show_text(self, text: str) -> None:
        """What is chosen."""
        self.setText(f"{text}  ▾")
        self.setAccessibleName(f"{self._name}: {text}")
        self.updateGeometry()

    def hold(self, menu: QMenu) -> None:
        """Open this one from now on."""
        self._held = menu

    def _open(self) -> None:
        self._held.popup(self.mapToGlobal(self.rect().bottomLeft()))


class Chooser(MenuButton):
    """A button that shows what is chosen and opens the choices."""

    chosen = Signal(str)

    def show_choices(self, choices: Sequence[tuple[str, str]], held: str) -> None:
        """Ids with their titles; ``held`` is the id of the one in force."""
        menu = self._held
        menu.clear()
        group = QActionGroup(menu)
        for key, title in choices:
            action = QAction(title, menu, checkable=True, checked=key == held)
            action.setData(key)
            group.addAction(action)
            menu.addAction(action)
        group.triggered.connect(self._choose)
        self.show_text(dict(choices).get(held, held))

    def _choose(self, action: QAction) -> None:
        self.chosen.emit(action.data())


class TopBar(QToolBar):
    """Shows and asks; knows nothing of what it shows."""

    def __init__(self, review: QAction, pages: Sequence[QAction]) -> None:
        super().__init__()
        self.setObjectName("top")
        self.setWindowTitle(self.tr("Matter and review"))
        self.setMovable(False)
        self.setFloatable(False)
        self.matter = MenuButton(self.tr("Matter"))
        self.matter.setFont(look.font(bold=True))
        self.pack = Chooser(self.tr("Pack"))
        self.model = Chooser(self.tr("Model"))
        self._quote = look.muted(QLabel())
        self._review = ActionButton("", "play", primary=True)
        self._review.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._act(review)
        self._offline = look.muted(QLabel("● " + self.tr("offline")))
        self._offline.setToolTip(self.tr("Nothing that is open here can reach a network."))
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(look.STEP, look.STEP // 2, look.STEP, look.STEP // 2)
        layout.setSpacing(look.STEP)
        for widget in (self.matter, self.pack, self.model):
            layout.addWidget(widget)
        layout.addSpacing(look.STEP)
        for page in pages:
            layout.addWidget(self._page(page))
        layout.addStretch(1)
        for widget in (self._quote, self._review, self._offline):
            layout.addWidget(widget)
        self.addWidget(row)

    def show_quote(self, text: str, tip: str = "") -> None:
        """What a review would cost; empty while that is not known."""
        self._quote.setText(text)
        self._quote.setToolTip(tip)

    def show_matter(self, title: str, menu: QMenu) -> None:
        """The open matter's name; its menu holds what else can be opened."""
        self.matter.show_text(title)
        self.matter.hold(menu)

    def _page(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setAutoRaise(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _act(self, action: QAction) -> None:
        self._review.clicked.connect(action.trigger)

        def follow() -> None:
            self._review.setEnabled(action.isEnabled())
            self._review.setText(action.text())
            look.named(self._review, action.text(), action.toolTip())

        action.changed.connect(follow)
        follow()
