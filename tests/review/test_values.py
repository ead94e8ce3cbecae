from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from app.domain.kinds import ValueKind
from app.review.values import Candidate, candidates, clause_display, grammar_for, supported

TYPED = (
    ValueKind.DATE,
    ValueKind.DURATION,
    ValueKind.JURISDICTION,
    ValueKind.MONEY,
    ValueKind.PARTIES,
    ValueKind.TITLE,
)


def read(kind: ValueKind, text: str) -> tuple[Candidate, ...]:
    return candidates(kind, [(0, text)])


def displays(kind: ValueKind, text: str) -> list[str]:
    return [candidate.display for candidate in read(kind, text)]


def cited(kind: ValueKind, text: str) -> list[str]:
    return [text[candidate.span.start : candidate.span.end] for candidate in read(kind, text)]


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


AMOUNTS = [
    ("in excess of US$1.5 million.", {"amount": 1_500_000.0, "currency": "USD"}, "US$1.5 million"),
    ("the sum of $1,000,000.00", {"amount": 1_000_000.0, "currency": "USD"}, "$1,000,000.00"),
    (
        "one million dollars ($1,000,000)",
        {"amount": 1_000_000.0, "currency": "USD"},
        "$1,000,000",
    ),
    ("USD 5,000", {"amount": 5000.0, "currency": "USD"}, "USD 5,000"),
    ("€10,000", {"amount": 10_000.0, "currency": "EUR"}, "€10,000"),
    ("£2 million", {"amount": 2e6, "currency": "GBP"}, "£2 million"),
    ("$ 25,000 per occurrence", {"amount": 25_000.0, "currency": "USD"}, "$ 25,000"),
    ("USD5 billion", {"amount": 5e9, "currency": "USD"}, "USD5 billion"),
    ("RMB 1,000,000", {"amount": 1e6, "currency": "CNY"}, "RMB 1,000,000"),
    ("CHF 300 thousand", {"amount": 300_000.0, "currency": "CHF"}, "CHF 300 thousand"),
    ("$0.05 per share", {"amount": 0.05, "currency": "USD"}, "$0.05"),
    ("$1.5M", {"amount": 1_500_000.0, "currency": "USD"}, "$1.5M"),
    ("HK$5,000", {"amount": 5000.0, "currency": "HKD"}, "HK$5,000"),
    ("C$5,000", {"amount": 5000.0, "currency": "CAD"}, "C$5,000"),
]


AMOUNTS += [
    ("CA$5.50", {"amount": 5.5, "currency": "CAD"}, "CA$5.50"),
    ("A$5,000", {"amount": 5000.0, "currency": "AUD"}, "A$5,000"),
    ("NZ$5,000", {"amount": 5000.0, "currency": "NZD"}, "NZ$5,000"),
    ("S$5,000", {"amount": 5000.0, "currency": "SGD"}, "S$5,000"),
    ("$5,000 CAD", {"amount": 5000.0, "currency": "CAD"}, "$5,000 CAD"),
    ("U.S. $5,000", {"amount": 5000.0, "currency": "USD"}, "U.S. $5,000"),
    ("Schedule A $5,000", {"amount": 5000.0, "currency": "USD"}, "$5,000"),
    ("$2 billion", {"amount": 2e9, "currency": "USD"}, "$2 billion"),
    ("$20MM", {"amount": 2e7, "currency": "USD"}, "$20MM"),
    ("¥5,000", {"amount": 5000.0, "currency": "¥"}, "¥5,000"),
    ("¥5,000 in Japan", {"amount": 5000.0, "currency": "JPY"}, "¥5,000"),
    ("¥5,000 (Chinese yuan)", {"amount": 5000.0, "currency": "CNY"}, "¥5,000"),
    ("¥5,000, yen or yuan", {"amount": 5000.0, "currency": "¥"}, "¥5,000"),
]


