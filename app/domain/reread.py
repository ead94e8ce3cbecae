"""A document that was read anew, and what becomes of the findings that cite its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.domain.base import Frozen, PageNumber
from app.domain.finding import Finding, Outcome
from app.domain.text import Page


@dataclass(frozen=True)
class ReadAnew:
    """What a document said, where it is cited, and what it says now.

    ``outcomes`` are all that it has; those of ``decided`` have decisions in their history, standing or not.
    ``before`` are the cited pages by number, ``texts`` the present pages' in order; ``page`` gives one of
    these with its words, by number, and ``recognised`` are the numbers of those read from pictures.
    """

    outcomes: tuple[Outcome, ...]
    decided: frozenset[str]
    before: Mapping[PageNumber, Page]
    texts: tuple[str, ...]
    recognised: frozenset[PageNumber]
    page: Callable[[PageNumber], Page]


class LostFinding(Frozen):
    """A finding whose words are gone: what it is now, and what the withdrawal of its decisions says."""

    finding: Finding
    note: str


class Settled(Frozen):
    """``kept`` and ``lost`` take the place of the findings of the same id; ``dropped`` are ids."""

    kept: tuple[Finding, ...] = ()
    lost: tuple[LostFinding, ...] = ()
    dropped: tuple[str, ...] = ()


Settle = Callable[[ReadAnew], Settled]
