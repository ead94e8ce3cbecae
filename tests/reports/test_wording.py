from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports.wording import (
    confidence_words,
    counted,
    duration,
    energy,
    money,
    money_format,
    one_line,
    printable,
    shortened,
)


@given(st.text(alphabet=st.characters()))
def test_printable_text_can_always_stand_in_xml(text: str) -> None:
    made = ET.Element("t")
    made.text = printable(text)
    read = ET.fromstring(ET.tostring(made, encoding="utf-8")).text or ""
    assert read.replace("\r\n", "\n").replace("\r", "\n") == made.text.replace("\r\n", "\n").replace(
        "\r", "\n"
    )


def test_what_can_be_printed_is_left_alone() -> None:
    text = "é “quote” \U0001f600\n\tœ"
    assert printable(text) == text
    assert one_line("  a\n\nb\x0bc ") == "a b c"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "$0"),
        (0.00042, "$0.00042"),
        (0.0011, "$0.0011"),
        (0.42, "$0.42"),
        (4.1, "$4.10"),
        (12_400, "$12,400"),
    ],
)
def test_money_has_as_many_digits_as_matter(amount: float, shown: str) -> None:
    assert money(amount, "USD") == shown


def test_money_bears_its_currency() -> None:
    assert money(4.1, "EUR") == "€4.10"
    assert money(4.1, "CHF") == "CHF\N{NO-BREAK SPACE}4.10"
    assert money_format("USD") == '"$"#,##0.00####'
    assert '"' not in money_format('a"b').replace('"', "", 2)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0 s"), (0.42, "0.4 s"), (48, "48 s"), (360, "6 min"), (7_800, "2 h 10 min")]
)
def test_time_is_said_as_people_say_it(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(("kwh", "shown"), [(0, "0 kWh"), (0.0026, "0.0026 kWh"), (0.74, "0.74 kWh")])
def test_energy_has_as_many_digits_as_matter(kwh: float, shown: str) -> None:
    assert energy(kwh) == shown


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (1.0, "Sure"),
        (0.9, "Sure"),
        (0.89, "Likely"),
        (0.7, "Likely"),
        (0.69, "Less sure"),
        (0.0, "Less sure"),
    ],
)
def test_confidence_is_said_in_words(confidence: float, words: str) -> None:
    assert confidence_words(confidence) == words


def test_long_text_is_cut_at_a_word() -> None:
    assert shortened("one two three", 9) == "one two…"
    assert shortened("one", 9) == "one"
    assert len(shortened("x" * 50, 9)) == 9


def test_one_is_not_many() -> None:
    assert (counted(1, "page"), counted(2, "page"), counted(1_204, "page")) == (
        "1 page",
        "2 pages",
        "1,204 pages",
    )