AMOUNTS += [
    ("€1.234,56", {"amount": 1234.56, "currency": "EUR"}, "€1.234,56"),
    ("€1.000.000", {"amount": 1e6, "currency": "EUR"}, "€1.000.000"),
    ("CHF 1'000'000", {"amount": 1e6, "currency": "CHF"}, "CHF 1'000'000"),
    ("EUR 10\u00a0000", {"amount": 1e4, "currency": "EUR"}, "EUR 10\u00a0000"),
    ("€2,5 million", {"amount": 2.5e6, "currency": "EUR"}, "€2,5 million"),
    ("Rs. 5 crore", {"amount": 5e7, "currency": "INR"}, "Rs. 5 crore"),
    ("$1.2 trillion", {"amount": 1.2e12, "currency": "USD"}, "$1.2 trillion"),
    ("5,000 USD a year", {"amount": 5000.0, "currency": "USD"}, "5,000 USD"),
    ("2.5 million US dollars", {"amount": 2.5e6, "currency": "USD"}, "2.5 million US dollars"),
    ("a fee of 10,000 euros", {"amount": 1e4, "currency": "EUR"}, "10,000 euros"),
    ("five thousand (5,000) dollars", {"amount": 5000.0, "currency": "USD"}, "(5,000) dollars"),
    (
        "two million five hundred thousand dollars",
        {"amount": 2.5e6, "currency": "USD"},
        "two million five hundred thousand dollars",
    ),
    ("Ten and 50/100 Dollars", {"amount": 10.5, "currency": "USD"}, "Ten and 50/100 Dollars"),
    ("a loss of -$5.5 million", {"amount": -5.5e6, "currency": "USD"}, "-$5.5 million"),
    ("Net loss $(12,345)", {"amount": -12_345.0, "currency": "USD"}, "$(12,345)"),
    ("Net loss ($12,345) 17", {"amount": -12_345.0, "currency": "USD"}, "($12,345)"),
    ("a gain ($2.5 million) from its sale", {"amount": 2.5e6, "currency": "USD"}, "$2.5 million"),
    ("ten dollars ($10) 30 days after", {"amount": 10.0, "currency": "USD"}, "$10"),
]


@pytest.mark.parametrize(("text", "value", "quote"), AMOUNTS)
def test_an_amount_is_read_off_its_own_words(text: str, value: JsonValue, quote: str) -> None:
    (found,) = read(ValueKind.MONEY, text)
    assert found.value == value
    assert text[found.span.start : found.span.end] == quote


def test_an_amount_is_shown_with_its_currency_and_once_however_it_is_written() -> None:
    assert displays(ValueKind.MONEY, "$5 million, that is $5,000,000, or €1") == ["USD 5,000,000", "EUR 1"]


def test_amounts_that_differ_in_cents_are_two() -> None:
    assert displays(ValueKind.MONEY, "$1.25 and $1.40") == ["USD 1.25", "USD 1.40"]


@pytest.mark.parametrize(
    "text", ["1,000,000", "Section 5", "$", "a dollar", "in 2019 dollars", "100 %", "XX$5", "$5%"]
)
def test_what_has_no_currency_or_no_figure_is_no_amount(text: str) -> None:
    assert read(ValueKind.MONEY, text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "$1,5000",
        "€1.000",
        "$10 000",
        "$1-2 million",
        "$1 million five hundred thousand",
        "$5 pesos",
        "all in Canadian dollars: $5",
    ],
)
def test_an_amount_that_is_not_sure_is_not_given(text: str) -> None:
    assert read(ValueKind.MONEY, text) == ()


