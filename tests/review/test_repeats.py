from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from app.domain.text import Aside, Page
from app.review.repeats import (
    SIMILAR,
    Fingerprint,
    PagePlace,
    Repeats,
    SameDocuments,
    SimilarDocuments,
    fingerprint_of,
    repeats_among,
    shared_words,
)
from tests.conftest import paged

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def prose(seed: int, count: int) -> str:
    """Words of a text that no other seed has."""
    chance = random.Random(seed)
    return " ".join("".join(chance.choices(LETTERS, k=chance.randint(2, 9))) for _ in range(count))


def misread(text: str, seed: int, part: float) -> str:
    """With so many letters taken for others, lost or split from their word, as of a bad scan."""
    chance = random.Random(seed)
    read: list[str] = []
    for letter in text:
        one = chance.random()
        if one < 0.7 * part:
            read.append(chance.choice(LETTERS))
        elif one < 0.85 * part:
            continue
        elif one < part:
            read.append(f"{letter} ")
        else:
            read.append(letter)
    return "".join(read)


def print_of(document: str, *texts: str, whole: bool = True) -> Fingerprint:
    return fingerprint_of(document, paged(*texts), whole)


def pages_of(repeats: Repeats) -> list[list[PagePlace]]:
    return [list(group.places) for group in repeats.pages]


def stamped(text: str, header: str, stamp: str) -> Page:
    """A page under a running header, with a Bates number below."""
    whole = f"{header}\n{text}\n{stamp}"
    asides = (
        Aside("header", 0, len(header)),
        Aside("bates", len(whole) - len(stamp), len(whole)),
    )
    return Page(number=1, start=0, text=whole, width=612, height=792, asides=asides)


def test_pages_with_the_same_text_are_found_within_and_across_documents() -> None:
    one, other, third = prose(1, 60), prose(2, 60), prose(3, 60)
    found = repeats_among([print_of("a", one, other, one), print_of("b", third, other)])
    assert pages_of(found) == [
        [PagePlace("a", 1), PagePlace("a", 3)],
        [PagePlace("a", 2), PagePlace("b", 2)],
    ]
    assert found.same == found.similar == found.blank == ()


def test_case_line_breaks_and_forms_of_letters_make_no_other_text() -> None:
    text = "The final price is fixed by the parties in Schedule B of this Agreement."
    other = "THE \ufb01nal price\n is  fixed by the\u00a0parties in\nSchedule B of this Agreement."
    found = repeats_among([print_of("a", text, prose(1, 60)), print_of("b", prose(2, 60), other)])
    assert pages_of(found) == [[PagePlace("a", 1), PagePlace("b", 2)]]


def test_a_figure_that_differs_by_its_point_makes_another_text() -> None:
    text = "The price of one unit of the product is {} dollars, paid monthly."
    found = repeats_among([print_of("a", text.format("1,000")), print_of("b", text.format("1.000"))])
    assert found == Repeats()


def test_headers_and_stamps_do_not_hide_that_two_pages_are_the_same() -> None:
    text = prose(1, 60)
    one = fingerprint_of("a", (stamped(text, "Draft of May", "ACME 000017"),), whole=True)
    other = fingerprint_of("b", (stamped(text, "Execution version", "ACME 000455"),), whole=True)
    assert repeats_among([one, other]).same == (SameDocuments(documents=("a", "b")),)


def test_a_page_that_has_nothing_but_its_running_lines_is_blank() -> None:
    page = stamped("", "Master Services Agreement", "ACME 000018")
    assert fingerprint_of("a", (page,), whole=True).blank == (1,)


def test_footnotes_are_text() -> None:
    text = "See the note below on the price.\n1 The price is net."
    page = Page(number=1, start=0, text=text, width=1, height=1, asides=(Aside("footnote", 33, len(text)),))
    without = Page(number=1, start=0, text=text[:32], width=1, height=1)
    prints = [fingerprint_of("a", (page,), True), fingerprint_of("b", (without,), True)]
    assert repeats_among(prints).same == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "— — —",
        "[This page intentionally left blank]",
        "The remainder of this page is intentionally left blank.",
    ],
)
def test_a_page_without_words_of_its_own_is_blank_and_repeats_nothing(text: str) -> None:
    found = repeats_among([print_of("a", prose(1, 60), text, text), print_of("b", prose(2, 60), text)])
    assert found == Repeats(blank=(PagePlace("a", 2), PagePlace("a", 3), PagePlace("b", 2)))


def test_a_page_of_a_document_that_could_not_be_read_whole_is_not_called_blank() -> None:
    one = print_of("a", prose(1, 60), "", "This page intentionally left blank", whole=False)
    assert repeats_among([one]).blank == (PagePlace("a", 3),)


