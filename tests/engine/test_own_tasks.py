"""Tasks that are not the pack's travel with the job."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from app.domain.cancel import CancelToken
from app.domain.finding import Finding
from app.domain.kinds import FindingStatus, TaskKind, ValueKind
from app.domain.task import Label, Task
from app.engine.child import Worker, serve
from app.engine.protocol import REQUEST, ReviewJob
from app.engine.supervisor import EngineSupervisor
from app.review.questions import question_task
from app.review.review_matter import WorkItem
from tests.engine.fake_engine import FakeWorker, asked, fake_program

WHO = question_task("Who may audit the books?")
ENGINE = "from tests.engine.test_own_tasks import main; main(sys.argv[1])"
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ids = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)
label = st.builds(Label, id=ids, title=words, statement=words, prior=st.floats(-10.0, 0.0))
labels = st.lists(label, min_size=2, max_size=4, unique_by=lambda one: one.id).map(tuple)

CHOSEN = (ValueKind.CLAUSE, ValueKind.TEXT)
TYPED = tuple(kind for kind in ValueKind if kind is not ValueKind.BOOLEAN)


def tasks_of_kind(kind: TaskKind) -> st.SearchStrategy[Task]:
    return st.builds(
        Task,
        id=ids,
        kind=st.just(kind),
        title=words,
        description=words,
        question=words,
        queries=st.lists(words, min_size=1, max_size=3).map(tuple),
        value=st.sampled_from(CHOSEN if kind is TaskKind.CHOOSE else TYPED),
        value_question=st.none() | words,
        labels=labels if kind is TaskKind.CHOOSE else st.just(()),
    )


tasks = st.sampled_from(TaskKind).flatmap(tasks_of_kind)


class WorkerThatIsAsked(FakeWorker):
    """Says with its reason which task it was given."""

    def answer_own(self, item: WorkItem, task: Task, cancel: CancelToken) -> Finding:
        self._do(item.finding, "dies-once" if item.document == "dies-once" else "fine", cancel)
        return Finding(
            id=item.finding,
            document=item.document,
            task=item.task,
            status=FindingStatus.ABSTAINED,
            reason=task.question,
        )


_: Worker = WorkerThatIsAsked(Path())


def main(notes: str) -> None:
    serve(WorkerThatIsAsked(Path(notes)))


def item(number: int, task: str, document: str = "d") -> WorkItem:
    return WorkItem(finding=f"{number}", document=document, task=task)


def reviewed(notes: Path, items: list[WorkItem], *own: Task) -> list[Finding]:
    with closing(EngineSupervisor(fake_program(ENGINE, str(notes)))) as engine:
        return [finding for finding, _ in engine.review(items, CancelToken(), own)]


@given(st.lists(tasks, max_size=3).map(tuple))
def test_tasks_come_out_of_a_message_as_they_went_in(given_tasks: tuple[Task, ...]) -> None:
    job = ReviewJob(items=(item(0, "t"),), tasks=given_tasks)
    assert REQUEST.validate_json(job.model_dump_json()) == job


def test_a_job_of_before_there_were_such_tasks_is_still_understood() -> None:
    assert REQUEST.validate_json(b'{"kind": "review", "items": []}') == ReviewJob(items=())


def test_the_jobs_own_tasks_are_asked_and_the_others_are_the_packs(tmp_path: Path) -> None:
    found = reviewed(tmp_path / "notes", [item(0, WHO.id), item(1, "fine"), item(2, WHO.id)], WHO)
    assert [finding.reason for finding in found] == [WHO.question, None, WHO.question]
    assert asked(tmp_path / "notes") == ["0", "1", "2"]


def test_the_jobs_own_tasks_come_before_the_packs(tmp_path: Path) -> None:
    same_name = WHO.model_copy(update={"id": "fine"})
    (finding,) = reviewed(tmp_path / "notes", [item(0, "fine")], same_name)
    assert finding.reason == WHO.question


def test_an_engine_that_died_is_told_the_tasks_again(tmp_path: Path) -> None:
    found = reviewed(tmp_path / "notes", [item(0, WHO.id, "dies-once"), item(1, WHO.id)], WHO)
    assert [finding.reason for finding in found] == [WHO.question] * 2
    assert asked(tmp_path / "notes") == ["0", "0", "1"]
