"""Where a shard's vectors are kept: a Chroma in its own folder, or a collection of a Chroma server.

Neither is given any text: vectors, and ids made of a document's id and a number.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, cast

from app.platform.files import sha256_of
from app.platform.network_lock import Address

_COSINE = {"hnsw": {"space": "cosine"}}
_ANSWER_SECONDS = 5.0


class ShardDamaged(Exception):
    """What is there is not what was written, and is to be discarded. The words hold no ids."""


class ShardAway(Exception):
    """The server does not answer; what it holds may be as good as ever."""


class Home(Protocol):
    """Where one shard's collection is."""

    @property
    def place(self) -> str:
        """Told in the manifest: another one's vectors are never taken for its own."""
        ...

    @property
    def may_be_away(self) -> bool:
        """Whether a call that fails says nothing about what is held."""
        ...

    def create(self) -> Any:
        """An empty collection. Raises ShardAway."""
        ...

    def opening(self, seal: str) -> AbstractContextManager[Any]:
        """The collection, if it has this seal. Raises ShardDamaged, ShardAway.

        A process that dies inside leaves what makes the next opening raise ShardDamaged.
        """
        ...

    def seal(self) -> str:
        """What says that the collection is the one that was written."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...

    def remove(self) -> None:
        """Delete it, as far as that can be done."""
        ...


HomeOf = Callable[[Path], Home]


class FolderHome:
    """A Chroma of its own in the shard's folder."""

    place = "folder"
    may_be_away = False

    def __init__(self, folder: Path) -> None:
        self._chroma = folder / "chroma"
        self._mark = folder / "opening"
        self._client: Any = None

    def create(self) -> Any:
        """An empty collection."""
        return self._connected(_library())

    @contextmanager
    def opening(self, seal: str) -> Generator[Any]:
        """The collection, if its files have this seal. Raises ShardDamaged."""
        if self._mark.exists():
            raise ShardDamaged("crashed when it was opened")
        if seal != self.seal():
            raise ShardDamaged("its files are not those that were written")
        library = _library()  # takes seconds, and who is killed meanwhile has not crashed in opening
        self._mark.touch()
        yield self._connected(library)
        self._mark.unlink()

    def seal(self) -> str:
        """SHA-256 over the segments' files: Chroma trusts their bytes, and changed ones crash or mislead it.

        Its database is left out, since every opening writes to it.
        """
        digest = hashlib.sha256()
        for file in sorted(self._chroma.glob("*/*")):
            digest.update(f"{file.parent.name}/{file.name}\n{sha256_of(file)}\n".encode())
        return digest.hexdigest()

    def close(self) -> None:
        """Let go of the files."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def remove(self) -> None:
        """Delete the files."""
        shutil.rmtree(self._chroma, ignore_errors=True)

    def _connected(self, library: Any) -> Any:
        settings = library.config.Settings(anonymized_telemetry=False)
        self._client = library.PersistentClient(path=str(self._chroma), settings=settings)
        return self._client.get_or_create_collection(
            "passages", embedding_function=None, configuration=_COSINE
        )


class ServerHome:
    """A collection of a Chroma server, named after the matter's folder on this machine and the shard.

    So a copy of a matter never shares one with its original.
    """

    may_be_away = True

    def __init__(self, server: Address, matter: Path, shard: str) -> None:
        self._server = server
        self._name = f"pincite-{_identity(matter)}-{shard}"
        self._client: Any = None
        self._seal = ""

    @property
    def place(self) -> str:
        """Server and name."""
        return f"{self._server.host}:{self._server.port} {self._name}"

    def create(self) -> Any:
        """An empty collection. Raises ShardAway."""
        try:
            collection = self._connected().create_collection(
                self._name, embedding_function=None, configuration=_COSINE
            )
        except Exception as error:
            raise ShardAway from error
        self._seal = str(collection.id)
        return collection

    @contextmanager
    def opening(self, seal: str) -> Generator[Any]:
        """The collection, if it is the very one. Raises ShardDamaged, ShardAway."""
        from chromadb.errors import NotFoundError

        try:
            collection = self._connected().get_collection(self._name, embedding_function=None)
        except NotFoundError:
            raise ShardDamaged("the server does not have it") from None
        except Exception as error:
            raise ShardAway from error
        if str(collection.id) != seal:
            raise ShardDamaged("the server has another one")
        self._seal = seal
        yield collection

    def seal(self) -> str:
        """The server's own id of the collection."""
        return self._seal

    def close(self) -> None:
        """End the connections."""
        client, self._client = self._client, None
        if client is not None:
            disconnect(client)

    def remove(self) -> None:
        """Have the server delete it."""
        with suppress(Exception):  # it may be gone, or the server away
            self._connected().delete_collection(self._name)
        self.close()

    def _connected(self) -> Any:
        if self._client is None:
            self._client = connect(self._server)
        return self._client


def connect(server: Address) -> Any:
    """A client of a server that answered. Raises whatever Chroma raises if it did not."""
    library = _library()
    settings = library.config.Settings(anonymized_telemetry=False)
    client = library.HttpClient(host=server.host, port=server.port, settings=settings)
    client._server._session.timeout = _ANSWER_SECONDS  # Chroma itself would wait for ever
    return client


def disconnect(client: Any) -> None:
    """Chroma's own closing leaves its two connections open."""
    for part in (client, client._admin_client):
        part._server._session.close()
    client.close()


def _library() -> Any:
    """Chroma is typed by halves."""
    import chromadb

    return cast(Any, chromadb)


def _identity(matter: Path) -> str:
    about = matter.stat()
    named = f"{platform.node()}:{about.st_dev}:{about.st_ino}"
    return hashlib.sha256(named.encode()).hexdigest()[:16]
