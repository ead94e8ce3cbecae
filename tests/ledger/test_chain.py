from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from app.domain.record import GENESIS, EntryKind, LedgerEntry, entry_hash, first_broken_link
from tests.ledger.made import NOVEMBER, chained, resealed

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
)
payloads = st.dictionaries(st.text(max_size=6), st.one_of(scalars, st.lists(scalars, max_size=3)), max_size=4)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
chains = st.lists(st.tuples(moments, st.sampled_from(EntryKind), payloads), min_size=1, max_size=6).map(
    chained
)
MANY = settings(max_examples=150, deadline=None)


def written(payload: dict[str, JsonValue]) -> str:
    return json.dumps(payload, sort_keys=True)


@MANY
@given(chains)
def test_entries_that_follow_one_from_the_other_are_whole(entries: list[LedgerEntry]) -> None:
    assert first_broken_link(entries) is None


@MANY
@given(chains, st.data())
def test_a_changed_entry_breaks_the_chain(entries: list[LedgerEntry], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    entry = entries[place]
    payload = data.draw(payloads)
    assume(written(payload) != written(entry.payload))
    change: dict[str, object] = data.draw(
        st.sampled_from(
            [
                {"payload": payload},
                {"at": entry.at + timedelta(microseconds=1)},
                {"kind": next(kind for kind in EntryKind if kind is not entry.kind)},
                {"sequence": entry.sequence + 1},
                {"previous": "f" * 64},
                {"hash": "f" * 64},
            ]
        )
    )
    entries[place] = entry.model_copy(update=change)
    assert first_broken_link(entries) == place + 1


@MANY
@given(chains, payloads, st.data())
def test_a_changed_entry_that_was_sealed_again_breaks_the_chain_at_the_next_one(
    entries: list[LedgerEntry], payload: dict[str, JsonValue], data: st.DataObject
) -> None:
    assume(len(entries) > 1)
    place = data.draw(st.integers(0, len(entries) - 2))
    assume(written(payload) != written(entries[place].payload))
    entries[place] = resealed(entries[place], payload=payload)
    assert first_broken_link(entries) == place + 2


@MANY
@given(chains, st.data())
def test_moved_entries_break_the_chain(entries: list[LedgerEntry], data: st.DataObject) -> None:
    moved = data.draw(st.permutations(entries))
    assume(moved != entries)
    first = next(place for place, entry in enumerate(moved) if entry != entries[place])
    assert first_broken_link(moved) == first + 1


@MANY
@given(chains, st.data())
def test_a_removed_entry_breaks_the_chain_also_when_the_rest_is_numbered_anew(
    entries: list[LedgerEntry], data: st.DataObject
) -> None:
    assume(len(entries) > 1)
    place = data.draw(st.integers(0, len(entries) - 2))
    rest = entries[:place] + entries[place + 1 :]
    assert first_broken_link(rest) == place + 1
    renumbered = [resealed(entry, sequence=number) for number, entry in enumerate(rest, start=1)]
    assert first_broken_link(renumbered) == place + 1


@MANY
@given(chains, payloads, st.data())
def test_an_inserted_entry_breaks_the_chain_also_when_it_follows_from_the_one_before(
    entries: list[LedgerEntry], payload: dict[str, JsonValue], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    previous = entries[place - 1].hash if place else GENESIS
    forged = resealed(entries[0], sequence=place + 1, previous=previous, payload={**payload, "forged": True})
    forged_in = [*entries[:place], forged, *entries[place:]]
    assert first_broken_link(forged_in) == place + 2


def test_entries_are_numbered_from_one_without_a_gap() -> None:
    entries = chained([(NOVEMBER, EntryKind.FINDING, {"finding": "f1"})] * 3)
    first = resealed(entries[0], sequence=2)
    assert first_broken_link([first]) == 1
    after_a_gap = resealed(entries[2], previous=entries[0].hash)
    assert first_broken_link([entries[0], after_a_gap]) == 2


def test_an_empty_ledger_is_whole() -> None:
    assert first_broken_link([]) is None


def test_a_number_and_its_look_alike_are_sealed_apart() -> None:
    seals = {
        entry_hash(1, NOVEMBER, EntryKind.FINDING, {"seconds": figure}, GENESIS)
        for figure in (1, 1.0, True, "1")
    }
    assert len(seals) == 4


def test_the_order_of_keys_is_no_change() -> None:
    one = entry_hash(1, NOVEMBER, EntryKind.FINDING, {"a": 1, "b": 2}, GENESIS)
    assert one == entry_hash(1, NOVEMBER, EntryKind.FINDING, {"b": 2, "a": 1}, GENESIS)


@pytest.mark.parametrize("figure", [float("nan"), float("inf"), "\ud800"])
def test_what_can_never_have_been_sealed_is_a_broken_link_and_no_crash(figure: JsonValue) -> None:
    entries = chained([(NOVEMBER, EntryKind.FINDING, {"seconds": 1.0})] * 3)
    entries[1] = entries[1].model_copy(update={"payload": {"seconds": figure}})
    assert first_broken_link(entries) == 2
