"""What of a typed value a spreadsheet can reckon with: a figure or a date, and the unit beside it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from pydantic import JsonValue

_GENERAL, _AMOUNT, _DAY = "#,##0.######", "#,##0.00", "yyyy-mm-dd"


class TypedCell(NamedTuple):
    """``figure`` with its number format; ``unit`` is a currency, a unit of time or one of UCUM."""

    figure: float | date | bool
    shape: str
    unit: str


def typed_cell(value: JsonValue) -> TypedCell | None:
    """None for words, codes, ranges, blood pressures, parts of years and lists: these have no one figure."""
    match value:
        case {"date": str(day)} if len(day) == len("2021-03-01") and "fiscal" not in value:
            return TypedCell(date.fromisoformat(day), _DAY, "")
        case {"amount": int(amount) | float(amount), "currency": str(currency)}:
            return TypedCell(amount, _AMOUNT, currency)
        case {"number": int(number) | float(number), "unit": str(unit)}:
            return TypedCell(number, _GENERAL, "" if unit == "1" else unit)
        case {"count": int(count) | float(count), "unit": str(unit)}:
            return TypedCell(count, _GENERAL, f"business {unit}" if value.get("business") else unit)
        case {"answer": bool(answer)}:
            return TypedCell(answer, "General", "")
        case _:
            return None
