from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.cost import RateCard, Reference, ReferenceUnit
from app.domain.errors import SettingsInvalid
from app.domain.kinds import DecisionKind
from app.ledger.costs import CostRow, cost_table
from app.ledger.references import (
    Beside,
    Bounds,
    Compared,
    Priced,
    Reviewed,
    beside,
    load_references,
    save_references,
)
from tests.ledger.made import chained, decision, document, outcome, run

CARD = RateCard(analyst_hour=60.0)
REVIEWED = Reviewed(documents=2, characters=500_000)


def reference(unit: ReferenceUnit, low: float, high: float, judged: bool = True, **more: str) -> Reference:
    return Reference(
        id="r", title="R", unit=unit, low=low, high=high, judged=judged, source="somewhere",
        currency=more.get("currency", "USD"),
    )  # fmt: skip


def total(*decided: DecisionKind | None, seconds: float = 30.0) -> CostRow:
    """One finding each: $0.50 of machine, and $0.25 of analyst where it is decided."""
    outcomes = [outcome(f"f{n}", decided=kind) for n, kind in enumerate(decided)]
    decisions = [decision(f"f{n}", seconds=seconds) for n, kind in enumerate(decided) if kind]
    steps = [*map(run, outcomes), *decisions]
    return cost_table(outcomes, chained(steps), [document(1)], CARD, "task").total


ALL_DECIDED = total(DecisionKind.ACCEPT, DecisionKind.REJECT)


def compared(one: Reference, whole: CostRow = ALL_DECIDED, card: RateCard = CARD) -> Compared:
    return beside([one], whole, REVIEWED, card).rows[0]


def priced(one: Reference, whole: CostRow = ALL_DECIDED, card: RateCard = CARD) -> Priced:
    held = compared(one, whole, card).priced
    assert held is not None
    return held


def test_a_price_for_a_document_counts_every_reviewed_document() -> None:
    held = priced(reference("document", 0.5, 3.0))
    assert (held.whole, held.each) == (Bounds(low=1.0, high=6.0), Bounds(low=0.5, high=3.0))
    assert held.ours_each == ALL_DECIDED.actual / 2 == 0.75
    assert held.times == Bounds(low=1.0 / 1.5, high=4.0)


def test_a_price_for_a_resolution_counts_accepted_findings_and_stands_beside_what_one_cost() -> None:
    held = priced(reference("accepted", 0.99, 0.99))
    assert held.whole == Bounds(low=0.99, high=0.99)
    assert held.ours_each == ALL_DECIDED.per_accepted == 1.5
    assert held.times == Bounds(low=0.66, high=0.66)


def test_without_an_accepted_finding_a_resolution_has_no_price() -> None:
    assert compared(reference("accepted", 1.0, 1.0), total(DecisionKind.REJECT)).priced is None


def test_minutes_are_priced_by_the_rate_cards_analyst_in_its_currency() -> None:
    held = priced(reference("minute", 10.0, 20.0), card=RateCard(currency="EUR", analyst_hour=120.0))
    assert (held.currency, held.each) == ("EUR", Bounds(low=20.0, high=40.0))
    assert held.times is not None


def test_text_that_is_read_whole_is_priced_by_the_matters_characters() -> None:
    held = priced(reference("million-characters", 2.5, 2.5, judged=False))
    assert held.whole == Bounds(low=1.25, high=1.25)
    assert held.each == Bounds(low=0.625, high=0.625)


def test_where_nobody_judges_our_analysts_time_is_added_before_it_is_compared() -> None:
    held = priced(reference("document", 0.5, 0.5, judged=False))
    assert held.whole == Bounds(low=1.0, high=1.0)
    assert held.checked == Bounds(low=1.5, high=1.5)
    assert held.times == Bounds(low=1.0, high=1.0)


def test_people_are_not_compared_with_findings_that_nobody_has_judged_yet() -> None:
    waiting, untimed = total(DecisionKind.ACCEPT, None), total(DecisionKind.ACCEPT, seconds=0.0)
    for unit in ("document", "minute"):
        assert priced(reference(unit, 1.0, 2.0), waiting).times is None
        assert priced(reference(unit, 1.0, 2.0), untimed).times is None
    assert priced(reference("accepted", 1.0, 1.0), waiting).times is not None
    assert priced(reference("accepted", 1.0, 1.0), untimed).times is None
    assert priced(reference("document", 1.0, 1.0, judged=False), waiting).times is not None