LAWS = [
    ("shall be governed by the laws of the State of New York, without regard", "New York"),
    ("the laws of England and Wales", "England and Wales"),
    ("LAWS OF THE STATE OF DELAWARE", "Delaware"),
    ("the laws of the\nState of New\n  Jersey", "New Jersey"),
    ("governed by the law of the District of Columbia", "District of Columbia"),
    ("laws of the People's Republic of China", "People's Republic of China"),
    ("under the law of the Netherlands", "Netherlands"),
    ("the laws of the Federal Republic of Germany", "Germany"),
    ("laws of Hong Kong", "Hong Kong"),
    ("laws of WEST VIRGINIA", "West Virginia"),
    ("the law of Northern Ireland", "Northern Ireland"),
    ("the laws of the People’s Republic of China", "People's Republic of China"),
    ("the laws of the Republic of Korea", "Republic of Korea"),
]


LAWS += [
    ("governed by English law", "England and Wales"),
    ("the laws of New South Wales", "New South Wales"),
    ("the laws of the Cayman Islands", "Cayman Islands"),
    ("the laws of the British Virgin Islands", "British Virgin Islands"),
    ("the laws of the Province of Saskatchewan", "Saskatchewan"),
    ("under New York law", "New York"),
]


@pytest.mark.parametrize(("text", "name"), LAWS)
def test_a_jurisdiction_is_called_by_its_usual_name(text: str, name: str) -> None:
    (found,) = read(ValueKind.JURISDICTION, text)
    assert found.value == {"jurisdiction": name}
    assert found.display == name
    quote = " ".join(text[found.span.start : found.span.end].split()).replace("’", "'")
    assert quote.casefold() in (name.casefold(), "english law")


def test_whose_law_comes_before_where_a_party_or_a_court_is() -> None:
    text = "Acme, a Nevada corporation, agrees that the laws of Delaware govern and courts located in Texas"
    assert displays(ValueKind.JURISDICTION, text) == ["Delaware", "Texas", "Nevada"]


def test_the_longer_name_is_meant() -> None:
    assert displays(ValueKind.JURISDICTION, "Kansas, Arkansas, New Mexico and Mexico") == [
        "Kansas",
        "Arkansas",
        "New Mexico",
        "Mexico",
    ]


def test_a_province_comes_before_its_country() -> None:
    text = "the laws of the Province of Ontario and the federal laws of Canada applicable therein"
    assert displays(ValueKind.JURISDICTION, text) == ["Ontario", "Canada"]


def test_one_place_by_another_name() -> None:
    assert displays(ValueKind.JURISDICTION, "Washington, D.C. and Washington") == [
        "District of Columbia",
        "Washington",
    ]


@pytest.mark.parametrize(
    "text",
    ["the laws of the forum", "roast turkey", "New England", "Kansas City", "fine china", "the courts"],
)
def test_what_is_not_written_as_a_name_is_no_jurisdiction(text: str) -> None:
    assert read(ValueKind.JURISDICTION, text) == ()


PARTIES = [
    (
        'between Acme Widgets, Inc., a Delaware corporation ("Acme"), and John Smith ("Consultant").',
        ["Acme Widgets, Inc.", "Acme", "Consultant"],
    ),
    (
        "between LinkPlus Corporation (hereinafter “LinkPlus”) and Axiometric, LLC.",
        ["LinkPlus Corporation", "Axiometric, LLC", "LinkPlus"],
    ),
    ("Bank of America, N.A. and JPMorgan Chase Bank", ["Bank of America, N.A.", "JPMorgan Chase Bank"]),
    ('by Smith & Sons Ltd. and X GmbH (each a "Party", the "Parties")', ["Smith & Sons Ltd.", "X GmbH"]),
    ("with 3M Company and 7-Eleven, Inc.", ["3M Company", "7-Eleven, Inc."]),
    ("by O'Reilly Automotive, Inc.", ["O'Reilly Automotive, Inc."]),
    ("Acme Corp. and again Acme Corp. agree", ["Acme Corp."]),
    ("a Delaware limited liability company", []),
    ('this agreement (the "Agreement") of May 1 (the "Effective Date")', []),
    ("Between Ebix, Inc. and", ["Ebix, Inc."]),
    (
        "by and between THE BANK OF NEW YORK TRUST COMPANY, N.A. and",
        ["THE BANK OF NEW YORK TRUST COMPANY, N.A."],
    ),
]


