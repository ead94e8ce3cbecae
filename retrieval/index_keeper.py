"""The thread that makes Chroma hold what the store holds, in steps between which a search gets its turn."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from app.domain.ports import MatterReader, VectorsDigest
from retrieval.chroma_homes import HomeOf, ShardAway, ShardDamaged
from retrieval.chroma_shard import ChromaShard
from retrieval.store_digests import StoreDigests

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

_log = logging.getLogger(__name__)
_SEALED_EVERY = 5_000
_MOST_FAILURES = 3
_PATIENCE_SECONDS = 10.0


class _Task(NamedTuple):
    """A document to take in, with its vectors, or to let go of a shard."""

    document: str
    shard: ChromaShard | None
    of: VectorsDigest
    vectors: Vectors | None


class IndexKeeper:
    """Owns the shards. Nothing but its thread changes them."""

    def __init__(
        self,
        matter: MatterReader,
        embedder: str,
        home_of: HomeOf,
        shard_rows: int,
        own_reader: Callable[[], MatterReader] | None,
    ) -> None:
        self._matter = matter
        self._own_reader = own_reader
        self._embedder = embedder
        self._digests = StoreDigests(matter, embedder)
        self._folder = matter.folder / "index"
        self._home_of = home_of
        self._shard_rows = shard_rows
        self._unopened: list[Path] = []
        self._plan: list[str] = []
        self._planned: tuple[object, object] = (None, None)
        self._away = False
        self._shards: tuple[ChromaShard, ...] = ()
        self._bell = threading.Condition()
        self._asked, self._answered = 1, 0
        self._stopping, self._ended = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="vector index", daemon=True)

    @property
    def shards(self) -> tuple[ChromaShard, ...]:
        """Those that may be searched."""
        return self._shards

    def start(self) -> None:
        """Begin to open what there is, and to take in what is missing."""
        self._thread.start()

    def look(self) -> int:
        """Have the thread look at the store again; a ticket for that."""
        with self._bell:
            self._asked += 1
            self._bell.notify_all()
            return self._asked

    def wait(self) -> None:
        """Until all that the store holds now was looked at, or the thread has given up."""
        ticket = self.look()
        with self._bell:
            self._bell.wait_for(lambda: self._ended or self._answered >= ticket)

    def stop(self) -> bool:
        """At the next step, after sealing what was done; False if a call into Chroma does not end."""
        self._stopping.set()
        self.look()
        self._thread.join(_PATIENCE_SECONDS)
        if self._thread.is_alive():
            _log.warning("index of matter did not stop when asked")
            return False
        shards, self._shards = self._shards, ()
        for shard in shards:
            shard.close()
        return True

    def _run(self) -> None:
        own: MatterReader | None = None
        try:
            if self._own_reader is not None:
                self._matter = own = self._own_reader()
                self._digests = StoreDigests(own, self._embedder)
            self._folder.mkdir(exist_ok=True)
            self._unopened = sorted(self._folder.iterdir())
            while not self._stopping.is_set():
                self._answer_asked()
        except Exception as error:  # searches go on without it, exactly
            _log.warning("index of matter is not kept up any more: %s", type(error).__name__)
        finally:
            if own is not None:
                own.close()
            with self._bell:
                self._ended = True
                self._bell.notify_all()

    def _answer_asked(self) -> None:
        """Look at the store, do what is to be done, and wait to be asked again."""
        ticket = self._asked
        try:
            self._open()
            self._catch_up()
        except ShardAway:
            self._say_away(True)
        else:
            self._say_away(False)
        with self._bell:
            self._answered = ticket
            self._bell.notify_all()
            self._bell.wait_for(lambda: self._stopping.is_set() or self._asked > self._answered)

    def _open(self) -> None:
        """Raises ShardAway, and goes on where it was when it is called again."""
        while self._unopened and not self._stopping.is_set():
            path = self._unopened[-1]
            if path.is_dir():
                shard = self._shard(path)
                try:
                    shard.open(self._vectors_of)
                except ShardDamaged as error:
                    self._discard(shard, str(error))
                else:
                    self._shards = (*self._shards, shard)
            else:  # of a version before there were shards
                path.unlink()
            self._unopened.pop()

    def _catch_up(self) -> None:
        """Until there is nothing to do. Raises ShardAway, and what failed too often."""
        failures = 0
        try:
            while not self._stopping.is_set():
                self._let_go()
                task = self._next()
                if task is None:
                    return
                shard = task.shard or self._with_room()
                try:
                    self._do(task, shard)
                except Exception as error:
                    shard.give_up(type(error).__name__)
                    failures += 1
                    if failures >= _MOST_FAILURES:
                        raise
        finally:
            for shard in self._shards:
                if not shard.broken:
                    shard.seal()

    def _let_go(self) -> None:
        """Of shards that cannot go on. Raises ShardAway."""
        for shard in self._shards:
            if shard.away:
                self._shards = tuple(one for one in self._shards if one is not shard)
                self._unopened.append(shard.folder)
                shard.close()
                raise ShardAway
            if shard.broken or shard.worn:
                self._discard(shard, "it could not be searched or changed" if shard.broken else None)

    def _say_away(self, away: bool) -> None:
        if away and not self._away:
            _log.warning("the vector server does not answer; matters are searched without it")
        if self._away and not away:
            _log.warning("the vector server answers again")
        self._away = away

    def _next(self) -> _Task | None:
        with self._matter.at_one_moment():
            wanted = self._digests.now()
            if self._planned[0] is not wanted or self._planned[1] is not self._shards:
                self._planned = (wanted, self._shards)
                others = [
                    document
                    for shard in self._shards
                    for document, held in shard.documents.items()
                    if held.of != wanted.get(document)
                ]
                self._plan = [*reversed(wanted), *others]  # from its end: what is in the way goes first
            while self._plan:
                task = self._task(self._plan[-1], wanted)
                if task is not None:
                    return task
                self._plan.pop()
        return None

    def _task(self, document: str, wanted: Mapping[str, VectorsDigest]) -> _Task | None:
        """What is still to be done for a document."""
        of = wanted.get(document)
        holder: ChromaShard | None = None
        for shard in self._shards:
            held = shard.documents.get(document)
            if held is not None:
                if held.of != of or holder is not None:
                    return _Task(document, shard, held.of, None)
                holder = shard
        if of is None or not of.rows or (holder is not None and holder.documents[document].whole):
            return None
        return _Task(document, holder, of, self._matter.passage_vectors(document, self._embedder))

    def _do(self, task: _Task, shard: ChromaShard) -> None:
        if task.vectors is None:
            shard.drop(task.document, self._stopping.is_set)
        else:
            shard.add(task.document, task.of, task.vectors, self._stopping.is_set)
        if shard.unsealed >= _SEALED_EVERY:
            shard.seal()

    def _with_room(self) -> ChromaShard:
        for shard in self._shards:
            if shard.rows < self._shard_rows:
                return shard
        shard = self._shard(self._folder / secrets.token_hex(8))  # never used: Chroma remembers paths
        try:
            shard.create()
        except BaseException:
            shard.discard()
            raise
        self._shards = (*self._shards, shard)
        return shard

    def _shard(self, folder: Path) -> ChromaShard:
        return ChromaShard(folder, self._embedder, self._home_of(folder))

    def _discard(self, shard: ChromaShard, why: str | None) -> None:
        if why is not None:
            _log.warning("index of matter built again: %s", why)
        self._shards = tuple(one for one in self._shards if one is not shard)
        shard.discard()

    def _vectors_of(self, document: str, of: VectorsDigest) -> Vectors | None:
        with self._matter.at_one_moment():
            if self._digests.now().get(document) != of:
                return None
            return self._matter.passage_vectors(document, self._embedder)
