"""Findings as files, after their citations were proved."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from app.domain.cost import RateCard
from app.domain.errors import PinciteError, VerificationFailed
from app.domain.finding import ModelRef, Outcome, PackRef
from app.domain.question import Question
from app.domain.record import EntryKind, LedgerEntry
from app.domain.text import Document
from app.ledger.costs import CostRow, cost_table
from app.platform.settings import load_rate_card
from app.reports.annotated_pdf import NotAnnotatable, PartlyAnnotated, annotated_pdf
from app.reports.destination import ReportNotWritten, file_names, need_file_place, need_folder, put
from app.reports.finding_json import finding_json
from app.reports.findings_csv import findings_csv
from app.reports.findings_xlsx import findings_xlsx
from app.reports.review_memo_docx import review_memo
from app.reports.reviewed_matter import CostLine, Costs, ReviewedMatter
from app.reports.wording import money
from app.review.check_matter import check_matter
from app.review.second_opinion import SECOND
from app.store.connection import DATABASE
from app.store.opening import LOCK
from app.store.reader import SqliteMatterReader
from app.store.sealed import FILES
from app.wiring.catalogs import all_packs
from app.wiring.matters import LastRun, current, read

_OWN = (FILES, "index", LOCK)


def write_report(folder: Path, form: str, out: Path) -> tuple[Path, ...]:
    """The files that were written. Raises what ``report_of`` raises, and MatterNotFound."""
    with read(folder) as matter:
        return report_of(matter, form, out)


def report_of(
    matter: SqliteMatterReader,
    form: str,
    out: Path,
    decided_only: bool = False,
    document: str | None = None,
) -> tuple[Path, ...]:
    """Prove the matter, then write all findings, or those decided, or those of one document.

    ``form`` is json, csv, xlsx, docx or pdf. ``out`` is a file; for pdf it may be a folder, which then
    gets one file for each document with citations. Raises VerificationFailed if a citation is not what
    stands in the text, ReportNotWritten, NotAnnotatable, PartlyAnnotated, DiskFull.
    """
    _spare_the_matter(matter.folder, out)
    many = form == "pdf" and (out.is_dir() or out.suffix.lower() != ".pdf")
    if many:
        need_folder(out)
    else:
        need_file_place(out, form)
    checked = check_matter(matter, matter.integrity())
    if checked.problems:
        raise VerificationFailed(
            f"The report was not written: {checked.problems[0]}.",
            "Run `pincite verify MATTER` for all of it.",
        )
    reviewed = _reviewed(matter, decided_only, document)
    if form == "pdf":
        return _put_annotated(matter, reviewed, out, many)
    put(out, _data(reviewed, form, matter, out))
    return (out,)


def _data(reviewed: ReviewedMatter, form: str, matter: SqliteMatterReader, out: Path) -> bytes:
    documents = {document.id: document for document in reviewed.documents}
    if form == "json":
        found: list[JsonValue] = [finding_json(o, documents[o.finding.document]) for o in reviewed.outcomes]
        models: list[JsonValue] = [model.model_dump() for model in reviewed.models]
        told: dict[str, JsonValue] = {"findings": found, "models": models}
        return json.dumps(told, ensure_ascii=False, indent=1).encode()
    if form == "csv":
        return findings_csv(reviewed.outcomes, documents)
    if form == "docx":
        return review_memo(reviewed)
    return findings_xlsx(reviewed, _links(matter, reviewed.documents, out))


def _put_annotated(
    matter: SqliteMatterReader, reviewed: ReviewedMatter, out: Path, many: bool
) -> tuple[Path, ...]:
    held = reviewed.by_document()
    cited = [d for d in reviewed.documents if any(o.finding.citations for o in held[d.id])]
    if not cited:
        raise ReportNotWritten(
            "There is nothing to highlight: no finding cites words.", "Review the matter first."
        )
    if not many and len(cited) > 1:
        raise ReportNotWritten(
            f"{len(cited)} documents have findings, and one PDF holds one of them.",
            f"Name a folder instead, such as {out.with_suffix('')}.",
        )
    names = file_names((d.name for d in cited), " (annotated).pdf")
    written: list[Path] = []
    failures: list[NotAnnotatable] = []
    for one, name in zip(cited, names, strict=True):
        try:
            data = annotated_pdf(matter.original(one.id), one.name, reviewed, held[one.id])
        except NotAnnotatable as failure:
            failures.append(failure)
            continue
        place = out / name if many else out
        put(place, data)
        written.append(place)
    if failures:
        raise PartlyAnnotated(len(written), failures) if written else failures[0]
    return tuple(written)


def _reviewed(matter: SqliteMatterReader, decided_only: bool, document: str | None) -> ReviewedMatter:
    everything, entries, card = current(matter), matter.entries(), load_rate_card()
    documents = (matter.document(document),) if document is not None else matter.documents()
    wanted = {d.id for d in documents}
    outcomes = tuple(
        o for o in everything if o.finding.document in wanted and (o.decision or not decided_only)
    )
    packs, models = _makers(entries, {outcome.finding.id for outcome in outcomes})
    table = cost_table(everything, entries, matter.documents(), card, "document")
    rows = [row for row in table.rows if document is None or row.key in wanted]
    return ReviewedMatter(
        name=matter.folder.resolve().name,
        at=datetime.now(UTC),
        packs=packs,
        models=models,
        documents=documents,
        outcomes=outcomes,
        titles=_titles(outcomes, matter.questions()),
        costs=Costs(
            currency=table.currency,
            rows=tuple(map(_line, rows)),
            total=_line(table.total if document is None or not rows else rows[0]),
            sources=_sources(card),
        ),
    )


def _makers(
    entries: Iterable[LedgerEntry], findings: set[str]
) -> tuple[tuple[PackRef, ...], tuple[ModelRef, ...]]:
    """Packs and models of the runs that made these findings, in the order of their first."""
    packs: list[PackRef] = []
    models: list[ModelRef] = []
    run = LastRun()
    for entry in entries:
        if entry.kind is EntryKind.RUN_STARTED:
            run = LastRun.model_validate({key: entry.payload[key] for key in ("pack", "model")})
            if SECOND in entry.payload:  # the findings of this run are the second model's
                run = LastRun.model_validate({"pack": run.pack, "model": entry.payload[SECOND]})
        elif entry.kind is EntryKind.FINDING and entry.payload.get("finding") in findings:
            packs += [run.pack] if run.pack and run.pack not in packs else []
            models += [run.model] if run.model and run.model not in models else []
    return tuple(packs), tuple(models)


def _titles(outcomes: Sequence[Outcome], questions: Sequence[Question]) -> dict[str, str]:
    """In the order found; a task of a pack that is not here any more goes by its id, in words."""
    known = {question.id: question.text for question in questions}
    known |= {task.id: task.title for pack in all_packs() for task in pack.tasks}
    tasks = dict.fromkeys(outcome.finding.task for outcome in outcomes)
    return {task: known.get(task, task.replace("-", " ").capitalize()) for task in tasks}


def _line(row: CostRow) -> CostLine:
    return CostLine.model_validate(row.model_dump(exclude={"key", "rejects"}))


def _sources(card: RateCard) -> tuple[str, ...]:
    return (
        f"Machine {money(card.machine_hour, card.currency)} an hour ({card.machine_source}).",
        f"Electricity {money(card.kwh, card.currency)} a kWh ({card.kwh_source}).",
        f"Analyst {money(card.analyst_hour, card.currency)} an hour ({card.analyst_source}).",
        f"Where energy is not measured, {card.watts:g} W ({card.watts_source}).",
    )


def _links(matter: SqliteMatterReader, documents: Sequence[Document], out: Path) -> dict[str, str]:
    """Relative, and so only where the report lies inside the matter and moves with it."""
    folder, place = matter.folder.resolve(), out.resolve().parent
    if not place.is_relative_to(folder):
        return {}
    links: dict[str, str] = {}
    for document in documents:
        try:
            sealed = matter.original(document.id).resolve()
        except PinciteError:
            continue
        links[document.id] = Path(os.path.relpath(sealed, place)).as_posix()
    return links


def _spare_the_matter(folder: Path, out: Path) -> None:
    try:
        inside = out.resolve().relative_to(folder.resolve()).parts[:1]
    except (ValueError, OSError):
        return
    if inside and (inside[0].casefold() in _OWN or inside[0].casefold().startswith(DATABASE)):
        raise ReportNotWritten("That would replace the matter's own files.", "Choose another name.")
