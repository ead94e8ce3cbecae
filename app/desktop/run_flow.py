"""Pack and model, the quote, the review itself, and questions of one's own."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication, QObject, QSettings, Qt, QTimer

from app.desktop import figures
from app.desktop.ask_flow import AskFlow
from app.desktop.slots import only

if TYPE_CHECKING:
    from app.desktop.bridge import Bridge, JobEnd, Opened, Trouble
    from app.desktop.decision_flow import DecisionFlow
    from app.desktop.matter_flow import MatterFlow
    from app.desktop.review_dialog import ReviewChoice, ReviewDialog, SecondChoices
    from app.desktop.window import MainWindow
    from app.domain.cost import Quote
    from app.domain.task import Pack
    from app.wiring import CostTable
    from app.wiring.desk import Scope

_QUOTE_WAITS_MILLISECONDS = 300


class RunFlow(QObject):
    """Starts long work and shows how it goes."""

    def __init__(
        self,
        window: MainWindow,
        bridge: Bridge,
        matters: MatterFlow,
        decisions: DecisionFlow,
        settings: QSettings,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._matters = matters
        self._decisions = decisions
        self._settings = settings
        self.packs: dict[str, Pack] = {}
        self.pack = ""
        self.model = ""
        self.models: list[tuple[str, str]] = []
        self._seconds: SecondChoices | None = None
        self.asking = AskFlow(window, bridge, matters, decisions, self.scope, self.show_columns)
        self._columns: frozenset[str] = frozenset()
        self._to_come: deque[tuple[str, str]] = deque()
        self._quote_soon = QTimer(self)
        self._quote_soon.setSingleShot(True)
        self._quote_soon.setInterval(_QUOTE_WAITS_MILLISECONDS)
        self._quote_soon.timeout.connect(self._quote)
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Look again which packs and models are here."""
        self._bridge.apart(_packs_and_models, self._know)

    def scope(self) -> Scope:
        """All tasks and documents, by the pack and model in force."""
        from app.wiring.desk import Scope

        return Scope(pack=self.pack, model=self.model or None)

    def review(self) -> None:
        """What is not done yet, of everything."""
        if self._bridge.job == "" and self._matters.folder is not None and self.pack:
            self._bridge.review(self.scope())

    def choose_review(self) -> None:
        """Ask for tasks, documents and a limit first."""
        from app.desktop.review_dialog import ReviewDialog

        if self._matters.folder is None or not self.pack:
            return
        dialog = ReviewDialog(self._window)
        chosen = [document.id for document in self._window.library.selected_documents()]
        dialog.set_choices(
            self.packs[self.pack].tasks,
            tuple(self._matters.documents.values()),
            self.models,
            self.model,
            chosen,
            seconds=self._seconds,
        )
        dialog.quote_wanted.connect(partial(self._quote_choice, dialog))
        dialog.start_requested.connect(self._review_choice)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _quote_choice(self, dialog: ReviewDialog, choice: ReviewChoice) -> None:
        scope = self._scope_of(choice)
        self._bridge.look_up(
            lambda desk: desk.quote(scope),
            lambda quote: dialog.show_quote(quote, choice),
            lambda trouble: dialog.show_trouble(trouble.message, trouble.hint),
        )

    def _review_choice(self, choice: ReviewChoice) -> None:
        self._bridge.review(self._scope_of(choice))

    def show_columns(self) -> None:
        """The pack's tasks, then one's own questions, then what other packs' tasks found."""
        tasks = self.packs[self.pack].tasks if self.pack in self.packs else ()
        asked, titles = self.asking.questions, self._decisions.titles
        titles.update({task.id: task.title for task in tasks})
        titles.update(asked.titles)
        own = {task.id for task in tasks} | asked.titles.keys()
        others = sorted({task for _, task in self._decisions.outcomes} - own)
        columns = [(task.id, task.title) for task in tasks] + asked.columns
        columns += [(task, titles.get(task, task)) for task in others]
        self._columns = frozenset(task for task, _ in columns)
        self._window.grid.set_tasks(columns)
        self._window.grid.set_documents(tuple(self._matters.documents.values()))
        self._window.grid.set_outcomes(tuple(self._decisions.outcomes.values()))
        self._show_reviewed()

    def _show_reviewed(self) -> None:
        """Answers that are no column wait for nobody; a question alone is no review of a document."""
        held, asked = self._decisions.outcomes, self.asking.questions.titles
        reviewed = {document for document, task in held if task not in asked}
        self._matters.show_reviewed(
            tuple(o for (document, task), o in held.items() if document in reviewed and task in self._columns)
        )

    def _connect(self) -> None:
        acts = self._window.actions_by_name
        acts["review"].triggered.connect(only(self.review))
        acts["choose-review"].triggered.connect(only(self.choose_review))
        acts["pause"].triggered.connect(only(self._bridge.cancel))
        acts["ask"].triggered.connect(only(self.asking.show))
        self._window.top.pack.chosen.connect(self.choose_pack)
        self._window.top.model.chosen.connect(self.choose_model)
        self._window.library.review_requested.connect(self._review_documents)
        self._bridge.opened.connect(self._opened)
        self._bridge.documents_changed.connect(only(self.show_columns))
        self._bridge.began.connect(self._began)
        self._bridge.progressed.connect(self._window.status.show_progress)
        self._bridge.ended.connect(self._ended)
        self._decisions.outcomes_held.connect(self._quote_soon.start)
        self._decisions.outcomes_held.connect(self._mark_next)
        self._decisions.outcomes_held.connect(self._show_reviewed)
        self._set_running(False)

    def choose_pack(self, pack: str) -> None:
        """For the open matter and the next ones."""
        self.pack = pack
        self._settings.setValue("pack", pack)
        self._window.top.pack.show_choices([(key, held.title) for key, held in self.packs.items()], pack)
        self.show_columns()
        self._quote_soon.start()

    def choose_model(self, model: str) -> None:
        """For the open matter and the next ones."""
        self.model = model
        self._settings.setValue("model", model)
        self._window.top.model.show_choices(self.models, model)
        self._quote_soon.start()

    def _know(self, held: _Known) -> None:
        packs, self.models, default, self._seconds = held
        self.packs = {pack.ref.id: pack for pack in packs}
        wanted = str(self._settings.value("pack", ""))
        self.choose_pack(wanted if wanted in self.packs else next(iter(self.packs), ""))
        chosen = str(self._settings.value("model", ""))
        self.choose_model(chosen if chosen in dict(self.models) else default)
        self._set_running(bool(self._bridge.job))

    def _opened(self, state: Opened) -> None:
        self.asking.open_matter(state)
        self.show_columns()
        self._set_running(False)
        self._quote_soon.start()

    def _review_documents(self, documents: list[str]) -> None:
        scope = self.scope()
        if not self._bridge.job and self.pack:
            self._bridge.review(scope.model_copy(update={"documents": tuple(documents)}))

    def _scope_of(self, choice: ReviewChoice) -> Scope:
        return self.scope().model_copy(
            update={
                "tasks": tuple(choice.tasks),
                "documents": tuple(choice.documents),
                "model": choice.model or None,
                "most": choice.most,
                "second": choice.second or "none",
            }
        )

    def _began(self, job: str) -> None:
        from app.domain.work import Progress

        self._set_running(True)
        self._window.status.tell("")
        self._window.status.show_progress(Progress(what=job, done=0, total=0))
        if job == "reviewing":
            tasks = [task.id for task in self.packs[self.pack].tasks]
            readable = [d.id for d in self._matters.documents.values() if d.state.readable]
            self._to_come = deque((document, task) for document in readable for task in tasks)
        elif job == "asking":
            self._to_come = deque(self.asking.pending())
        self._mark_next()

    def _mark_next(self) -> None:
        """Only the cell that is worked on says so: a review goes document by document, task by task."""
        while self._to_come and self._to_come[0] in self._decisions.outcomes:
            self._to_come.popleft()
        self._window.grid.set_pending([self._to_come[0]] if self._to_come else [])

    def _ended(self, end: JobEnd) -> None:
        self._to_come.clear()
        self._mark_next()
        self._window.status.show_idle()
        self._set_running(False)
        if end.ending == "failed" and end.trouble is not None:
            self._say(end.trouble)
        elif end.ending == "cancelled":
            self._window.status.tell(self._window.tr("Paused; everything that was finished is kept."))
        elif end.ending == "partial":
            self._window.status.tell(
                self._window.tr("Done in part: see Problems for what failed and what to do."), stays=True
            )
        elif end.job == "reviewing":
            self._window.status.tell(self._window.tr("The review is done."))
        elif end.job == "asking":
            self._window.status.tell(self._window.tr("The question is answered."))
        self._quote_soon.start()
        self._show_money()

    def _say(self, trouble: Trouble) -> None:
        self._window.status.tell(f"{trouble.message} {trouble.hint}", stays=True)

    def _set_running(self, running: bool) -> None:
        acts = self._window.actions_by_name
        open_ = self._matters.folder is not None
        for name in ("view-review", "view-costs", "view-problems"):
            acts[name].setEnabled(open_)
        acts["ask"].setEnabled(open_)  # also while work runs: its dialog shows the answers, or says to wait
        for name in ("review", "choose-review", "add", "add-folder"):
            acts[name].setEnabled(not running and (open_ or name.startswith("add")))
        acts["pause"].setEnabled(running)
        acts["export"].setEnabled(open_)

    def _quote(self) -> None:
        self._show_money()
        if self._bridge.job or not self.pack or self._matters.folder is None:
            return
        scope = self.scope()
        self._bridge.look_up(
            lambda desk: desk.quote(scope), self._show_quote, lambda _: self._window.top.show_quote("")
        )

    def _show_quote(self, quote: Quote) -> None:
        if quote.nothing_to_do:
            readable = any(d.state.readable for d in self._matters.documents.values())
            self._window.top.show_quote(self._window.tr("all done") if readable else "")
            return
        money = figures.money(quote.cost.expected, quote.currency)
        half = figures.money((quote.cost.high - quote.cost.low) / 2, quote.currency)
        about = figures.duration(quote.seconds.expected)
        self._window.top.show_quote(
            self._window.tr("{n} findings · quote {money} ± {half} · about {time}").format(
                n=f"{quote.findings:,}", money=money, half=half, time=about
            ),
            self._window.tr("Machine and energy, between {low} and {high}, four times out of five.").format(
                low=figures.money(quote.cost.low, quote.currency),
                high=figures.money(quote.cost.high, quote.currency),
            ),
        )

    def _show_money(self) -> None:
        self._bridge.look_up(lambda desk: desk.costs()["task"], self._show_costs)

    def _show_costs(self, table: CostTable) -> None:
        total = table.total
        if not total.machine_seconds and not total.analyst_seconds:
            self._window.status.show_money("")
            return
        accepted = sum(n for state, n in total.outcomes.items() if state.value in ("accepted", "edited"))
        parts = [
            self._window.tr("so far {} machine").format(figures.money(total.machine, table.currency)),
            self._window.tr("{} analyst").format(figures.money(total.analyst, table.currency)),
            self._window.tr("{} accepted").format(f"{accepted:,}"),
        ]
        if total.per_accepted is not None:
            parts.append(self._window.tr("{} each").format(figures.money(total.per_accepted, table.currency)))
        self._window.status.show_money(" · ".join(parts))


