from __future__ import annotations

from app.domain.finding import Citation, Finding
from app.domain.kinds import FindingStatus
from app.domain.listing import ListedItem, cited_items, items_of, list_value

FIRST, SECOND = (Citation(page=page, start=0, end=5, quote="words") for page in (2, 9))
ITEMS = (
    ListedItem(display="USD 5", words="pay $5", value={"amount": 5.0, "currency": "USD"}, citation=1),
    ListedItem(display="A must mow.", citation=0),
)


def finding(**more: object) -> Finding:
    held = {"value": list_value(ITEMS), "citations": (FIRST, SECOND), **more}
    return Finding.model_validate(
        {"id": "f", "document": "d", "task": "t", "status": FindingStatus.FOUND, **held}
    )


def test_items_come_back_as_they_were_kept() -> None:
    assert items_of(list_value(ITEMS)) == ITEMS


def test_each_item_comes_with_its_citation() -> None:
    assert [(item.display, cited.page) for item, cited in cited_items(finding())] == [
        ("USD 5", 9),
        ("A must mow.", 2),
    ]


def test_other_values_and_findings_whose_words_are_lost_are_no_lists() -> None:
    for value in (None, "items", {"date": "2020-01-01"}, {"items": None}):
        assert items_of(value) == ()
    assert cited_items(finding(status=FindingStatus.ABSENT, citations=())) == ()


def test_an_item_takes_one_line_with_the_words_around_its_value() -> None:
    assert [item.line for item in ITEMS] == ["USD 5: pay $5", "A must mow."]
