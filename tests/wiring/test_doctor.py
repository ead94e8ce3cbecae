from __future__ import annotations

from app.platform.confinement import EVERYTHING
from app.wiring.doctor import reading_words


def test_the_doctor_says_what_holds_and_what_does_not() -> None:
    everything = reading_words(EVERYTHING)
    assert everything == "bounded memory, bounded time, no other files, no network, no other programs"
    assert reading_words(frozenset(("memory", "time"))).endswith(
        "; this system does not enforce: no other files, no network, no other programs"
    )
    assert reading_words(frozenset()) == "nothing is enforced"
