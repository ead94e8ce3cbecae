from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.cost import RateCard
from app.domain.errors import SettingsInvalid
from app.platform.network_lock import Address
from app.platform.settings import load_chroma_server, load_rate_card, load_reranks


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PINCITE_HOME", str(tmp_path))
    return tmp_path / "settings.toml"


def test_without_a_file_the_defaults_hold_and_every_price_has_a_source(file: Path) -> None:
    card = load_rate_card()
    assert card == RateCard()
    sources = [text for name, text in card.model_dump().items() if name.endswith("_source")]
    assert len(sources) == 4
    assert all(sources)
    file.write_text("[other]\nkey = 1\n")
    assert load_rate_card() == RateCard()


def test_a_price_of_the_file_counts_and_is_said_to_come_from_there(file: Path) -> None:
    file.write_text('[rates]\ncurrency = "EUR"\nkwh = 0.4\nanalyst_hour = 90\nanalyst_source = "our wages"\n')
    card = load_rate_card()
    assert (card.currency, card.kwh, card.kwh_source) == ("EUR", 0.4, "set in settings.toml")
    assert (card.analyst_hour, card.analyst_source) == (90.0, "our wages")
    assert (card.watts, card.watts_source) == (RateCard().watts, RateCard().watts_source)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[rates]\nkwh = -0.1\n", "rates.kwh:"),
        ('[rates]\nkwh = "cheap"\n', "rates.kwh:"),
        ("[rates]\nwatts = 0\n", "rates.watts:"),
        ("[rates]\nkilowatt = 1\n", "rates.kilowatt:"),
        ("[rates]\nkwh = 1\nkwh = 2\n", "line 3"),
        ("rates = 3\n", "rates:"),
        ("[rates\n", "line 1"),
        ("[rates]\ncurrency = 'caf\xe9'\n", "TOML"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_key_or_line(file: Path, text: str, where: str) -> None:
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsInvalid) as caught:
        load_rate_card()
    assert str(file) in caught.value.message
    assert where in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_a_folder_of_that_name_is_said_to_be_unreadable(file: Path) -> None:
    file.mkdir()
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        load_rate_card()


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("127.0.0.1:8000", Address("127.0.0.1", 8000)),
        ("localhost:8000", Address("127.0.0.1", 8000)),
        ("[::1]:9", Address("::1", 9)),
        ("10.0.0.5:65535", Address("10.0.0.5", 65535)),
    ],
)
def test_a_vector_server_is_a_numeric_address_and_a_port(file: Path, written: str, address: Address) -> None:
    assert load_chroma_server() is None
    file.write_text(f'[search]\nchroma_server = "{written}"\n')
    assert load_chroma_server() == address


@pytest.mark.parametrize(
    "written", ['"vectors.example:8000"', '"127.0.0.1"', '"127.0.0.1:0"', '"127.0.0.1:65536"', "8000", '""']
)
def test_what_is_no_address_is_named_with_file_and_key(file: Path, written: str) -> None:
    file.write_text(f"[search]\nchroma_server = {written}\n")
    with pytest.raises(SettingsInvalid, match=r"search\.chroma_server") as error:
        load_chroma_server()
    assert str(file) in error.value.message


def test_a_search_is_reranked_unless_the_file_says_otherwise(file: Path) -> None:
    assert load_reranks()
    file.write_text("[search]\nreranks = false\n")
    assert not load_reranks()
    file.write_text('[search]\nreranks = "no"\n')
    with pytest.raises(SettingsInvalid, match=r"search\.reranks"):
        load_reranks()
