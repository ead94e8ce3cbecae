from __future__ import annotations

import pytest
from pydantic import JsonValue

from app.domain.kinds import ValueKind
from tests.review.values_read import displays, read

DATES = [
    ("is made as of the 1st day of May, 2004, by and between", "2004-05-01", "1st day of May, 2004"),
    ("the 22nd day of\n December,  2003", "2003-12-22", "22nd day of\n December,  2003"),
    ("dated May 1, 2004 (the", "2004-05-01", "May 1, 2004"),
    ("dated as of JUNE 30, 2010", "2010-06-30", "JUNE 30, 2010"),
    ("on June 30th, 2010", "2010-06-30", "June 30th, 2010"),
    ("November 9th 2018", "2018-11-09", "November 9th 2018"),
    ("Effective Date: 12/31/99.", "1999-12-31", "12/31/99"),
    ("06/05/2018", "2018-06-05", "06/05/2018"),
    ("1/2/49", "2049-01-02", "1/2/49"),
    ("1/2/50", "1950-01-02", "1/2/50"),
    ("on 4th July 1999", "1999-07-04", "4th July 1999"),
    ("1 May 2004", "2004-05-01", "1 May 2004"),
    ("Mar. 3, 2010", "2010-03-03", "Mar. 3, 2010"),
    ("2004-05-01", "2004-05-01", "2004-05-01"),
    ("February 29, 2004", "2004-02-29", "February 29, 2004"),
    ("dated Sept. 5, 2001", "2001-09-05", "Sept. 5, 2001"),
    ("dated May 1,2004", "2004-05-01", "May 1,2004"),
]


DATES += [
    ("the 26t h day of May, 2017", "2017-05-26", "26t h day of May, 2017"),
    ("on December 31st 2003.", "2003-12-31", "December 31st 2003"),
    ("this twenty-sixth (26th) day of May, 2017", "2017-05-26", "twenty-sixth (26th) day of May, 2017"),
    ("the first day of June 2001", "2001-06-01", "first day of June 2001"),
    ("24-OCT-2011", "2011-10-24", "24-OCT-2011"),
    ("31/12/1999", "1999-12-31", "31/12/1999"),
    ("31.12.1999", "1999-12-31", "31.12.1999"),
    ("on 12-23-2019", "2019-12-23", "12-23-2019"),
    ("2019/05/03", "2019-05-03", "2019/05/03"),
]


@pytest.mark.parametrize(("text", "date", "quote"), DATES)
def test_a_date_is_read_off_its_own_words(text: str, date: str, quote: str) -> None:
    (found,) = read(ValueKind.DATE, text)
    assert found.value == {"date": date}
    assert found.display == date
    assert text[found.span.start : found.span.end] == quote


@pytest.mark.parametrize(
    "text",
    [
        "February 30, 2005",
        "February 29, 2005",
        "the 31st of June, 2010",
        "May 0, 2004",
        "May 45, 2004",
        "13/13/2013",
        "2004-13-01",
        "version 1.2.2004",
        "01-02-2004",
        "phone 555-12-3456",
        "he may, 2004 times",
        "may 10, 2004",
        "the last day of 2004",
        "May 12004",
        "May 1, 20045",
        "121 May 2004",
        "2004-02-30",
        "2004-05-011",
        "1/2/20045",
        "Mayor 1, 2004",
        "",
    ],
)
def test_what_is_no_day_of_the_calendar_is_no_date(text: str) -> None:
    assert read(ValueKind.DATE, text) == ()


@pytest.mark.parametrize("text", ["this ___ day of ______, 2004", "on May __, 2004"])
def test_a_day_that_was_left_to_be_filled_in_is_never_a_date(text: str) -> None:
    (found,) = read(ValueKind.DATE, text)
    assert found.value == {"date": None, "year": 2004}
    assert found.display == "left blank, 2004"
    assert text[found.span.start : found.span.end].endswith("2004")


PARTS_OF_YEARS = [
    ("since May 2019", {"date": "2019-05"}, "May 2019"),
    ("by Sept. of 2019", {"date": "2019-09"}, "September 2019"),
    ("in Q3 2021", {"date": "2021-Q3"}, "Q3 2021"),
    ("the third quarter of 2021", {"date": "2021-Q3"}, "Q3 2021"),
    ("third quarter of fiscal 2021", {"date": "2021-Q3", "fiscal": True}, "Q3 FY 2021"),
    ("in fiscal year 2019", {"date": "2019", "fiscal": True}, "FY 2019"),
    ("FY19 revenue", {"date": "2019", "fiscal": True}, "FY 2019"),
]


@pytest.mark.parametrize(("text", "value", "display"), PARTS_OF_YEARS)
def test_a_month_a_quarter_or_a_fiscal_year_is_a_part_of_a_date(
    text: str, value: JsonValue, display: str
) -> None:
    (found,) = read(ValueKind.DATE, text)
    assert (found.value, found.display) == (value, display)
    assert [c.value for c in read(ValueKind.DATE, display)] == [value]


def test_a_whole_day_comes_before_a_month_and_holds_none() -> None:
    assert displays(ValueKind.DATE, "from May 2019 to June 30, 2020") == ["2020-06-30", "May 2019"]
    assert displays(ValueKind.DATE, "the 31st of June 2019") == []


