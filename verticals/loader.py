"""Loads packs and checks everything in them; an error names file and line."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain.errors import PackInvalid, PackNotFound
from app.domain.finding import PackRef
from app.domain.kinds import TaskKind
from app.domain.task import Mix, Pack, Prompts, Task

FOLDER = Path(__file__).parent
MOST_FILES = 500
MOST_BYTES = 64 << 20
_PLACES = {
    "system": set[str](),
    "select": {"evidence", "title", "description", "question"},
    "present": {"evidence", "title", "description", "question"},
    "value": {"evidence", "title", "question"},
    "choose": {"evidence", "title", "description", "question", "statement"},
    "summary": {"evidence", "title", "question"},
}
_OPTIONAL = frozenset({"choose", "summary"})
"""Prompts that a pack may do without."""


class Manifest(BaseModel):
    """``pack.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    title: str
    description: str
    licence: str
    attribution: str
    evidence_budget: int = Field(default=2000, gt=0, le=20_000)
    accepted_error: float | None = Field(default=None, gt=0.0, lt=0.5)


class OrderedTask(Task):
    """``tasks/<id>.toml``; ``order`` is the place of its column."""

    order: int = 0


def bundled_packs() -> dict[str, Path]:
    """Packs that came with this build, by id."""
    return {folder.name: folder for folder in sorted(FOLDER.iterdir()) if (folder / "pack.toml").is_file()}


def find_pack(key: str) -> Path:
    """A bundled pack's id, or a folder. Raises PackNotFound."""
    bundled = bundled_packs()
    if key in bundled:
        return bundled[key]
    if (Path(key) / "pack.toml").is_file():
        return Path(key)
    raise PackNotFound(f"There is no pack {key}.", "See `pincite packs list`, or name a pack's folder.")


def load_pack(folder: Path) -> Pack:
    """Raises PackInvalid with the first problem."""
    files = _files(folder)
    manifest = _manifest(folder)
    tasks = sorted(
        (_task(folder, name) for name in _task_files(files)), key=lambda task: (task.order, task.id)
    )
    _check_topics(folder, tasks)
    seal = hashlib.sha256("".join(f"{n}\n{d}\n" for n, d in files.items()).encode()).hexdigest()
    return Pack(
        ref=PackRef(id=manifest.id, version=manifest.version, sha256=seal),
        title=manifest.title,
        description=manifest.description,
        licence=manifest.licence,
        attribution=manifest.attribution,
        evidence_budget=manifest.evidence_budget,
        accepted_error=manifest.accepted_error,
        tasks=tuple(Task.model_validate(task.model_dump(exclude={"order"})) for task in tasks),
        prompts=Prompts.model_validate({name: _prompt(folder, name) for name in _prompts(files)}),
        folder=folder,
        probes=folder / "probes.npz" if "probes.npz" in files else None,
        mixes=_mixes(folder) if "calibration.json" in files else {},
    )


def check_pack(folder: Path) -> tuple[str, ...]:
    """Every problem, not only the first: one for each file."""
    problems: list[str] = []
    try:
        files = _files(folder)
        for check in _checks(folder, files):
            try:
                check()
            except PackInvalid as error:
                problems.append(error.message)
    except PackInvalid as error:
        problems.append(error.message)
    return tuple(problems)


def _checks(folder: Path, files: Mapping[str, str]) -> Iterator[Callable[[], object]]:
    yield partial(_manifest, folder)
    for name in _prompts(files):
        yield partial(_prompt, folder, name)
    if "calibration.json" in files:
        yield partial(_mixes, folder)
    names = _task_files(files)
    for name in names:
        yield partial(_task, folder, name)
    yield partial(_check_topics_of, folder, names)


def _check_topics_of(folder: Path, names: Sequence[str]) -> None:
    """Only of tasks that are whole: what else is wrong with them was said."""
    try:
        tasks = [_task(folder, name) for name in names]
    except PackInvalid:
        return
    _check_topics(folder, tasks)