def test_short_pages_such_as_an_exhibit_s_title_are_no_repeated_pages() -> None:
    found = repeats_among(
        [print_of("a", prose(1, 60), "Exhibit A"), print_of("b", prose(2, 60), "Exhibit A")]
    )
    assert found == Repeats()


def test_the_same_text_in_other_files_is_one_group_wherever_the_pages_break() -> None:
    words = prose(1, 90).split()
    whole, parts = " ".join(words), (" ".join(words[:40]), " ".join(words[40:]))
    found = repeats_among([print_of("a", whole), print_of("b", *parts), print_of("c", prose(2, 90))])
    assert found == Repeats(same=(SameDocuments(documents=("a", "b")),))


def test_documents_without_any_words_are_not_the_same() -> None:
    found = repeats_among([print_of("a", ""), print_of("b", "")])
    assert found == Repeats(blank=(PagePlace("a", 1), PagePlace("b", 1)))


def test_pages_of_a_copy_are_not_listed_a_second_time() -> None:
    texts = (prose(1, 60), prose(2, 60))
    found = repeats_among([print_of("a", *texts), print_of("b", *texts)])
    assert (found.pages, found.same) == ((), (SameDocuments(documents=("a", "b")),))


@pytest.mark.parametrize("part", [0.01, 0.02])
def test_a_document_scanned_and_recognised_twice_is_nearly_the_same(part: float) -> None:
    text = prose(1, 3000)
    first, second = (print_of(name, misread(text, seed, part)) for name, seed in (("a", 7), ("b", 8)))
    (pair,) = repeats_among([first, print_of("x", prose(2, 3000)), second]).similar
    assert (pair.first, pair.second) == ("a", "b")
    assert pair.share >= SIMILAR


def test_the_share_is_that_of_the_longer_documents_words() -> None:
    text, more = prose(1, 1900), prose(2, 100)
    (pair,) = repeats_among([print_of("a", text), print_of("b", f"{text} {more}")]).similar
    assert pair.share == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("moved", [False, True])
def test_one_changed_word_leaves_documents_nearly_the_same(moved: bool) -> None:
    words = prose(1, 400).split()
    changed = [*words[:200], "other", *words[201:]]
    if moved:  # as sections in another order
        changed = [*changed[300:], *changed[:300]]
    (pair,) = repeats_among([print_of("a", " ".join(words)), print_of("b", " ".join(changed))]).similar
    assert pair.share > 0.99


def test_an_amendment_that_repeats_half_of_its_agreement_is_no_duplicate() -> None:
    shared = prose(1, 500)
    agreement, amendment = f"{shared} {prose(2, 500)}", f"{shared} {prose(3, 500)}"
    found = repeats_among([print_of("a", agreement), print_of("b", amendment)])
    assert found == Repeats()
    one, other = print_of("a", agreement), print_of("b", amendment)
    assert shared_words(one.words, other.words) == pytest.approx(0.5, abs=0.02)


def test_copies_of_one_document_are_pairs_with_the_first_of_them() -> None:
    text = prose(1, 1000)
    prints = [print_of(f"d{seed}", misread(text, seed, 0.01)) for seed in range(12)]
    found = repeats_among(prints).similar
    assert [(pair.first, pair.second) for pair in found] == [("d0", f"d{seed}") for seed in range(1, 12)]


def test_a_text_without_blanks_between_its_words_is_compared_too() -> None:
    chance = random.Random(1)
    text = "".join(chr(0x4E00 + chance.randrange(2000)) for _ in range(400))
    changed = f"{text[:200]}甲乙{text[202:]}"
    (pair,) = repeats_among([print_of("a", text), print_of("b", changed)]).similar
    assert pair.share > 0.98


def test_texts_too_short_to_align_share_nothing() -> None:
    one, other = print_of("a", "two words"), print_of("b", "two words")
    assert shared_words(one.words, other.words) == 0.0


def test_half_a_character_is_text_like_any_other() -> None:
    broken = f"{prose(1, 60)} \ud800"
    assert repeats_among([print_of("a", broken), print_of("b", broken)]).same == (
        SameDocuments(documents=("a", "b")),
    )


def leaders(
    same: Sequence[Sequence[str]], similar: Sequence[tuple[str, str]], nearly: bool
) -> dict[str, str]:
    repeats = Repeats(
        same=tuple(SameDocuments(documents=tuple(group)) for group in same),
        similar=tuple(SimilarDocuments(first=one, second=two, share=0.95) for one, two in similar),
    )
    return repeats.leaders(nearly)


def test_copies_of_copies_have_one_leader() -> None:
    same, similar = [("a", "b"), ("c", "d")], [("a", "c"), ("c", "e")]
    assert leaders(same, similar, nearly=True) == dict.fromkeys("abcde", "a")
    assert leaders(same, similar, nearly=False) == {"a": "a", "b": "a", "c": "c", "d": "c"}
