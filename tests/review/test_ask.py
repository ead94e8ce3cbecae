from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled
from app.domain.finding import Answer, Evidence, ModelRef
from app.domain.kinds import CiteKind, FindingStatus, ValueKind
from app.domain.spans import Span
from app.domain.task import Mix, Task
from app.review.ask import (
    MOST_NUMBERED,
    MOST_SENTENCE_CHARACTERS,
    Asker,
    filled,
    numbered,
)
from app.review.mixing import log_normalised, logit
from tests.review.fake_model import FakeModel
from tests.review.made import MODEL, TASK, evidence, pack

ONLY_RETRIEVAL = Mix(intercept=0.0, probe=1.0, yes=0.0, peak=0.0, select=0.0)
DATE = TASK.model_copy(update={"value": ValueKind.DATE, "cite": CiteKind.WORDS})
LAW = TASK.model_copy(update={"value": ValueKind.JURISDICTION})
PARTIES = TASK.model_copy(update={"value": ValueKind.PARTIES, "cite": CiteKind.WORDS, "most_citations": 8})
SURE = 0.99


def ask(
    given_evidence: Evidence, model: FakeModel | None = None, task: Task = TASK, mix: Mix | None = None
) -> Answer:
    asker = Asker(model or FakeModel(), pack(task, mix=mix))
    return asker.answer(task, given_evidence, CancelToken())


def words(text: str, span: Span) -> str:
    return text[span.start : span.end]


@pytest.mark.parametrize(
    ("presence", "status", "confidence"),
    [
        (0.0, FindingStatus.ABSENT, 1.0),
        (0.1, FindingStatus.ABSENT, 0.9),
        (0.9, FindingStatus.FOUND, 0.9),
        (1.0, FindingStatus.FOUND, 1.0),
    ],
)
def test_where_retrieval_is_sure_the_model_is_asked_nothing(
    presence: float, status: FindingStatus, confidence: float
) -> None:
    model = FakeModel(yes=-50.0 if status is FindingStatus.FOUND else 50.0)
    answer = ask(evidence("The laws of Ohio govern.", "Rain fell.", presence=presence), model)
    assert answer.status is status
    assert answer.confidence == pytest.approx(confidence)
    assert (model.calls, answer.model_calls) == (0, 0)


def test_without_any_sentence_it_is_absent_and_the_model_is_asked_nothing() -> None:
    model = FakeModel(yes=50.0)
    answer = ask(evidence(), model)
    assert (answer.status, answer.confidence) == (FindingStatus.ABSENT, 1.0)
    assert model.calls == 0


@pytest.mark.parametrize("presence", [0.11, 0.5, 0.89, None])
def test_where_retrieval_is_not_sure_the_model_is_asked_to_select_and_whether(presence: float | None) -> None:
    model = FakeModel()
    answer = ask(evidence("The laws of Ohio govern.", presence=presence), model)
    assert (len(model.selections), len(model.questions)) == (1, 1)
    assert answer.model_calls == model.calls == 2


@pytest.mark.parametrize(
    ("presence", "status"),
    [
        (0.34, FindingStatus.ABSENT),
        (0.36, FindingStatus.ABSTAINED),
        (0.49, FindingStatus.ABSTAINED),
        (0.51, FindingStatus.FOUND),
    ],
)
def test_between_the_thresholds_it_abstains_and_says_why(presence: float, status: FindingStatus) -> None:
    answer = ask(evidence("The laws of Ohio govern.", presence=presence), mix=ONLY_RETRIEVAL)
    assert answer.status is status
    if status is FindingStatus.ABSTAINED:
        assert answer.reason
        assert answer.confidence == pytest.approx(presence)
        assert answer.selected == ()
        assert answer.value is None
    else:
        assert answer.reason is None


def test_thresholds_are_the_tasks_own() -> None:
    limits = TASK.thresholds.model_copy(update={"absent": 0.6, "found": 0.8})
    task = TASK.model_copy(update={"thresholds": limits})
    held = evidence("The laws of Ohio govern.", presence=0.7)
    assert ask(held, task=task, mix=ONLY_RETRIEVAL).status is FindingStatus.ABSTAINED


@pytest.mark.parametrize(("yes", "status"), [(9.0, FindingStatus.FOUND), (-9.0, FindingStatus.ABSENT)])
def test_the_models_yes_or_no_decides_where_retrieval_is_torn(yes: float, status: FindingStatus) -> None:
    answer = ask(evidence("The laws of Ohio govern.", "Rain fell.", presence=0.5), FakeModel(yes=yes))
    assert answer.status is status
    assert answer.model_calls == 2


