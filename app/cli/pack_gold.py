"""What `packs learn --gold` and `packs eval` print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import JsonValue

from app.cli.output import note, say

if TYPE_CHECKING:
    from app.domain.task import Mix
    from app.wiring import Calibrated, Evaluated, GoldFailure, GoldLearned, Measured, ProbeLearned

OWN_GOLD = ""
"""What `--gold` without a folder stands for: the pack's own."""


def with_own_gold(words: Sequence[str]) -> list[str]:
    """Every ``--gold`` with a folder after it; typer knows no option whose value may be left out."""
    given: list[str] = []
    cut = words.index("--") if "--" in words else len(words)
    for place, word in enumerate(words):
        given.append(word)
        last = place + 1 == len(words)
        if word == "--gold" and place < cut and (last or words[place + 1].startswith("--")):
            given.append(OWN_GOLD)
    return given


def learned_json(learned: GoldLearned) -> dict[str, JsonValue]:
    """Shares are of gold characters inside 2,000 characters, by folds; null: not tried."""
    return {
        "pack": learned.pack,
        "documents": learned.documents,
        "failures": _failures(learned.failures),
        "tasks": [
            {
                "task": row.task,
                "cases": {"present": row.present, "absent": row.absent},
                "learned": row.learned,
                "replaced": row.replaced,
                "reason": row.reason,
                "presence": row.presence,
                "before": row.before,
                "after": row.after,
            }
            for row in learned.tasks
        ],
    }


def say_learned(learned: GoldLearned) -> None:
    """A line for each task that has gold."""
    for row in learned.tasks:
        if row.present + row.absent:
            say(_learned_line(row))
    without = sum(not row.present + row.absent for row in learned.tasks)
    if without:
        note(f"{without} other task{' has' if without == 1 else 's have'} no gold.")
    _note_failures(learned.failures)
    if learned.stale:
        note("calibration.json was fitted with the probes that were here before: fit it again.")
    if any(row.learned for row in learned.tasks):
        note("The pack has changed: its next review makes its findings anew.")


def _learned_line(row: ProbeLearned) -> str:
    cases = f"{row.present} present, {row.absent} absent"
    line = f"{row.task}: "
    if row.learned:
        line += f"{'learned anew' if row.replaced else 'learned'} from {cases}."
        line += "" if row.presence else " Too few to tell presence: the model is asked."
    else:
        line += f"not learned from {cases}. {row.reason}"
        line += " It keeps the probe it had." if row.kept else ""
    if row.before is not None and row.after is not None:
        line += (
            f" Gold within 2,000 characters, by folds: {row.before:.0%} by the text, {row.after:.0%} learned."
        )
    return line


def evaluated_json(found: Evaluated) -> dict[str, JsonValue]:
    """As documented in the pack author's guide."""
    return {
        "pack": found.pack.model_dump(),
        "model": found.model.model_dump() if found.model else None,
        "documents": found.documents,
        "failures": _failures(found.failures),
        "learned": list(found.learned),
        "currency": found.currency,
        "indexing": found.indexing,
        "tasks": [_measured_json(row) for row in found.tasks],
        "total": _measured_json(found.total),
    }


def say_evaluated(found: Evaluated) -> None:
    """A table of evidence, and one of the review if there was one."""
    rows = (*found.tasks, found.total)
    width = max(len(row.task) for row in rows)
    say("Evidence: gold within 1,000, 2,000, 4,000 characters and within what a review is given; presence")
    say(f"{'':<{width}} there gone   1,000   2,000   4,000   given  presence (base)")
    for row in rows:
        say(f"{row.task:<{width}} {_evidence_cells(row)}")
    if found.total.review:
        say(f"\nFindings by {found.model.id if found.model else ''}, machine cost in {found.currency}")
        head = f"{'':<{width}}    F1  prec.  recall  false on absent  abst. failed settled"
        say(f"{head}      each  s each")
        for row in rows:
            say(f"{row.task:<{width}} {_review_cells(row)}")
        say(f"Reading and indexing beside that: {found.currency} {found.indexing:.4f}.")
    if found.learned:
        note(f"What decisions on this machine taught was used, too: {', '.join(found.learned)}.")
    if not found.tasks:
        note("No gold document speaks of these tasks.")
    _note_failures(found.failures)


