"""A pack's gold cases: read as any documents are, and learned into the probes in the pack's own folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.base import Frozen
from app.domain.cancel import CancelToken
from app.domain.errors import GoldInvalid, PackReadOnly
from app.domain.gold import GoldDocument, GoldPlaces
from app.domain.kinds import TaskKind
from app.domain.task import Pack, Task
from app.domain.text import document_id
from app.domain.work import Progress, Report
from app.platform.files import sha256_of
from app.review.gold_places import places_of
from app.store.reader import SqliteMatterReader
from app.wiring.catalogs import pack_of, tasks_of
from app.wiring.matters import add_files, read
from app.wiring.reviews import index_if_needed
from models.onnx_embedder import MODEL_SHA256
from verticals.gold import GOLD_FOLDER, load_gold
from verticals.loader import bundled_packs

if TYPE_CHECKING:
    from retrieval.probe_learning import Case
    from retrieval.task_probes import Probe


class GoldFailure(Frozen):
    """A gold document that could not be read, and why."""

    file: str
    reason: str


class GoldRead(Frozen):
    """Gold documents in a matter, all of them indexed, and those that could not be read."""

    documents: tuple[GoldPlaces, ...]
    failures: tuple[GoldFailure, ...] = ()


class ProbeLearned(Frozen):
    """What became of one task. ``present`` and ``absent`` count its gold documents, copies left out.

    ``before`` and ``after`` are mean shares of gold characters within 2,000 characters of evidence, by the
    task's text alone and by what other folds teach; None if not tried. ``replaced``: it had a probe before.
    """

    task: str
    present: int
    absent: int
    learned: bool
    replaced: bool = False
    kept: bool = False
    reason: str | None = None
    presence: bool = False
    before: float | None = None
    after: float | None = None


class GoldLearned(Frozen):
    """``stale``: the pack's calibration of models was fitted with other probes than it has now."""

    pack: str
    documents: int
    failures: tuple[GoldFailure, ...]
    tasks: tuple[ProbeLearned, ...]
    stale: bool


def gold_of(pack: Pack, folder: Path | None) -> tuple[Path, tuple[GoldDocument, ...]]:
    """The pack's own gold, or that of a folder. Raises GoldNotFound, GoldInvalid."""
    where = folder or pack.folder / GOLD_FOLDER
    return where, load_gold(where, {task.id for task in pack.tasks})


@contextmanager
def gold_matter(folder: Path | None) -> Generator[Path]:
    """Where gold is read into: a matter that stays and is gone on with, or one that is removed."""
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="pincite-gold-") as temporary:
        yield Path(temporary) / "matter"


def read_gold(
    matter: Path, folder: Path, gold: Sequence[GoldDocument], report: Report, cancel: CancelToken
) -> GoldRead:
    """Read and index what is not there yet. Raises GoldInvalid where right words are not in a document."""
    keys = [document_id(sha256_of(folder / one.file)) for one in gold]
    twice = next((place for place, key in enumerate(keys) if key in keys[:place]), None)
    if twice is not None:
        first = gold[keys.index(keys[twice])].file
        raise GoldInvalid(
            f"{gold[twice].file} and {first} are the same file.", "Leave one of them out of gold.json."
        )
    add_files(matter, [folder / one.file for one in gold], report, cancel)
    documents: list[GoldPlaces] = []
    failures: list[GoldFailure] = []
    wrong: list[GoldInvalid] = []
    with read(matter) as held:
        for key, one in zip(keys, gold, strict=True):
            document = held.document(key)
            if not document.state.readable:
                failures.append(GoldFailure(file=one.file, reason=document.reason or document.state.value))
                continue
            try:
                places = dict(places_of(one, held.text(key)))
            except GoldInvalid as error:
                wrong.append(error)
                continue
            documents.append(GoldPlaces(document=key, name=one.file, group=one.group, places=places))
    if wrong:
        raise _all_of(wrong)
    if documents:
        index_if_needed(matter, [one.document for one in documents], report, cancel)
    return GoldRead(documents=tuple(documents), failures=tuple(failures))


