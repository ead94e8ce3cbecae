from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.cost import RateCard
from app.domain.errors import SettingsInvalid
from app.platform.settings import load_rate_card, save_rate_card
from app.platform.toml_table import TableNotPlain, with_values

CARD = RateCard(
    currency="EUR", machine_hour=0.08, machine_source="invoice 77", kwh=0.31, kwh_source='tariff "B" \\ 2026',
    analyst_hour=85.5, analyst_source="HR – 2026", watts=120, watts_source="measured",
)  # fmt: skip

BUSY = """# my settings
theme = "dark" # at night

[window]
title = \"\"\"
[rates]
kwh = 9
\"\"\"
sizes = [ # left, right
  1, # [rates]
  2,
]

[rates] # prices
# electricity
kwh = 0.25   # from the bill
kwh_source = 'bill, May'

[[rooms]]
kwh = 7
"""

text = st.text(st.characters(codec="utf-8"))
price = st.floats(0.000001, 1e6)
cards = st.builds(
    RateCard, currency=st.sampled_from(["USD", "EUR"]), machine_hour=price, machine_source=text, kwh=price,
    kwh_source=text, analyst_hour=price, analyst_source=text, watts=price, watts_source=text,
)  # fmt: skip


def test_what_is_saved_is_what_is_read(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "settings.toml"
    save_rate_card(CARD, file)
    assert load_rate_card(file) == CARD


def test_without_a_file_named_it_is_the_one_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINCITE_HOME", str(tmp_path))
    save_rate_card(CARD)
    assert load_rate_card() == CARD
    assert (tmp_path / "settings.toml").is_file()


def test_everything_else_in_the_file_stays_to_the_letter(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(BUSY, encoding="utf-8")
    save_rate_card(CARD, file)
    written = file.read_text(encoding="utf-8")
    before, after = BUSY.split("[rates] # prices\n")
    assert written.startswith(before + "[rates] # prices\n# electricity\nkwh = 0.31   # from the bill\n")
    assert written.endswith(after[after.index("[[rooms]]") :])
    assert {k: v for k, v in tomllib.loads(written).items() if k != "rates"} == {
        k: v for k, v in tomllib.loads(BUSY).items() if k != "rates"
    }


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(BUSY.replace("\n", "\r\n").encode())
    save_rate_card(CARD, file)
    assert load_rate_card(file) == CARD
    assert b"\n" not in file.read_bytes().replace(b"\r\n", b"")


def test_a_default_that_nobody_set_is_not_written_down(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    save_rate_card(RateCard(), file)
    assert not file.exists()
    save_rate_card(RateCard(kwh=0.4, kwh_source="bill"), file)
    assert tomllib.loads(file.read_text(encoding="utf-8")) == {"rates": {"kwh": 0.4, "kwh_source": "bill"}}


def test_a_price_can_go_back_to_its_default(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    save_rate_card(CARD, file)
    save_rate_card(RateCard(), file)
    assert load_rate_card(file) == RateCard()


@pytest.mark.parametrize(
    "held", ["rates = { kwh = 0.2 }\n", "rates.kwh = 0.2\n", '[rates]\nkwh.a = 1\n"kwh" . b = 2\n']
)
def test_a_table_written_some_other_way_is_left_alone_and_named(tmp_path: Path, held: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(held, encoding="utf-8")
    with pytest.raises(SettingsInvalid, match="rates") as raised:
        save_rate_card(CARD, file)
    assert str(file) in raised.value.message
    assert file.read_text(encoding="utf-8") == held


def test_a_damaged_file_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[rates\nkwh = ", encoding="utf-8")
    with pytest.raises(SettingsInvalid, match="not valid TOML"):
        save_rate_card(CARD, file)
    assert file.read_text(encoding="utf-8") == "[rates\nkwh = "


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SettingsInvalid, match="cannot be written"):
            save_rate_card(CARD, tmp_path / "settings.toml")
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_in_the_files_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").mkdir()
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        save_rate_card(CARD, tmp_path / "settings.toml")


def test_no_half_written_file_is_left_beside_it(tmp_path: Path) -> None:
    save_rate_card(CARD, tmp_path / "settings.toml")
    assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]


@settings(max_examples=200, deadline=None)
@given(first=cards, second=cards, around=st.sampled_from(["", BUSY, "a = 1", "[b]\nc = '#'", '"x=#" = 1\n']))
def test_any_prices_survive_the_file_and_nothing_else_changes(
    first: RateCard, second: RateCard, around: str
) -> None:
    source = around
    for card in (first, second):
        source = with_values(source, "rates", card.model_dump())
        read = tomllib.loads(source)
        assert read["rates"] == card.model_dump()
        assert {**read, "rates": None} == {**tomllib.loads(around), "rates": None}


quoted = st.sampled_from(
    ['"a"', "'#'", '"""\n"a" [x]\n"""', "'''\n[rates]'''", "[1, [2], # ]\n 3]", "{ a = '}' }"]
)


@settings(max_examples=200, deadline=None)
@given(values=st.lists(quoted, max_size=4), mine=st.lists(quoted, max_size=3), trailing=st.booleans())
def test_strings_brackets_and_comments_never_mislead_it(
    values: list[str], mine: list[str], trailing: bool
) -> None:
    lines = [f"k{n} = {value} # [rates] = '" for n, value in enumerate(values)]
    lines += [
        "[rates]",
        *(f"r{n} = {value}" for n, value in enumerate(mine)),
        "kwh = 1 # old",
        "[after]",
        "kwh = 2",
    ]
    source = "\n".join(lines) + ("\n" if trailing else "")
    changed = with_values(source, "rates", {"kwh": 0.5, "watts": 3.0})
    read, before = tomllib.loads(changed), tomllib.loads(source)
    assert read == {**before, "rates": {**before["rates"], "kwh": 0.5, "watts": 3.0}}
    assert "kwh = 0.5 # old" in changed


@pytest.mark.parametrize("held", ["rates = {}", "rates = 3", "[[rates]]"])
def test_what_is_no_table_of_its_own_is_refused(held: str) -> None:
    with pytest.raises(TableNotPlain):
        with_values(held, "rates", {"kwh": 1.0})
