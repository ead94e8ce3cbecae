"""Findings as a file: which format, which findings, where to."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.desktop import look
from app.desktop.aside import Aside
from app.desktop.buttons import ActionButton
from app.desktop.outlines import Outlines
from app.desktop.panels import Panel, note

_WIDTH = 74 * look.STEP
FORMS = ("xlsx", "docx", "pdf", "csv", "json")


class ExportDialog(QDialog):
    """Says what is wanted; who writes is somebody else. Citations are proved before anything is written."""

    export_requested = Signal(str, str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export findings"))
        self.resize(_WIDTH, 0)
        self._folder, self._matter, self._document = Path.home(), "", ""
        self._agreed = ""
        self._named_by_hand = False
        self._aside: Aside | None = None
        self.forms: dict[str, QRadioButton] = {}
        self.all = QRadioButton(self.tr("&All findings"))
        self.decided = QRadioButton(self.tr("Only what is &decided"))
        self.path = QLineEdit()
        self.browse = ActionButton(self.tr("&Browse…"), "folder-open")
        self.said = note()
        self.export = ActionButton(self.tr("&Export"), "download", primary=True)
        self.cancel = ActionButton(self.tr("Cancel"))
        self._lay_out()
        self._name()
        self._connect()
        Outlines(self)
        self.set_choices(self._folder)

    def set_choices(
        self, folder: Path, matter: str = "", form: str = "xlsx", document: str | None = None
    ) -> None:
        """Where files go and what they are named for; an empty ``document``: none is open."""
        self._folder, self._matter, self._document = folder, matter, document or ""
        self.forms["pdf"].setEnabled(document != "")
        wanted = self.forms.get(form, self.forms["xlsx"])
        (wanted if wanted.isEnabled() else self.forms["xlsx"]).setChecked(True)
        self._named_by_hand = False
        self._propose()

    @property
    def form(self) -> str:
        """The one that is chosen."""
        return next(form for form, button in self.forms.items() if button.isChecked())

    def _propose(self) -> None:
        """A name for the form; of a name that was typed only the ending changes."""
        held = self.path.text().strip()
        if self._named_by_hand and held:
            path = Path(held)
            known = path.suffix.lower().removeprefix(".") in FORMS
            path = path.with_suffix(f".{self.form}") if known else path
        else:
            stem = _safe(self._matter) or self.tr("findings")
            if self.form == "pdf" and self._document:
                stem = self.tr("{} annotated").format(_safe(Path(self._document).stem))
            path = self._folder / f"{stem}.{self.form}"
        self.path.setText(str(path))
        self._follow()

    def _follow(self) -> None:
        self._agreed = ""
        self.said.setText(self.tr("Every citation is checked against its document first."))
        self.export.setText(self.tr("&Export"))
        self.export.setEnabled(bool(self.path.text().strip()))

    def _typed(self) -> None:
        self._named_by_hand = True
        self._follow()

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Export to"), self.path.text(), f"{self.form.upper()} (*.{self.form})"
        )
        if chosen:
            self.path.setText(chosen)
            self._typed()
            self._agreed = chosen  # the file dialog has asked whether to replace it

    def _export(self) -> None:
        """Look first, in a thread: the place may be a share that sleeps."""
        path = self.path.text().strip()
        if not self.export.isEnabled():
            return
        self.export.setEnabled(False)
        self._aside = Aside()
        self._aside.done.connect(self._looked)
        self._aside.failed.connect(self._not_reached)
        self._aside.start(lambda: _trouble_with(path))

    def _looked(self, trouble: str) -> None:
        self.export.setEnabled(True)
        path = self.path.text().strip()
        if trouble == "folder":
            self.said.setText(self.tr("There is no such folder, or it is closed to you. Choose another."))
        elif trouble == "is-folder":
            self.said.setText(self.tr("This is a folder. Add a file's name to it."))
        elif trouble == "exists" and self._agreed != path:
            self._agreed = path
            self.said.setText(self.tr("There is a file of this name. Export again to replace it."))
            self.export.setText(self.tr("R&eplace it"))
        else:
            self.export_requested.emit(self.form, path, self.decided.isChecked())
            self.accept()

    def _not_reached(self) -> None:
        self._looked("folder")

    def _name(self) -> None:
        look.named(self.path, self.tr("File to write"), key="Alt+F")
        look.named(self.browse, self.tr("Browse"), self.tr("Choose the file"), "Alt+B")
        look.named(self.export, self.tr("Export"), key="Enter")
        look.named(self.cancel, self.tr("Cancel"), key="Esc")
        look.named(self.all, self.tr("All findings"), key="Alt+A")
        look.named(self.decided, self.tr("Only what is decided"), key="Alt+D")

    def _connect(self) -> None:
        for button in self.forms.values():
            button.clicked.connect(self._propose)
        self.path.textEdited.connect(self._typed)
        self.browse.clicked.connect(self._choose_file)
        self.export.clicked.connect(self._export)
        self.cancel.clicked.connect(self.reject)
        self.export.setDefault(True)

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(*[2 * look.STEP] * 4)
        rows.setSpacing(2 * look.STEP)
        rows.addWidget(self._form_panel())
        what = Panel(self.tr("What"))
        for button in (self.all, self.decided):
            what.rows.addWidget(button)
        self.all.setChecked(True)
        rows.addWidget(what)
        label = QLabel(self.tr("&File"))
        label.setBuddy(self.path)
        where = QHBoxLayout()
        where.setSpacing(look.STEP)
        where.addWidget(label)
        where.addWidget(self.path, 1)
        where.addWidget(self.browse)
        rows.addLayout(where)
        rows.addStretch(1)
        below = QHBoxLayout()
        below.setSpacing(look.STEP)
        below.addWidget(self.said, 1)
        below.addWidget(self.cancel)
        below.addWidget(self.export)
        rows.addLayout(below)

    def _form_panel(self) -> Panel:
        panel = Panel(self.tr("Format"))
        group = QButtonGroup(self)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * look.STEP)
        grid.setVerticalSpacing(look.STEP // 2)
        grid.setColumnStretch(1, 1)
        for place, (form, text, what) in enumerate(
            (
                ("xlsx", self.tr("&Workbook (XLSX)"), self.tr("grid, all findings with quotes, and costs")),
                ("docx", self.tr("&Memo (DOCX)"), self.tr("findings in prose, each with its citation")),
                ("pdf", self.tr("Annotated &PDF"), self.tr("the open document with its citations marked")),
                ("csv", self.tr("&Table (CSV)"), self.tr("one row a finding, safe to open")),
                ("json", self.tr("&JSON"), self.tr("for other programs")),
            )
        ):
            button = self.forms[form] = QRadioButton(text)
            shown = text.replace("&", "")
            look.named(button, shown, f"{shown}: {what}", f"Alt+{text[text.index('&') + 1].upper()}")
            group.addButton(button)
            grid.addWidget(button, place, 0)
            grid.addWidget(look.muted(QLabel(what)), place, 1)
        self.forms["xlsx"].setChecked(True)
        panel.rows.addLayout(grid)
        return panel


def _safe(name: str) -> str:
    """A file's name on every system."""
    return re.sub(r'[<>:"/\\|?*\x00-\x1f]', " ", name).strip(" .")


def _trouble_with(path: str) -> str:
    """ "folder", "is-folder", "exists", or nothing."""
    held = Path(path)
    if not held.parent.is_dir():
        return "folder"
    if held.is_dir():
        return "is-folder"
    return "exists" if held.exists() else ""
