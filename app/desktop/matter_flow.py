"""Opening matters and bringing files in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QMenu

from app.desktop import look
from app.desktop.slots import only
from app.domain.kinds import OutcomeState

if TYPE_CHECKING:
    from app.desktop.bridge import Bridge, JobEnd, Opened, Trouble
    from app.desktop.window import MainWindow
    from app.domain.finding import Outcome
    from app.domain.text import Document
    from app.domain.work import Progress

_MOST_RECENT = 10
_KINDS = "*.pdf *.docx *.rtf *.txt *.md *.html *.htm *.png *.jpg *.jpeg *.tif *.tiff *.eml *.msg *.zip"
_SETTLED = (OutcomeState.UNDECIDED, OutcomeState.ABSTAINED, OutcomeState.FAILED)


class MatterFlow(QObject):
    """Holds the documents of the open matter for whoever needs them.

    It serves the start page before the window is furnished; ``furnish`` joins it to the library.
    """

    matter_changed = Signal()

    def __init__(self, window: MainWindow, bridge: Bridge, settings: QSettings) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._settings = settings
        self._queued: list[str] = []
        self._wanted_files: list[Path] = []
        self.folder: Path | None = None
        self.documents: dict[str, Document] = {}
        self.start = window.start
        self._connect()
        self.show_start()

    def furnish(self) -> None:
        """The window's library is there."""
        library = self._window.library
        library.files_dropped.connect(self.add)
        library.samples_requested.connect(self.open_samples)
        library.add_requested.connect(self._choose_files)
        library.password_requested.connect(self._ask_password)
        library.reread_requested.connect(self._read_again)
        self._bridge.opened.connect(self._opened)
        self._bridge.documents_changed.connect(self._documents_changed)
        self._bridge.progressed.connect(self._progressed)
        self._bridge.ended.connect(self._ended)

    def open(self, folder: Path, create: bool = False) -> None:
        """``matter_changed`` follows, or a sentence in the status line."""
        self._window.status.tell(self._window.tr("Opening {}…").format(folder.name), stays=True)
        self._bridge.open(folder, create)

    def open_samples(self) -> None:
        """The bundled contracts, read in if they are not there yet."""
        from app.wiring.matters import SAMPLES, demo_matter

        self._wanted_files = sorted(SAMPLES.glob("*.pdf"))
        self.open(demo_matter(), create=True)

    def add(self, paths: Sequence[Path]) -> None:
        """Into the open matter; without one, into a new one that is asked for first."""
        if self.folder is None:
            self._wanted_files = list(paths)
            self._new()
            return
        if self._busy():
            return
        self._queued = [path.name for path in paths]
        self._window.library.set_queued(self._queued)
        self._bridge.add(paths)

    def show_start(self) -> None:
        """What is seen while no matter is open."""
        self.start.show_recent(self._recent())
        self._window.go_to("start")
        self._menu()

    def show_reviewed(self, outcomes: Sequence[Outcome]) -> None:
        """Mark the documents on which nothing waits for a decision any more."""
        seen = {outcome.finding.document for outcome in outcomes}
        waiting = {outcome.finding.document for outcome in outcomes if outcome.state in _SETTLED}
        self._window.library.set_reviewed(seen - waiting)

    def _open_named(self, folder: str) -> None:
        self.open(Path(folder))

    def _connect(self) -> None:
        acts = self._window.actions_by_name
        for name, wanted in (
            ("new", self._new),
            ("open", self._choose),
            ("samples", self.open_samples),
            ("add", self._choose_files),
            ("add-folder", self._choose_folder),
        ):
            acts[name].triggered.connect(only(wanted))
        self.start.files_dropped.connect(self.add)
        self.start.samples_requested.connect(self.open_samples)
        self.start.open_requested.connect(self._choose)
        self.start.new_requested.connect(self._new)
        self.start.recent_chosen.connect(self._open_named)
        self._bridge.failed.connect(self._failed)

    def _opened(self, state: Opened) -> None:
        self.folder = state.folder
        self.documents = {document.id: document for document in state.documents}
        self._remember(state.folder)
        self._window.setWindowTitle(f"Pincite – {state.folder.name}")
        self._window.status.tell("")
        self._window.library.set_documents(state.documents)
        self._window.library.set_queued([])
        self._window.go_to("view-review")
        self._menu()
        self.matter_changed.emit()
        wanted, self._wanted_files = self._wanted_files, []
        held = {document.name for document in state.documents}
        if any(path.name not in held for path in wanted):
            self.add(wanted)
        elif state.unread:
            self._queued = list(state.unread)
            self._window.library.set_queued(self._queued)
            self._bridge.add(())

    def _documents_changed(self, changed: Sequence[Document]) -> None:
        self.documents.update({document.id: document for document in changed})
        self._window.library.set_documents(tuple(self.documents.values()))

    def _progressed(self, progress: Progress) -> None:
        if self._bridge.job == "adding" and progress.what == "reading":
            self._window.library.set_queued(self._queued[progress.done :])

    def _ask_password(self, document: str) -> None:
        held = self.documents.get(document)
        if held is None or self._busy():
            return
        password, given = QInputDialog.getText(
            self._window,
            self._window.tr("Password"),
            self._window.tr(
                "The password of {}. It is kept until the matter is closed, and nowhere on the disk."
            ).format(held.name),
            QLineEdit.EchoMode.Password,
        )
        if given and password:
            self._bridge.read_again([document], password)

    def _read_again(self, documents: Sequence[str]) -> None:
        if not self._busy():
            self._bridge.read_again(documents)

    def _busy(self) -> bool:
        if self._bridge.job:
            self._window.status.tell(
                self._window.tr("Files can be read when the work that runs is done, or paused.")
            )
        return bool(self._bridge.job)

    def _in_order(self, documents: Sequence[Document]) -> None:
        self.documents = {document.id: document for document in documents}
        self._window.library.set_documents(documents)

    def _ended(self, end: JobEnd) -> None:
        if end.job == "adding":
            self._bridge.look_up(lambda desk: desk.documents(), self._in_order)
            self._queued = []
            self._window.library.set_queued([])

    def _failed(self, trouble: Trouble) -> None:
        self._window.status.tell(f"{trouble.message} {trouble.hint}", stays=True)
        if self.folder is None:
            self.show_start()

    def _new(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self._window,
            self._window.tr("New matter: name its folder"),
            str(self._last_place() / "New matter"),
        )
        if chosen:
            self.open(Path(chosen), create=True)

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self._window, self._window.tr("Open a matter's folder"), str(self._last_place())
        )
        if chosen:
            self.open(Path(chosen))

    def _choose_files(self) -> None:
        chosen, _ = QFileDialog.getOpenFileNames(
            self._window,
            self._window.tr("Add files"),
            "",
            self._window.tr("Documents ({});;All files (*)").format(_KINDS),
        )
        if chosen:
            self.add([Path(name) for name in chosen])

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._window, self._window.tr("Add a folder's files"))
        if chosen:
            self.add([Path(chosen)])

    def _menu(self) -> None:
        menu = QMenu(self._window)
        acts = self._window.actions_by_name
        for name in ("new", "open", "samples"):
            menu.addAction(acts[name])
        recent = [folder for folder in self._recent() if Path(folder) != self.folder]
        if recent:
            menu.addSection(self._window.tr("Recent"))
        for folder in recent:
            action = menu.addAction(look.icon("folder-open"), Path(folder).name)
            action.setToolTip(folder)
            action.triggered.connect(only(partial(self._open_named, folder)))
        title = self.folder.name if self.folder else self._window.tr("No matter open")
        self._window.top.show_matter(title, menu)

    def _recent(self) -> list[str]:
        held = self._settings.value("recent", "")
        return [name for name in str(held).split("\n") if name and Path(name).is_dir()]

    def _remember(self, folder: Path) -> None:
        held = [name for name in self._recent() if Path(name) != folder]
        self._settings.setValue("recent", "\n".join([str(folder), *held][:_MOST_RECENT]))

    def _last_place(self) -> Path:
        recent = self._recent()
        return Path(recent[0]).parent if recent else Path.home()
