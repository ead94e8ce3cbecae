"""Typed errors with a way out: a stable code, one sentence, one thing to do. Never a document's text."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the command line returns; a contract."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    PARTIAL = 3
    REFUSED = 4
    INTERRUPTED = 130


class PinciteError(Exception):
    """An error a person can act on. ``message`` is one sentence, ``hint`` one thing to do."""

    code = "error"
    exit_code = ExitCode.ERROR

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Cancelled(PinciteError):
    """The user stopped it. Never shown as an error."""

    code = "cancelled"
    exit_code = ExitCode.INTERRUPTED

    def __init__(self) -> None:
        super().__init__("Stopped; what was finished is kept.", "Run the same command again to go on.")


class MatterNotFound(PinciteError):
    code = "matter.not-found"


class MatterBusy(PinciteError):
    """Another process is writing to this matter."""

    code = "matter.busy"


class MatterDamaged(PinciteError):
    code = "matter.damaged"


class MatterTooNew(PinciteError):
    """Written by a newer Pincite."""

    code = "matter.too-new"


class MatterNotReachable(PinciteError):
    """Its folder or files cannot be read or written: rights, a drive that went away, a failing disk."""

    code = "matter.not-reachable"


class DiskFull(PinciteError):
    code = "disk.full"


class FileMissing(PinciteError):
    code = "file.missing"


class DocumentNotFound(PinciteError):
    code = "document.not-found"


class DocumentNotReadable(PinciteError):
    """The document has no text to work on; its state says why."""

    code = "document.not-readable"


class PageNotFound(PinciteError):
    code = "page.not-found"


class FindingNotFound(PinciteError):
    code = "finding.not-found"


class DecisionIncomplete(PinciteError):
    code = "decision.incomplete"
    exit_code = ExitCode.USAGE


class NothingToWithdraw(PinciteError):
    """No decision on the finding stands."""

    code = "decision.nothing-to-withdraw"


class SearchInvalid(PinciteError):
    """A search names pages that cannot be."""

    code = "search.invalid"
    exit_code = ExitCode.USAGE


class QuestionInvalid(PinciteError):
    """No words in it, too many, or characters that are none."""

    code = "question.invalid"
    exit_code = ExitCode.USAGE


class QuestionNotFound(PinciteError):
    code = "question.not-found"


class PackNotFound(PinciteError):
    code = "pack.not-found"


class PackInvalid(PinciteError):
    """The message names file and line."""

    code = "pack.invalid"


class PackReadOnly(PinciteError):
    """It came with this build, or its folder cannot be written to."""

    code = "pack.read-only"


class GoldNotFound(PinciteError):
    """There is no folder of gold cases where one was looked for."""

    code = "gold.not-found"


class GoldInvalid(PinciteError):
    """The message names the document and the task, as far as it is about them; never words of either."""

    code = "gold.invalid"


class TaskNotFound(PinciteError):
    code = "task.not-found"


class ModelNotFound(PinciteError):
    code = "model.not-found"


class ModelNotInstalled(PinciteError):
    code = "model.not-installed"


class ModelDamaged(PinciteError):
    """A model file's SHA-256 is not the one expected."""

    code = "model.damaged"


class ModelHeaderInvalid(PinciteError):
    """A model file's header is not what it must be. The message holds figures, no words of the file."""

    code = "model.header-invalid"


class ModelNotAllowed(PinciteError):
    """The organisation's policy does not list the file's SHA-256."""

    code = "model.not-allowed"
    exit_code = ExitCode.REFUSED


class ModelDoesNotFit(PinciteError):
    """It needs more memory than is free."""

    code = "model.does-not-fit"


class ModelNotLoaded(PinciteError):
    """llama.cpp did not take the file."""

    code = "model.not-loaded"


class ModelInUse(PinciteError):
    """Its file cannot be changed: another process has it open, or imports it."""

    code = "model.in-use"


class SecondOpinionInvalid(PinciteError):
    """The model named for it cannot give one."""

    code = "model.no-second-opinion"
    exit_code = ExitCode.USAGE


class ServerNotReachable(PinciteError):
    """The model server that the policy names does not answer, or broke off."""

    code = "server.not-reachable"


class ServerNotTrusted(PinciteError):
    code = "server.not-trusted"


class ServerSlow(PinciteError):
    code = "server.slow"


class ServerBusy(PinciteError):
    """It says that it cannot answer now: too much to do, or not ready yet."""

    code = "server.busy"


class ServerRefused(PinciteError):
    """It would answer any question like this: another model, a wrong key, another place."""

    code = "server.refused"


class ServerFailed(PinciteError):
    """It answered this question with an error of its own."""

    code = "server.failed"


class ServerAnswerInvalid(PinciteError):
    code = "server.answer-invalid"


class ServerAnswerTooLarge(PinciteError):
    code = "server.answer-too-large"


class ValueNotOffered(PinciteError):
    """A model that no grammar binds named a value that is none of those to choose from."""

    code = "server.value-not-offered"


class ImportIncomplete(PinciteError):
    """The file does not say enough; what is missing is an option of the command."""

    code = "model.import-incomplete"
    exit_code = ExitCode.USAGE


class FetchFailed(PinciteError):
    code = "model.fetch-failed"


class EngineFailed(PinciteError):
    """The engine process ended or could not start."""

    code = "engine.failed"


class SettingsInvalid(PinciteError):
    """The message names file and key."""

    code = "settings.invalid"


class VerificationFailed(PinciteError):
    code = "verify.failed"


class RefusedByPolicy(PinciteError):
    code = "policy.refused"
    exit_code = ExitCode.REFUSED
