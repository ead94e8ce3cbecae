from __future__ import annotations

import csv
import io
import time

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.desktop.costs_model import CostsModel, bars_of, costs_csv
from app.domain.kinds import OutcomeState
from tests.desktop.made_costs import TABLES, row, table

ASCENDING, DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
pytestmark = pytest.mark.usefixtures("qapp")


def column(model: CostsModel, number: int) -> list[str]:
    return [str(model.index(place, number).data()) for place in range(model.rowCount())]


def shown(by: str = "document") -> CostsModel:
    model = CostsModel()
    model.show_table(TABLES[by], {})
    return model


def test_the_model_keeps_the_rules_of_qt(qtbot: QtBot) -> None:
    model = CostsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    for by in TABLES:
        model.show_table(TABLES[by], {})
        for number in range(model.columnCount()):
            model.sort(number, DESCENDING)
    model.show_table(table("document", []), {})
    assert model.rowCount() == 0


def test_rows_stand_as_the_ledger_has_them_and_the_total_is_last() -> None:
    model = shown()
    assert column(model, 0) == ["Bolt.pdf", "acme.pdf", "=cmd|' /C calc'!A0.pdf", "total"]
    assert column(model, 1) == ["9", "7", "4", "20"]
    assert column(model, 3) == ["$0.20", "–", "–", "$0.20"]


@pytest.mark.parametrize("order", [ASCENDING, DESCENDING])
@pytest.mark.parametrize("number", range(9))
def test_the_total_stays_last_however_it_is_sorted(number: int, order: Qt.SortOrder) -> None:
    model = shown()
    model.sort(number, order)
    assert column(model, 0)[-1] == "total"


def test_figures_sort_by_value_and_names_without_case() -> None:
    model = shown()
    model.sort(6, DESCENDING)
    assert column(model, 6) == ["$2.30", "$0.75", "$0.10", "$3.15"]
    model.sort(0, ASCENDING)
    assert column(model, 0)[1:3] == ["acme.pdf", "Bolt.pdf"]
    model.sort(-1)
    assert column(model, 0)[0] == "Bolt.pdf"


def test_a_selected_row_is_followed_when_it_is_sorted() -> None:
    model = shown()
    held = QPersistentModelIndex(model.index(0, 0))
    total = QPersistentModelIndex(model.index(3, 0))
    model.sort(0, DESCENDING)
    assert held.data() == "Bolt.pdf"
    assert held.row() == 0
    assert total.row() == 3


def test_switching_tables_keeps_the_sorting() -> None:
    model = shown("document")
    model.sort(6, DESCENDING)
    model.show_table(TABLES["task"], {})
    assert column(model, 0)[0] == "Governing law"


def test_tasks_and_months_are_named_as_people_name_them() -> None:
    model = CostsModel()
    model.show_table(TABLES["task"], {"parties": "The parties"})
    assert column(model, 0) == [
        "The parties",
        "Governing law",
        "Exclusivity",
        "reading and indexing",
        "total",
    ]
    model.show_table(TABLES["month"], {})
    assert column(model, 0)[0].endswith("2026")
    assert column(model, 0)[0] != "2026-10"


def test_figures_stand_to_the_right_and_the_total_is_bold() -> None:
    model = shown()
    right = Qt.AlignmentFlag.AlignRight
    roles = Qt.ItemDataRole
    assert not model.index(0, 0).data(roles.TextAlignmentRole) & int(right)
    for number in range(1, 9):
        assert model.index(0, number).data(roles.TextAlignmentRole) & int(right)
        header = model.headerData(number, Qt.Orientation.Horizontal, roles.TextAlignmentRole)
        assert isinstance(header, int)
        assert header & int(right)
    assert not model.index(0, 0).data(roles.FontRole).bold()
    assert model.index(3, 0).data(roles.FontRole).bold()


def test_a_bar_is_what_one_accepted_finding_cost_and_rejects_are_in_it() -> None:
    bars = bars_of(TABLES["task"], {})
    assert [(bar.title, bar.accepted) for bar in bars] == [("Parties", 10), ("Governing law", 4)]
    assert bars[1].machine == pytest.approx((0.1 - 0.04) / 4)
    assert bars[1].analyst == pytest.approx((1.9 - 0.7) / 4)
    assert bars[1].rejects == pytest.approx((0.04 + 0.7) / 4)
    assert bars[1].whole == pytest.approx(TABLES["task"].rows[1].per_accepted)
    assert [bar.whole for bar in bars] == sorted(bar.whole for bar in bars)


def test_a_column_says_what_of_it_went_into_rejects() -> None:
    model = shown()
    assert model.headerData(7, Qt.Orientation.Horizontal) == "on rejects"
    assert column(model, 7) == ["$0", "$0.74", "$0.10", "$0.84"]
    model.sort(7, DESCENDING)
    assert column(model, 0)[0] == "acme.pdf"


def parsed(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_file_holds_every_row_the_total_and_unrounded_figures() -> None:
    head, *rows = parsed(costs_csv(TABLES["document"]))
    assert head[:2] == ["document", "findings"]
    assert len(rows) == 4
    held = dict(zip(head, rows[1], strict=True))
    assert (held["accepted"], held["edited"], held["rejected"]) == ("4", "1", "2")
    assert float(held["cost per accepted finding"]) == TABLES["document"].rows[1].per_accepted
    assert held["quoted machine cost"] == ""
    assert [float(held[f"{kind} cost of rejects"]) for kind in ("machine", "analyst")] == [0.04, 0.7]
    assert float(held["cost of rejects together"]) == pytest.approx(0.74)
    assert float(held["analyst hours"]) == 2.1 * 60 / 3600
    assert held["currency"] == "USD"
    assert rows[-1][0] == "total"
    assert {state.value for state in OutcomeState} < set(head)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r", "\n", "＝", " =", "\u00a0@"])
def test_no_name_of_a_document_becomes_a_formula(start: str) -> None:
    rows = parsed(costs_csv(table("document", [row("d", f"{start}1+1.pdf")])))
    assert rows[1][0] == f"'{start}1+1.pdf"


def test_quotes_commas_and_line_breaks_in_a_name_stay_one_cell() -> None:
    rows = parsed(costs_csv(table("document", [row("d", 'a "b", c\nd.pdf')])))
    assert rows[1][0] == 'a "b", c\nd.pdf'
    assert len(rows) == 3


def test_tokens_are_counted_nowhere() -> None:
    model = shown()
    heads = [str(model.headerData(n, Qt.Orientation.Horizontal)) for n in range(model.columnCount())]
    assert "token" not in " ".join(heads).casefold()
    assert b"token" not in costs_csv(TABLES["document"]).lower()


def test_ten_thousand_rows_sort_at_once() -> None:
    rows = [row(f"d{n}", f"{n % 977}.pdf", machine=float(n % 613)) for n in range(10_000)]
    model = CostsModel()
    model.show_table(table("document", rows), {})
    began = time.perf_counter()
    model.sort(4, DESCENDING)
    assert time.perf_counter() - began < 0.5


def test_months_sort_as_they_pass() -> None:
    rows = [row(key, machine=1.0) for key in ("2026-04", "2026-01", "2025-12", "2026-08")]
    model = CostsModel()
    model.show_table(table("month", rows), {})
    model.sort(0, ASCENDING)
    shown_months = [name.split()[0][:3] for name in column(model, 0)[:-1]]
    assert shown_months == ["Dec", "Jan", "Apr", "Aug"]
