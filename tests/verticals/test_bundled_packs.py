from __future__ import annotations

import numpy as np
import pytest

from app.domain.kinds import TaskKind, ValueKind
from app.domain.task import Pack
from app.review.values import holds_value
from models.onnx_embedder import MODEL_SHA256
from models.train.contract_nli import TASKS
from retrieval.task_probes import TaskProbes
from tests.review.made import sentences
from verticals.loader import bundled_packs, check_pack, load_pack

CUAD = """
    Document Name; Parties; Agreement Date; Effective Date; Expiration Date; Renewal Term; Notice Period To
    Terminate Renewal; Governing Law; Most Favored Nation; Non-Compete; Exclusivity; No-Solicit Of Customers;
    Competitive Restriction Exception; No-Solicit Of Employees; Non-Disparagement;
    Termination For Convenience; Rofr/Rofo/Rofn; Change Of Control; Anti-Assignment;
    Revenue/Profit Sharing; Price Restrictions; Minimum
    Commitment; Volume Restriction; Ip Ownership Assignment; Joint Ip Ownership; License Grant;
    Non-Transferable License; Affiliate License-Licensor; Affiliate License-Licensee;
    Unlimited/All-You-Can-Eat-License; Irrevocable Or Perpetual License; Source Code Escrow; Post-Termination
    Services; Audit Rights; Uncapped Liability; Cap On Liability; Liquidated Damages; Warranty Duration;
    Insurance; Covenant Not To Sue; Third Party Beneficiary
"""
"""The 41 categories of CUAD v1."""

LISTS = {"amounts-of-money", "dates-and-periods"}
"""Of ``contracts``, and of no category."""


def kebab(name: str) -> str:
    return "-".join(name.lower().replace("/", " ").split())


@pytest.fixture(scope="module", params=["contracts", "nda"])
def pack(request: pytest.FixtureRequest) -> Pack:
    return load_pack(bundled_packs()[request.param])


def test_every_bundled_pack_is_tested_here_and_has_no_problems() -> None:
    assert set(bundled_packs()) == {"contracts", "nda"}
    for folder in bundled_packs().values():
        assert check_pack(folder) == ()


def test_a_contracts_task_bears_the_name_of_its_cuad_category_in_kebab_case() -> None:
    categories = {kebab(name) for name in CUAD.split(";")}
    assert len(categories) == 41
    assert {task.id for task in load_pack(bundled_packs()["contracts"]).tasks} == categories | LISTS


def test_the_lists_of_contracts_let_pass_what_holds_a_value_and_need_no_model() -> None:
    lists = {t.id: t for t in load_pack(bundled_packs()["contracts"]).tasks if t.kind is TaskKind.LIST}
    assert set(lists) == LISTS
    for task in lists.values():
        assert task.settled_by_gate
        assert holds_value(task.value) is not None


def test_there_is_an_nda_task_for_every_hypothesis_of_contract_nli() -> None:
    assert len(TASKS) == 17
    assert {task.id for task in load_pack(bundled_packs()["nda"]).tasks} == set(TASKS.values())


def test_tasks_are_in_the_order_of_their_columns(pack: Pack) -> None:
    first = {"contracts": ["document-name", "parties"], "nda": ["explicit-identification"]}[pack.ref.id]
    assert [task.id for task in pack.tasks][: len(first)] == first
    assert len({task.id for task in pack.tasks}) == len(pack.tasks)


def test_thresholds_leave_room_to_abstain(pack: Pack) -> None:
    for task in pack.tasks:
        limits = task.thresholds
        assert 0 <= limits.sure_absent <= limits.absent <= limits.found <= limits.sure_found <= 1


def test_values_that_a_model_may_have_to_choose_come_with_a_question(pack: Pack) -> None:
    for task in pack.tasks:
        if task.value not in (ValueKind.CLAUSE, ValueKind.TEXT):
            assert task.value_question


def test_there_is_a_probe_for_every_task_and_for_the_embedder_that_is_bundled(pack: Pack) -> None:
    assert pack.probes is not None
    probes = TaskProbes.load(pack.probes)
    assert probes.embedder == MODEL_SHA256
    indexed, text = sentences("The laws of Ohio govern.", embedder=MODEL_SHA256)
    for task in pack.tasks:
        if task.id in LISTS:
            continue
        found = probes.scores(task.id, indexed, text, np.zeros(1, dtype=np.float32))
        assert found is not None
        assert 0 <= found.presence <= 1


def test_what_was_learned_from_others_is_attributed(pack: Pack) -> None:
    assert {"contracts": "CUAD", "nda": "ContractNLI"}[pack.ref.id] in pack.attribution
    assert "CC BY 4.0" in pack.attribution
