"""Decisions of matters taught to a pack, kept in the data folder, and given to the engine."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.base import Frozen
from app.domain.cancel import CancelToken
from app.domain.finding import Citation, Decision, Outcome
from app.domain.kinds import DecisionKind, FindingStatus, TaskKind
from app.domain.ports import IndexedText
from app.domain.record import EntryKind, LedgerEntry
from app.domain.spans import Span
from app.domain.task import Pack, Task
from app.domain.work import Progress, Report
from app.platform.paths import data_folder
from app.wiring.catalogs import pack_of, tasks_of
from app.wiring.matters import read
from models.onnx_embedder import MODEL_SHA256

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from retrieval.learned import Learned
    from retrieval.learning import Correction, Lesson
    from retrieval.task_probes import Features, TaskProbes
    from retrieval.text_scores import TextScorer, TextWeights

    Floats = NDArray[np.float32]

_log = logging.getLogger(__name__)


class Counts(Frozen):
    """Decisions on findings of one task. ``absent`` are accepted ones; ``skipped`` could not be used."""

    accepted: int = 0
    edited: int = 0
    rejected: int = 0
    absent: int = 0
    skipped: int = 0

    @property
    def used(self) -> int:
        """So many were learned from, or would have been."""
        return self.accepted + self.edited + self.rejected + self.absent

    @property
    def total(self) -> int:
        """Used or not."""
        return self.used + self.skipped


class TaskLearned(Frozen):
    """What became of one task. ``before`` and ``after`` are shares of the cited sentences' characters inside
    2,000 characters of evidence, each document scored by what the other folds teach; None if not tried."""

    task: str
    counts: Counts
    learned: bool
    reason: str | None = None
    presence: bool = False
    before: float | None = None
    after: float | None = None


class LearnedState(StrEnum):
    """Of what a pack learned; outdated where at least one task's is not used."""

    NONE = "none"
    USED = "used"
    OUTDATED = "outdated"
    DAMAGED = "damaged"


class PackLearned(Frozen):
    """Ids of the tasks that use what they learned, and of those whose pack or embedder is another by now."""

    state: LearnedState
    used: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Decided:
    """A decision on a document, with spans of the words that it is about."""

    matter: Path
    document: str
    task: str
    decision: Decision
    status: FindingStatus
    citations: tuple[Citation, ...]


def learned_file(pack: str) -> Path:
    """Where what a pack learned is kept."""
    return data_folder() / "learned" / f"{pack}.npz"


def usable_learned(pack: str) -> Learned | None:
    """For the engine: what cannot be read is as if nothing was learned."""
    from retrieval.learned import LearnedDamaged, load_learned

    try:
        return load_learned(learned_file(pack), pack)
    except LearnedDamaged:
        _log.warning("what the pack %s learned cannot be read and is not used", pack)
        return None


def learned_of(pack: Pack) -> PackLearned:
    """For people: what is used, and what is not and why."""
    from retrieval.learned import LearnedDamaged, base_of, load_learned

    try:
        held = load_learned(learned_file(pack.ref.id), pack.ref.id)
    except LearnedDamaged:
        return PackLearned(state=LearnedState.DAMAGED)
    if held is None or not held.corrections:
        return PackLearned(state=LearnedState.NONE)
    weights, probes = _base(pack)
    bases = {task.id: base_of(task, weights, probes) for task in pack.tasks}
    used = tuple(t for t in bases if held.of(t, MODEL_SHA256, bases[t]) is not None)
    outdated = tuple(t for t in sorted(held.corrections) if t not in used)
    return PackLearned(
        state=LearnedState.OUTDATED if outdated else LearnedState.USED, used=used, outdated=outdated
    )


def forget(pack_key: str, names: Sequence[str] = ()) -> tuple[str, ...]:
    """Delete what was learned of these tasks, or all of it; the ids of the tasks that had something.

    Raises TaskNotFound. A damaged file is deleted as a whole.
    """
    from retrieval.learned import save_learned

    pack = pack_of(pack_key)
    tasks_of(pack, names)
    file, held = learned_file(pack.ref.id), usable_learned(pack.ref.id)
    gone = tuple(t for t in sorted(held.corrections) if not names or t in names) if held else ()
    if held is None or len(gone) == len(held.corrections):
        file.unlink(missing_ok=True)
    else:
        save_learned(file, _without(held, gone))
    return gone


