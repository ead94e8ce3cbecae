from __future__ import annotations

from pathlib import Path

from app.domain.cancel import CancelToken
from app.platform.confinement import EVERYTHING
from app.wiring.doctor import RUNS, examine, reading_words
from app.wiring.models import import_model
from tests.conftest import MODEL
from tests.models.gguf_made import tiny_llama


def test_the_doctor_says_what_holds_and_what_does_not() -> None:
    everything = reading_words(EVERYTHING)
    assert everything == "bounded memory, bounded time, no other files, no network, no other programs"
    assert reading_words(frozenset(("memory", "time"))).endswith(
        "; this system does not enforce: no other files, no network, no other programs"
    )
    assert reading_words(frozenset()) == "nothing is enforced"


def test_what_runs_where_is_said_of_the_model_that_is_chosen(home: Path, tmp_path: Path) -> None:
    tiny = tiny_llama().write(tmp_path / "tiny.gguf")
    import_model(tiny, "tiny", None, lambda _: None, CancelToken())
    for chosen in (MODEL, "tiny"):
        (told,) = [fact.text for fact in examine(chosen).facts if fact.name == RUNS]
        assert told.startswith(f"{chosen} runs on the processor")
    assert any(fact.name == RUNS for fact in examine("a model that was removed").facts)
