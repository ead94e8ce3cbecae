from __future__ import annotations

from datetime import date

import pytest
from pydantic import JsonValue

from app.reports.typed_cells import typed_cell


@pytest.mark.parametrize(
    ("value", "figure", "unit"),
    [
        ({"date": "2021-03-01"}, date(2021, 3, 1), ""),
        ({"amount": -12.5, "currency": "EUR"}, -12.5, "EUR"),
        ({"number": 1.5, "unit": "%/mo"}, 1.5, "%/mo"),
        ({"number": 300, "unit": "1"}, 300, ""),
        ({"count": 30, "unit": "day", "business": True}, 30, "business day"),
        ({"answer": False}, False, ""),
    ],
)
def test_a_value_that_can_be_reckoned_with_is_a_figure_with_its_unit(
    value: JsonValue, figure: object, unit: str
) -> None:
    cell = typed_cell(value)
    assert cell is not None
    assert (cell.figure, cell.unit) == (figure, unit)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "words",
        {"date": None, "year": 2004},
        {"date": "2019-05"},
        {"date": "2019-Q3", "fiscal": True},
        {"low": 4, "high": 6, "unit": "mg"},
        {"code": "E11.9", "scheme": "icd-10-cm"},
        {"jurisdiction": "Delaware"},
        {"items": []},
    ],
)
def test_what_is_no_one_figure_stays_in_words(value: JsonValue) -> None:
    assert typed_cell(value) is None