def learn(
    pack_key: str, matters: Sequence[Path], names: Sequence[str], report: Report, cancel: CancelToken
) -> tuple[TaskLearned, ...]:
    """Teach a pack's tasks what stands decided in these matters; replaces what they learned before.

    Raises PackNotFound, TaskNotFound, MatterNotFound, Cancelled: then nothing is changed.
    """
    pack = pack_of(pack_key)
    # a summary's evidence is found topic by topic: nothing learned of it as a whole would be used
    tasks = tuple(task for task in tasks_of(pack, names) if task.kind is not TaskKind.SUMMARY)
    decided = _decided(matters, pack.ref.id, {task.id for task in tasks})
    _index(decided, report, cancel)
    teacher = _Teacher(pack)
    found: list[tuple[TaskLearned, Correction | None]] = []
    lessons = teacher.lessons(tasks, decided, report, cancel)
    for done, task in enumerate(tasks):
        cancel.check()
        report(Progress(what="learning", done=done, total=len(tasks)))
        counts = _counts(decided, task.id, lessons[task.id])
        own = lessons[task.id]
        found.append(_taught(task.id, own, counts, teacher.probed(task.id), teacher.tells_presence(task.id)))
    report(Progress(what="learning", done=len(tasks), total=len(tasks)))
    cancel.check()
    teacher.save([task.id for task in tasks], {row.task: one for row, one in found if one is not None})
    return tuple(row for row, _ in found)


def _taught(
    task: str, lessons: Sequence[Lesson], counts: Counts, probed: bool, told_presence: bool
) -> tuple[TaskLearned, Correction | None]:
    """Adopted only where the decisions' own sentences are not found worse by what the other folds teach."""
    from dataclasses import replace

    import numpy as np

    from retrieval.learning import (
        BESIDE_PROBE,
        FEWEST,
        FEWEST_PRESENCE,
        Strength,
        fitted,
        fitted_presence,
        helps,
        out_of_fold,
        presence_shape,
        tried,
    )

    placed = sum(bool(lesson.right.any()) for lesson in lessons)
    if placed < FEWEST:
        reason = f"It needs {FEWEST} documents with an accepted or edited place, and has {placed}."
        return TaskLearned(task=task, counts=counts, learned=False, reason=reason), None
    strength = BESIDE_PROBE if probed else Strength()
    unseen = out_of_fold(lessons, strength)
    before, after = tried(lessons, [lesson.base for lesson in lessons]), tried(lessons, unseen)
    row = TaskLearned(task=task, counts=counts, learned=True, before=before.share, after=after.share)
    if not helps(before, after):
        reason = "Its places are found better without; it is left as it is."
        return row.model_copy(update={"learned": False, "reason": reason}), None
    correction = fitted(lessons, strength)
    told = [place for place, one in enumerate(lessons) if one.answers is not None]
    answers = np.array([bool(lessons[place].answers) for place in told])
    presence = not told_presence and min(int(answers.sum()), int((~answers).sum())) >= FEWEST_PRESENCE
    if presence:
        shapes = np.array([presence_shape(unseen[place]) for place in told])
        correction = replace(correction, presence=fitted_presence(shapes, answers))
    return row.model_copy(update={"presence": presence}), correction


def _decided(matters: Iterable[Path], pack: str, tasks: set[str]) -> tuple[_Decided, ...]:
    """The newest decision on each task of each document, also where a document is in several matters."""
    newest: dict[tuple[str, str], _Decided] = {}
    for folder in matters:
        with read(folder) as matter:
            readable = {document.id for document in matter.documents() if document.state.readable}
            packs = _packs(matter.entries())
            for outcome in matter.outcomes():
                key = (outcome.finding.document, outcome.finding.task)
                ours = key[0] in readable and key[1] in tasks and packs.get(outcome.finding.id, pack) == pack
                if outcome.decision is None or not ours:
                    continue
                if key not in newest or newest[key].decision.at < outcome.decision.at:
                    newest[key] = _decision_of(folder, outcome, outcome.decision)
    return tuple(newest.values())


def _packs(entries: Iterable[LedgerEntry]) -> dict[str, str]:
    """Which pack each finding was made with, as the ledger says: tasks of two packs may be called alike."""
    made = (entry.payload for entry in entries if entry.kind is EntryKind.FINDING)
    return {str(payload.get("finding")): str(payload["pack"]) for payload in made if "pack" in payload}


def _decision_of(folder: Path, outcome: Outcome, decision: Decision) -> _Decided:
    finding = outcome.finding
    return _Decided(folder, finding.document, finding.task, decision, finding.status, finding.citations)


def _index(decided: Sequence[_Decided], report: Report, cancel: CancelToken) -> None:
    """Index what was decided and is not indexed, as after a document was read anew."""
    from app.wiring.reviews import index_matter

    for folder in sorted({one.matter for one in decided}):
        with read(folder) as matter:
            held = set(matter.indexed_documents(MODEL_SHA256))
        missing = {one.document for one in decided if one.matter == folder} - held
        if missing:
            index_matter(folder, report, cancel, sorted(missing))


def _counts(decided: Sequence[_Decided], task: str, lessons: Sequence[Lesson]) -> Counts:
    used = {lesson.document for lesson in lessons}
    kinds = [(one.decision.kind, one.status) for one in decided if one.task == task and one.document in used]
    absent = kinds.count((DecisionKind.ACCEPT, FindingStatus.ABSENT))
    of = [kind for kind, _ in kinds]
    return Counts(
        accepted=of.count(DecisionKind.ACCEPT) - absent,
        edited=of.count(DecisionKind.EDIT),
        rejected=of.count(DecisionKind.REJECT),
        absent=absent,
        skipped=sum(one.task == task for one in decided) - len(kinds),
    )


