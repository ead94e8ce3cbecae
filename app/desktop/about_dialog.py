"""What this is, who owns what is in it, and where its data is from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.desktop import figures, look
from app.desktop.aside import Aside
from app.desktop.buttons import ActionButton
from app.desktop.panels import Panel, heading, note, plain
from app.desktop.quiet_table import QuietTable
from app.domain.errors import PinciteError

if TYPE_CHECKING:
    from importlib.metadata import PackageMetadata

Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_WIDTH, _HEIGHT = 84 * look.STEP, 76 * look.STEP
_WIDTHS = (26, 12, 30)
_LONGEST = 120


@dataclass(frozen=True)
class Licence:
    """One package of others."""

    package: str
    version: str
    licence: str


@dataclass(frozen=True)
class About:
    """Read when the dialog is opened, not before."""

    version: str
    licences: tuple[Licence, ...]
    attributions: tuple[str, ...]


class LicencesModel(QAbstractTableModel):
    """One row a package."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[Licence, ...] = ()

    def show_licences(self, rows: tuple[Licence, ...]) -> None:
        """In the order given."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = _NONE) -> int:  # noqa: N802 - Qt's name
        """Packages."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NONE) -> int:  # noqa: N802 - Qt's name
        """Package, version, licence."""
        return 0 if parent.isValid() else len(_WIDTHS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text and tip of a cell."""
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        row = self._rows[index.row()]
        return (row.package, row.version, row.licence)[index.column()]

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (self.tr("package"), self.tr("version"), self.tr("licence"))[section]


def read_about() -> About:
    """From the metadata of what is installed, the packs and the catalog of models; takes a second."""
    from importlib import metadata

    try:
        version = metadata.version("pincite")
    except metadata.PackageNotFoundError:
        version = ""
    found = {
        (dist.name or "").casefold(): Licence(dist.name or "", dist.version, _licence_of(dist.metadata))
        for dist in metadata.distributions()
        if dist.name and dist.name.casefold() != "pincite"
    }
    return About(version, tuple(found[name] for name in sorted(found)), _attributions())


def _licence_of(held: PackageMetadata) -> str:
    """The SPDX expression, else the licence's name, else what the classifiers say."""
    for key in ("License-Expression", "License"):
        named = (held.get_all(key) or [""])[0].strip().split("\n")[0]
        if named and len(named) <= _LONGEST and named != "UNKNOWN":
            return named
    classifiers = [
        line.rsplit(" :: ", 1)[-1]
        for line in held.get_all("Classifier") or []
        if line.startswith("License ::") and line.count(" :: ") > 1
    ]
    return ", ".join(classifiers) or figures.NOTHING


def _attributions() -> tuple[str, ...]:
    from app import wiring

    try:
        packs = [f"{pack.title}: {pack.attribution}" for pack in wiring.all_packs()]
    except PinciteError:  # a pack that does not load is said where packs are shown
        packs = []
    try:
        library = wiring.library()
    except PinciteError:  # a policy that is wrong is said by whatever needs it
        return tuple(packs)
    here = library.installed()
    models = [
        f"{model.title}: {model.source}, {model.licence}"
        for model in library.models()
        if model in here or model.packages
    ]
    return (*packs, *models)


class AboutDialog(QDialog):
    """``read`` gives what is shown; it runs in a thread of its own."""

    def __init__(self, parent: QWidget | None = None, read: Callable[[], About] = read_about) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Pincite"))
        self.resize(_WIDTH, _HEIGHT)
        self.version = plain()
        self.attributions = note()
        self._model = LicencesModel()
        self.table = QuietTable()
        self.count = heading(self.tr("Software of others: reading…"))
        self._lay_out()
        self._aside = Aside()
        self._aside.done.connect(self._came)
        self._aside.failed.connect(self._missed)
        self._aside.start(read)

    def _came(self, about: About) -> None:
        self.version.setText(self.tr("Version {}").format(about.version or self.tr("unknown")))
        self.attributions.setText("\n".join(about.attributions))
        self.count.setText(
            figures.counted(
                len(about.licences),
                self.tr("Software of others: 1 package"),
                self.tr("Software of others: {} packages"),
            )
        )
        self._model.show_licences(about.licences)

    def _missed(self) -> None:
        self.count.setText(self.tr("The licences could not be read; THIRD-PARTY.md has them too."))

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(*[2 * look.STEP] * 4)
        rows.setSpacing(2 * look.STEP)
        top = QVBoxLayout()
        top.setSpacing(2)
        top.addWidget(heading("Pincite", 6))
        top.addWidget(self.version)
        top.addWidget(
            note(
                self.tr(
                    "Reviews documents on this machine, with a pinpoint citation behind every finding "
                    "and a price on every outcome. Licensed AGPL-3.0-or-later."
                )
            )
        )
        data = Panel(self.tr("Data and models"))
        data.rows.addWidget(self.attributions)
        software = Panel()
        self.table.show_model(self._model, _WIDTHS, stretched=2)
        self.table.setAccessibleName(self.tr("Licences of other software"))
        software.rows.addWidget(self.count)
        software.rows.addWidget(self.table, 1)
        close = ActionButton(self.tr("&Close"))
        close.setDefault(True)
        look.named(close, self.tr("Close"), key="Esc")
        close.clicked.connect(self.reject)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(close)
        rows.addLayout(top)
        rows.addWidget(data)
        rows.addWidget(software, 1)
        rows.addLayout(below)
