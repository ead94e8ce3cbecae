"""The one room that builds adapters and hands them to use cases; faces import what is named here."""

from app.ledger.costs import CostRow, CostTable
from app.ledger.references import Beside, Bounds, Compared
from app.reports.finding_json import finding_json
from app.wiring.calibrating import Calibrated, calibrate
from app.wiring.catalogs import (
    all_packs,
    chosen_model,
    fetch_model,
    library,
    pack_of,
    pack_problems,
    tasks_of,
)
from app.wiring.doctor import Examined, Fact, examine
from app.wiring.engine import run_engine
from app.wiring.evaluating import Evaluated, EvidenceMeasured, Measured, ReviewMeasured, evaluate
from app.wiring.gold import GoldFailure, GoldLearned, ProbeLearned, learn_gold
from app.wiring.learning import LearnedState, PackLearned, TaskLearned, forget, learn, learned_of
from app.wiring.matters import (
    SAMPLES,
    LastRun,
    add_files,
    costs_of,
    decide,
    demo_matter,
    documents_of,
    last_run,
    outcomes_of,
    outdated_of,
    read_again,
    text_of,
)
from app.wiring.model_server import need_server
from app.wiring.models import (
    ModelPlan,
    ModelState,
    import_model,
    model_states,
    plan_of_model,
    remove_model,
    smaller_run,
)
from app.wiring.policy import Limit, PolicyInForce, policy_in_force
from app.wiring.questions import Asked, ask, question_titles, quote_question
from app.wiring.repeats import carry_decisions, repeats_of
from app.wiring.reports import write_report
from app.wiring.reviews import (
    check,
    engine_command,
    engine_for,
    evidence_of,
    index_matter,
    quote_for,
    search_matter,
)
from app.wiring.second_models import Second, larger_than, second_for
from app.wiring.second_opinions import review
from models.chat import ChatFamily

__all__ = [
    "SAMPLES",
    "Asked",
    "Beside",
    "Bounds",
    "Calibrated",
    "ChatFamily",
    "Compared",
    "CostRow",
    "CostTable",
    "Evaluated",
    "EvidenceMeasured",
    "Examined",
    "Fact",
    "GoldFailure",
    "GoldLearned",
    "LastRun",
    "LearnedState",
    "Limit",
    "Measured",
    "ModelPlan",
    "ModelState",
    "PackLearned",
    "PolicyInForce",
    "ProbeLearned",
    "ReviewMeasured",
    "Second",
    "TaskLearned",
    "add_files",
    "all_packs",
    "ask",
    "calibrate",
    "carry_decisions",
    "check",
    "chosen_model",
    "costs_of",
    "decide",
    "demo_matter",
    "documents_of",
    "engine_command",
    "engine_for",
    "evaluate",
    "evidence_of",
    "examine",
    "fetch_model",
    "finding_json",
    "forget",
    "import_model",
    "index_matter",
    "larger_than",
    "last_run",
    "learn",
    "learn_gold",
    "learned_of",
    "library",
    "model_states",
    "need_server",
    "outcomes_of",
    "outdated_of",
    "pack_of",
    "pack_problems",
    "plan_of_model",
    "policy_in_force",
    "question_titles",
    "quote_for",
    "quote_question",
    "read_again",
    "remove_model",
    "repeats_of",
    "review",
    "run_engine",
    "search_matter",
    "second_for",
    "smaller_run",
    "tasks_of",
    "text_of",
    "write_report",
]
