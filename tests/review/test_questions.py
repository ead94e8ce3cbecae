from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cancel import CancelToken
from app.domain.errors import QuestionInvalid
from app.domain.finding import Answer, Evidence
from app.domain.kinds import CiteKind, FindingStatus, TaskKind, ValueKind
from app.domain.question import MOST_CHARACTERS, question_id
from app.domain.task import Mix, Task
from app.review.ask import VALUED, Asker
from app.review.questions import ANSWER, QUESTION_MIX, question_task, value_kind
from tests.review.fake_model import FakeModel
from tests.review.made import evidence, pack

AUDIT = question_task("May the books be audited?")
WHEN = question_task("When does the lease end?")
YES, NO = 9.0, -9.0


def ask(task: Task, given_evidence: Evidence, model: FakeModel, mix: Mix | None = None) -> Answer:
    return Asker(model, pack(mix=mix)).answer(task, given_evidence, CancelToken())


@pytest.mark.parametrize(
    "same", ["when does the lease end", "  WHEN does\tthe\nlease end?? ", "When does the lease end ?", "Ｗhen does the lease end."]  # noqa: E501
)  # fmt: skip
def test_case_spaces_and_marks_at_the_end_make_no_other_question(same: str) -> None:
    assert question_task(same).id == WHEN.id


@pytest.mark.parametrize(
    "other", ["When does the lease begin?", "When does the leases end?", "When? The lease end"]
)
def test_other_words_make_another_question(other: str) -> None:
    assert question_task(other).id != WHEN.id


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80).filter(
        lambda t: any(map(str.isalnum, t))
    )
)
def test_any_words_are_a_question_with_a_name_of_its_own(text: str) -> None:
    task = question_task(text)
    assert task.id == question_id(text) == question_task(" ".join(text.split())).id
    assert task.id.startswith("ask-")
    assert len(task.id) == len("ask-") + 12
    assert task.kind is TaskKind.ASK
    assert task.cite is CiteKind.SENTENCE
    assert Task.model_validate_json(task.model_dump_json()) == task


@pytest.mark.parametrize("text", ["", "  ", "?!", "…", "a" * (MOST_CHARACTERS + 1), "\ud800 a", "ring \x07"])
def test_what_is_no_question_says_so(text: str) -> None:
    with pytest.raises(QuestionInvalid):
        question_task(text)


def test_a_question_is_asked_as_it_was_put_and_shown_short() -> None:
    long = "May the licensee " + "and its affiliates " * 10 + "use the marks?"
    task = question_task(f"{long}\n")
    assert task.queries == (long,)
    assert long in task.question
    assert task.value_question == long
    assert len(task.title) <= 60
    assert task.title.startswith("May the licensee")


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When does the lease end?", ValueKind.DATE),
        ("when was it signed", ValueKind.DATE),
        ("On what date does it begin?", ValueKind.DATE),
        ("What is the effective date?", ValueKind.DATE),
        ("When may a party terminate?", ValueKind.TEXT),
        ("When can the deposit be kept?", ValueKind.TEXT),
        ("What happens when the lease ends?", ValueKind.TEXT),
        ("How long does the warranty last?", ValueKind.DURATION),
        ("How much notice is needed?", ValueKind.DURATION),
        ("For how many months is it renewed?", ValueKind.DURATION),
        ("What is the notice period?", ValueKind.DURATION),
        ("How much insurance must be carried?", ValueKind.MONEY),
        ("What is the monthly rent?", ValueKind.MONEY),
        ("How are fees paid?", ValueKind.TEXT),
        ("Which law governs?", ValueKind.JURISDICTION),
        ("Who is the landlord?", ValueKind.PARTIES),
        ("Who may audit the books?", ValueKind.TEXT),
        ("Is it exclusive?", ValueKind.TEXT),
    ],
)
def test_a_kind_of_value_is_expected_only_where_it_is_plainly_asked_for(
    question: str, kind: ValueKind
) -> None:
    assert value_kind(question) is kind
    assert question_task(question).value is kind


@pytest.mark.parametrize("presence", [0.001, 0.5, 0.999, None])
def test_the_model_is_asked_however_sure_retrieval_is(presence: float | None) -> None:
    model = FakeModel()
    answer = ask(AUDIT, evidence("The books may be audited.", presence=presence), model)
    assert (len(model.selections), len(model.questions), answer.model_calls) == (1, 1, 2)


@pytest.mark.parametrize(
    ("yes", "presence", "status"),
    [
        (YES, 0.5, FindingStatus.FOUND),
        (NO, 0.9, FindingStatus.ABSENT),
        (0.0, 0.02, FindingStatus.ABSENT),
        (1.2, 0.5, FindingStatus.ABSTAINED),
    ],
)
def test_a_question_is_found_absent_or_abstained(yes: float, presence: float, status: FindingStatus) -> None:
    answer = ask(AUDIT, evidence("The books may be audited.", presence=presence), FakeModel(yes=yes))
    assert answer.status is status
    assert bool(answer.reason) is (status is FindingStatus.ABSTAINED)