def _check_topics(folder: Path, tasks: Sequence[OrderedTask]) -> None:
    """Raises PackInvalid for a topic whose task the pack lacks, or that is a summary itself."""
    known = {task.id for task in tasks if task.kind is not TaskKind.SUMMARY}
    for task in tasks:
        for number, topic in enumerate(task.topics):
            if topic.task is not None and topic.task not in known:
                name = f"tasks/{task.id}.toml"
                line = _line_of(_text(folder, name), ["topics", str(number), "task"])
                raise _invalid(name, line, f"there is no task {topic.task} for a topic to look for")


def _manifest(folder: Path) -> Manifest:
    return Manifest.model_validate(_checked(folder, "pack.toml", Manifest, {}))


def _task_files(files: Iterable[str]) -> list[str]:
    """Raises PackInvalid if there are none."""
    names = [name for name in files if re.fullmatch(r"tasks/[^/]+\.toml", name)]
    if not names:
        raise _invalid("tasks", 1, "a pack needs at least one task")
    return names


def _task(folder: Path, name: str) -> OrderedTask:
    return OrderedTask.model_validate(_checked(folder, name, OrderedTask, {"id": Path(name).stem}))


def _files(folder: Path) -> dict[str, str]:
    """Relative path to SHA-256 of every file, sorted; refuses links and floods."""
    found: dict[str, str] = {}
    total = 0
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        total += path.stat().st_size
        if len(found) >= MOST_FILES or total > MOST_BYTES:
            raise _invalid(name, 1, "the pack holds more than a pack may")
        found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise _invalid(path.relative_to(folder).as_posix(), 1, "a pack holds no links")
        if path.is_file():
            yield path


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except OSError:
        raise _invalid(name, 1, "the file is missing or cannot be read") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _invalid(name, line, "the file is not UTF-8") from None


def _checked(folder: Path, name: str, kind: type[BaseModel], given: dict[str, Any]) -> dict[str, Any]:
    source = _text(folder, name)
    try:
        content = {**tomllib.loads(source), **given}
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found.group(1)) if found else len(source.splitlines())  # "at end of document"
        raise _invalid(name, line, "the file is not TOML") from None
    try:
        kind.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(map(str, first["loc"]))
        line = _line_of(source, [str(part) for part in first["loc"]])
        said = first["msg"].lower().removeprefix("value error, ")
        raise _invalid(name, line, f"{key}: {said}" if key else said) from None
    return content


def _line_of(source: str, keys: Sequence[str]) -> int:
    """Where a key stands that is given by the tables it is in; the nearest of them where it has no line.

    A number counts the tables of one name.
    """
    lines = source.splitlines()
    place, pattern = 0, ""
    for key in keys:
        if not key.isdigit():
            pattern = rf"\s*\[{{0,2}}[\"']?{re.escape(key)}[\"']?\s*[=.\]]"
        following = [n for n, line in enumerate(lines) if n >= place and pattern and re.match(pattern, line)]
        chosen = int(key) if key.isdigit() else 0
        place = following[chosen] if chosen < len(following) else place
    return place + 1


def _prompts(files: Mapping[str, str]) -> list[str]:
    return [name for name in _PLACES if name not in _OPTIONAL or f"prompts/{name}.txt" in files]


def _prompt(folder: Path, name: str) -> str:
    file, allowed = f"prompts/{name}.txt", _PLACES[name]
    text = _text(folder, file)
    for number, line in enumerate(text.splitlines(), start=1):
        for place in re.findall(r"\{([^{}]*)\}", line):
            if place not in allowed:
                raise _invalid(file, number, f"there is no {{{place}}} to put there")
    for needed in {"evidence", "statement"} & allowed:
        if f"{{{needed}}}" not in text:
            raise _invalid(file, 1, f"it has no {{{needed}}}")
    return text.strip()


def _mixes(folder: Path) -> dict[str, Mix]:
    try:
        held = json.loads(_text(folder, "calibration.json"))
        return {str(sha): Mix.model_validate(mix) for sha, mix in held.items()}
    except json.JSONDecodeError as error:
        raise _invalid("calibration.json", error.lineno, "the file is not JSON") from None
    except (ValueError, AttributeError):
        raise _invalid("calibration.json", 1, "it does not map models to mixes") from None


def _invalid(file: str, line: int, what: str) -> PackInvalid:
    return PackInvalid(f"{file}, line {line}: {what}.", "Mend it, then run `pincite packs check FOLDER`.")
