from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QRadioButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.desktop import look
from app.desktop.buttons import ActionButton, Segment
from app.desktop.outlines import Outlines

THEMES = {"light": look.LIGHT, "dark": look.DARK}


@pytest.fixture(params=list(THEMES))
def theme(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[look.Colours]:
    before, style = qapp.palette(), qapp.style().objectName()
    look.dress(qapp, request.param)
    yield THEMES[request.param]
    qapp.setPalette(before)
    qapp.setStyle(style)


def luminance(colour: QColor) -> float:
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    """As WCAG 2.2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ground(button: QWidget) -> QColor:
    image = button.grab().toImage()
    return image.pixelColor(6, image.height() // 2)


def near(one: QColor, other: str) -> bool:
    return all(abs(a - b) <= 12 for a, b in zip(one.getRgb(), QColor(other).getRgb(), strict=True))


def test_the_primary_button_is_of_the_accent_and_its_text_can_be_read(
    qtbot: QtBot, theme: look.Colours
) -> None:
    button = ActionButton("Start", "play", primary=True)
    qtbot.addWidget(button)
    assert near(ground(button), theme.accent)
    assert contrast(ground(button), QColor(theme.on_accent)) >= 4.5


def test_a_button_that_cannot_be_used_is_not_filled_and_still_read(qtbot: QtBot, theme: look.Colours) -> None:
    button = ActionButton("Start", "play", primary=True)
    qtbot.addWidget(button)
    button.setEnabled(False)
    assert ground(button).name() == theme.window
    assert contrast(ground(button), QColor(theme.muted)) >= 4.5


def test_a_button_follows_a_change_of_palette(qtbot: QtBot, qapp: QApplication, theme: look.Colours) -> None:
    button = ActionButton("Start", primary=True)
    qtbot.addWidget(button)
    other = "dark" if theme is look.LIGHT else "light"
    look.dress(qapp, other)
    assert near(ground(button), THEMES[other].accent)


def test_the_chosen_segment_is_told_by_more_than_colour(qtbot: QtBot, theme: look.Colours) -> None:
    segment = Segment("By task")
    qtbot.addWidget(segment)
    width = segment.sizeHint().width()
    assert not segment.font().bold()
    segment.setChecked(True)
    assert segment.font().bold()
    assert segment.sizeHint().width() == width, "choosing moves nothing"


def test_no_text_of_a_button_is_cut(qtbot: QtBot) -> None:
    button = ActionButton("A rather long text of a button", "play")
    qtbot.addWidget(button)
    assert button.minimumSizeHint().width() > button.fontMetrics().horizontalAdvance(button.text()) + 16


def test_the_focus_can_be_seen(qtbot: QtBot, theme: look.Colours) -> None:
    button = ActionButton("Start", primary=True)
    qtbot.addWidget(button)
    before = button.grab().toImage()
    with qtbot.waitActive(button):
        button.show()
        button.activateWindow()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert button.hasFocus()
    assert button.grab().toImage() != before


@pytest.mark.parametrize("kind", [QLineEdit, QRadioButton, QCheckBox])
def test_outlines_of_controls_are_seen_in_the_dark(
    qtbot: QtBot, qapp: QApplication, kind: type[QWidget]
) -> None:
    before, style = qapp.palette(), qapp.style().objectName()
    owner = QWidget()
    qtbot.addWidget(owner)
    control = kind()
    QVBoxLayout(owner).addWidget(control)
    Outlines(owner)
    look.dress(qapp, "dark")  # after it was made: a live change
    try:
        image = control.grab().toImage()
        middle = image.height() // 2
        seen = max(contrast(image.pixelColor(x, middle), QColor(look.DARK.surface)) for x in range(16))
        assert seen >= 3.0
    finally:
        qapp.setPalette(before)
        qapp.setStyle(style)