def test_another_currency_is_shown_but_not_compared() -> None:
    held = priced(reference("document", 0.5, 3.0, currency="EUR"))
    assert (held.currency, held.whole) == ("EUR", Bounds(low=1.0, high=6.0))
    assert (held.checked, held.times) == (None, None)


def test_a_matter_that_cost_nothing_is_compared_with_nothing() -> None:
    nothing = cost_table([outcome()], [], [], CARD, "task").total
    assert priced(reference("document", 1.0, 1.0, judged=False), nothing).times is None


def test_what_is_undecided_is_told() -> None:
    made = beside([], total(DecisionKind.ACCEPT, None, None), REVIEWED, CARD)
    assert isinstance(made, Beside)
    assert made.undecided == 2


def test_every_default_has_a_source_and_never_counts_tokens() -> None:
    held = load_references(Path("nowhere") / "references.toml")
    assert len(held) >= 5
    assert {one.unit for one in held} == {"document", "accepted", "minute", "million-characters"}
    for one in held:
        assert one.source.strip()
        assert "token" not in f"{one.title} {one.source}".casefold()


def test_ones_own_figures_win_and_name_the_file_where_they_name_no_source(tmp_path: Path) -> None:
    file = tmp_path / "references.toml"
    file.write_text("[human-first-pass]\nlow = 2\n\n[ours]\ntitle = 'Outside counsel'\nunit = 'document'\n"
                    "low = 40\nhigh = 90\njudged = true\nsource = 'invoice'\n", encoding="utf-8")  # fmt: skip
    held = {one.id: one for one in load_references(file)}
    assert (held["human-first-pass"].low, held["human-first-pass"].high) == (2.0, 3.0)
    assert held["human-first-pass"].source == "set in references.toml"
    assert held["ours"].title == "Outside counsel"
    assert held["generative-review"].low == 0.11


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[human-first-pass]\nlow = -1\n", "human-first-pass.low"),
        ("[human-first-pass]\nlow = 9\n", "human-first-pass"),
        ("[human-first-pass]\nhigh = inf\n", "human-first-pass.high"),
        ("[human-first-pass]\nsource = ''\n", "human-first-pass.source"),
        ("[mine]\nlow = 1\n", "mine.title"),
        ("low = 1\n", "low"),
        ("[human-first-pass\n", "not valid TOML"),
    ],
)
def test_a_wrong_figure_is_named_with_its_file_and_key(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "references.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsInvalid) as caught:
        load_references(file)
    assert str(file) in str(caught.value)
    assert named in str(caught.value)


def test_only_what_was_changed_is_written_and_what_stood_there_stays(tmp_path: Path) -> None:
    file = tmp_path / "new" / "references.toml"
    defaults = load_references(file)
    save_references(defaults, file)
    assert not file.exists()
    changed = defaults[0].model_copy(update={"high": 4.0, "source": "our own survey"})
    save_references((changed, *defaults[1:]), file)
    assert load_references(file) == (changed, *defaults[1:])
    assert file.read_text(encoding="utf-8").count("[") == 1
    file.write_text("# ours\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    save_references(defaults, file)
    assert file.read_text(encoding="utf-8").startswith("# ours\n")
    assert load_references(file) == defaults


def test_a_file_that_cannot_be_changed_in_place_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "references.toml"
    text = "human-first-pass = { low = 1.0 }\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsInvalid, match="human-first-pass"):
        save_references(load_references(file), file)
    assert file.read_text(encoding="utf-8") == text


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1e6), st.floats(0, 1e6), st.text(min_size=1, max_size=40))
def test_whatever_is_saved_is_loaded_again(
    tmp_path_factory: pytest.TempPathFactory, one: float, other: float, source: str
) -> None:
    file = tmp_path_factory.mktemp("held") / "references.toml"
    first, *rest = load_references(file)
    changed = first.model_copy(update={"low": min(one, other), "high": max(one, other), "source": source})
    save_references((changed, *rest), file)
    assert load_references(file) == (changed, *rest)
