"""Findings of a document that was read anew: their words are found again, or they need another look."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.finding import Citation, Finding, Outcome
from app.domain.kinds import DecisionKind, FindingStatus
from app.domain.reread import LostFinding, ReadAnew, Settled
from app.domain.spans import Span
from app.review.ground import cite
from app.review.likeness import Folded, alike_places

LOST = "The document was read anew and the words this rested on are no longer in it. Review it again."
"""Why such a finding failed."""

_FEWEST_UNSPACED = 12
"""Fewer characters are not looked for without their blanks: "no table" is "not able" then."""
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011](?:[ \t]*[\r\n]\s*)?(?=[^\W\d_])")
_DECIDED = {
    DecisionKind.ACCEPT: "Accepted was",
    DecisionKind.EDIT: "Edited was",
    DecisionKind.REJECT: "Rejected was",
}


def settle(anew: ReadAnew) -> Settled:
    """Every finding that cites words keeps them wherever they are now, and its decision with them.

    Where words are gone, a finding with decisions fails with the reason, so that it is seen and can be made
    again; one that nobody decided on is dropped, as are those that cite nothing: the next review makes them
    from what the document says now. A decision on a finding that cites nothing stays.
    """
    places = _Places(anew)
    kept: list[Finding] = []
    lost: list[LostFinding] = []
    dropped: list[str] = []
    for outcome in anew.outcomes:
        finding = outcome.finding
        citations = [places.anew(citation) for citation in finding.citations]
        whole = tuple(citation for citation in citations if citation is not None)
        if finding.citations and len(whole) == len(citations):
            kept.append(finding.model_copy(update={"citations": whole}))
        elif finding.id not in anew.decided:
            dropped.append(finding.id)
        elif finding.citations:
            lost.append(_lost(outcome))
    return Settled(kept=tuple(kept), lost=tuple(lost), dropped=tuple(dropped))


def _lost(outcome: Outcome) -> LostFinding:
    finding, decision = outcome.finding, outcome.decision
    note = "Read anew: the cited words are no longer in the document."
    if decision is not None:
        quotes = ", ".join(f"“{cited.quote}” (page {cited.page})" for cited in finding.citations)
        note += f" {_DECIDED[decision.kind]}: {finding.display}, for {quotes}."
    failed = Finding(
        id=finding.id,
        document=finding.document,
        task=finding.task,
        status=FindingStatus.FAILED,
        reason=LOST,
        cost=finding.cost,
    )
    return LostFinding(finding=failed, note=note)


@dataclass(frozen=True)
class _Plain:
    """A text without what a line break or a hyphen makes of it; ``places`` are its letters' in the text."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        return Span(self.places[start], self.places[end - 1] + 1)


class _Places:
    """Where words stand now. What was made of a page's text is kept, since many findings cite it."""

    def __init__(self, anew: ReadAnew) -> None:
        self._anew = anew
        self._plain: dict[tuple[int, bool], _Plain] = {}
        self._folded: dict[int, Folded] = {}

    def anew(self, old: Citation) -> Citation | None:
        """The same words, first on the same page, then the nearest to it; None if they are gone."""
        for spaced in (True, False):
            needle = _plain(old.quote, spaced).text.strip()
            if not needle or (not spaced and len(needle) < _FEWEST_UNSPACED):
                continue
            for number in self._nearest_pages(old.page):
                found = list(_spans(needle, self._of(number, spaced), self._anew.texts[number - 1]))
                if found:
                    return self._cited(number, self._chosen(found, needle, old, number, spaced))
        return self._alike(old)

    def _alike(self, old: Citation) -> Citation | None:
        """From another reading of the picture, where one place only can be meant."""
        before = self._anew.before.get(old.page)
        was_picture = before is not None and bool(before.confidences)
        quote = Folded(_plain(old.quote, True).text.strip())
        places = [
            (number, self._of(number, True).span(start, end))
            for number in self._nearest_pages(old.page)
            if was_picture or number in self._anew.recognised
            for start, end in alike_places(quote, self._folded_of(number))
        ]
        return self._cited(*places[0]) if len(places) == 1 else None

    def _chosen(self, found: list[Span], needle: str, old: Citation, number: int, spaced: bool) -> Span:
        """The one of the same rank if there are as many as there were, else the nearest in the page."""
        before = self._anew.before.get(old.page)
        if before is None:
            return found[0]
        place = old.start - before.start
        if number == old.page:
            held = [span.start for span in _spans(needle, _plain(before.text, spaced), before.text)]
            if len(held) == len(found):
                return found[min(range(len(held)), key=lambda rank: abs(held[rank] - place))]
        return min(found, key=lambda span: abs(span.start - place))

    def _nearest_pages(self, page: int) -> list[int]:
        numbers = range(1, len(self._anew.texts) + 1)
        return sorted(numbers, key=lambda number: abs(number - page))

    def _of(self, number: int, spaced: bool) -> _Plain:
        key = (number, spaced)
        if key not in self._plain:
            self._plain[key] = _plain(self._anew.texts[number - 1], spaced)
        return self._plain[key]

    def _folded_of(self, number: int) -> Folded:
        if number not in self._folded:
            self._folded[number] = Folded(self._of(number, True).text)
        return self._folded[number]

    def _cited(self, number: int, span: Span) -> Citation | None:
        page = self._anew.page(number)
        return cite(Span(page.start + span.start, page.start + span.end), (page,))


def _spans(needle: str, plain: _Plain, text: str) -> Iterator[Span]:
    """Where it stands in ``text``, not in the middle of a word."""
    start = plain.text.find(needle)
    while start >= 0:
        span = plain.span(start, start + len(needle))
        if not _in_word(text, span.start) and not _in_word(text, span.end):
            yield span
        start = plain.text.find(needle, start + 1)


def _in_word(text: str, place: int) -> bool:
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()


def _plain(text: str, spaced: bool) -> _Plain:
    """Ligatures taken apart, hyphens out of words, white space one blank or none."""
    gone = {place for match in _HYPHEN.finditer(text) for place in range(*match.span())}
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        if place in gone or (not letter.isascii() and unicodedata.category(letter) == "Cf"):
            continue
        made = letter if letter.isascii() else unicodedata.normalize("NFKC", letter)
        if made.isspace():
            if not spaced or (letters and letters[-1] == " "):
                continue
            made = " "
        for one in made:
            letters.append(one)
            places.append(place)
    return _Plain("".join(letters), tuple(places))
