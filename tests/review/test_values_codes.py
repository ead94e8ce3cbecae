from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.kinds import CodeScheme, ValueKind
from app.review.check_digits import is_iban, is_isin, is_lei, is_loinc, is_snomed
from app.review.values import candidates, holds_value, supported


def read(text: str, scheme: CodeScheme | None = None) -> list[str]:
    return [candidate.display for candidate in candidates(ValueKind.CODE, [(0, text)], scheme)]


CODES = [
    (CodeScheme.ICD_10_CM, "Type 2 diabetes (E11.9) and hypertension (I10)", ["E11.9", "I10"]),
    (CodeScheme.ICD_10_CM, "ICD-10-CM codes I10, S52.521A and Z79.4", ["I10", "S52.521A", "Z79.4"]),
    (CodeScheme.ICD_10, "Pneumonia, J18.9", ["J18.9"]),
    (CodeScheme.ICD_10_PCS, "procedure code 0DTJ4ZZ", ["0DTJ4ZZ"]),
    (CodeScheme.CPT, "billed under CPT 99213 and 90471; zip 10001", ["99213", "90471"]),
    (CodeScheme.HCPCS, "ketorolac J1885", ["J1885"]),
    (CodeScheme.LOINC, "glucose (LOINC 2345-7)", ["2345-7"]),
    (CodeScheme.SNOMED_CT, "diabetes, SNOMED CT 73211009", ["73211009"]),
    (CodeScheme.NDC, "insulin, NDC 0002-8215-01", ["0002-8215-01"]),
    (CodeScheme.NPI, "NPI 1234567893", ["1234567893"]),
    (CodeScheme.ISIN, "the notes (ISIN US0378331005)", ["US0378331005"]),
    (CodeScheme.CUSIP, "CUSIP No. 037833 10 0", ["037833100"]),
    (CodeScheme.LEI, "its LEI is 5493001KJTIIGC8Y1R12", ["5493001KJTIIGC8Y1R12"]),
    (CodeScheme.IBAN, "to IBAN DE89 3704 0044 0532 0130 00", ["DE89370400440532013000"]),
    (CodeScheme.BIC, "SWIFT code DEUTDEFF", ["DEUTDEFF"]),
    (CodeScheme.REFERENCE, "Invoice No. INV-2021-0042 of May 1", ["INV-2021-0042"]),
    (CodeScheme.REFERENCE, "Commission File Number: 001-36743", ["001-36743"]),
]


@pytest.mark.parametrize(("scheme", "text", "found"), CODES)
def test_codes_of_the_scheme_that_a_task_asks_for_are_read(
    scheme: CodeScheme, text: str, found: list[str]
) -> None:
    assert sorted(read(text, scheme)) == sorted(found)
    for code in found:
        value = {"code": code, "scheme": scheme.value}
        assert supported(ValueKind.CODE, value, [(0, text)])
        assert read(code, scheme) == [code]


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        (CodeScheme.ICD_10_CM, "vitamin B12 at vertebra T12, Section A10.2"),
        (CodeScheme.CPT, "New York, NY 10001"),
        (CodeScheme.LOINC, "LOINC 2345-8"),
        (CodeScheme.SNOMED_CT, "SNOMED CT 73211008"),
        (CodeScheme.NPI, "NPI 1234567890"),
        (CodeScheme.ISIN, "ISIN US0378331006"),
        (CodeScheme.CUSIP, "CUSIP 037833101"),
        (CodeScheme.LEI, "LEI 5493001KJTIIGC8Y1R13"),
        (CodeScheme.IBAN, "IBAN DE88 3704 0044 0532 0130 00"),
        (CodeScheme.IBAN, "IBAN XX89 3704 0044 0532 0130 00"),
        (CodeScheme.BIC, "CONTRACT AGREEMENT"),
        (CodeScheme.REFERENCE, "the number of Shares; Amendment No. 5"),
    ],
)
def test_what_only_looks_like_a_code_or_fails_its_check_is_none(scheme: CodeScheme, text: str) -> None:
    assert read(text, scheme) == []