PARTIES += [
    ("between John Smith and Acme Corp., (together)", ["Acme Corp."]),
    ("New York Life Insurance and Annuity Corporation", ["New York Life Insurance and Annuity Corporation"]),
    ("SERVICES AGREEMENT BETWEEN ACME, INC. AND BETA, LLC", ["ACME, INC.", "BETA, LLC"]),
    ("Rise (Tianjin) Consulting Co., Ltd. agrees", ["Rise (Tianjin) Consulting Co., Ltd."]),
    ("First Bank and Trust Company shall", ["First Bank and Trust Company"]),
    ("YOU ON DEMAND HOLDINGS, INC.", []),
    ("Pierce, Fenner & Smith Incorporated", []),
    ("The Company and each Trust, a Delaware Limited Liability Company, and A Texas Corporation", []),
    ('Acme (the "Company")', ["Company"]),
]


@pytest.mark.parametrize(("text", "names"), PARTIES)
def test_parties_are_companies_and_the_names_they_are_given(text: str, names: list[str]) -> None:
    assert displays(ValueKind.PARTIES, text) == names
    assert cited(ValueKind.PARTIES, text) == names


def test_spans_count_in_the_canonical_text() -> None:
    canonical = "x" * 100 + "Signed May 1, 2004." + "y" * 50 + "Ends June 2, 2005."
    found = candidates(ValueKind.DATE, [(100, canonical[100:119]), (169, canonical[169:])])
    assert [canonical[c.span.start : c.span.end] for c in found] == ["May 1, 2004", "June 2, 2005"]


def test_a_value_that_stands_twice_is_one_candidate_cited_where_it_stands_first() -> None:
    found = candidates(ValueKind.DATE, [(40, "5/1/2004"), (0, "May 1, 2004")])
    assert [(c.display, c.span.start) for c in found] == [("2004-05-01", 0)]


def test_a_value_is_supported_only_by_words_that_give_it() -> None:
    texts = [(0, "Signed on the 1st day of May, 2004.")]
    assert supported(ValueKind.DATE, {"date": "2004-05-01"}, texts)
    assert not supported(ValueKind.DATE, {"date": "2004-05-02"}, texts)
    assert supported(ValueKind.DATE, None, texts)
    assert not supported(ValueKind.DATE, {"date": "2004-05-01"}, [])


def test_parties_are_supported_name_by_name() -> None:
    texts = [(0, 'between Ebix, Inc. ("Ebix") and'), (50, "Acme Corp.")]
    assert supported(ValueKind.PARTIES, {"parties": ["Acme Corp.", "Ebix"]}, texts)
    assert not supported(ValueKind.PARTIES, {"parties": ["Acme Corp.", "Beta"]}, texts)
    assert not supported(ValueKind.PARTIES, {"parties": []}, texts)
    assert not supported(ValueKind.PARTIES, {"parties": "Ebix"}, texts)
    assert not supported(ValueKind.PARTIES, {"parties": [["Ebix"]]}, texts)


