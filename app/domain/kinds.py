"""The closed sets everything is one of: plain enumerations, so that a face loads nothing else for them."""

from __future__ import annotations

from enum import StrEnum

OPENED_WITH_A_PASSWORD = "opened with a password"
"""A flag of a document whose pages cannot be drawn without its password."""


class DocumentState(StrEnum):
    """How reading a file ended. Every file ends in exactly one of these."""

    READY = "ready"
    PARTIAL = "partial"
    LOCKED = "locked"
    NO_TEXT = "no-text"
    DAMAGED = "damaged"
    TOO_LARGE = "too-large"
    UNSUPPORTED = "unsupported"
    REFUSED = "refused"

    @property
    def readable(self) -> bool:
        """Whether there are pages to review."""
        return self in (DocumentState.READY, DocumentState.PARTIAL)


class TaskKind(StrEnum):
    EXTRACT = "extract"
    CHOOSE = "choose"
    LIST = "list"
    SUMMARY = "summary"
    ASK = "ask"


class ValueKind(StrEnum):
    """The type of a finding's value; each has a grammar, a normaliser and a support check."""

    BOOLEAN = "boolean"
    CLAUSE = "clause"
    CODE = "code"
    DATE = "date"
    DURATION = "duration"
    JURISDICTION = "jurisdiction"
    MONEY = "money"
    NUMBER = "number"
    PARTIES = "parties"
    TEXT = "text"
    TIME = "time"
    TITLE = "title"


class CodeScheme(StrEnum):
    """Whose codes a task is after; ``app.review.value_codes`` says what each looks like."""

    BIC = "bic"
    CPT = "cpt"
    CUSIP = "cusip"
    HCPCS = "hcpcs"
    IBAN = "iban"
    ICD_10 = "icd-10"
    ICD_10_CM = "icd-10-cm"
    ICD_10_PCS = "icd-10-pcs"
    ISIN = "isin"
    LEI = "lei"
    LOINC = "loinc"
    NDC = "ndc"
    NPI = "npi"
    REFERENCE = "reference"
    SNOMED_CT = "snomed-ct"


class CiteKind(StrEnum):
    """Whether a citation is the whole sentence or only the words that carry the value."""

    SENTENCE = "sentence"
    WORDS = "words"


class FindingStatus(StrEnum):
    FOUND = "found"
    ABSENT = "absent"
    ABSTAINED = "abstained"
    FAILED = "failed"


class DecisionKind(StrEnum):
    ACCEPT = "accept"
    EDIT = "edit"
    REJECT = "reject"
    WITHDRAW = "withdraw"


class OutcomeState(StrEnum):
    ACCEPTED = "accepted"
    EDITED = "edited"
    REJECTED = "rejected"
    UNDECIDED = "undecided"
    ABSTAINED = "abstained"
    ABSENT = "absent"
    FAILED = "failed"
