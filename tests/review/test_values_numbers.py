from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from app.domain.kinds import ValueKind
from app.domain.units import unit_code
from app.review.values import Candidate, candidates, holds_value, supported


def read(text: str, *units: str) -> tuple[Candidate, ...]:
    return candidates(ValueKind.NUMBER, [(0, text)], units=units)


def displays(text: str) -> list[str]:
    return [candidate.display for candidate in read(text)]


NUMBERS = [
    # contracts
    ("Overdue sums bear interest at 1.5% per month.", {"number": 1.5, "unit": "%/mo"}, "1.5% per month"),
    ("a royalty of five percent (5%) of Net Sales", {"number": 5, "unit": "%"}, "5%"),
    ("a discount of seven percent", {"number": 7, "unit": "%"}, "7%"),
    ("one and one-half percent", {"number": 1.5, "unit": "%"}, "1.5%"),
    ("at 1 1/2% per annum", {"number": 1.5, "unit": "%/a"}, "1.5% per year"),
    ("Buyer shall order 10,000 units", {"number": 10_000, "unit": "{unit}"}, "10,000 units"),
    ("ten (10) copies", {"number": 10, "unit": "{copy}"}, "10 copies"),
    ("two million shares", {"number": 2_000_000, "unit": "{share}"}, "2,000,000 shares"),
    ("500 units per calendar month", {"number": 500, "unit": "{unit}/mo"}, "500 units per month"),
    ("for 40 hours per week", {"number": 40, "unit": "h/wk"}, "40 hours per week"),
    ("25,000 square feet of space", {"number": 25_000, "unit": "[sft_i]"}, "25,000 sq ft"),
    ("within 50 miles of it", {"number": 50, "unit": "[mi_i]"}, "50 mi"),
    # medicine
    ("Metoprolol 25 mg was begun.", {"number": 25, "unit": "mg"}, "25 mg"),
    ("Hemoglobin was 13.2 g/dL.", {"number": 13.2, "unit": "g/dL"}, "13.2 g/dL"),
    ("troponin < 0.5 ng/mL", {"number": 0.5, "unit": "ng/mL", "comparator": "<"}, "< 0.5 ng/mL"),
    ("platelets 250 x 10^9/L", {"number": 250, "unit": "10*9/L"}, "250 ×10^9/L"),
    ("WBC 7.2 K/uL", {"number": 7.2, "unit": "10*3/uL"}, "7.2 ×10^3/µL"),
    ("BP 120/80 today", {"systolic": 120, "diastolic": 80, "unit": "mm[Hg]"}, "120/80 mmHg"),
    ("Blood pressure is 138/82.", {"systolic": 138, "diastolic": 82, "unit": "mm[Hg]"}, "138/82 mmHg"),
    ("she takes 1-2 tablets", {"low": 1, "high": 2, "unit": "{tablet}"}, "1–2 tablets"),
    ("between 4 and 6 mg", {"low": 4, "high": 6, "unit": "mg"}, "4–6 mg"),
    ("a heart rate of 155 beats/minute", {"number": 155, "unit": "{beats}/min"}, "155 beats/min"),
    ("prednisone 1mg/Kg", {"number": 1, "unit": "mg/kg"}, "1 mg/kg"),
    ("temperature 98.6 °F", {"number": 98.6, "unit": "[degF]"}, "98.6 °F"),
    ("eGFR 58 mL/min/1.73 m²", {"number": 58, "unit": "mL/min/{1.73_m2}"}, "58 mL/min/1.73 m2"),
    # finance
    ("Margins fell to (3.1)%.", {"number": -3.1, "unit": "%"}, "−3.1%"),
    ("up 150 basis points", {"number": 150, "unit": "{basis point}"}, "150 basis points"),
    ("leverage of 2.5x EBITDA", {"number": 2.5, "unit": "{times}"}, "2.5x"),
    ("no more than 3.50 to 1.00", {"number": 3.5, "unit": "{ratio}"}, "3.5:1"),
    ("The group has 1,027 employees.", {"number": 1027, "unit": "{employee}"}, "1,027 employees"),
    ("Total sales of 1,496.5 were made", {"number": 1496.5, "unit": "1"}, "1,496.5"),
    ("a change of -12.6", {"number": -12.6, "unit": "1"}, "−12.6"),
    ("grew by 2,5 %", {"number": 2.5, "unit": "%"}, "2.5%"),
]


@pytest.mark.parametrize(("text", "value", "display"), NUMBERS)
def test_a_number_is_read_with_the_unit_it_is_written_in(text: str, value: JsonValue, display: str) -> None:
    (found,) = read(text)
    assert (found.value, found.display) == (value, display)
    assert supported(ValueKind.NUMBER, value, [(0, text)])


