"""What repeats, document by document: what each is a copy of, and its pages that need not be read."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from app.domain.base import PageNumber
    from app.review.repeats import Repeats


class DocumentRepeats(NamedTuple):
    """``copy_of`` is the id of the earlier document that this one repeats; None: it is the first of its kind.

    ``share`` of the longer one's words stand in both: 1.0 with ``same``. ``repeated`` are pages whose text
    stood on an earlier page; of a copy with the same text none are listed.
    """

    copy_of: str | None = None
    same: bool = False
    share: float = 0.0
    blank: tuple[PageNumber, ...] = ()
    repeated: tuple[PageNumber, ...] = ()


def by_document(repeats: Repeats) -> dict[str, DocumentRepeats]:
    """Of every document that is a copy or has blank or repeated pages."""
    copies = {pair.second: DocumentRepeats(pair.first, False, pair.share) for pair in repeats.similar}
    for group in repeats.same:
        first, *others = group.documents
        copies |= dict.fromkeys(others, DocumentRepeats(first, True, 1.0))
    blank: defaultdict[str, list[int]] = defaultdict(list)
    repeated: defaultdict[str, list[int]] = defaultdict(list)
    for place in repeats.blank:
        blank[place.document].append(place.page)
    for group in repeats.pages:
        for place in group.places[1:]:
            repeated[place.document].append(place.page)
    return {
        document: copies.get(document, DocumentRepeats())._replace(
            blank=tuple(blank[document]), repeated=tuple(sorted(repeated[document]))
        )
        for document in dict.fromkeys([*copies, *blank, *repeated])
    }