DURATIONS = [
    ("within thirty (30) days after", {"count": 30, "unit": "day"}, "30 days", "thirty (30) days"),
    ("a period of two (2) years from", {"count": 2, "unit": "year"}, "2 years", "two (2) years"),
    ("a one (1) year term", {"count": 1, "unit": "year"}, "1 year", "one (1) year"),
    ("successive one-year terms", {"count": 1, "unit": "year"}, "1 year", "one-year"),
    ("a 12-month period", {"count": 12, "unit": "month"}, "12 months", "12-month"),
    ("a fifteen (15) year term", {"count": 15, "unit": "year"}, "15 years", "fifteen (15) year"),
    ("Five (5) Years", {"count": 5, "unit": "year"}, "5 years", "Five (5) Years"),
    ("sixty (60) days' notice", {"count": 60, "unit": "day"}, "60 days", "sixty (60) days"),
    ("three   (3)\n years", {"count": 3, "unit": "year"}, "3 years", "three   (3)\n years"),
    ("thirty(30) days", {"count": 30, "unit": "day"}, "30 days", "thirty(30) days"),
    ("eighteen months", {"count": 18, "unit": "month"}, "18 months", "eighteen months"),
    ("365 days", {"count": 365, "unit": "day"}, "365 days", "365 days"),
    ("two weeks", {"count": 2, "unit": "week"}, "2 weeks", "two weeks"),
    ("forty-five (45) days", {"count": 45, "unit": "day"}, "45 days", "forty-five (45) days"),
    (
        "for thirty-six (36) months",
        {"count": 36, "unit": "month"},
        "36 months",
        "thirty-six (36) months",
    ),
    (
        "for twenty-four (24) months",
        {"count": 24, "unit": "month"},
        "24 months",
        "twenty-four (24) months",
    ),
    (
        "within one hundred and twenty (120) days",
        {"count": 120, "unit": "day"},
        "120 days",
        "one hundred and twenty (120) days",
    ),
    (
        "within forty (40) days",
        {"count": 40, "unit": "day"},
        "40 days",
        "forty (40) days",
    ),
    (
        "thirty (30) business days",
        {"count": 30, "unit": "day", "business": True},
        "30 business days",
        "thirty (30) business days",
    ),
]


DURATIONS += [
    ("within 24 hours", {"count": 24, "unit": "hour"}, "24 hours", "24 hours"),
    (
        "two (2) business hours",
        {"count": 2, "unit": "hour", "business": True},
        "2 business hours",
        "two (2) business hours",
    ),
    ("a 90-minute slot", {"count": 90, "unit": "minute"}, "90 minutes", "90-minute"),
    ("1,000 days", {"count": 1000, "unit": "day"}, "1,000 days", "1,000 days"),
    ("2.5 years", {"count": 2.5, "unit": "year"}, "2.5 years", "2.5 years"),
    (
        "two and one-half (2 1/2) years",
        {"count": 2.5, "unit": "year"},
        "2.5 years",
        "two and one-half (2 1/2) years",
    ),
    ("one hundred eighty days", {"count": 180, "unit": "day"}, "180 days", "one hundred eighty days"),
    ("seventy weeks", {"count": 70, "unit": "week"}, "70 weeks", "seventy weeks"),
    ("two thousand days", {"count": 2000, "unit": "day"}, "2,000 days", "two thousand days"),
    ("30 calendar days", {"count": 30, "unit": "day"}, "30 days", "30 calendar days"),
    ("5 working days", {"count": 5, "unit": "day", "business": True}, "5 business days", "5 working days"),
    ("a six-month period", {"count": 6, "unit": "month"}, "6 months", "six-month"),
    ("one (1) calendar year each", {"count": 1, "unit": "year"}, "1 year", "one (1) calendar year"),
    ("sixty (90) days", {"count": 90, "unit": "day"}, "90 days", "sixty (90) days"),
    ("within one day of the Date", {"count": 1, "unit": "day"}, "1 day", "one day"),
    ("5 (five) years", {"count": 5, "unit": "year"}, "5 years", "5 (five) years"),
]


@pytest.mark.parametrize(("text", "value", "display", "quote"), DURATIONS)
def test_a_duration_is_read_off_its_own_words(text: str, value: JsonValue, display: str, quote: str) -> None:
    (found,) = read(ValueKind.DURATION, text)
    assert (found.value, found.display) == (value, display)
    assert text[found.span.start : found.span.end] == quote


@pytest.mark.parametrize(
    "text",
    [
        "in the year 2000",
        "an additional year",
        "from month to month",
        "Section 5.",
        "someone yearns",
        "daylight",
        "1234 days",
        "12,34 days",
        "two five days",
        "hundred days",
        "twenty-umpteen (x) days",
        "sixty 90 days",
        "2 3/4 years",
        "1/2 year",
        "3-5 years",
        "three to five years",
        "1.2 Year 2000",
        "this 10 day of January",
        "eighteen (18) years of age",
        "five days per week",
        "24 hours a day",
        "sıx months",
    ],
)
def test_what_is_no_whole_number_of_units_is_no_duration(text: str) -> None:
    assert read(ValueKind.DURATION, text) == ()


def test_years_come_before_months_and_months_before_days() -> None:
    text = "upon thirty (30) days notice within six (6) months of the two (2) year term"
    assert displays(ValueKind.DURATION, text) == ["2 years", "6 months", "30 days"]