def test_an_untrained_task_is_decided_by_the_model_alone() -> None:
    held = evidence("The laws of Ohio govern.", "Rain fell.", presence=None)
    assert ask(held, FakeModel(picks=1, yes=9.0)).status is FindingStatus.FOUND
    assert ask(held, FakeModel(yes=-9.0)).status is FindingStatus.ABSENT


def test_the_probability_is_the_weighted_sum_of_all_three_readings() -> None:
    mix = Mix(intercept=-0.5, probe=0.7, yes=0.4, peak=0.3, select=0.0)
    texts = ("The laws of Ohio govern.", "Rain fell.", "Snow fell.")
    answer = ask(evidence(*texts, presence=0.6), FakeModel(picks=2, yes=1.5), mix=mix)
    share = 1 / (1 + 2 * math.exp(-7.0))
    odds = -0.5 + 0.7 * math.log(0.6 / 0.4) + 0.4 * 1.5 + 0.3 * math.log(3 * share)
    assert answer.confidence == pytest.approx(1 / (1 + math.exp(-odds)))


def test_a_flat_choice_of_sentence_speaks_neither_for_nor_against() -> None:
    mix = Mix(intercept=0.0, probe=1.0, yes=0.0, peak=5.0, select=0.0)
    flat = ask(evidence("a", "b", "c", presence=0.6), FakeModel(picks=None), mix=mix)
    assert flat.confidence == pytest.approx(0.6)
    peaked = ask(evidence("a", "b", "c", presence=0.6), FakeModel(picks=3), mix=mix)
    assert peaked.confidence > 0.9


def test_weights_are_those_of_the_model_that_is_asked() -> None:
    never = Mix(intercept=-20.0)
    held = evidence("The laws of Ohio govern.", presence=0.6)
    assert ask(held, FakeModel(yes=2.0), mix=never).status is FindingStatus.ABSENT
    other = ModelRef(id="other", sha256="0" * 64)
    assert other != MODEL
    assert ask(held, FakeModel(yes=2.0, ref=other), mix=never).status is FindingStatus.FOUND


def test_the_sentence_that_the_model_points_at_is_cited_first() -> None:
    held = evidence("Rain fell.", "The laws of Ohio govern.", "Snow fell.", presence=0.6)
    assert ask(held, FakeModel(picks=2, yes=9.0)).selected[0] == 1
    assert ask(held, FakeModel(picks=3, yes=9.0)).selected[0] == 2


def test_retrieval_outweighs_the_model_where_the_pack_says_so() -> None:
    held = evidence("Rain fell.", "The laws of Ohio govern.", presence=0.6)
    answer = ask(held, FakeModel(picks=2, yes=9.0), mix=Mix(select=0.0))
    assert answer.selected[0] == 0


def test_other_likely_sentences_are_cited_too_up_to_the_tasks_limit() -> None:
    held = evidence("a", "b", "c", "d", "e", presence=SURE, scores=(1.0, -1.0, 3.0, 2.0, 0.5))
    assert ask(held).selected == (2, 3, 0)
    assert ask(held, task=TASK.model_copy(update={"most_citations": 1})).selected == (2,)


def test_sentences_of_an_untrained_task_are_cited_alone() -> None:
    held = evidence("a", "b", presence=None, scores=(2.0, 1.0))
    assert ask(held, FakeModel(picks=1, yes=9.0)).selected == (0,)


def test_only_the_likeliest_sentences_are_numbered_and_in_document_order() -> None:
    texts = [f"sentence {letter}" for letter in "abcdefgh"]
    scores = (0.0, 4.0, 7.0, 2.0, 6.0, 3.0, 5.0, 1.0)
    model = FakeModel(yes=9.0)
    ask(evidence(*texts, presence=0.5, scores=scores), model)
    assert model.numbers == [tuple(str(number + 1) for number in range(MOST_NUMBERED))]
    assert model.selections[0].shared == "-----\n" + "\n".join(
        f"[{number}] {text}" for number, text in enumerate(texts[1:7], start=1)
    )


def test_prompts_over_the_same_evidence_share_their_beginning_and_ask_last() -> None:
    model = FakeModel()
    ask(evidence("The laws of Ohio govern.", presence=0.5), model)
    (select,), (present,) = model.selections, model.questions
    assert select.shared == present.shared == "-----\n[1] The laws of Ohio govern."
    assert select.system == present.system == "SYSTEM"
    assert select.user == f"\n-----\nselect {TASK.title} | {TASK.description} | {TASK.question}"
    assert present.user == f"\n-----\npresent {TASK.question}"
    assert (select.begin, present.begin) == ("[", "")


