"""The review as a memo for people: what was found, in whose words, what was decided, what it cost."""

from __future__ import annotations

import io
from collections.abc import Sequence

from app.domain.finding import Citation, Outcome
from app.domain.kinds import DecisionKind, FindingStatus, OutcomeState
from app.domain.listing import ListedItem, cited_items
from app.domain.summary import sentences_of
from app.domain.text import Document
from app.reports.reviewed_matter import CostLine, ReviewedMatter
from app.reports.word_body import Body, add_run, number_pages
from app.reports.word_footnotes import Footnotes
from app.reports.word_looks import MUTED, blank
from app.reports.wording import (
    MARKS,
    STATES,
    STATUSES,
    confidence_words,
    counted,
    day,
    duration,
    energy,
    money,
    one_line,
    standing_value,
)

_FACTS = "FindingFacts"
_INKS = {OutcomeState.ACCEPTED: "14663A", OutcomeState.EDITED: "1D4ED8", OutcomeState.UNDECIDED: "8A5A00"}
_COUNTED = (
    OutcomeState.ACCEPTED, OutcomeState.EDITED, OutcomeState.UNDECIDED, OutcomeState.REJECTED,
    OutcomeState.ABSTAINED, OutcomeState.FAILED, OutcomeState.ABSENT,
)  # fmt: skip
_SHA_SHOWN = 12
_SHORT_VALUE = 60
_SUMMARY_WIDTHS = (1.75, 0.7, 0.55, 0.8, 0.7, 0.7, 0.6, 0.7)
_ITEM_WIDTHS = (1.5, 0.6, 4.4)
_SENTENCE_WIDTHS = (3.0, 0.6, 2.9)
_COST_WIDTHS = (1.55, 0.7, 0.85, 0.7, 0.7, 0.65, 0.65, 0.7)


def review_memo(reviewed: ReviewedMatter) -> bytes:
    """Findings by document, each with a footnote that holds its citations to the letter."""
    document = blank(f"Review memo: {reviewed.name}", reviewed.at)
    body, footnotes = Body(document), Footnotes(document)
    held = reviewed.by_document()
    _write_head(body, reviewed)
    _write_summary(body, reviewed, held)
    for one in reviewed.documents:
        if held[one.id]:
            _write_document(body, footnotes, reviewed, one, held[one.id])
    _write_costs(body, reviewed)
    _write_rejected(body, reviewed)
    number_pages(document, f"{one_line(reviewed.name)} · review memo")
    footnotes.attach()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _write_head(body: Body, reviewed: ReviewedMatter) -> None:
    body.paragraph("Review memo", "Title")
    body.paragraph(reviewed.name, "Subtitle")
    cited = sum(len(outcome.finding.citations) for outcome in reviewed.outcomes)
    facts = [
        ("Date", day(reviewed.at)),
        ("Documents", f"{len(reviewed.documents):,}"),
        *(
            ("Pack", f"{pack.id} {pack.version}, SHA-256 {pack.sha256[:_SHA_SHOWN]}…")
            for pack in reviewed.packs
        ),
        *(("Model", f"{model.id}, SHA-256 {model.sha256[:_SHA_SHOWN]}…") for model in reviewed.models),
        (
            "Citations",
            f"{cited:,}, each checked word for word against the document’s text" if cited else "None",
        ),
    ]
    body.table((), facts, (1.1, 5.4))


def _write_summary(body: Body, reviewed: ReviewedMatter, held: dict[str, list[Outcome]]) -> None:
    body.paragraph("Summary", "Heading1")
    if not reviewed.outcomes:
        body.paragraph("Nothing was reviewed yet.")
    rows = [
        (one_line(one.name), *_counts([outcome.state for outcome in held[one.id]]))
        for one in reviewed.documents
    ]
    if len(rows) > 1:
        rows.append(("All documents", *_counts([outcome.state for outcome in reviewed.outcomes])))
    if rows:
        header = ("Document", *(STATES[state] for state in _COUNTED))
        body.table(header, rows, _SUMMARY_WIDTHS, figures_from=1, total=len(reviewed.documents) > 1)
    for one in reviewed.documents:
        if one.reason:
            body.paragraph(f"{one_line(one.name)}: {one_line(one.reason)}", _FACTS)


def _counts(states: Sequence[OutcomeState]) -> list[str]:
    return [str(states.count(state) or "–") for state in _COUNTED]


