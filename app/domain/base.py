"""The base of every model that crosses a boundary, and the small types that all of them share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Frozen(BaseModel):
    """An immutable value: unknown fields are refused, so a typo in a message never passes silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


PageNumber = Annotated[int, Field(ge=1)]
"""A page's number as a reader counts: from 1."""

Probability = Annotated[float, Field(ge=0.0, le=1.0)]

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