class _Known(NamedTuple):
    """Packs, models with their titles, the model to begin with, and who may give a second opinion."""

    packs: tuple[Pack, ...]
    models: list[tuple[str, str]]
    default: str
    seconds: SecondChoices


def _packs_and_models() -> _Known:
    from app.desktop.review_dialog import SecondChoices
    from app.wiring.catalogs import all_packs, library
    from app.wiring.model_server import model_server
    from app.wiring.second_models import larger_than, preferred_second

    models = library()
    here = {model.id for model in models.installed()}
    titles = [
        (model.id, model.title if model.id in here else f"{model.title} – not installed")
        for model in models.models()
        if models.allowed(model) and (model.id in here or model.packages)
    ]
    sent = QCoreApplication.translate("RunFlow", "passages are sent there")
    server = model_server()
    titles += [(server.entry.id, f"{server.entry.title} – {sent}")] if server is not None else []
    default = next((m.id for m in models.catalog.models if m.default), "")
    chosen = next((key for key, _ in titles if key == default), titles[0][0] if titles else "")
    listed = [model for model in models.models() if model.id in dict(titles)]
    larger = {model.id: [(one.id, one.title) for one in larger_than(model)] for model in listed}
    return _Known(all_packs(), titles, chosen, SecondChoices(larger, preferred_second()))