class _Teacher:
    """A pack's own scores of what was decided."""

    def __init__(self, pack: Pack) -> None:
        from models.onnx_embedder import OnnxEmbedder
        from retrieval.text_scores import TextScorer

        self._pack = pack
        self._weights, self._probes = _base(pack)
        self._scorer: TextScorer = TextScorer(OnnxEmbedder(), self._weights)

    def lessons(
        self, tasks: Sequence[Task], decided: Sequence[_Decided], report: Report, cancel: CancelToken
    ) -> dict[str, list[Lesson]]:
        """By task, document by document: a document is read once."""
        from retrieval.task_probes import sentence_features

        named = {task.id: task for task in tasks}
        found: dict[str, list[Lesson]] = {task.id: [] for task in tasks}
        places = sorted({(one.document, one.matter) for one in decided})
        taught: set[tuple[str, bytes]] = set()
        for done, (document, folder) in enumerate(places):
            cancel.check()
            report(Progress(what="reading decisions", done=done, total=len(places)))
            with read(folder) as matter:
                indexed, text = matter.indexed(document, MODEL_SHA256), matter.text(document)
            if indexed is None or not indexed.sentences:
                continue
            features = sentence_features(indexed, text)
            seal = hashlib.sha256(text.encode(errors="surrogatepass")).digest()
            for one in decided:
                # a copy teaches nothing, and would be measured by what it taught
                if (one.document, one.matter) == (document, folder) and (one.task, seal) not in taught:
                    lesson = _lesson(
                        one, indexed, text, self._scores(named[one.task], indexed, text), features
                    )
                    if lesson is not None:
                        taught.add((one.task, seal))
                        found[one.task].append(lesson)
        return found

    def save(self, tasks: Sequence[str], corrections: dict[str, Correction]) -> None:
        """In place of what these tasks learned before; what the others learned stays."""
        from retrieval.learned import Learned, base_of, save_learned

        pack = self._pack.ref.id
        before = usable_learned(pack)
        if before is None or before.embedder != MODEL_SHA256:
            before = Learned(pack, MODEL_SHA256, {}, {})
        kept = _without(before, tasks)
        bases = {t.id: base_of(t, self._weights, self._probes) for t in self._pack.tasks}
        learned = Learned(
            pack,
            MODEL_SHA256,
            {**kept.corrections, **corrections},
            {**kept.bases, **{task: bases[task] for task in corrections}},
        )
        if learned.corrections:
            save_learned(learned_file(pack), learned)
        else:
            learned_file(pack).unlink(missing_ok=True)

    def probed(self, task: str) -> bool:
        """Whether the pack has a probe for it."""
        return self._probes is not None and self._probes.fingerprint(task) is not None

    def tells_presence(self, task: str) -> bool:
        """Whether the pack tells its presence by itself."""
        return self._probes is not None and self._probes.tells_presence(task)

    def _scores(self, task: Task, indexed: IndexedText, text: str) -> Floats:
        fit = self._scorer.logits(task, indexed, text)
        scored = self._probes.scores(task.id, indexed, text, fit) if self._probes else None
        return fit if scored is None else scored.sentences


def _base(pack: Pack) -> tuple[TextWeights, TaskProbes | None]:
    from retrieval.task_probes import TaskProbes
    from retrieval.text_scores import TextWeights

    return TextWeights.load(), TaskProbes.load(pack.probes) if pack.probes else None


def _without(learned: Learned, tasks: Sequence[str]) -> Learned:
    from dataclasses import replace

    return replace(
        learned,
        corrections={t: one for t, one in learned.corrections.items() if t not in tasks},
        bases={t: base for t, base in learned.bases.items() if t not in tasks},
    )


def _lesson(
    one: _Decided, indexed: IndexedText, text: str, base: Floats, features: Features
) -> Lesson | None:
    """None if the decision says nothing, or its words are no longer where they were."""
    import numpy as np

    from retrieval.learning import Lesson, answering

    found, absent = one.status is FindingStatus.FOUND, one.status is FindingStatus.ABSENT
    if not (found or absent) or any(text[c.start : c.end] != c.quote for c in one.citations):
        return None
    nothing = np.zeros(len(indexed.sentences), dtype=bool)
    cited = answering(indexed.sentences, [Span(c.start, c.end) for c in one.citations])
    if found and not cited.any():
        return None
    rejected = one.decision.kind is DecisionKind.REJECT
    edited = one.decision.kind is DecisionKind.EDIT
    if found:
        right, known, answers = (nothing, cited, None) if rejected else (cited, ~nothing, True)
    elif rejected or edited:
        right, known, answers = nothing, nothing, True
    else:
        right, known, answers = nothing, ~nothing, False
    return Lesson(one.document, indexed.sentences, features, base, right, known, answers)