def test_clauses_and_free_text_are_their_own_value() -> None:
    for kind in (ValueKind.CLAUSE, ValueKind.TEXT):
        assert read(kind, "Signed May 1, 2004 for $5.") == ()


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(TYPED),
    st.lists(
        st.one_of(
            st.sampled_from(
                ["May ", "1st ", "day of ", "2004", ", ", "12/31/99 ", "thirty ", "(30) ", "days ", "$1,",
                 "000", "US$", " million", "¥", "yen ", "one ", "hundred ", "and ", "-", "1", "year ",
                 "business ", ".", "Ireland ", "Northern ", "OF ", "Bank ", "A ", "Sept. ", "___ ", "New ",
                 "York ", "laws of ", "Acme ", "Inc. ", "(the ", "“", "”", '"', ") "]
            ),
            st.text(max_size=6),
        ),
        max_size=15,
    ).map("".join),
    st.integers(0, 10_000),
)  # fmt: skip
def test_any_words_give_only_values_that_those_very_words_support(
    kind: ValueKind, text: str, start: int
) -> None:
    found = candidates(kind, [(start, text)])
    assert len({candidate.display for candidate in found}) == len(found)
    for candidate in found:
        first, last = candidate.span.start - start, candidate.span.end - start
        assert 0 <= first < last <= len(text)
        assert candidate.display
        assert supported(kind, candidate.value, [(start, text)])
        words = text[first:last]
        again = candidates(kind, [(0, words), (0, f'("{words}")')])
        if not set("¥￥") & set(words):  # the rest of the sentence tells their currency
            assert candidate.value in [c.value for c in again]
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)


HOSTILE = [
    "_", "9", "A", " ", "(", "one ", "A ", "Acme ", "AND ", "1,", "1 ", "$1", "$1,000,", "_ ", "(1) ",
    "Bank ", '("', "May ", "May 1 ", "day of ", "this ", "New ", "law ", "hundred and ", "1 (", "one-",
    "Inc., ", ",", "A, ", "¥1 yen ", "The (Acme) ", "day of _", "1/1/", "one\n", "calendar ",
    "one calendar ", "\n", "Republic of ", "Acme and ", "$1 to ", "one (", "first (",
]  # fmt: skip


@pytest.mark.parametrize("part", HOSTILE)
@pytest.mark.parametrize("kind", TYPED)
def test_long_runs_of_one_thing_are_read_in_no_time(kind: ValueKind, part: str) -> None:
    text = (part * 5000)[:5000]
    started = time.process_time()
    candidates(kind, [(0, text), (5000, "x" + text + "x")])
    assert time.process_time() - started < 5.0


def test_a_grammar_allows_exactly_what_it_is_given() -> None:
    assert grammar_for(["2004-05-01"]) == 'root ::= "2004-05-01"'
    assert grammar_for(['the "Big\\Small" Co', "two\nlines"]) == (
        'root ::= "the \\"Big\\\\Small\\" Co" | "two lines"'
    )


def test_a_clause_is_shown_in_one_short_line_that_ends_with_a_word() -> None:
    assert clause_display("Neither  party\n may assign.") == "Neither party may assign."
    shown = clause_display("word " * 100)
    assert len(shown) <= 120
    assert shown.endswith("word…")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("EXHIBIT 10.1\n\nCONTENT LICENSE AGREEMENT\n\nTHIS CONTENT", "CONTENT LICENSE AGREEMENT"),
        (
            "EXCLUSIVE LICENSE AND PRODUCT\nDEVELOPMENT AGREEMENT",
            "EXCLUSIVE LICENSE AND PRODUCT DEVELOPMENT AGREEMENT",
        ),
        ("AMENDMENT NO. 2 TO MANUFACTURING AGREEMENT", "AMENDMENT NO. 2 TO MANUFACTURING AGREEMENT"),
        ('This Road Transportation Agreement (the "Agreement") is made', "Road Transportation Agreement"),
        ("Exhibit 4.3 e-business Hosting Agreement between", "e-business Hosting Agreement"),
        (
            "Wireless Content License Agreement Number 12965",
            "Wireless Content License Agreement Number 12965",
        ),
    ],
)
def test_a_title_is_what_ends_in_a_kind_of_document(text: str, title: str) -> None:
    first = read(ValueKind.TITLE, text)[0]
    assert (first.display, first.value) == (title, {"title": title})
    assert " ".join(text[first.span.start : first.span.end].split()) == title


@pytest.mark.parametrize("text", ["", "the agreement of both", "Agreement", "They agreed.", "AGREEMENT"])
def test_what_names_no_document_is_no_title(text: str) -> None:
    assert read(ValueKind.TITLE, text) == ()
