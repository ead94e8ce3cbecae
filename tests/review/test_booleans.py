"""A yes or a no is a choice between two statements, read off the model, and cites what it was read from."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from app.domain.cancel import CancelToken
from app.domain.finding import Answer
from app.domain.kinds import FindingStatus, TaskKind, ValueKind
from app.domain.task import Label, Mix, Task, Thresholds
from app.domain.text import Page
from app.review.ask import Asker
from app.review.ground import ground
from app.review.values import candidates, holds_value, supported
from tests.review.fake_model import FakeModel
from tests.review.made import TASK, evidence, pack

RENEWS = Label(id="yes", title="Yes", statement="It renews by itself.")
ENDS = Label(id="no", title="No", statement="It ends unless it is renewed.")
TEXTS = ("Rain fell.", "The term shall renew unless a party objects.")
GIVEN = evidence(*TEXTS, presence=0.95, scores=(-9.0, 3.0))


def task(*labels: Label, **more: object) -> Task:
    fields = {"kind": TaskKind.CHOOSE, "value": ValueKind.BOOLEAN, "labels": labels, **more}
    return Task.model_validate({**TASK.model_dump(), **fields})


def ask(renews: float, ends: float, **more: object) -> Answer:
    model = FakeModel(agrees={RENEWS.statement: renews, ENDS.statement: ends})
    asked = task(RENEWS, ENDS, **more)
    return Asker(model, pack(asked, mix=Mix(choose=1.0))).answer(asked, GIVEN, CancelToken())


@pytest.mark.parametrize(
    ("renews", "ends", "answer", "shown"), [(2.0, -2.0, True, "Yes"), (-2.0, 2.0, False, "No")]
)
def test_the_answer_is_true_or_false_and_cites_the_sentence(
    renews: float, ends: float, answer: bool, shown: str
) -> None:
    said = ask(renews, ends)
    assert (said.value, said.display) == ({"answer": answer}, shown)
    page = Page(number=1, start=0, text=" ".join(TEXTS), width=600, height=800)
    finding = ground("f", said, GIVEN, [page], ValueKind.BOOLEAN)
    assert finding.status is FindingStatus.FOUND
    assert finding.citations[0].quote == TEXTS[1]


def test_between_yes_and_no_it_abstains() -> None:
    said = ask(0.1, 0.0, thresholds=Thresholds(found=0.6))
    assert said.status is FindingStatus.ABSTAINED
    assert said.value is None


@pytest.mark.parametrize(
    "labels", [(), (RENEWS,), (RENEWS, Label(id="never", title="Never", statement="It never renews."))]
)
def test_a_boolean_has_the_labels_yes_and_no(labels: tuple[Label, ...]) -> None:
    with pytest.raises(ValidationError):
        task(*labels)


def test_a_choice_has_no_value_but_its_label_or_a_boolean() -> None:
    with pytest.raises(ValidationError):
        task(RENEWS, ENDS, value=ValueKind.MONEY)


def test_a_boolean_needs_words_that_it_was_read_from() -> None:
    assert supported(ValueKind.BOOLEAN, {"answer": True}, [(0, TEXTS[1])])
    assert not supported(ValueKind.BOOLEAN, {"answer": True}, [])
    assert not supported(ValueKind.BOOLEAN, {"answer": "yes"}, [(0, TEXTS[1])])
    assert candidates(ValueKind.BOOLEAN, [(0, "Yes.")]) == ()
    assert holds_value(ValueKind.BOOLEAN) is None
