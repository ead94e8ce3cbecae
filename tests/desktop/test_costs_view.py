from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.desktop import look
from app.desktop.buttons import Segment
from app.desktop.costs_cards import Card
from app.desktop.costs_view import CostsView
from app.domain.cost import RateCard
from tests.desktop.made_costs import TABLES, row, table

CARD = RateCard(currency="USD", kwh=0.31, kwh_source="the bill of May")


@pytest.fixture
def view(qtbot: QtBot) -> CostsView:
    made = CostsView()
    qtbot.addWidget(made)
    made.resize(1200, 800)
    return made


def texts(view: CostsView) -> str:
    return "\n".join(label.text() for label in view.findChildren(QLabel) if label.isVisibleTo(view))


def said(card: Card) -> str:
    return card.line.text().replace("\N{NO-BREAK SPACE}", " ")


def segment(view: CostsView, by: str) -> Segment:
    return next(s for s in view.findChildren(Segment) if s.property("by") == by)


def test_before_a_review_it_says_so_and_what_will_be_there(view: CostsView) -> None:
    view.show_costs({by: table(by, []) for by in ("task", "document")}, CARD, "Acme")  # type: ignore[arg-type]
    assert "Nothing reviewed yet" in texts(view)
    assert view.shown_table is None


def test_the_cards_tell_what_it_took(view: CostsView) -> None:
    view.show_costs(TABLES, CARD, "Acme renewal")
    cards = view.cards
    assert "Acme renewal" in texts(view)
    assert cards.per_accepted.figure.text() == "$0.23"
    assert "October 2026" in cards.per_accepted.line.text()
    assert cards.per_accepted.line.text().startswith("$0.24 in")
    assert cards.accepted.figure.text() == "14"
    assert said(cards.accepted) == "of 20 findings · 1 edited · 2 rejected · 4 not sure"
    assert cards.machine.figure.text() == "$0.45"
    assert said(cards.machine).endswith("0.45 kWh measured")
    assert said(cards.analyst) == "3 min active · 10 s a finding"
    assert cards.rejects.figure.text() == "$0.84"
    assert said(cards.rejects) == "27 % of all · $0.14 machine · $0.70 analyst"
    assert cards.quoted.figure.text() == "+80\xa0%"


def test_money_spent_without_anything_accepted_has_no_price_a_finding(view: CostsView) -> None:
    rows = [row("d", "d.pdf", states={"undecided": 3}, machine=0.1, energy="estimated")]
    view.show_costs({"document": table("document", rows)}, CARD, "Acme")
    assert view.cards.per_accepted.figure.text() == "–"
    assert view.cards.quoted.figure.text() == "–"
    assert "3 undecided" in said(view.cards.accepted)


def test_where_nothing_was_rejected_nothing_was_spent_on_it(view: CostsView) -> None:
    rows = [row("d", "d.pdf", states={"accepted": 3}, machine=0.1)]
    view.show_costs({"document": table("document", rows)}, CARD, "Acme")
    assert view.cards.rejects.figure.text() == "$0"
    assert said(view.cards.rejects) == "nothing"


def test_every_price_is_shown_with_its_source(view: CostsView) -> None:
    view.show_costs(TABLES, CARD, "Acme")
    shown = texts(view)
    for part in ("$0.31", "the bill of May", "$60.00", CARD.machine_source, "65 W", CARD.watts_source):
        assert part in shown


def test_the_switch_shows_another_table_and_that_is_what_is_exported(view: CostsView, qtbot: QtBot) -> None:
    view.show_costs(TABLES, CARD, "Acme")
    assert view.shown_table is TABLES["document"]
    qtbot.mouseClick(segment(view, "month"), Qt.MouseButton.LeftButton)
    assert view.shown_table is TABLES["month"]
    assert view.table.model().rowCount() == 3
    view.show_costs(TABLES, CARD, "Acme")
    assert view.shown_table is TABLES["month"], "new figures do not switch the table back"