def _write_document(
    body: Body,
    footnotes: Footnotes,
    reviewed: ReviewedMatter,
    one: Document,
    outcomes: Sequence[Outcome],
) -> None:
    body.paragraph(one_line(one.name), "Heading1")
    body.paragraph(f"{counted(one.pages, 'page')} · SHA-256 {one.sha256[:_SHA_SHOWN]}…", _FACTS)
    kept = [outcome for outcome in outcomes if outcome.state is not OutcomeState.REJECTED]
    settled = [outcome for outcome in kept if _has_value(outcome)]
    for outcome in settled:
        _write_finding(body, footnotes, reviewed, one, outcome)
    if not settled:
        body.paragraph("Nothing was found.")
    rest = [outcome for outcome in kept if not _has_value(outcome)]
    unsettled = [o for o in rest if o.finding.status is not FindingStatus.ABSENT]
    if unsettled:
        _write_unsettled(body, reviewed, unsettled)
    absent = [o for o in rest if o.finding.status is FindingStatus.ABSENT]
    if absent:
        _write_absent(body, reviewed, absent)


def _has_value(outcome: Outcome) -> bool:
    """Found, or given a value by the analyst."""
    return outcome.finding.status is FindingStatus.FOUND or outcome.state is OutcomeState.EDITED


def _write_finding(
    body: Body, footnotes: Footnotes, reviewed: ReviewedMatter, one: Document, outcome: Outcome
) -> None:
    finding = outcome.finding
    body.paragraph(one_line(reviewed.title(finding.task)), "Heading2")
    items, summed_up = cited_items(finding), bool(sentences_of(finding.value))
    quotes = [] if items else [one_line(citation.quote) for citation in finding.citations]
    value = one_line(standing_value(outcome))
    if items and outcome.state is not OutcomeState.EDITED:
        value = counted(len(items), "sentence" if summed_up else "item")
    marked = None
    if value and (outcome.state is OutcomeState.EDITED or not _repeats(value, quotes)):
        marked = body.paragraph(stays_with_next=True)
        add_run(marked, value, bold=True)
    follows = bool(quotes or items)
    facts = body.paragraph(style=_FACTS, stays_with_next=follows)
    add_run(facts, f"{MARKS[outcome.state]} {STATES[outcome.state]}", ink=_INKS[outcome.state])
    add_run(facts, "".join(f" · {fact}" for fact in (*_facts(outcome), *_by_another(reviewed, outcome))))
    if _note(outcome):
        body.paragraph(_note(outcome), _FACTS, stays_with_next=follows)
    if items:
        _write_items(body, items, finding.reason, "Summed up" if summed_up else "Item")
    shown = [body.paragraph(f"“{quote}”", "Quote") for quote in quotes]
    if finding.citations:
        footnotes.add(
            shown[-1] if marked is None else marked,
            [f"{one_line(one.name)}, p. {c.page}: “{c.quote}”" for c in finding.citations],
        )


def _write_items(
    body: Body, items: Sequence[tuple[ListedItem, Citation]], left_out: str | None, one: str
) -> None:
    """A table with every item or sentence; what the list or summary leaves out stands below it."""
    rows = [
        (one_line(item.display), str(citation.page), one_line(item.words or citation.quote))
        for item, citation in items
    ]
    widths = _ITEM_WIDTHS if one == "Item" else _SENTENCE_WIDTHS
    body.table((one, "Page", "In the text"), rows, widths)
    if left_out:
        body.paragraph(one_line(left_out), _FACTS)


def _repeats(value: str, quotes: Sequence[str]) -> bool:
    """Whether the value is a clause, or its beginning, that a quote shows anyway."""
    clause = value.removesuffix("…")
    return len(clause) > _SHORT_VALUE and any(clause in quote for quote in quotes)


def _facts(outcome: Outcome) -> list[str]:
    finding = outcome.finding
    facts: list[str] = []
    if outcome.decision is not None and outcome.decision.kind is DecisionKind.EDIT:
        before = one_line(finding.display) or STATUSES[finding.status]
        facts.append(f"before the edit: {before}")
    if finding.citations:
        facts.append(confidence_words(finding.confidence).lower())
        pages = list(dict.fromkeys(str(citation.page) for citation in finding.citations))
        facts.append(f"{'pages' if len(pages) > 1 else 'page'} {', '.join(pages)}")
    else:
        facts.append("the analyst’s own, without a citation")
    return facts


