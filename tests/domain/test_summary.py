from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.finding import Citation, Finding
from app.domain.kinds import FindingStatus
from app.domain.listing import cited_items, items_of
from app.domain.summary import SummarySentence, sentences_of, summary_value

SENTENCES = st.lists(
    st.builds(SummarySentence, st.text(), st.lists(st.integers(0, 9), min_size=1).map(tuple)), min_size=1
)


@given(SENTENCES)
def test_sentences_come_back_from_a_findings_value_as_they_were(sentences: list[SummarySentence]) -> None:
    assert sentences_of(summary_value(sentences)) == tuple(sentences)


@pytest.mark.parametrize(
    "value", [None, "x", 3, {"jurisdiction": "Delaware"}, {"items": []}, {"sentences": 1}]
)
def test_other_values_hold_no_sentences(value: object) -> None:
    assert sentences_of(value) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "sentence",
    [{"text": "A."}, {"text": "A.", "citations": []}, {"text": "A.", "citations": [-1]}, {"citations": [0]}],
)
def test_a_sentence_without_a_text_or_a_citation_is_refused(sentence: object) -> None:
    with pytest.raises(ValueError, match="a text and the numbers of its citations"):
        sentences_of({"sentences": [sentence]})  # type: ignore[arg-type,list-item,dict-item]


def test_a_summarys_sentences_are_shown_with_each_of_their_citations_in_its_own_order() -> None:
    citations = tuple(Citation(page=page, start=0, end=2, quote="ab") for page in (7, 3))
    sentences = (SummarySentence("It ends.", (1,)), SummarySentence("A pays B.", (0, 1)))
    finding = Finding(
        id="f",
        document="d" * 16,
        task="t",
        status=FindingStatus.FOUND,
        value=summary_value(sentences),
        citations=citations,
    )
    shown = [(item.line, cited.page) for item, cited in cited_items(finding)]
    assert shown == [("It ends.", 3), ("A pays B.", 7), ("A pays B.", 3)]
    assert items_of(finding.value) == ()
