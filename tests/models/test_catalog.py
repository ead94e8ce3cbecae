"""What the catalog says is complete, and what nobody verified says so."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from app.domain.errors import ModelNotInstalled
from models.catalog import CatalogModel, load_catalog
from models.chat import ChatFamily
from models.gguf_tables import ARCHITECTURES, Memory

MODELS = load_catalog().models


def test_the_catalog_has_one_default_that_can_be_fetched() -> None:
    (default,) = (model for model in MODELS if model.default)
    assert default.id == "qwen2.5-coder-1.5b"
    assert default.packages is not None


def test_at_least_twelve_models_have_three_to_eight_billion_weights() -> None:
    assert sum(2.9 <= model.parameters <= 8.5 for model in MODELS) >= 12
    assert len({model.id for model in MODELS}) == len(MODELS)


def test_among_them_are_linear_time_models_of_each_kind() -> None:
    linear = {model.architecture for model in MODELS if model.linear_time}
    assert linear == {"rwkv7", "mamba", "granitehybrid"}
    assert {ARCHITECTURES[one] for one in linear} == {Memory.RECURRENT, Memory.HYBRID}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_each_says_what_it_is_where_it_comes_from_and_who_may_use_it(model: CatalogModel) -> None:
    assert model.licence
    assert model.enterprise != "unknown"
    assert (model.enterprise == "conditions") == bool(model.conditions)
    assert model.architecture in ARCHITECTURES
    assert model.context
    assert "/" in model.source
    assert "://" not in model.source + model.file
    assert model.about_memory > model.about_bytes > 0


def test_a_hash_stands_only_where_the_file_was_had() -> None:
    assert {model.id for model in MODELS if model.sha256} == {model.id for model in MODELS if model.tested}
    assert {model.id for model in MODELS if model.bytes} == {model.id for model in MODELS if model.sha256}
    assert all(not model.unverified for model in MODELS if model.sha256)


def test_a_model_whose_file_nobody_had_cannot_be_named_by_a_finding() -> None:
    model = next(model for model in MODELS if model.id == "qwen3-4b-2507")
    with pytest.raises(ModelNotInstalled) as error:
        _ = model.ref
    assert "models import FILE --as qwen3-4b-2507" in error.value.hint


@pytest.mark.parametrize(
    "wrong",
    [{"sha256": "0" * 64}, {"unverified": ("colour",)}, {"id": "../up"}, {"id": "Upper"}, {"chat": "own"}],
)
def test_a_row_that_contradicts_itself_is_refused(wrong: dict[str, object]) -> None:
    row = {
        "id": "one", "title": "One", "licence": "MIT", "source": "a/b", "quantisation": "Q8_0",
        "chat": ChatFamily.CHATML, "architecture": "llama", "parameters": 1.0,
    }  # fmt: skip
    assert CatalogModel.model_validate(row).sha256 is None
    with pytest.raises(ValidationError):
        CatalogModel.model_validate({**row, **wrong})
