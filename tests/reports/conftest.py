from __future__ import annotations

import pytest

from app.domain.ports import ReadFile
from app.reports.reviewed_matter import ReviewedMatter
from tests.conftest import SAMPLES
from tests.reports.made import linkplus_outcomes, read, reviewed


@pytest.fixture(scope="session")
def linkplus() -> ReadFile:
    return read(SAMPLES / "LinkPlus affiliate agreement.pdf")


@pytest.fixture(scope="session")
def linkplus_review(linkplus: ReadFile) -> ReviewedMatter:
    """The one sample with an outcome of every state."""
    return reviewed([linkplus.document], linkplus_outcomes(linkplus))