def test_a_questions_weights_are_its_own_and_not_those_fitted_for_the_packs_tasks() -> None:
    held = evidence("The books may be audited.", "Rain fell.", presence=0.7)
    answer = ask(AUDIT, held, FakeModel(picks=1, yes=0.5), mix=Mix(intercept=-50.0))
    share = 1 / (1 + math.exp(-7.0))
    odds = (
        QUESTION_MIX.intercept
        + QUESTION_MIX.probe * math.log(0.7 / 0.3)
        + QUESTION_MIX.yes * 0.5
        + QUESTION_MIX.peak * math.log(2 * share)
    )
    assert answer.confidence == pytest.approx(1 / (1 + math.exp(-odds)))


def test_the_prompts_put_the_question_itself() -> None:
    model = FakeModel(yes=YES)
    ask(AUDIT, evidence("The books may be audited.", presence=0.5), model)
    asked = "Does the text answer this question: May the books be audited?"
    assert model.selections[0].user.endswith(f"select {ANSWER} | May the books be audited? | {asked}")
    assert model.questions[0].user.endswith(f"present {asked}")


def test_braces_in_a_question_stay_as_they_are() -> None:
    model = FakeModel(yes=YES)
    ask(question_task("What is {evidence} or {title}?"), evidence("Rain fell.", presence=0.5), model)
    for prompt in (*model.selections, *model.questions):
        assert prompt.user.endswith("What is {evidence} or {title}?")
        assert prompt.shared.endswith("[1] Rain fell.")


def test_the_answer_is_the_cited_sentence_alone() -> None:
    long = "The books may be audited " + "and audited again " * 20
    held = evidence("Rain fell.", long, "Snow fell.", presence=0.9, scores=(0.9, 0.8, 0.7))
    answer = ask(AUDIT, held, FakeModel(picks=2, yes=YES))
    assert answer.selected == (1,)
    assert answer.value is None
    assert answer.display.startswith("The books may be audited")
    assert len(answer.display) <= 120


def test_a_value_of_the_kind_asked_for_is_read_from_the_cited_sentence() -> None:
    model = FakeModel(picks=1, yes=YES)
    answer = ask(WHEN, evidence("The lease ends on 31 March 2027.", "Rain fell.", presence=0.8), model)
    assert answer.display == "2027-03-31"
    assert answer.value == {"date": "2027-03-31"}
    assert answer.selected == (0,)
    assert answer.quotes == ()
    assert model.writings == []


def test_among_several_values_the_model_picks_one_that_stands_there() -> None:
    model = FakeModel(picks=1, yes=YES, writes="2027-03-31")
    text = "The lease began on 1 April 2017 and ends on 31 March 2027."
    answer = ask(WHEN, evidence(text, presence=0.8), model)
    assert answer.value == {"date": "2027-03-31"}
    assert model.writings[0].user.endswith("When does the lease end?")
    assert answer.model_calls == 3


def test_among_durations_the_question_decides_and_not_what_packs_look_for() -> None:
    model = FakeModel(picks=1, yes=YES, writes="30 days")
    notice = question_task("How much notice must be given?")
    text = "The term is two years, and notice is thirty (30) days."
    assert ask(notice, evidence(text, presence=0.8), model).display == "30 days"
    assert len(model.writings) == 1


def test_where_no_value_stands_in_the_sentence_the_sentence_is_the_answer() -> None:
    answer = ask(WHEN, evidence("The lease ends with the harvest.", presence=0.8), FakeModel(1, YES))
    assert answer.status is FindingStatus.FOUND
    assert (answer.value, answer.display) == (None, "The lease ends with the harvest.")


def test_a_sentence_with_a_value_of_the_kind_asked_for_is_the_likelier_one() -> None:
    held = evidence("The lease shall end.", "It ends on 31 March 2027.", presence=0.8, scores=(0.5, 0.5))
    assert ask(WHEN, held, FakeModel(picks=None, yes=YES)).display == "2027-03-31"
    assert ask(WHEN, held, FakeModel(picks=1, yes=YES)).value is None, "the model is surer than that"
    assert VALUED < 7.0


def test_parties_are_listed_where_several_are_asked_for_and_else_one_is_picked() -> None:
    text = 'Made between Acme Widgets, Inc. ("Landlord") and Bolt Company Ltd. ("Tenant").'
    listed = ask(question_task("Who are the parties?"), evidence(text, presence=0.8), FakeModel(1, YES))
    assert "Acme Widgets, Inc." in listed.display
    assert "Bolt Company Ltd." in listed.display
    asked = FakeModel(1, YES, writes="Bolt Company Ltd.")
    picked = ask(question_task("Who is the tenant?"), evidence(text, presence=0.8), asked)
    assert picked.display == "Bolt Company Ltd."
    assert picked.selected == (0,)


def test_without_any_sentence_the_answer_is_absent() -> None:
    model = FakeModel(yes=YES)
    assert ask(AUDIT, evidence(), model).status is FindingStatus.ABSENT
    assert model.calls == 0
