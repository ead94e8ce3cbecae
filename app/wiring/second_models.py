"""Which model gives a second opinion."""

from __future__ import annotations

from app.domain.base import Frozen
from app.domain.errors import ModelDoesNotFit, SecondOpinionInvalid
from app.domain.finding import ModelRef
from app.platform.policy import load_policy, policy_file
from app.platform.settings import load_second_opinion
from app.wiring.catalogs import chosen_model, library
from app.wiring.model_server import model_server
from app.wiring.models import plan_of_model
from models.catalog import CatalogModel

NO_SECOND = "none"
"""What is said in the place of a model, where none is to be asked a second time."""


class Second(Frozen):
    """The model that gives a second opinion, if any; ``why_not`` says why the one that is set does not."""

    model: CatalogModel | None = None
    why_not: str = ""

    @property
    def ref(self) -> ModelRef | None:
        """What findings name."""
        return self.model.ref if self.model is not None else None


def second_for(first: CatalogModel, asked: str | None) -> Second:
    """``asked`` by a person: a model's id, "none", or None for what policy or else the settings name.

    What they name is passed over where it is not here, not allowed, or not larger than the first: a review
    does not fail for it. Raises SecondOpinionInvalid, ModelNotFound, ModelNotInstalled, SettingsInvalid.
    """
    if asked == NO_SECOND:
        return Second()
    if asked:
        model = chosen_model(asked)
        if model.ref == first.ref:
            raise SecondOpinionInvalid(
                f"The model {model.id} cannot give a second opinion on its own findings.",
                "Name another one, see `pincite models list`.",
            )
        return Second(model=model)
    named = preferred_second()
    if not named or named == first.id:
        return Second()
    model = chosen_model(named)
    held = library()
    if not model.server and model not in held.installed():
        return Second(why_not=f"No second opinion is asked: the model {model.id} is not installed.")
    if not model.server and not held.allowed(model):
        return Second(why_not=f"No second opinion is asked: the model {model.id} is not allowed here.")
    return Second(model=model) if model.parameters > first.parameters else Second()


def preferred_second() -> str:
    """The id that policy names, else the settings; empty if neither does. Raises SettingsInvalid."""
    return load_policy(policy_file()).models.second_opinion or load_second_opinion() or ""


def larger_than(first: CatalogModel) -> tuple[CatalogModel, ...]:
    """Models that are here, allowed, and larger than this one; a server's counts as larger than any."""
    held = library()
    server = model_server()
    known = (*held.installed(), *((server.entry,) if server else ()))
    return tuple(
        model
        for model in known
        if (model.server or held.allowed(model)) and model.parameters > first.parameters
    )


def need_second(model: ModelRef) -> None:
    """Before a review begins, while no model is loaded: what is wrong is not said hours later.

    Raises ModelNotAllowed, ModelNotInstalled, ModelDamaged, ModelHeaderInvalid, ModelDoesNotFit.
    """
    if chosen_model(model.id).server:
        return
    plan = plan_of_model(model.id).plan
    if not plan.fits:
        raise ModelDoesNotFit(plan.sentence, "Close other programmes, or review without a second opinion.")
