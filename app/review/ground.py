"""From an answer to a finding whose citations are the document's own words."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.finding import Answer, Citation, Evidence, Finding
from app.domain.kinds import FindingStatus, ValueKind
from app.domain.listing import ListedItem, items_of
from app.domain.spans import Span, line_boxes
from app.domain.summary import sentences_of
from app.domain.text import Page
from app.review.sentence_support import support_of
from app.review.values import supported

_WORDS = (ValueKind.CLAUSE, ValueKind.TEXT)
"""Their value is the cited words themselves."""


def ground(
    finding: str,
    answer: Answer,
    evidence: Evidence,
    pages: Sequence[Page],
    kind: ValueKind = ValueKind.CLAUSE,
) -> Finding:
    """Build the citations; a found answer without any, or with a value they do not give, abstains instead.

    ``kind`` is that of the task's value; it is read anew from the cited sentences.
    """
    citations: tuple[Citation, ...] = ()
    if answer.status is FindingStatus.FOUND:
        spans = list(answer.quotes) or [
            Span(*span) for span in joined([evidence.sentences[i].span for i in answer.selected], pages)
        ]
        citations = tuple(c for span in spans if (c := cite(span, pages)) is not None)
    status, reason = answer.status, answer.reason
    if status is FindingStatus.FOUND and not citations:
        status, reason = FindingStatus.ABSTAINED, "The answer could not be tied to words of the document."
    cited = [evidence.sentences[i] for i in answer.selected]
    if (
        status is FindingStatus.FOUND
        and kind not in _WORDS
        and not supported(kind, answer.value, [(sentence.span.start, sentence.text) for sentence in cited])
    ):
        citations = ()
        status, reason = FindingStatus.ABSTAINED, "The cited words do not give the value that was read."
    return _finding(finding, answer, evidence, status, reason, citations)


def ground_list(
    finding: str, answer: Answer, evidence: Evidence, pages: Sequence[Page], kind: ValueKind
) -> Finding:
    """As ``ground``, for a list: every item has its citation, and its value is read anew from that sentence.

    One item that cannot be tied to its words makes the whole finding abstain: no item is lost silently.
    """
    citations = [cite(span, pages) for span in answer.quotes]
    items = items_of(answer.value)
    status, reason = answer.status, answer.reason
    if status is FindingStatus.FOUND and not _tied(items, citations, evidence, kind):
        status, reason = FindingStatus.ABSTAINED, "The items could not be tied to words of the document."
    held = tuple(c for c in citations if c is not None)
    return _finding(finding, answer, evidence, status, reason, held)


def ground_summary(finding: str, answer: Answer, evidence: Evidence, pages: Sequence[Page]) -> Finding:
    """As ``ground``, for a summary: every sentence is compared once more with the very words that it cites.

    One that they do not support makes the whole finding abstain.
    """
    citations = [cite(span, pages) for span in answer.quotes]
    held = tuple(c for c in citations if c is not None)
    status, reason = answer.status, answer.reason
    if status is FindingStatus.FOUND and not (len(held) == len(citations) and _rests_on(answer, held)):
        status, reason = FindingStatus.ABSTAINED, "The sentences could not be tied to words of the document."
    return _finding(finding, answer, evidence, status, reason, held)


def _rests_on(answer: Answer, citations: Sequence[Citation]) -> bool:
    sentences = sentences_of(answer.value)
    for sentence in sentences:
        if max(sentence.citations) >= len(citations):
            return False
        cited = " ".join(citations[number].quote for number in sentence.citations)
        if support_of(sentence.text, cited).refused is not None:
            return False
    return bool(sentences)


def _finding(
    finding: str,
    answer: Answer,
    evidence: Evidence,
    status: FindingStatus,
    reason: str | None,
    citations: tuple[Citation, ...],
) -> Finding:
    """Value, words and citations are those of a found one only."""
    found = status is FindingStatus.FOUND
    return Finding(
        id=finding,
        document=evidence.document,
        task=evidence.task,
        status=status,
        value=answer.value if found else None,
        display=answer.display if found else "",
        confidence=answer.confidence,
        citations=citations if found else (),
        reason=reason,
    )


def _tied(
    items: Sequence[ListedItem],
    citations: Sequence[Citation | None],
    evidence: Evidence,
    kind: ValueKind,
) -> bool:
    if not items or not all(citations) or any(item.citation >= len(citations) for item in items):
        return False
    for item in items:
        cited = citations[item.citation]
        assert cited is not None
        around = [
            (s.span.start, s.text)
            for s in evidence.sentences
            if s.span.start <= cited.start and cited.end <= s.span.end
        ]
        if not around or not supported(kind, item.value, around):
            return False
    return True


def cite(span: Span, pages: Sequence[Page]) -> Citation | None:
    """The words at ``span``; None if it is empty or not inside one page."""
    for page in pages:
        if page.start <= span.start < span.end <= page.end:
            return Citation(
                page=page.number,
                start=span.start,
                end=span.end,
                quote=page.text[span.start - page.start : span.end - page.start],
                boxes=line_boxes([w for w in page.words if w.start < span.end and w.end > span.start]),
            )
    return None


def joined(spans: Sequence[Span], pages: Sequence[Page]) -> list[Span]:
    """Neighbours with nothing but white space between them become one; the first one's place is kept."""
    merged: list[Span] = []
    for span in spans:
        place = len(merged)
        # down to the first: a span that closes the gap between two makes one of all three
        for earlier in range(len(merged) - 1, -1, -1):
            first, last = sorted((merged[earlier], span))
            if _only_space_between(first.end, last.start, pages):
                span = Span(first.start, last.end)
                del merged[earlier]
                place = earlier
        merged.insert(place, span)
    return merged


def _only_space_between(start: int, end: int, pages: Sequence[Page]) -> bool:
    return any(
        page.start <= start <= end <= page.end
        and not page.text[start - page.start : end - page.start].strip()
        for page in pages
    )