def test_braces_in_a_document_stay_as_they_are() -> None:
    model = FakeModel()
    ask(evidence("Fill in {title} or {question} or {evidence} {0}.", presence=0.5), model)
    for prompt in (*model.selections, *model.questions):
        assert prompt.shared.endswith("[1] Fill in {title} or {question} or {evidence} {0}.")
        assert TASK.question in prompt.user


def test_braces_in_a_document_stay_as_they_are_when_a_value_is_written() -> None:
    model = FakeModel(writes="Ohio")
    ask(evidence("Laws of {question}, Ohio and Texas.", presence=SURE), model, task=LAW)
    (prompt,) = model.writings
    assert prompt.shared.endswith("[1] Laws of {question}, Ohio and Texas.")
    assert prompt.user.endswith(f"value {LAW.title} | {LAW.question}")


def test_each_place_of_a_template_is_filled_once() -> None:
    assert filled("{a} and {b}, {c}", a="one", b="{a}") == "one and {a}, {c}"


def test_a_very_long_sentence_is_shown_shortened_and_cited_whole() -> None:
    long = "The laws\nof  Ohio govern " + "x" * 2000
    model = FakeModel(yes=9.0)
    held = evidence(long, presence=0.6)
    answer = ask(held, model)
    shown = model.selections[0].shared.removeprefix("-----\n[1] ")
    assert shown.startswith("The laws of Ohio govern xxx")
    assert len(shown) == MOST_SENTENCE_CHARACTERS
    assert answer.selected == (0,)
    assert held.sentences[0].span.end == len(long)


def test_a_line_break_in_a_sentence_cannot_forge_a_number() -> None:
    held = evidence("One\n[2] forged", "two")
    assert numbered([s.text for s in held.sentences]) == "[1] One [2] forged\n[2] two"


def test_a_clause_is_its_own_value() -> None:
    answer = ask(evidence("Neither  party\nmay assign.", presence=SURE))
    assert answer.value is None
    assert answer.display == "Neither party may assign."
    assert answer.quotes == ()


def test_a_single_value_is_read_off_the_words_without_asking() -> None:
    model = FakeModel(writes="Texas")
    answer = ask(evidence("It is governed by the laws of Ohio.", presence=SURE), model, task=LAW)
    assert answer.value == {"jurisdiction": "Ohio"}
    assert answer.display == "Ohio"
    assert model.calls == 0


def test_the_better_of_two_values_is_taken_without_asking() -> None:
    model = FakeModel(writes="Texas")
    text = "A Texas corporation; the laws of Ohio govern."
    assert ask(evidence(text, presence=SURE), model, task=LAW).display == "Ohio"
    assert model.calls == 0


def test_between_equal_values_the_model_chooses_among_those_that_the_words_support() -> None:
    held = evidence("Signed on May 1, 2004 or on June 2, 2005.", presence=SURE)
    model = FakeModel(writes="2005-06-02")
    answer = ask(held, model, task=DATE)
    assert model.grammars == ['root ::= "2004-05-01" | "2005-06-02"']
    assert answer.value == {"date": "2005-06-02"}
    assert words(held.sentences[0].text, answer.quotes[0]) == "June 2, 2005"
    assert answer.model_calls == 1


@pytest.mark.parametrize("written", ["2099-01-01", "", "2005-06-0", "I do not know"])
def test_what_the_words_do_not_support_is_never_a_value(written: str) -> None:
    held = evidence("Signed on May 1, 2004 or on June 2, 2005.", presence=SURE)
    answer = ask(held, FakeModel(writes=written), task=DATE)
    assert answer.value == {"date": "2004-05-01"}
    assert words(held.sentences[0].text, answer.quotes[0]) == "May 1, 2004"


def test_only_cited_sentences_support_a_value() -> None:
    held = evidence("Signed on May 1, 2004.", "Rain fell on June 2, 2005.", presence=SURE)
    model = FakeModel(writes="2005-06-02")
    answer = ask(held, model, task=DATE)
    assert answer.selected == (0,)
    assert answer.value == {"date": "2004-05-01"}
    assert model.calls == 0


def test_the_value_is_asked_for_by_the_tasks_own_question_over_the_cited_words() -> None:
    task = DATE.model_copy(update={"value_question": "On which day was it signed?"})
    model = FakeModel(writes="2005-06-02")
    ask(evidence("On May 1, 2004 or June 2, 2005.", "Rain fell.", presence=SURE), model, task=task)
    (prompt,) = model.writings
    assert prompt.shared == "-----\n[1] On May 1, 2004 or June 2, 2005."
    assert prompt.user == "\n-----\nvalue Governing law | On which day was it signed?"


def test_a_sentence_from_which_no_words_can_be_cited_abstains() -> None:
    answer = ask(evidence("Signed on the ides of March.", presence=SURE), task=DATE)
    assert answer.status is FindingStatus.ABSTAINED
    assert answer.reason
    assert answer.value is None


