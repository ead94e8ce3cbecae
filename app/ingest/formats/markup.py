"""lxml, which brings no types with it, in one place."""

from __future__ import annotations

from typing import Any, cast

from lxml import etree as _etree  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]

etree = cast(Any, _etree)
