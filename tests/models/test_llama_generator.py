"""With the real small model: what it says is not judged here, only that it says it the same way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.domain.cancel import CancelToken
from app.domain.errors import Cancelled, ModelDoesNotFit, ModelHeaderInvalid, ModelNotLoaded
from app.domain.finding import ModelRef
from app.domain.ports import Choice, Prompt
from models import llama_context
from models.chat import FRAMES, ChatFamily
from models.gguf import read_gguf
from models.llama_generator import LlamaModel
from models.replanning import Failure, plan_after, plan_here
from models.run_plan import RunPlan, buffers
from tests.models.gguf_made import Gguf, tiny_llama, tiny_mamba

SELECT = Prompt(
    system="You review contracts.",
    shared="[1] The sky is blue.\n[2] This Agreement is governed by the laws of Delaware.\n",
    user="Which sentence names the governing law? Answer with its number in brackets.",
    begin="[",
)
PRESENT = SELECT.model_copy(update={"user": "Is there a governing law? Answer Yes or No.", "begin": ""})


def chosen(model: LlamaModel, prompt: Prompt, *options: str) -> tuple[float, ...]:
    return model.choose([Choice(prompt=prompt, options=options)], CancelToken())[0]


@pytest.fixture(scope="module")
def model(model_file: Path) -> Iterator[LlamaModel]:
    held = LlamaModel(model_file, ModelRef(id="small", sha256="0" * 64))
    yield held
    held.close()


def test_an_answer_does_not_depend_on_what_was_asked_before(model: LlamaModel) -> None:
    first = chosen(model, SELECT, "1", "2")
    present = chosen(model, PRESENT, "Yes", "No", "Yes, there is")
    model.write(PRESENT, 'root ::= "Delaware" | "New York"', 8, CancelToken())
    assert chosen(model, SELECT, "1", "2") == first
    model.close()
    assert chosen(model, PRESENT, "Yes", "No", "Yes, there is") == present


def test_log_probabilities_are_of_whole_options(model: LlamaModel) -> None:
    yes, longer = chosen(model, PRESENT, "Yes", "Yes, there is")
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
        chosen(model, SELECT.model_copy(update={"shared": "word " * 5000}), "1")


@pytest.mark.parametrize("make", [tiny_llama, tiny_mamba])
def test_models_that_remember_in_either_way_answer_the_same_whatever_came_before(
    tmp_path: Path, make: Callable[[], Gguf]
) -> None:
    model = LlamaModel(make().write(tmp_path / "tiny.gguf"), ModelRef(id="tiny", sha256="0" * 64))
    try:
        first = chosen(model, SELECT, "1", "Delaware", "12")
        present = chosen(model, PRESENT, "Yes", "No")
        assert model.write(PRESENT, 'root ::= "Ohio" | "Utah"', 8, CancelToken()) in {"Ohio", "Utah"}
        assert chosen(model, SELECT, "1", "Delaware", "12") == first
        assert chosen(model, PRESENT, "Yes", "No") == present
        assert chosen(model, PRESENT, "No") == present[1:]
    finally:
        model.close()


@pytest.mark.parametrize("family", [family for family in ChatFamily if FRAMES[family].markers])
def test_the_marks_of_each_family_are_single_tokens(tmp_path: Path, family: ChatFamily) -> None:
    markers = sorted(FRAMES[family].markers - {"<s>"})
    file = tiny_llama(markers=markers).write(tmp_path / "tiny.gguf")
    model = LlamaModel(file, ModelRef(id="tiny", sha256="0" * 64), family)
    try:
        pieces = model._pieces(SELECT)  # pyright: ignore[reportPrivateUsage]
        seen = {token for piece in pieces for token in piece}
        assert set(range(259, 259 + len(markers))) <= seen
        said = SELECT.model_copy(update={"shared": "".join(markers)})
        inside = model._pieces(said)[1]  # pyright: ignore[reportPrivateUsage]
        assert max(inside) < 259
    finally:
        model.close()


def test_a_wrong_header_is_seen_before_llama_cpp_sees_the_file(tmp_path: Path) -> None:
    file = tmp_path / "wrong.gguf"
    file.write_bytes(tiny_llama().bytes()[:-100])
    with pytest.raises(ModelHeaderInvalid):
        chosen(LlamaModel(file, ModelRef(id="wrong", sha256="0" * 64)), SELECT, "1")


def test_a_file_that_llama_cpp_refuses_is_a_typed_error(tmp_path: Path) -> None:
    file = replace(tiny_llama(), tensors=tiny_llama().tensors[:-1]).write(tmp_path / "less.gguf")
    with pytest.raises(ModelNotLoaded):
        chosen(LlamaModel(file, ModelRef(id="less", sha256="0" * 64)), SELECT, "1")


def test_a_gpu_that_does_not_take_the_model_leaves_it_to_the_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import llama_cpp

    asked: list[int] = []
    real = llama_cpp.llama_model_load_from_file

    def full(path: bytes, params: Any) -> Any:
        asked.append(params.n_gpu_layers)
        return None if params.n_gpu_layers else real(path, params)

    def on_gpu(file: Path, title: str, failures: Sequence[Failure]) -> RunPlan:
        if failures:
            return plan_after(file, title, failures)
        return plan_here(file, title).model_copy(update={"gpu_layers": 3, "back_end": "CUDA"})

    monkeypatch.setattr(llama_cpp, "llama_model_load_from_file", full)
    file = tiny_llama().write(tmp_path / "tiny.gguf")
    model = LlamaModel(file, ModelRef(id="tiny", sha256="0" * 64), plan=on_gpu)
    try:
        assert len(chosen(model, SELECT, "1", "2")) == 2
        assert asked == [3, 0]
        assert "since the first (CUDA with all 3 layers, a context of 4,096) was not taken by llama.cpp" in (
            model.run_plan.sentence
        )
    finally:
        model.close()


def test_when_no_plan_is_left_that_is_said_and_the_next_try_begins_with_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import llama_cpp

    model = LlamaModel(tiny_llama().write(tmp_path / "tiny.gguf"), ModelRef(id="tiny", sha256="0" * 64))
    with monkeypatch.context() as without_memory:
        without_memory.setattr(llama_cpp, "llama_init_from_model", lambda *_: None)
        with pytest.raises(ModelDoesNotFit, match="the last of 3 plans"):
            chosen(model, SELECT, "1", "2")
    try:
        assert len(chosen(model, SELECT, "1", "2")) == 2
        assert (model.run_plan.context, model.run_plan.instead) == (4096, "")
    finally:
        model.close()


def test_llama_cpp_is_started_as_the_plan_says(tmp_path: Path) -> None:
    def small(file: Path, title: str, _failures: Sequence[Failure]) -> RunPlan:
        return plan_here(file, title, 512).model_copy(update={"threads": 1})

    file = tiny_llama().write(tmp_path / "tiny.gguf")
    model = LlamaModel(file, ModelRef(id="tiny", sha256="0" * 64), plan=small)
    try:
        held: Any = model._llama  # pyright: ignore[reportPrivateUsage]
        assert (held.size, held.threads) == (512, 1)
        with pytest.raises(ValueError, match="does not fit"):
            chosen(model, SELECT.model_copy(update={"shared": "word " * 200}), "1")
    finally:
        model.close()


_SIZE = re.compile(r"(KV|RS|compute) buffer size = +([\d.]+) MiB")


def sizes_said_by_llama_cpp(file: Path, plan: RunPlan, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """MiB of each kind of buffer, as it logs them."""
    import llama_cpp

    said: list[bytes] = []

    @llama_cpp.llama_log_callback
    def hear(_level: int, line: bytes, _data: Any) -> None:
        said.append(line)

    listening = llama_context.listening()
    monkeypatch.setattr(llama_context, "listening", lambda: hear)
    try:
        llama_context.LlamaContext(file, plan).close()
    finally:
        llama_cpp.llama_log_set(listening, None)
    found: dict[str, float] = {}
    for kind, size in _SIZE.findall(b"".join(said).decode(errors="replace")):
        found[kind] = found.get(kind, 0.0) + float(size)
    return found


@pytest.mark.parametrize(
    ("make", "context"), [(tiny_llama, 1000), (tiny_llama, 4096), (partial(tiny_mamba, layers=128), 1000)]
)
def test_the_memory_of_texts_is_what_llama_cpp_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Gguf], context: int
) -> None:
    assert_agrees_with_llama_cpp(make().write(tmp_path / "tiny.gguf"), context, monkeypatch)


def test_the_memory_of_the_real_small_model_is_what_llama_cpp_takes(
    model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_agrees_with_llama_cpp(model_file, 4096, monkeypatch)


def test_keys_and_values_in_8_bits_take_what_the_plan_says(
    model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_here(model_file, "it").model_copy(update={"kv_bits": 8})
    said = sizes_said_by_llama_cpp(model_file, plan, monkeypatch)
    text = read_gguf(model_file).text_memory(plan.context, plan.sequences, kv_bits=8)
    assert said["KV"] == pytest.approx(text / 2**20, abs=0.011)


def assert_agrees_with_llama_cpp(file: Path, context: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model = read_gguf(file)
    plan = plan_here(file, "it", context)
    said = sizes_said_by_llama_cpp(file, plan, monkeypatch)
    taken = said.get("KV", 0.0) + said.get("RS", 0.0)
    assert taken > 0.1
    assert taken == pytest.approx(plan.need.text / 2**20, abs=0.011)
    assert said["compute"] * 2**20 <= buffers(model, context, 512)


@pytest.mark.parametrize("make", [tiny_llama, tiny_mamba])
def test_choices_about_one_text_are_read_together_and_more_than_fit_at_once_in_turn(
    tmp_path: Path, make: Callable[[], Gguf]
) -> None:
    model = LlamaModel(make().write(tmp_path / "tiny.gguf"), ModelRef(id="tiny", sha256="0" * 64))
    other = SELECT.model_copy(update={"shared": "Something else.\n"})
    asked = [
        Choice(prompt=prompt.model_copy(update={"user": f"Question {n}?"}), options=("Yes", "No", "Perhaps"))
        for n in range(7)
        for prompt in (SELECT, other)
    ]
    try:
        together = model.choose(asked, CancelToken())
        alone = [model.choose([choice], CancelToken())[0] for choice in asked]
        for one, apart in zip(together, alone, strict=True):
            assert one == pytest.approx(apart, rel=1e-3)
        assert model.choose(asked, CancelToken()) == together
    finally:
        model.close()


def test_what_is_read_together_is_told_apart(model: LlamaModel) -> None:
    other = SELECT.model_copy(update={"shared": "[1] Delaware has good law.\n[2] The sky is blue.\n"})
    asked = [Choice(prompt=prompt, options=("1", "2")) for prompt in (SELECT, other, PRESENT)]
    together = model.choose(asked, CancelToken())
    assert len(set(together)) == len(asked)
    for choice, scores in zip(asked, together, strict=True):
        assert scores == pytest.approx(model.choose([choice], CancelToken())[0], abs=0.05)


def test_reading_can_be_cancelled_in_the_middle_and_nothing_of_it_is_kept(model: LlamaModel) -> None:
    first = chosen(model, SELECT, "1", "2")
    long = SELECT.model_copy(update={"shared": "A word of the text and another. " * 250})

    class Later(CancelToken):
        """Cancelled once reading has begun."""

        looked = 0

        @property
        def cancelled(self) -> bool:
            self.looked += 1
            return self.looked > 3

    cancel = Later()
    with pytest.raises(Cancelled):
        model.choose([Choice(prompt=long, options=("1",))], cancel)
    assert cancel.looked > 3
    assert chosen(model, SELECT, "1", "2") == first


def test_a_day_of_answers_takes_no_more_memory_than_the_first(tmp_path: Path) -> None:
    import psutil

    model = LlamaModel(tiny_llama().write(tmp_path / "tiny.gguf"), ModelRef(id="tiny", sha256="0" * 64))
    asked = [Choice(prompt=SELECT, options=("1", "2")), Choice(prompt=PRESENT, options=("Yes", "No"))]

    def answers(count: int) -> int:
        for number in range(count):
            text = SELECT.model_copy(update={"shared": f"Text {number}.\n"})
            model.choose([asked[0].model_copy(update={"prompt": text}), asked[1]], CancelToken())
            model.write(text, 'root ::= "Ohio" | "Utah"', 8, CancelToken())
        return psutil.Process().memory_info().rss

    try:
        before = answers(60)
        assert answers(240) - before < 4 << 20
    finally:
        model.close()
