from __future__ import annotations

import pytest

from app.domain.kinds import ValueKind
from tests.review.values_read import cited, displays, read

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
        "is between iBio Inc., a Public corporation, and eBay Holdings Ltd.",
        ["iBio Inc.", "eBay Holdings Ltd."],
    ),
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
