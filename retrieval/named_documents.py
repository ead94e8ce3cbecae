"""Documents that a query means by words of their names."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

_PART = re.compile(r"[a-z]+|\d+")
_ENDING = re.compile(r"\.[A-Za-z]{2,4}$")
_SHORTEST = 3
_LARGEST_SHARE = 0.5
_MOST = 20


def named_in(query: str, documents: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Ids of the documents whose names hold the query's words that are rarest among all names.

    ``documents`` are (id, name). A word of three letters or more may begin a longer one ("MGM" in
    "MGMRESORTS_2022"); a number must be whole. Nothing where the query names no document, or too many.
    """
    everything = "\n".join(name for _, name in documents).lower()
    asked = {
        part: f" {part}" if part.isalpha() else f" {part} "
        for part in _PART.findall(query.lower())
        if len(part) >= _SHORTEST and part in everything  # quicker than taking every name apart
    }
    if not asked:
        return ()
    shared: dict[str, frozenset[str]] = {}
    for document, name in documents:
        parts = f" {' '.join(_PART.findall(_ENDING.sub('', name).lower()))} "
        words = frozenset(part for part, sought in asked.items() if sought in parts)
        if words:
            shared[document] = words
    known = Counter(word for words in shared.values() for word in words)
    telling = {
        word: math.log(len(documents) / count)
        for word, count in known.items()
        if count <= _LARGEST_SHARE * len(documents)
    }
    weights = {d: sum(telling.get(word, 0.0) for word in words) for d, words in shared.items()}
    most = max(weights.values(), default=0.0)
    named = tuple(document for document, weight in weights.items() if weight > 0 and weight >= most - 1e-9)
    return named if len(named) <= _MOST else ()
