"""A model's readings of a pack's gold, and the calibration that is fitted to them and kept in the pack."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.base import Frozen
from app.domain.cancel import CancelToken
from app.domain.finding import Evidence, ModelRef, PackRef
from app.domain.gold import GoldPlaces
from app.domain.kinds import TaskKind
from app.domain.spans import half_shared
from app.domain.task import Mix, Pack, Task
from app.domain.work import Progress, Report
from app.engine.supervisor import EngineSupervisor
from app.platform.files import sha256_of, write_atomically
from app.review.ask import settled
from app.review.calibration import FOLDS, Case, Counted, Fitted, as_kept, calibrated, fold_of, in_proportion
from app.review.mixing import Readout
from app.store.reader import SqliteMatterReader
from app.wiring.catalogs import tasks_of
from app.wiring.evaluating import installed, retriever_of
from app.wiring.gold import GoldFailure, gold_cases, gold_matter, gold_of, read_gold, read_only, writable
from app.wiring.matters import read
from app.wiring.reviews import engine_for
from models.onnx_embedder import MODEL_SHA256

if TYPE_CHECKING:
    from retrieval.probe_learning import Case as GoldCase
    from retrieval.task_probes import Probe, TaskProbes

_READ_KINDS = (TaskKind.EXTRACT, TaskKind.CHOOSE)
"""Whose presence the model is asked of."""


class Calibrated(Frozen):
    """``mix`` and ``card`` are None where there were too few cases. ``kept``: they are in the pack now."""

    pack: PackRef
    model: ModelRef
    documents: int
    failures: tuple[GoldFailure, ...]
    cases: int
    unclear: int
    read: int
    mix: Mix | None
    kept: bool
    reason: str


@dataclass(frozen=True)
class _Pair:
    """Gold document and task, with what retrieval brings where it was not taught by that document."""

    gold: GoldPlaces
    task: Task
    evidence: Evidence

    @property
    def unclear(self) -> bool:
        """Whether a review would ask the model."""
        return not settled(self.task, self.evidence)


def calibrate(
    pack_key: str,
    folder: Path | None,
    matter: Path | None,
    names: Sequence[str],
    model: str | None,
    most: int,
    report: Report,
    cancel: CancelToken,
) -> Calibrated:
    """Let the model read ``most`` of what retrieval leaves open, and fit how far it is to be believed.

    The pack's own gold may have taught its probes: then each document is looked at by probes that the other
    folds teach. Another folder's gold is looked at by the probes that are there.
    Raises PackNotFound, TaskNotFound, PackReadOnly, GoldNotFound, GoldInvalid, ModelNotFound,
    ModelNotInstalled, Cancelled: then nothing is changed.
    """
    pack = writable(pack_key)
    tasks = [task for task in tasks_of(pack, names) if task.kind in _READ_KINDS]
    where, gold = gold_of(pack, folder)
    ref = installed(model)
    own = folder is None
    with gold_matter(matter) as room:
        found = read_gold(room, where, gold, report, cancel)
        with read(room) as held:
            pairs = _pairs(held, pack, tasks, found.documents, own, report, cancel)
        unclear = [pair for pair in pairs if pair.unclear]
        random.Random(0).shuffle(unclear)
        wanted = unclear[:most]
        with engine_for(room, pack_key, ref.id) as engine:
            readings = _read_all(engine, wanted, report, cancel)
    clear = in_proportion([pair for pair in pairs if not pair.unclear], len(wanted), len(unclear))
    cases = [_case(pair, None) for pair in clear]
    cases += [_case(pair, reading) for pair, reading in zip(wanted, readings, strict=True)]
    fitted = calibrated(cases, pack.accepted_error)
    mix = None
    if fitted is not None:
        counted = Counted(
            documents=len(found.documents),
            groups=len({one.group for one in found.documents}),
            cases=len(pairs),
            unclear=len(unclear),
            read=len(wanted),
            by_folds=own,
        )
        card = fitted.card(counted, pack.accepted_error, sha256_of(pack.probes) if pack.probes else None)
        before = pack.mixes.get(ref.sha256, Mix())
        labels = {"choose": before.choose, "labels": before.labels}
        mix = fitted.mix.model_copy(update={**labels, "card": card})
        if fitted.better:
            _save(pack, ref, mix)
    return Calibrated(
        pack=pack.ref,
        model=ref,
        documents=len(found.documents),
        failures=found.failures,
        cases=len(pairs),
        unclear=len(unclear),
        read=len(wanted),
        mix=mix,
        kept=fitted is not None and fitted.better,
        reason=_reason(fitted, len(wanted)),
    )


def _reason(fitted: Fitted | None, read_: int) -> str:
    if fitted is None:
        return f"Of the cases that the model read, {read_}, too few answer or too few do not."
    return (
        "" if fitted.better else "It is no better than the defaults on documents that it was not fitted on."
    )


def _pairs(
    matter: SqliteMatterReader,
    pack: Pack,
    tasks: Sequence[Task],
    gold: Sequence[GoldPlaces],
    own: bool,
    report: Report,
    cancel: CancelToken,
) -> list[_Pair]:
    """In the order of the gold. With ``own`` gold by probes of the other folds."""
    found: list[_Pair] = []
    if own and pack.probes:
        cases = gold_cases(matter, gold, tasks, report, cancel)
        for number in range(FOLDS):
            inside = [one for one in gold if fold_of(one.group) == number]
            if inside:
                probes = _probes_without(number, pack, cases, gold, report, cancel)
                found += _evidence(matter, pack, tasks, inside, probes, report, cancel)
        return found
    from retrieval.task_probes import TaskProbes

    probes = TaskProbes.load(pack.probes) if pack.probes else None
    return _evidence(matter, pack, tasks, gold, probes, report, cancel)


def _evidence(
    matter: SqliteMatterReader,
    pack: Pack,
    tasks: Sequence[Task],
    gold: Sequence[GoldPlaces],
    probes: TaskProbes | None,
    report: Report,
    cancel: CancelToken,
) -> list[_Pair]:
    retriever = retriever_of(matter, probes, None)  # what was decided on this machine is no part of the pack
    found: list[_Pair] = []
    for done, one in enumerate(gold):
        cancel.check()
        report(Progress(what="finding evidence", done=done, total=len(gold)))
        for task in tasks:
            if task.id in one.places:
                given = retriever.evidence(one.document, task, pack.evidence_budget, adapt=True)
                found.append(_Pair(one, task, given))
    return found


def _probes_without(
    number: int,
    pack: Pack,
    cases: Mapping[str, Sequence[GoldCase]],
    gold: Sequence[GoldPlaces],
    report: Report,
    cancel: CancelToken,
) -> TaskProbes | None:
    """What the pack's tasks with a probe learn from the documents outside one fold."""
    from retrieval.probe_learning import probe_of
    from retrieval.task_probes import TaskProbes, save_probes

    assert pack.probes is not None
    inside = {one.document for one in gold if fold_of(one.group) == number}
    taught = set(TaskProbes.load(pack.probes).tasks) & set(cases)
    learned: dict[str, Probe] = {}
    for done, task in enumerate(sorted(taught)):
        cancel.check()
        report(Progress(what="learning without a fourth", done=done, total=len(taught)))
        tried = probe_of([case for case in cases[task] if case.lesson.document not in inside])
        if tried.probe is not None:
            learned[task] = tried.probe
    if not learned:
        return None
    with tempfile.TemporaryDirectory(prefix="pincite-gold-") as scratch:
        file = Path(scratch) / "probes.npz"
        save_probes(file, MODEL_SHA256, learned)  # as a pack keeps them, in 8 bits
        return TaskProbes.load(file)


