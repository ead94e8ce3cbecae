"""A summary from the command line: written by the real small model, checked by the real engine."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Pincite
from tests.conftest import MODEL
from tests.verticals.made import put_pack

IN_SHORT = """\
kind = "summary"
title = "In short"
description = "What the lease says."
question = "Does the text say who lets what?"
queries = ["Tenant shall"]
[[topics]]
title = "Rent"
ask = "How much rent does Tenant pay?"
task = "rent"
[[topics]]
title = "Term"
ask = "How long does the lease last?"
queries = ["The term of this lease is"]
[thresholds]
absent = 0.0
found = 0.0
"""
LEASE = (
    "Acme Corp. lets the house to Tenant. Tenant shall pay rent of $500 per month. The term of this lease is "
    "two years. Rain fell on the hills all day."
)


def test_a_summary_goes_from_the_pack_to_the_report_with_its_sentences_cited(
    tmp_path: Path, pincite: Pincite
) -> None:
    pack = put_pack(tmp_path / "leases", **{"tasks/in-short.toml": IN_SHORT})
    (tmp_path / "lease.txt").write_text(LEASE)
    matter = tmp_path / "m"
    assert pincite("add", matter, tmp_path / "lease.txt").code == 0
    words = ("--pack", pack, "--task", "in-short")
    (given,) = pincite("evidence", matter, *words, "--json").json()
    assert "Tenant shall pay rent of $500 per month." in [one["text"] for one in given["evidence"]]
    assert pincite("quote", matter, *words, "--json").json()["findings"] == 1
    (finding,) = pincite("review", matter, *words, "--model", MODEL, "--json").json()["findings"]
    assert finding["status"] in ("found", "abstained")
    if finding["status"] == "abstained":
        assert "left out" in finding["reason"]
    else:
        for sentence in finding["value"]["sentences"]:
            assert [finding["citations"][n]["quote"] in LEASE for n in sentence["citations"]] == [True]
        first = finding["value"]["sentences"][0]["text"]
        assert finding["display"] == first
        assert f"p. 1: {first}" in pincite("findings", matter).out
    assert pincite("verify", matter).code == 0
    assert pincite("decide", matter, finding["id"], "edit", "Rent is $500.").code == 0
    out = tmp_path / "report.json"
    assert pincite("report", matter, "--format", "json", "--out", out).code == 0
    assert "Rent is $500." in out.read_text(encoding="utf-8")
