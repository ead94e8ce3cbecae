from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from app.domain.spans import Box, Word
from app.domain.words import Words
from app.ingest.messages import PageRead
from app.ingest.running import Bates, PageLines, asides_of, bates_of, page_lines

HEIGHT = 800.0


def page(number: int, lines: Sequence[tuple[float, str]]) -> PageRead:
    """Lines at heights, in the order given, each word with a box."""
    text = ""
    words: list[Word] = []
    for y, line in lines:
        text += "\n" if text else ""
        for place, word in enumerate(line.split()):
            text += " " if place else ""
            box = Box(60.0 + 40 * place, y - 6, 90.0 + 40 * place, y + 6)
            words.append(Word(len(text), len(text) + len(word), box))
            text += word
    return PageRead(number=number, text=text, width=600, height=HEIGHT, words=Words.of(words))


BODY = ("rent falls due", "sublets are barred", "notices go by post", "law of Ontario", "costs are shared")


def body(number: int) -> list[tuple[float, str]]:
    return [(130.0, f"{BODY[number % 5]} as {number * 7919} says"), (400.0, "Middle of the page.")]


def told(pages: Sequence[PageRead]) -> dict[int, list[tuple[str, str]]]:
    found = asides_of([page_lines(one) for one in pages])
    texts = {one.number: one.text for one in pages}
    return {
        number: [(kind, texts[number][start:end]) for kind, start, end in spans]
        for number, spans in found.items()
    }


def document(count: int, furniture: Callable[[int], list[tuple[float, str]]]) -> list[PageRead]:
    return [page(number, body(number) + furniture(number)) for number in range(1, count + 1)]


def test_a_header_a_footer_and_page_numbers_are_told_apart_from_the_text() -> None:
    pages = document(
        6,
        lambda number: [
            (30.0, "Master Supply Agreement"),
            (770.0, f"Draft of 3 May {number}"),
            (785.0, f"Page {number} of 6"),
        ],
    )
    for number, asides in told(pages).items():
        assert asides == [
            ("header", "Master Supply Agreement"),
            ("footer", f"Draft of 3 May {number}"),
            ("page-number", f"Page {number} of 6"),
        ]
    assert set(told(pages)) == set(range(1, 7))


def test_headers_of_left_and_right_pages_are_both_headers() -> None:
    pages = document(8, lambda number: [(30.0, "The Parties" if number % 2 else "The Contract")])
    assert all(asides[0][0] == "header" for asides in told(pages).values())
    assert len(told(pages)) == 8


def test_a_misread_letter_does_not_hide_a_header() -> None:
    words = [
        "Confidential Treatment",
        "Confidentia1 Treatment",
        "Confidential Treatrnent",
        "Conf1dential Treatment",
    ]
    pages = document(4, lambda number: [(30.0 + number, words[number - 1])])
    assert list(told(pages).values()) == [[("header", word)] for word in words]


def test_text_that_only_stands_where_a_header_could_is_text() -> None:
    assert told(document(10, lambda number: [])) == {}


def test_numbers_that_do_not_rise_with_the_pages_are_no_page_numbers() -> None:
    values = ["12", "700", "3", "41", "9000"]
    found = told(document(5, lambda number: [(780.0, values[number - 1])]))
    assert "page-number" not in {kind for asides in found.values() for kind, _ in asides}


def test_page_numbers_may_begin_again_be_roman_or_have_a_prefix() -> None:
    marks = ["i", "ii", "iii", "iv", "1", "2", "3", "F-1", "F-2", "F-3"]
    pages = document(10, lambda number: [(780.0, marks[number - 1])])
    assert list(told(pages).values()) == [[("page-number", mark)] for mark in marks]


def test_bates_numbers_are_told_with_their_gaps_even_within_a_footer() -> None:
    numbers = [123, 124, 125, 140, 141]
    pages = document(5, lambda number: [(780.0, f"Highly Confidential ACME-{numbers[number - 1]:06}")])
    assert told(pages)[1] == [("footer", "Highly Confidential"), ("bates", "ACME-000123")]
    found = bates_of([page_lines(one) for one in pages])
    assert found == Bates("ACME-000123", "ACME-000141", (("ACME-000125", "ACME-000140"),))


def test_a_form_number_that_stays_the_same_is_no_bates_number() -> None:
    pages = document(5, lambda number: [(780.0, "FORM 10203")])
    assert bates_of([page_lines(one) for one in pages]) is None
    assert told(pages)[3] == [("footer", "FORM 10203")]


def test_what_is_kept_of_a_page_is_a_few_lines() -> None:
    lines = page_lines(page(1, [(float(y), "many words on a line " * 3) for y in range(20, 780, 10)]))
    assert len(lines.top) == len(lines.bottom) == 3
    assert page_lines(PageRead(text="no boxes", width=1, height=1, number=4)) == PageLines(4)


@given(
    st.lists(
        st.lists(
            st.tuples(st.floats(0, HEIGHT), st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])))
        )
    )
)
def test_asides_are_apart_in_order_and_within_their_page(made: list[list[tuple[float, str]]]) -> None:
    pages = [page(number, lines) for number, lines in enumerate(made, start=1)]
    for number, spans in asides_of([page_lines(one) for one in pages]).items():
        last = 0
        for _, start, end in spans:
            assert last <= start < end <= len(pages[number - 1].text)
            last = end
