from __future__ import annotations

from app.review.repeats import PagePlace, RepeatedPages, Repeats, SameDocuments, SimilarDocuments
from app.review.repeats_by_document import DocumentRepeats, by_document


def test_the_earliest_is_no_copy_and_all_others_name_it() -> None:
    found = by_document(Repeats(same=(SameDocuments(documents=("a", "b", "c")),)))
    assert found == {
        "b": DocumentRepeats("a", same=True, share=1.0),
        "c": DocumentRepeats("a", same=True, share=1.0),
    }


def test_a_near_duplicate_tells_how_much_of_it_stands_in_the_other() -> None:
    found = by_document(Repeats(similar=(SimilarDocuments(first="a", second="b", share=0.96),)))
    assert found == {"b": DocumentRepeats("a", same=False, share=0.96)}


def test_the_first_of_pages_alike_is_read_and_the_others_repeat_it() -> None:
    places = (PagePlace("a", 2), PagePlace("a", 5), PagePlace("b", 1))
    found = by_document(Repeats(pages=(RepeatedPages(places=places),), blank=(PagePlace("a", 3),)))
    assert found == {"a": DocumentRepeats(blank=(3,), repeated=(5,)), "b": DocumentRepeats(repeated=(1,))}


def test_nothing_that_repeats_is_nothing_to_say() -> None:
    assert by_document(Repeats()) == {}