@pytest.mark.parametrize("display", [row[2] for row in NUMBERS])
def test_what_is_displayed_is_read_again_as_the_same_value(display: str) -> None:
    (value,) = (row[1] for row in NUMBERS if row[2] == display)
    assert [candidate.value for candidate in read(display)][:1] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "$5 million within thirty (30) days of May 3, 2019",
        "Section 5.2 of Exhibit 7",
        "for 12 months in 2019",
        "Form 10-K and COVID-19",
        "at 11:30",
        "call (650) 555-1234",
        "10,000 pounds sterling",
        "and\n\n-12-\n\nso",
        "1,5000",
        "",
    ],
)
def test_money_dates_periods_and_numbers_of_places_are_no_numbers(text: str) -> None:
    assert displays(text) == []


def test_the_end_of_a_number_is_not_given_for_the_whole() -> None:
    assert displays("one-half of one percent (0.5%)") == ["0.5%"]
    assert displays("one-half of one percent") == []


def test_brackets_are_a_minus_in_a_row_of_figures_and_say_again_elsewhere() -> None:
    assert displays("Realized losses (5,062) (6,533) 18") == ["−5,062", "−6,533", "18"]
    assert displays("Forfeited (19) —") == ["−19"]
    assert displays("a share of ten percent (10%) of it") == ["10%"]


def test_a_task_gets_only_the_units_it_asks_for() -> None:
    text = "25 mg of it gave 13.2 g/dL in 3 tests of 40"
    assert [c.display for c in read(text, "g/dL")] == ["13.2 g/dL"]
    holds = holds_value(ValueKind.NUMBER, units=("%",))
    assert holds is not None
    assert not holds(text)
    assert holds("about 5 percent")


def test_numbers_with_a_unit_come_before_bare_ones() -> None:
    assert displays("of 300 only 5% were") == ["5%", "300"]


def test_a_value_that_the_words_do_not_give_is_not_supported() -> None:
    assert not supported(ValueKind.NUMBER, {"number": 6, "unit": "%"}, [(0, "5%")])
    assert not supported(ValueKind.NUMBER, {"number": 5, "unit": "1"}, [(0, "5%")])


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("mcg", "ug"),
        ("ug", "ug"),
        ("% per month", "%/mo"),
        ("mm[Hg]", "mm[Hg]"),
        ("{unit}", "{unit}"),
        ("1", "1"),
    ],
)
def test_a_unit_is_known_as_documents_write_it_and_by_its_code(written: str, code: str) -> None:
    assert unit_code(written) == code


@pytest.mark.parametrize("written", ["furlongs per fortnight", "", "%%", "mg/", "5"])
def test_what_is_no_unit_has_no_code(written: str) -> None:
    assert unit_code(written) is None


_PIECES = [
    "5", "12.5", "1,000", " ", "%", " mg", "/dL", " per ", "month", "(", ")", "-", "–", " to ", "five ",
    "percent", "x", " 10^9/L", "BP ", "120/80", " units", "<", "½", "million", " and ", ":1", "K/uL", "—",
    "square-foot", "hours a day", "İ", "ſ", "\n", "$",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=4)), max_size=14).map("".join),
    st.integers(0, 9),
)
def test_any_words_give_only_numbers_that_they_support(text: str, start: int) -> None:
    found = candidates(ValueKind.NUMBER, [(start, text)])
    for candidate in found:
        assert 0 <= candidate.span.start - start < candidate.span.end - start <= len(text)
        assert supported(ValueKind.NUMBER, candidate.value, [(start, text)])
        assert candidate.value in [again.value for again in read(candidate.display)]


@given(st.decimals(min_value=0, max_value=10**9, places=3), st.sampled_from(["%", "mg", "g/dL", "units"]))
def test_every_number_comes_through(number: float, unit: str) -> None:
    plain = f"{number:,.3f}".rstrip("0").rstrip(".")
    (found,) = read(f"about {plain} {unit} then")
    assert isinstance(found.value, dict)
    assert found.value["number"] == pytest.approx(float(number))


@pytest.mark.parametrize(
    "part",
    [
        "1",
        "1 ",
        "1,",
        "(1) ",
        "1%",
        "five ",
        "five (5) ",
        "5-",
        "10/",
        "120/80 ",
        "1 to ",
        "1x ",
        "½",
        "5 K",
        "BP ",
    ],
)
def test_long_runs_of_one_thing_are_read_in_no_time(part: str) -> None:
    text = (part * 5000)[:5000]
    started = time.process_time()
    candidates(ValueKind.NUMBER, [(0, text), (5000, "x" + text + "x")])
    assert time.process_time() - started < 5.0
