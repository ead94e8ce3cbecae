from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ports import IndexedText
from retrieval.lead_ins import lead_ins, with_lead_ins
from retrieval.sentences import split_sentences
from tests.conftest import paged

EXCEPTIONS = """These duties do not apply to information that:

(a) is or becomes public;

(b) was known to the Recipient:

(i) before it was disclosed; or

(ii) from another source; and

(c) is developed independently.

This Agreement is governed by the laws of Ohio.
"""


def split(text: str) -> tuple[IndexedText, str]:
    sentences = split_sentences(paged(text))
    nothing = np.zeros((len(sentences), 1), dtype=np.float32)
    return IndexedText("d", "e", sentences, (), nothing, nothing[:0]), text


def words(indexed: IndexedText, text: str) -> list[str]:
    return [text[s.span.start : s.span.end] for s in indexed.sentences]


def test_an_item_leans_on_what_its_list_begins_with() -> None:
    indexed, text = split(EXCEPTIONS)
    said = words(indexed, text)
    leans = {
        said[item].split()[0]: None if lead is None else said[lead].split()[0]
        for item, lead in enumerate(lead_ins(indexed, text))
    }
    assert (leans["(a)"], leans["(b)"]) == ("These", "These")
    assert (leans["(i)"], leans["(ii)"]) == ("(b)", "(b)")
    assert (leans["These"], leans["This"]) == (None, None)


def test_a_lead_in_is_chosen_with_its_item_through_every_level() -> None:
    indexed, text = split(EXCEPTIONS)
    said = words(indexed, text)
    scores = np.full(len(said), -5.0, dtype=np.float32)
    nested = next(n for n, words in enumerate(said) if words.startswith("(i)"))
    scores[nested] = 3.0
    raised = with_lead_ins(scores, lead_ins(indexed, text))
    order = [said[n] for n in np.argsort(-raised)][:3]
    assert order[0].startswith("(i)")
    assert order[1].startswith("(b)")
    assert order[2].startswith("These duties")


@given(st.text(max_size=300))
def test_no_sentence_loses_and_the_best_stays_the_best(text: str) -> None:
    indexed, text = split(text.replace("\f", " "))
    scores = np.linspace(-3, 3, len(indexed.sentences), dtype=np.float32)
    raised = with_lead_ins(scores, lead_ins(indexed, text))
    assert (raised >= scores).all()
    if len(scores):
        assert raised.max() == scores.max()