def test_a_sentence_without_a_readable_value_is_found_all_the_same_where_sentences_are_cited() -> None:
    answer = ask(evidence("The law of the forum governs.", presence=SURE), task=LAW)
    assert answer.status is FindingStatus.FOUND
    assert answer.value is None
    assert answer.display == "The law of the forum governs."


def test_parties_are_all_names_in_the_order_of_the_document_each_with_its_words() -> None:
    held = evidence(
        'It is made between Ebix, Inc. ("Ebix") and LinkPlus Corporation.',
        "Axiometric, LLC joins them.",
        presence=SURE,
        scores=(3.0, 2.0),
    )
    model = FakeModel()
    answer = ask(held, model, task=PARTIES)
    names = ["Ebix, Inc.", "Ebix", "LinkPlus Corporation", "Axiometric, LLC"]
    assert answer.value == {"parties": names}
    assert answer.display == "; ".join(names)
    text = " ".join(sentence.text for sentence in held.sentences)
    assert [words(text, span) for span in answer.quotes] == names
    assert model.calls == 0


def test_full_names_of_parties_come_before_short_ones_where_not_all_fit() -> None:
    held = evidence('It is made between Ebix, Inc. ("Ebix") and LinkPlus Corporation ("LP").', presence=SURE)
    answer = ask(held, task=PARTIES.model_copy(update={"most_citations": 2}))
    assert answer.value == {"parties": ["Ebix, Inc.", "LinkPlus Corporation"]}


def test_parties_without_a_name_abstain() -> None:
    answer = ask(evidence("The parties agree.", presence=SURE), task=PARTIES)
    assert answer.status is FindingStatus.ABSTAINED


def test_cancelling_stops_between_readings() -> None:
    stopped = CancelToken()
    stopped.cancel()
    asker = Asker(FakeModel(yes=9.0), pack())
    with pytest.raises(Cancelled):
        asker.answer(TASK, evidence("The laws of Ohio govern.", presence=0.5), stopped)


def test_cancelling_reaches_the_writing_of_a_value() -> None:
    stopped = CancelToken()
    stopped.cancel()
    held = evidence("Signed on May 1, 2004 or on June 2, 2005.", presence=SURE)
    with pytest.raises(Cancelled):
        Asker(FakeModel(), pack(DATE)).answer(DATE, held, stopped)


def test_the_same_evidence_gives_the_same_answer() -> None:
    held = evidence("The laws of Ohio govern.", "Rain fell.", presence=0.6)
    assert len({ask(held, FakeModel(picks=1, yes=0.3)).model_dump_json() for _ in range(3)}) == 1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-700, 0), min_size=1, max_size=8))
def test_shares_are_probabilities_that_sum_to_one_in_the_same_order(logs: list[float]) -> None:
    shares = log_normalised(logs)
    assert sum(map(math.exp, shares)) == pytest.approx(1.0)
    assert [shares[i] - shares[0] for i in range(len(logs))] == pytest.approx([log - logs[0] for log in logs])


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 1))
def test_log_odds_are_finite_and_give_the_probability_back(probability: float) -> None:
    odds = logit(probability)
    assert abs(odds) < 7
    assert 1 / (1 + math.exp(-odds)) == pytest.approx(min(max(probability, 1e-3), 1 - 1e-3))


def test_fitted_thresholds_stand_for_a_tasks_own_once_the_model_was_asked() -> None:
    strict = ONLY_RETRIEVAL.model_copy(update={"absent": 0.2, "found": 0.97})
    for presence in (0.3, 0.6):
        unsure = evidence("The laws of Ohio govern.", presence=presence)
        assert ask(unsure, mix=strict).status is FindingStatus.ABSTAINED
        assert ask(unsure, mix=ONLY_RETRIEVAL).status is not FindingStatus.ABSTAINED
    # what retrieval is sure of is found whatever was fitted
    settled = ask(evidence("The laws of Ohio govern.", presence=0.95), mix=strict)
    assert (settled.status, settled.model_calls) == (FindingStatus.FOUND, 0)


@pytest.mark.parametrize("presence", [0.01, 0.99])
def test_what_only_fits_the_tasks_text_is_never_settled_without_the_model(presence: float) -> None:
    model = FakeModel()
    likely = evidence("The laws of Ohio govern.", presence=presence).model_copy(update={"learned": False})
    answer = ask(likely, model, mix=ONLY_RETRIEVAL)
    assert model.calls == answer.model_calls == 2
    assert answer.status is (FindingStatus.FOUND if presence > 0.5 else FindingStatus.ABSENT)
