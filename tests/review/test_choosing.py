from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled
from app.domain.finding import Answer
from app.domain.kinds import FindingStatus, TaskKind
from app.domain.task import Label, Mix, Task
from app.domain.text import Page
from app.review.ask import Asker
from app.review.choosing import shares
from app.review.ground import ground
from tests.review.fake_model import FakeModel
from tests.review.made import TASK, evidence, pack

ALLOWED = Label(id="allowed", title="May be kept", statement="A copy may be kept.")
FORBIDDEN = Label(id="forbidden", title="Not to be kept", statement="No copy may be kept.")
TEXTS = ("Rain fell.", "One copy may be kept by counsel.", "No other copy may be kept.")
GIVEN = evidence(*TEXTS, presence=0.95, scores=(-9.0, 3.0, 2.0))


def task(*labels: Label) -> Task:
    return Task.model_validate({**TASK.model_dump(), "kind": TaskKind.CHOOSE, "labels": labels})


def usual(share: float) -> Task:
    """``share`` of the documents allow it."""
    return task(
        ALLOWED.model_copy(update={"prior": math.log(share)}),
        FORBIDDEN.model_copy(update={"prior": math.log(1.0 - share)}),
    )


def ask(asked: Task, model: FakeModel, mix: Mix | None = None) -> Answer:
    return Asker(model, pack(asked, mix=mix or Mix(choose=1.0))).answer(asked, GIVEN, CancelToken())


def forbids() -> FakeModel:
    """Says with three nats more that none may be kept."""
    return FakeModel(agrees={"A copy may be kept.": -2.0, "No copy may be kept.": 1.0})


def test_the_models_label_is_the_value_and_the_cited_sentences_are_what_it_read() -> None:
    model = forbids()
    answer = ask(task(ALLOWED, FORBIDDEN), model)
    assert (answer.value, answer.display) == ({"choice": "forbidden"}, "Not to be kept")
    assert (answer.model_calls, model.calls) == (2, 2)
    assert {prompt.shared for prompt in model.questions} == {
        "-----\n[1] One copy may be kept by counsel.\n[2] No other copy may be kept."
    }
    page = Page(number=1, start=0, text=" ".join(TEXTS), width=600, height=800)
    finding = ground("f", answer, GIVEN, [page])
    assert finding.status is FindingStatus.FOUND
    assert finding.citations[0].quote == "One copy may be kept by counsel. No other copy may be kept."


def test_confidence_is_that_of_presence_and_of_the_label_together() -> None:
    answer = ask(task(ALLOWED, FORBIDDEN), forbids())
    assert answer.confidence == pytest.approx(0.95 / (1.0 + math.exp(-3.0)))


def test_where_neither_presence_nor_the_label_is_sure_it_abstains() -> None:
    asked = task(ALLOWED, FORBIDDEN)
    doubted = GIVEN.model_copy(update={"presence": 0.6})
    only_retrieval = Mix(intercept=0.0, probe=1.0, yes=0.0, peak=0.0, choose=1.0)
    answer = Asker(FakeModel(), pack(asked, mix=only_retrieval)).answer(asked, doubted, CancelToken())
    assert (answer.status, answer.value) == (FindingStatus.ABSTAINED, None)
    assert answer.confidence == pytest.approx(0.3)


def test_a_label_that_nearly_all_documents_have_is_taken_without_asking() -> None:
    model = forbids()
    answer = ask(usual(0.97), model)
    assert (answer.display, model.calls) == ("May be kept", 0)


@pytest.mark.parametrize(("weight", "label"), [(0.5, "allowed"), (1.0, "forbidden")])
def test_the_usual_label_gives_way_as_far_as_the_model_is_trusted(weight: float, label: str) -> None:
    # nine in ten: 2.2 nats for the usual one, and three from the model for the other
    assert ask(usual(0.9), forbids(), Mix(choose=weight)).value == {"choice": label}


def test_what_a_model_leans_to_by_itself_is_taken_off() -> None:
    leaning = Mix(choose=1.0, labels={TASK.id: {"allowed": 4.0}})
    assert ask(task(ALLOWED, FORBIDDEN), forbids(), leaning).value == {"choice": "allowed"}


def test_a_clause_that_is_not_there_has_no_label() -> None:
    model = forbids()
    asked = task(ALLOWED, FORBIDDEN)
    absent = GIVEN.model_copy(update={"presence": 0.01})
    answer = Asker(model, pack(asked)).answer(asked, absent, CancelToken())
    assert (answer.status, answer.value, model.calls) == (FindingStatus.ABSENT, None, 0)


def test_choosing_can_be_cancelled() -> None:
    cancel = CancelToken()
    cancel.cancel()
    asked = task(ALLOWED, FORBIDDEN)
    with pytest.raises(Cancelled):
        Asker(FakeModel(), pack(asked)).answer(asked, GIVEN, cancel)


@pytest.mark.parametrize("labels", [(), (ALLOWED,), (ALLOWED, ALLOWED)])
def test_a_task_that_chooses_has_two_different_labels(labels: tuple[Label, ...]) -> None:
    with pytest.raises(ValidationError, match="label"):
        task(*labels)


def test_a_task_that_does_not_choose_has_no_labels() -> None:
    with pytest.raises(ValidationError, match="label"):
        Task.model_validate({**TASK.model_dump(), "labels": (ALLOWED, FORBIDDEN)})


def test_shares_sum_to_one_however_small_their_logs() -> None:
    assert shares([-4000.0, -4000.0]) == [0.5, 0.5]