def calibrated_json(found: Calibrated) -> dict[str, JsonValue]:
    """As documented in the pack author's guide."""
    return {
        "pack": found.pack.model_dump(),
        "model": found.model.model_dump(),
        "documents": found.documents,
        "failures": _failures(found.failures),
        "cases": found.cases,
        "unclear": found.unclear,
        "read": found.read,
        "calibration": found.mix.model_dump(mode="json", exclude={"labels", "choose"}) if found.mix else None,
        "kept": found.kept,
        "reason": found.reason or None,
    }


def say_calibrated(found: Calibrated) -> None:
    """What was read, how the fit does on documents that it was not fitted on, and the thresholds."""
    say(
        f"{found.cases} cases of {found.documents} documents: retrieval settles "
        f"{found.cases - found.unclear}, {found.model.id} read {found.read} of the other {found.unclear}."
    )
    if found.mix is not None and found.mix.card is not None:
        card = found.mix.card
        alone, standard, both = card.log_loss
        say(
            f"Log loss on other documents: retrieval alone {alone:.3f}, defaults {standard:.3f}, "
            f"fitted {both:.3f}. Calibration error {card.calibration_error:.3f}."
        )
        say("Of the surest answers   wrong   false on absent")
        for share, wrong, false in card.risk:
            say(f"{share:>22.0%} {wrong:7.1%} {false:17.1%}")
        _say_limits(found.mix, card.accepted_error)
    say("It is in calibration.json now." if found.kept else f"Nothing is changed. {found.reason}")
    _note_failures(found.failures)


def _say_limits(mix: Mix, accepted: float | None) -> None:
    if accepted is None:
        note("pack.toml says no accepted_error: the tasks' own thresholds stay.")
        return
    for name, limit, side in (("found", mix.found, "from"), ("absent", mix.absent, "up to")):
        if limit is None:
            note(f"Too few cases, or too many wrong ones, to promise {accepted:.0%} of errors in what is "
                 f"{name}: the tasks' own threshold stays.")  # fmt: skip
        else:
            say(f"At most {accepted:.0%} of errors in what is {name}: {side} {limit:.2f}.")


def _evidence_cells(row: Measured) -> str:
    held = row.evidence
    inside = "".join(f" {_percent(share)}" for share in held.inside or (None, None, None))
    presence = "      –" if held.presence is None else f"{held.presence:7.3f}"
    return (
        f"{row.present:5} {row.absent:4}{inside} {_percent(held.given)}   {presence} ({held.base_rate:.2f})"
    )


def _percent(share: float | None) -> str:
    return "      –" if share is None else f"{share:7.1%}"


def _review_cells(row: Measured) -> str:
    held = row.review
    if held is None:
        return ""
    false = f"{held.false} of {row.absent}"
    each = held.machine / max(held.findings, 1)
    return (
        f"{held.f1:5.3f}  {held.precision:5.3f}   {held.recall:5.3f}  {false:>15}  {held.abstained:5} "
        f"{held.failed:6} {held.settled:7.0%} {each:9.5f} {held.seconds:7.2f}"
    )


def _measured_json(row: Measured) -> dict[str, JsonValue]:
    inside = row.evidence.inside
    return {
        "task": row.task,
        "present": row.present,
        "absent": row.absent,
        "evidence": {
            "inside": dict(zip(("1000", "2000", "4000"), inside, strict=True)) if inside else None,
            "given": row.evidence.given,
            "presence": row.evidence.presence,
            "base_rate": row.evidence.base_rate,
        },
        "review": row.review.model_dump() if row.review else None,
    }


def _failures(failures: Sequence[GoldFailure]) -> list[JsonValue]:
    return [{"file": one.file, "reason": one.reason} for one in failures]


def _note_failures(failures: Sequence[GoldFailure]) -> None:
    for one in failures:
        note(f"{one.file} was left out: {one.reason}")