def test_the_table_sorts_from_the_keyboard(view: CostsView) -> None:
    view.show_costs(TABLES, CARD, "Acme")
    model = view.table.model()
    view.table.setCurrentIndex(model.index(0, 6))
    QTest.keyClick(view.table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert model.index(0, 0).data() == "acme.pdf"
    QTest.keyClick(view.table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert model.index(2, 0).data() == "acme.pdf"


def test_buttons_ask_for_prices_and_for_a_file(view: CostsView, qtbot: QtBot) -> None:
    view.show_costs(TABLES, CARD, "Acme")
    with qtbot.waitSignal(view.rates_edit_requested):
        view.prices.edit.click()
    with qtbot.waitSignal(view.export_requested):
        view.export.click()


def test_bars_come_once_they_are_loaded_and_speak(view: CostsView, qtbot: QtBot) -> None:
    view.show_costs(TABLES, CARD, "Acme", {"parties": "The parties"})
    view.show()
    qtbot.waitUntil(lambda: view.bars.plot is not None, timeout=20_000)
    plot = view.bars.plot
    assert plot is not None
    assert [bar.title for bar in plot.bars] == ["The parties", "Governing law"]
    assert (
        "The parties: $0.10, of it machine $0.02, analyst $0.08, spent on rejects $0; 10 accepted"
        in plot.accessibleDescription()
    )
    assert "spent on rejects $0.18; 4 accepted" in plot.accessibleDescription()
    first, last = plot.bar_at(QPoint(5, 2)), plot.bar_at(QPoint(5, plot.height() - 2))
    assert first is plot.bars[0]
    assert last is plot.bars[1]
    assert plot.bar_at(QPoint(5, -40)) is None
    assert not any(plot.getPlotItem().getViewBox().mouseEnabled())


def test_of_many_tasks_the_costliest_are_drawn(view: CostsView, qtbot: QtBot) -> None:
    rows = [row(f"t{n}", states={"accepted": 1}, machine=float(n + 1)) for n in range(40)]
    view.show_costs({"task": table("task", rows)}, CARD, "Acme")
    qtbot.waitUntil(lambda: view.bars.plot is not None, timeout=20_000)
    assert view.bars.plot is not None
    assert [bar.machine for bar in view.bars.plot.bars] == [float(n) for n in range(26, 41)]
    assert "15 costliest of 40" in texts(view)


def test_it_follows_a_change_of_palette(view: CostsView, qtbot: QtBot, qapp: QApplication) -> None:
    view.show_costs(TABLES, CARD, "Acme")
    view.show()
    qtbot.waitUntil(lambda: view.bars.plot is not None, timeout=20_000)
    assert view.bars.plot is not None
    before = qapp.palette()
    try:
        for theme, ground in (("dark", look.DARK.surface), ("light", look.LIGHT.surface)):
            look.dress(qapp, theme)
            qapp.processEvents()
            assert view.bars.plot.backgroundBrush().color().name() == ground
            image = view.grab().toImage()
            assert image.pixelColor(40, image.height() - 40).name() in (
                getattr(look, theme.upper()).window,
                getattr(look, theme.upper()).surface,
            )
    finally:
        qapp.setPalette(before)


def test_cards_go_below_each_other_where_it_is_narrow(view: CostsView) -> None:
    view.show_costs(TABLES, CARD, "Acme")
    view.show()
    view.resize(640, 800)
    QApplication.processEvents()
    assert view.cards.quoted.y() > view.cards.per_accepted.y()
    view.resize(1400, 800)
    QApplication.processEvents()
    assert view.cards.quoted.y() == view.cards.per_accepted.y()


def test_every_control_has_a_name_and_a_tip_with_its_key(view: CostsView) -> None:
    view.show_costs(TABLES, CARD, "Acme")
    for control in (view.export, view.prices.edit, view.beside.edit, *view.findChildren(Segment)):
        assert control.accessibleName()
        assert "Alt+" in control.toolTip()


def test_the_views_load_neither_numpy_nor_pyqtgraph_before_they_are_needed() -> None:
    script = (
        "import sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "application = QApplication([])\n"
        "from app.desktop import (about_dialog, costs_view, export_dialog, failures_view, first_run,\n"
        "    keys_dialog, models_view, packs_view, review_dialog, settings_view)\n"
        "costs_view.CostsView(), first_run.FirstRun(), models_view.ModelsView(), packs_view.PacksView()\n"
        "heavy = {'numpy', 'pyqtgraph', 'chromadb', 'pymupdf', 'app.wiring'}\n"
        "print(sorted(heavy.intersection(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
