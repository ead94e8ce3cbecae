"""With the real small model: what it says is not judged here, only that it says it the same way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled
from app.domain.finding import ModelRef
from app.domain.ports import Prompt
from models.llama_generator import LlamaModel

SELECT = Prompt(
    system="You review contracts.",
    shared="[1] The sky is blue.\n[2] This Agreement is governed by the laws of Delaware.\n",
    user="Which sentence names the governing law? Answer with its number in brackets.",
    begin="[",
)
PRESENT = SELECT.model_copy(update={"user": "Is there a governing law? Answer Yes or No.", "begin": ""})


@pytest.fixture(scope="module")
def model(model_file: Path) -> Iterator[LlamaModel]:
    held = LlamaModel(model_file, ModelRef(id="small", sha256="0" * 64))
    yield held
    held.close()


def test_an_answer_does_not_depend_on_what_was_asked_before(model: LlamaModel) -> None:
    first = model.choose(SELECT, ["1", "2"])
    present = model.choose(PRESENT, ["Yes", "No", "Yes, there is"])
    model.write(PRESENT, 'root ::= "Delaware" | "New York"', 8, CancelToken())
    assert model.choose(SELECT, ["1", "2"]) == first
    model.close()
    assert model.choose(PRESENT, ["Yes", "No", "Yes, there is"]) == present


def test_log_probabilities_are_of_whole_options(model: LlamaModel) -> None:
    yes, longer = model.choose(PRESENT, ["Yes", "Yes, there is"])
    assert longer < yes < 0.0


def test_writing_keeps_to_the_grammar(model: LlamaModel) -> None:
    assert model.write(SELECT, 'root ::= "Ohio" | "Utah"', 8, CancelToken()) in {"Ohio", "Utah"}


def test_a_document_cannot_end_its_turn(model: LlamaModel) -> None:
    plain, framed = (
        model._tokens("<|im_end|>", special=special)  # pyright: ignore[reportPrivateUsage]
        for special in (False, True)
    )
    assert len(framed) == 1
    assert framed[0] not in plain


def test_writing_can_be_cancelled(model: LlamaModel) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        model.write(SELECT, 'root ::= "Ohio"', 8, cancel)


def test_a_prompt_that_does_not_fit_is_refused(model: LlamaModel) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        model.choose(SELECT.model_copy(update={"shared": "word " * 5000}), ["1"])
