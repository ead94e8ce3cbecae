"""Our own chat templates: each closes what it opens, and no text of a document can end its turn."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.chat import FRAMES, ChatFamily, missing_marks, recognised


def test_every_family_has_a_frame() -> None:
    assert set(FRAMES) == set(ChatFamily)


@pytest.mark.parametrize("family", [family for family in ChatFamily if family is not ChatFamily.RWKV])
def test_a_family_is_recognised_by_its_marks_or_not_at_all(family: ChatFamily) -> None:
    markers = FRAMES[family].markers
    assert markers
    clear = family is not ChatFamily.CHATML_UNTHINKING
    assert recognised("llama", markers | {"<unk>", "</s>"}) is (family if clear else None)
    assert missing_marks(family, markers) == ()
    assert missing_marks(family, ()) == tuple(sorted(markers))


def test_what_is_not_clear_is_not_guessed() -> None:
    chatml = FRAMES[ChatFamily.CHATML].markers
    assert recognised("qwen3", chatml) is ChatFamily.CHATML
    assert recognised("qwen3", chatml | {"<think>", "</think>"}) is None
    assert recognised("llama", ()) is None
    assert recognised("rwkv7", ()) is ChatFamily.RWKV
    assert recognised("llama", FRAMES[ChatFamily.LLAMA3].markers) is ChatFamily.LLAMA3


def test_chatml_is_what_the_models_were_calibrated_with() -> None:
    frame = FRAMES[ChatFamily.CHATML]
    said = frame.opening + "S" + frame.between + "U" + frame.closing
    assert said == ("<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n")


@given(st.text(alphabet=st.sampled_from("ab \t\r\n\v\f\u2028User:")))
def test_where_blank_lines_end_turns_no_text_has_one(text: str) -> None:
    inside = FRAMES[ChatFamily.RWKV].inside(text)
    assert not re.search(r"\n[^\S\n]*\n", inside)
    assert inside.split() == text.split()


@given(st.text())
def test_where_marks_end_turns_texts_stay_as_they_are(text: str) -> None:
    assert FRAMES[ChatFamily.CHATML].inside(text) == text