def learn_gold(
    pack_key: str,
    folder: Path | None,
    matter: Path | None,
    names: Sequence[str],
    report: Report,
    cancel: CancelToken,
) -> GoldLearned:
    """Learn probes of a pack's tasks, and keep them in the pack.

    Raises PackNotFound, TaskNotFound, PackReadOnly, GoldNotFound, GoldInvalid, Cancelled: then nothing is
    changed.
    """
    from retrieval.task_probes import TaskProbes

    pack = writable(pack_key)
    tasks = tuple(task for task in tasks_of(pack, names) if task.kind is not TaskKind.SUMMARY)
    where, gold = gold_of(pack, folder)
    held = TaskProbes.load(pack.probes) if pack.probes else None
    probes = {task: held.probe(task) for task in held.tasks} if held and held.embedder == MODEL_SHA256 else {}
    with gold_matter(matter) as room:
        found = read_gold(room, where, gold, report, cancel)
        with read(room) as opened:
            cases = gold_cases(opened, found.documents, tasks, report, cancel)
    rows, new = _learned(tasks, cases, set(probes), report, cancel)
    if new:
        known = {task.id for task in pack.tasks}
        _save(pack, {**{task: probe for task, probe in probes.items() if task in known}, **new})
    return GoldLearned(
        pack=pack.ref.id,
        documents=len(found.documents),
        failures=found.failures,
        tasks=rows,
        stale=bool(new and pack.mixes),
    )


def _learned(
    tasks: Sequence[Task],
    cases: dict[str, list[Case]],
    probed: set[str],
    report: Report,
    cancel: CancelToken,
) -> tuple[tuple[ProbeLearned, ...], dict[str, Probe]]:
    from retrieval.probe_learning import probe_of

    rows: list[ProbeLearned] = []
    new: dict[str, Probe] = {}
    for done, task in enumerate(tasks):
        cancel.check()
        report(Progress(what="learning", done=done, total=len(tasks)))
        own = cases[task.id]
        tried = probe_of(own)
        if tried.probe is not None:
            new[task.id] = tried.probe
        present = sum(bool(case.gold) for case in own)
        rows.append(
            ProbeLearned(
                task=task.id,
                present=present,
                absent=len(own) - present,
                learned=task.id in new,
                replaced=task.id in new and task.id in probed,
                kept=task.id not in new and task.id in probed,
                reason=tried.reason,
                presence=tried.presence,
                before=tried.before,
                after=tried.after,
            )
        )
    report(Progress(what="learning", done=len(tasks), total=len(tasks)))
    cancel.check()
    return tuple(rows), new


def gold_cases(
    matter: SqliteMatterReader,
    gold: Sequence[GoldPlaces],
    tasks: Sequence[Task],
    report: Report,
    cancel: CancelToken,
) -> dict[str, list[Case]]:
    """By task, in the order of the gold. A copy of a text would be measured by what it taught: left out."""
    from models.onnx_embedder import OnnxEmbedder
    from retrieval.probe_learning import case_of
    from retrieval.task_probes import sentence_features
    from retrieval.text_scores import TextScorer, TextWeights

    scorer = TextScorer(OnnxEmbedder(), TextWeights.load())
    cases: dict[str, list[Case]] = {task.id: [] for task in tasks}
    seen: set[bytes] = set()
    for done, one in enumerate(gold):
        cancel.check()
        report(Progress(what="reading gold", done=done, total=len(gold)))
        indexed, text = matter.indexed(one.document, MODEL_SHA256), matter.text(one.document)
        seal = hashlib.sha256(text.encode(errors="surrogatepass")).digest()
        if indexed is None or not indexed.sentences or seal in seen:
            continue
        seen.add(seal)
        features = sentence_features(indexed, text)
        for task in tasks:
            if task.id in one.places:
                fit = scorer.logits(task, indexed, text)
                right = one.places[task.id]
                cases[task.id].append(case_of(one.document, one.group, indexed, text, features, fit, right))
    return cases


def writable(pack_key: str) -> Pack:
    """Raises PackReadOnly for what came with this build, unless its folder was named."""
    if pack_key in bundled_packs():
        raise PackReadOnly(
            f"The pack {pack_key} came with Pincite and is not changed.",
            "Copy its folder, give it an id of its own in pack.toml, and name that folder.",
        )
    pack = pack_of(pack_key)
    if not os.access(pack.folder, os.W_OK):
        raise read_only(pack)
    return pack


def _save(pack: Pack, probes: dict[str, Probe]) -> None:
    from retrieval.task_probes import save_probes

    try:
        save_probes(pack.folder / "probes.npz", MODEL_SHA256, probes)
    except OSError:
        raise read_only(pack) from None


def read_only(pack: Pack) -> PackReadOnly:
    """The error to raise."""
    return PackReadOnly(
        f"The folder of the pack {pack.ref.id} cannot be written to.", "Check its rights, or copy it."
    )


def _all_of(wrong: Sequence[GoldInvalid]) -> GoldInvalid:
    """The first, with how many documents have others."""
    more = len(wrong) - 1
    if not more:
        return wrong[0]
    also = f"{more} other document{' has' if more == 1 else 's have'} words that are not there, too"
    return GoldInvalid(f"{wrong[0].message.rstrip('.')}; {also}.", wrong[0].hint)
