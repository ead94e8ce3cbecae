"""Which model answered, in every export: the first one, one that gave a second opinion, or none."""

from __future__ import annotations

import csv
import io

import docx
import pytest
from openpyxl import load_workbook

from app.domain.finding import ModelRef, Outcome, Reading
from app.domain.kinds import FindingStatus
from app.reports.findings_csv import COLUMNS, findings_csv
from app.reports.findings_xlsx import LIST, findings_xlsx
from app.reports.review_memo_docx import review_memo
from app.reports.reviewed_matter import ReviewedMatter
from app.reports.wording import NO_MODEL
from tests.reports.made import MODEL, cited, document, found, outcome, reviewed

BIG = ModelRef(id="=big-model", sha256="ef" * 32)
DOCUMENT = document("msa.txt")
ABSENT, ABSTAINED, FOUND = FindingStatus.ABSENT, FindingStatus.ABSTAINED, FindingStatus.FOUND


def read(status: FindingStatus, model: ModelRef = MODEL, calls: int = 2) -> Reading:
    return Reading(model=model, status=status, confidence=0.9, model_calls=calls)


def made() -> tuple[tuple[Outcome, str], ...]:
    """Outcomes, each with the model that an export names."""
    quote, why = cited("Delaware"), "Not clear."
    return (
        (found(DOCUMENT, "first", "Delaware", quote, readings=(read(FOUND),)), MODEL.id),
        (
            found(DOCUMENT, "second", "Ohio", quote, readings=(read(ABSTAINED), read(FOUND, BIG))),
            f"'{BIG.id}",
        ),
        (outcome(DOCUMENT, "not there", ABSENT, readings=(read(ABSTAINED), read(ABSENT, BIG))), f"'{BIG.id}"),
        (
            outcome(
                DOCUMENT, "neither", ABSTAINED, reason=why, readings=(read(ABSTAINED), read(ABSTAINED, BIG))
            ),
            MODEL.id,
        ),
        (found(DOCUMENT, "by rule", "USD 5", quote, readings=(read(FOUND, calls=0),)), NO_MODEL),
        (outcome(DOCUMENT, "failed", FindingStatus.FAILED, reason=why), ""),
        (found(DOCUMENT, "not kept", "Utah", quote), ""),
    )


@pytest.fixture(scope="module")
def review() -> ReviewedMatter:
    return reviewed([DOCUMENT], [one for one, _ in made()], models=(MODEL, BIG))


def test_the_last_column_of_a_csv_names_the_model_or_says_that_none_was_asked(review: ReviewedMatter) -> None:
    text = findings_csv(review.outcomes, {DOCUMENT.id: DOCUMENT}).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert (rows[0][-1], tuple(rows[0])) == ("model", COLUMNS)
    assert [row[-1] for row in rows[1:]] == [model for _, model in made()]


def test_the_last_column_of_the_workbooks_list_does_so_too(review: ReviewedMatter) -> None:
    rows = list(load_workbook(io.BytesIO(findings_xlsx(review, {})))[LIST].iter_rows(values_only=True))
    assert rows[0][-1] == "Model"
    assert [row[-1] or "" for row in rows[1:]] == [model for _, model in made()]


def test_the_memo_names_a_model_only_where_it_is_not_the_first_of_the_review(review: ReviewedMatter) -> None:
    paragraphs = [p.text for p in docx.Document(io.BytesIO(review_memo(review))).paragraphs]
    named = [text for text in paragraphs if "answered by" in text]
    assert named == [
        f"● Undecided · sure · page 1 · answered by {BIG.id}",
        f"Looked for and not there: not there (answered by {BIG.id}).",
    ]
