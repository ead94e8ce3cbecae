"""Which labelled contracts are learned from and which the bench keeps; by company, so nothing leaks."""

from __future__ import annotations

import hashlib
import re


def company_of(name: str) -> str:
    """The company a file name begins with."""
    return re.split(r"_| - ", name, maxsplit=1)[0].lower()


def is_training(name: str) -> bool:
    """Three companies in four."""
    return int(hashlib.sha256(company_of(name).encode()).hexdigest(), 16) % 4 != 0


def is_held_out(name: str) -> bool:
    """The fourth company."""
    return not is_training(name)


def everything(_: str) -> bool:
    """Where nothing is held out."""
    return True


def kebab(category: str) -> str:
    """A category's task id."""
    return re.sub(r"[^a-z0-9]+", "-", category.lower()).strip("-")
