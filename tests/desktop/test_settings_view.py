from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.desktop.price_editor import figure_of
from app.desktop.settings_view import Settings, SettingsView
from app.domain.cost import RateCard

HELD = Settings(
    theme="dark", idle_seconds=45.0, export_format="docx", card=RateCard(kwh=0.25, kwh_source="bill")
)


@pytest.fixture
def view(qtbot: QtBot) -> SettingsView:
    made = SettingsView()
    qtbot.addWidget(made)
    made.show_settings(HELD)
    made.show()
    return made


def write(field: QLineEdit, text: str) -> None:
    field.selectAll()
    QTest.keyClicks(field, text)


def test_it_shows_what_it_is_given_and_says_nothing_of_it(qtbot: QtBot) -> None:
    view = SettingsView()
    qtbot.addWidget(view)
    with qtbot.assertNotEmitted(view.changed):
        view.show_settings(HELD)
    assert view.theme.currentData() == "dark"
    assert view.idle.value() == 45
    assert view.export.currentData() == "docx"
    energy = view.prices.rows[1]
    assert (energy.figure.text(), energy.source.text()) == ("0.25", "bill")


def test_the_defaults_are_those_of_the_brief() -> None:
    assert Settings() == Settings(theme="system", idle_seconds=60.0, export_format="xlsx", card=RateCard())


def test_a_choice_holds_at_once(view: SettingsView, qtbot: QtBot) -> None:
    view.theme.setFocus()
    with qtbot.waitSignal(view.changed) as said:
        QTest.keyClick(view.theme, Qt.Key.Key_Up)
    assert said.args == [Settings("light", 45.0, "docx", HELD.card)]
    with qtbot.waitSignal(view.changed) as said:
        view.idle.setValue(120)
    assert said.args == [Settings("light", 120.0, "docx", HELD.card)]


def test_prices_are_saved_together_with_their_sources(view: SettingsView, qtbot: QtBot) -> None:
    energy, analyst = view.prices.rows[1], view.prices.rows[2]
    assert not view.prices.save.isEnabled()
    write(energy.figure, "0,31")
    write(energy.source, "the bill of May")
    write(analyst.figure, "80")
    write(analyst.source, "HR")
    with qtbot.waitSignal(view.changed) as said:
        view.prices.save.click()
    card = said.args[0].card
    assert (card.kwh, card.kwh_source, card.analyst_hour, card.analyst_source) == (
        0.31,
        "the bill of May",
        80.0,
        "HR",
    )
    assert card.watts == HELD.card.watts
    assert not view.prices.dirty


@pytest.mark.parametrize(
    ("figure", "source", "error"),
    [
        ("cheap", "bill", "Write a number, as 0.30."),
        ("nan", "bill", "Write a number, as 0.30."),
        ("inf", "bill", "Write a number, as 0.30."),
        ("", "bill", "Write a number, as 0.30."),
        ("-1", "x", "A price cannot be negative."),
        ("0.3", " ", "Say where this price is from."),
        ("0.3", "bill", "That was the source of the earlier price; say where this one is from."),
        ("0.3", "new bill", ""),
        ("0.25", "bill", ""),
    ],
)
def test_what_is_wrong_is_said_beside_the_price(
    view: SettingsView, figure: str, source: str, error: str
) -> None:
    energy = view.prices.rows[1]
    energy.figure.clear()
    write(energy.figure, figure)
    write(energy.source, source)
    assert energy.error == error
    assert view.prices.save.isEnabled() == (not error and energy.changed)


def test_power_of_nothing_is_refused(view: SettingsView) -> None:
    power = view.prices.rows[3]
    write(power.figure, "0")
    assert power.error == "Power must be more than 0 watts."


def test_enter_saves_prices_that_are_right_and_never_closes_on_wrong_ones(
    view: SettingsView, qtbot: QtBot
) -> None:
    energy = view.prices.rows[1]
    write(energy.figure, "cheap")
    with qtbot.assertNotEmitted(view.changed):
        QTest.keyClick(energy.figure, Qt.Key.Key_Return)
    assert view.isVisible()
    write(energy.figure, "0.4")
    write(energy.source, "bill of June")
    with qtbot.waitSignal(view.changed):
        QTest.keyClick(energy.source, Qt.Key.Key_Return)


def test_undo_brings_the_prices_in_force_back(view: SettingsView) -> None:
    write(view.prices.rows[1].figure, "9")
    view.prices.revert.click()
    assert view.prices.rows[1].figure.text() == "0.25"
    assert not view.prices.dirty


def test_a_currency_that_is_not_in_the_list_is_kept(view: SettingsView) -> None:
    view.show_settings(Settings(card=RateCard(currency="XAU")))
    assert view.prices.currency.currentText() == "XAU"
    assert not view.prices.dirty


def test_escape_does_not_lose_prices_without_a_word(view: SettingsView) -> None:
    write(view.prices.rows[1].figure, "9")
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.isVisible()
    assert view.unsaved.isVisible()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not view.isVisible()


def test_what_policy_locks_is_shown_as_locked(view: SettingsView) -> None:
    view.show_settings(HELD, locked={"theme", "kwh", "currency"})
    energy, analyst = view.prices.rows[1], view.prices.rows[2]
    assert not view.theme.isEnabled()
    assert view.idle.isEnabled()
    assert energy.lock.isVisible()
    assert energy.lock.text.text() == "managed by your organisation"
    assert not energy.figure.isEnabled()
    assert analyst.figure.isEnabled()
    assert not analyst.lock.isVisible()
    assert not view.prices.currency.isEnabled()


def test_all_prices_can_be_locked_at_once(view: SettingsView) -> None:
    view.show_settings(HELD, locked=["rates"])
    assert not any(row.figure.isEnabled() for row in view.prices.rows)


def test_the_cursor_goes_to_the_first_price_that_can_be_edited(view: SettingsView) -> None:
    view.activateWindow()
    view.show_settings(HELD, locked=["machine_hour"])
    view.focus_prices()
    assert view.focusWidget() is view.prices.rows[1].figure


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.3", 0.3), (" 0,30 ", 0.3), ("1e3", 1000.0), ("1.234,5", None), ("1e99", None), ("", None)],
)
def test_numbers_are_read_with_a_point_or_a_comma(text: str, value: float | None) -> None:
    assert figure_of(text) == value


def test_every_field_has_a_name(view: SettingsView) -> None:
    fields = [view.theme, view.idle, view.export, view.prices.currency]
    fields += [field for row in view.prices.rows for field in (row.figure, row.source)]
    assert all(field.accessibleName() for field in fields)
