"""How states and figures of findings are said to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.domain.kinds import FindingStatus, OutcomeState
from app.domain.listing import items_of
from app.domain.summary import sentences_of

if TYPE_CHECKING:
    from app.domain.finding import Finding

SURE, LIKELY = 0.9, 0.7


def tr(text: str) -> str:
    """Translated, for words outside a widget."""
    return QCoreApplication.translate("words", text)


def confidence(finding: Finding) -> str:
    """In words: a figure would claim to be more exact than it is."""
    if finding.confidence >= SURE:
        return tr("sure")
    return tr("likely") if finding.confidence >= LIKELY else tr("less sure")


def state(held: OutcomeState) -> str:
    """One or two words."""
    return {
        OutcomeState.ACCEPTED: tr("accepted"),
        OutcomeState.EDITED: tr("edited"),
        OutcomeState.REJECTED: tr("rejected"),
        OutcomeState.UNDECIDED: tr("undecided"),
        OutcomeState.ABSTAINED: tr("not sure"),
        OutcomeState.ABSENT: tr("absent"),
        OutcomeState.FAILED: tr("failed"),
    }[held]


def headline(finding: Finding) -> str:
    """What a finding's card is headed with."""
    if finding.status is FindingStatus.FOUND:
        return listed(finding) or finding.display
    return {
        FindingStatus.ABSENT: tr("Absent"),
        FindingStatus.ABSTAINED: tr("Not sure"),
        FindingStatus.FAILED: tr("Failed"),
    }[finding.status]


def listed(finding: Finding) -> str:
    """How many items a list has, or sentences a summary; empty if the finding is neither."""
    count = len(sentences_of(finding.value))
    if count:
        return tr("1 sentence") if count == 1 else tr("{} sentences").format(f"{count:,}")
    count = len(items_of(finding.value))
    return tr("1 item") if count == 1 else tr("{} items").format(f"{count:,}") if count else ""


def editable(finding: Finding) -> str:
    """What an edit begins with: the value, of a list all of its items, of a summary all it says."""
    said = " ".join(sentence.text for sentence in sentences_of(finding.value))
    return said or "; ".join(item.display for item in items_of(finding.value)) or finding.display


def second_opinion(finding: Finding) -> str:
    """Whose second opinion the answer is; empty for that of the model asked first."""
    by = finding.second_opinion
    return tr("second opinion of {}").format(by.id) if by is not None else ""


def sent_to(finding: Finding) -> str:
    """Where passages went for it; empty where all was read on this machine."""
    return tr("passages sent to {}").format(", ".join(finding.sent_to)) if finding.sent_to else ""


def explanation(finding: Finding) -> str:
    """Why there is no value, in one sentence; empty for what was found."""
    if finding.status is FindingStatus.ABSENT:
        return tr("The document was searched and does not say this.")
    return finding.reason or ""