def _read_all(
    engine: EngineSupervisor, wanted: Sequence[_Pair], report: Report, cancel: CancelToken
) -> list[Readout]:
    found: list[Readout] = []
    report(Progress(what="reading by the model", done=0, total=len(wanted)))
    for reading in engine.read([pair.evidence for pair in wanted], cancel):
        found.append(reading)
        report(Progress(what="reading by the model", done=len(found), total=len(wanted)))
    return found


def _case(pair: _Pair, reading: Readout | None) -> Case:
    places = pair.gold.places[pair.task.id]
    told = pair.evidence.presence if pair.evidence.sentences else 0.0
    if reading is None:
        return Case(pair.gold.group, told, bool(places))
    asked = [pair.evidence.sentences[place] for place in reading.asked]
    return Case(
        group=pair.gold.group,
        presence=told,
        answers=bool(places),
        reading=reading,
        scores=tuple(sentence.score for sentence in asked),
        right=tuple(any(half_shared(sentence.span, place) for place in places) for sentence in asked),
    )


def _save(pack: Pack, ref: ModelRef, mix: Mix) -> None:
    """One entry for each model; those of others stay."""
    file = pack.folder / "calibration.json"
    held = {sha: one.model_dump(mode="json", exclude_defaults=True) for sha, one in pack.mixes.items()}
    held[ref.sha256] = as_kept(mix)
    try:
        write_atomically(file, (json.dumps(held, indent=1) + "\n").encode())
    except OSError:
        raise read_only(pack) from None