def _by_another(reviewed: ReviewedMatter, outcome: Outcome) -> tuple[str, ...]:
    """Whose answer it is, where that is not the model that the memo names first."""
    reading = outcome.finding.stands
    if reading is None or not reading.model_calls or reading.model in reviewed.models[:1]:
        return ()
    return (f"answered by {one_line(reading.model.id)}",)


def _write_unsettled(body: Body, reviewed: ReviewedMatter, outcomes: Sequence[Outcome]) -> None:
    body.paragraph("Left for a person to settle", "Heading2")
    rows = [
        (
            one_line(reviewed.title(o.finding.task)),
            STATUSES[o.finding.status].capitalize() + (", accepted" if o.decision else ""),
            one_line(" ".join(filter(None, (o.finding.reason, _note(o))))),
        )
        for o in outcomes
    ]
    body.table(("Task", "State", "Why"), rows, (1.9, 1.2, 3.4))


def _write_absent(body: Body, reviewed: ReviewedMatter, outcomes: Sequence[Outcome]) -> None:
    body.paragraph("Absent", "Heading2")
    names: list[str] = []
    for outcome in outcomes:
        more = ", ".join((*(("accepted",) if outcome.decision else ()), *_by_another(reviewed, outcome)))
        names.append(one_line(reviewed.title(outcome.finding.task)) + (f" ({more})" if more else ""))
    body.paragraph(f"Looked for and not there: {'; '.join(names)}.")
    for outcome in outcomes:
        if _note(outcome):
            body.paragraph(f"{one_line(reviewed.title(outcome.finding.task))}. {_note(outcome)}", _FACTS)


def _note(outcome: Outcome) -> str:
    decision = outcome.decision
    return f"Note: {one_line(decision.note)}" if decision is not None and decision.note else ""


def _write_costs(body: Body, reviewed: ReviewedMatter) -> None:
    costs = reviewed.costs
    body.paragraph("Outcome costs", "Heading1")
    lines = [_cost_row(one_line(line.title), line, costs.currency) for line in costs.rows]
    if len(lines) > 1:
        lines.append(_cost_row("All documents", costs.total, costs.currency))
    header = (
        "Document",
        "Machine time",
        "Energy",
        "Machine",
        "Analyst time",
        "Analyst",
        "Quoted",
        "Per accepted",
    )
    if lines:
        body.table(header, lines, _COST_WIDTHS, figures_from=1, total=len(lines) > 1)
    each = costs.total.per_accepted
    together = money(costs.total.actual, costs.currency)
    took = (
        f"An accepted outcome took {money(each, costs.currency)} of machine and analyst."
        if each is not None
        else "What an accepted outcome took is known once one is accepted."
    )
    body.paragraph(f"Together {together}. {took}")
    for text in (_energy_words(costs.total), *costs.sources):
        body.paragraph(text, _FACTS)


def _cost_row(title: str, line: CostLine, currency: str) -> tuple[str, ...]:
    return (
        title,
        duration(line.machine_seconds),
        energy(line.kwh),
        money(line.machine, currency),
        duration(line.analyst_seconds),
        money(line.analyst, currency),
        "–" if line.quoted is None else money(line.quoted, currency),
        "–" if line.per_accepted is None else money(line.per_accepted, currency),
    )


def _energy_words(total: CostLine) -> str:
    return {
        "measured": "Energy was measured by the machine.",
        "estimated": "Energy was estimated, not measured.",
        "mixed": "Energy was measured in part and estimated in part.",
        "none": "No energy was used.",
    }[total.energy]


def _write_rejected(body: Body, reviewed: ReviewedMatter) -> None:
    rejected = [outcome for outcome in reviewed.outcomes if outcome.state is OutcomeState.REJECTED]
    if not rejected:
        return
    names = {one.id: one_line(one.name) for one in reviewed.documents}
    body.paragraph("Appendix: rejected findings", "Heading1")
    body.paragraph("The analyst refused these; they are not part of the memo.", ink=MUTED)
    rows = [
        (
            names[o.finding.document],
            one_line(reviewed.title(o.finding.task)),
            one_line(o.finding.display) or STATUSES[o.finding.status].capitalize(),
            one_line((o.decision.note if o.decision else None) or "–"),
        )
        for o in rejected
    ]
    body.table(("Document", "Task", "Rejected value", "Note"), rows, (1.6, 1.4, 2.0, 1.5))