def test_without_a_scheme_what_is_sure_or_named_is_read() -> None:
    text = "ISIN US0378331005 under Policy No. AB-1234; vitamin B12, CPT 99213, room 10001"
    assert sorted(read(text)) == ["99213", "AB-1234", "US0378331005"]


def test_a_code_is_given_verbatim_and_cited_where_it_stands() -> None:
    text = "pay to DE89 3704 0044 0532 0130 00 by Friday"
    (found,) = candidates(ValueKind.CODE, [(100, text)], CodeScheme.IBAN)
    assert found.value == {"code": "DE89370400440532013000", "scheme": "iban"}
    assert text[found.span.start - 100 : found.span.end - 100] == "DE89 3704 0044 0532 0130 00"


def test_a_code_of_another_scheme_is_not_supported() -> None:
    assert not supported(ValueKind.CODE, {"code": "E11.9", "scheme": "isin"}, [(0, "(E11.9)")])
    assert not supported(ValueKind.CODE, {"code": "E11.8", "scheme": "icd-10-cm"}, [(0, "(E11.9)")])


def test_the_gate_of_a_list_lets_sentences_with_such_codes_pass() -> None:
    holds = holds_value(ValueKind.CODE, CodeScheme.ICD_10_CM)
    assert holds is not None
    assert holds("He has asthma (J45.909).")
    assert not holds("He has asthma.")


@given(st.text("0123456789", min_size=5, max_size=12))
def test_a_wrong_digit_is_always_noticed(digits: str) -> None:
    for check, before in ((is_loinc, f"{digits}-"), (is_snomed, f"{digits}10")):
        (right,) = (last for last in "0123456789" if check(before + last))
        for wrong in set("0123456789") - {right}:
            assert not check(before + wrong)


def test_check_digits_are_those_of_known_codes() -> None:
    assert is_lei("5493001KJTIIGC8Y1R12")
    assert is_isin("US0378331005")
    assert not is_isin("US0378331050")


def test_a_security_is_numbered_by_a_country_or_an_agency_and_an_account_has_its_countrys_form() -> None:
    assert is_isin("XS0356705219")
    assert is_isin("EZ0000000003")
    assert not is_isin("QG0000000002")
    assert is_iban("GB29NWBK60161331926819")
    assert not is_iban("GB58123460161331926819")  # its check digits are right


def test_reading_codes_is_not_paid_for_where_there_are_none() -> None:
    script = "import sys, app.review.values; sys.exit('stdnum' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([None, *CodeScheme]),
    st.lists(
        st.one_of(
            st.sampled_from(
                ["ICD-10 ", "CPT ", "E11.9", "99213", "DE89 ", "3704 ", "No. ", "invoice ", "AB-12", "-", "7",
                 ", ", "(", ")", "LOINC ", "2345-7", "SNOMED ", "73211009", "US0378331005", "code "]
            ),
            st.text(max_size=5),
        ),
        max_size=12,
    ).map("".join),
)  # fmt: skip
def test_any_words_give_only_codes_that_stand_in_them(scheme: CodeScheme | None, text: str) -> None:
    for candidate in candidates(ValueKind.CODE, [(0, text)], scheme):
        words = text[candidate.span.start : candidate.span.end]
        assert "".join(words.split()) == candidate.display
        assert supported(ValueKind.CODE, candidate.value, [(0, text)]) or scheme is None


@pytest.mark.parametrize(
    "part", ["1", "A", "A1", "CPT 99213 ", "No. ", "IBAN ", "DE89 3704 ", "1-", "E11.9, ", "invoice "]
)
def test_long_runs_of_one_thing_are_read_in_no_time(part: str) -> None:
    text = (part * 5000)[:5000]
    started = time.process_time()
    for scheme in (None, *CodeScheme):
        candidates(ValueKind.CODE, [(0, text)], scheme)
    assert time.process_time() - started < 10.0
