from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from xml.etree import ElementTree as ET

import docx
import pytest

from app.domain.kinds import DecisionKind, DocumentState, FindingStatus, OutcomeState
from app.domain.ports import ReadFile
from app.reports.review_memo_docx import review_memo
from app.reports.reviewed_matter import Costs, ReviewedMatter
from tests.conftest import ROOT
from tests.reports.made import cited, decided, document, found, line, outcome, reviewed

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/package/2006/relationships}"
FOOTNOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
HOSTILE = "a\x00b\x0bc\x1fd\ud800e\ufffef\x7f <w:p> & “g”"
CLEAN = "ab cdef\x7f <w:p> & “g”"


def parts(memo: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(memo)) as held:
        assert held.testzip() is None
        return {name: held.read(name) for name in held.namelist()}


def tree(memo: bytes, name: str) -> ET.Element:
    return ET.fromstring(parts(memo)[name])


def footnotes(memo: bytes) -> dict[str, str]:
    """Text by number, a line for each paragraph; the separators are left out."""
    return {
        note.attrib[f"{W}id"]: "\n\n".join(
            "".join(text.text or "" for text in paragraph.iter(f"{W}t")) for paragraph in note.iter(f"{W}p")
        )
        for note in tree(memo, "word/footnotes.xml").iter(f"{W}footnote")
        if f"{W}type" not in note.attrib
    }


def references(memo: bytes) -> list[str]:
    return [note.attrib[f"{W}id"] for note in tree(memo, "word/document.xml").iter(f"{W}footnoteReference")]


def body(memo: bytes) -> str:
    """Paragraphs and tables in order, as text."""
    opened = docx.Document(io.BytesIO(memo))
    texts: list[str] = []
    for block in opened.iter_inner_content():
        if isinstance(block, docx.table.Table):
            texts += [" | ".join(cell.text for cell in row.cells) for row in block.rows]
        else:
            texts.append(block.text)
    return "\n".join(texts)


@pytest.fixture(scope="module")
def memo(linkplus_review: ReviewedMatter) -> bytes:
    return review_memo(linkplus_review)


def test_each_finding_with_a_citation_has_one_footnote_with_name_page_and_exact_quote(
    memo: bytes, linkplus_review: ReviewedMatter, linkplus: ReadFile
) -> None:
    notes = list(footnotes(memo).values())
    shown = [
        o for o in linkplus_review.outcomes if o.finding.citations and o.state is not OutcomeState.REJECTED
    ]
    assert len(notes) == len(shown) == 3
    text = "\f".join(page.text for page in linkplus.pages)
    for note, one in zip(notes, shown, strict=True):
        assert note.lstrip() == "\n\n".join(
            f"LinkPlus affiliate agreement.pdf, p. {c.page}: “{text[c.start : c.end]}”"
            for c in one.finding.citations
        )


def test_every_reference_in_the_body_has_its_footnote_in_order(memo: bytes) -> None:
    assert references(memo) == list(footnotes(memo)) == ["1", "2", "3"]


def test_the_footnotes_are_a_part_of_the_package_as_word_wants_it(memo: bytes) -> None:
    held = parts(memo)
    relations = {
        relation.attrib["Type"]: relation.attrib["Target"]
        for relation in ET.fromstring(held["word/_rels/document.xml.rels"]).iter(f"{R}Relationship")
    }
    assert relations[FOOTNOTES] == "footnotes.xml"
    types = {
        override.attrib["PartName"]: override.attrib["ContentType"]
        for override in ET.fromstring(held["[Content_Types].xml"])
        if "PartName" in override.attrib
    }
    assert types["/word/footnotes.xml"].endswith("wordprocessingml.footnotes+xml")
    separators = {
        note.attrib[f"{W}id"]: note.attrib[f"{W}type"]
        for note in tree(memo, "word/footnotes.xml").iter(f"{W}footnote")
        if f"{W}type" in note.attrib
    }
    assert separators == {"-1": "separator", "0": "continuationSeparator"}
    settings = tree(memo, "word/settings.xml")
    properties = settings.find(f"{W}footnotePr")
    assert properties is not None
    assert [note.attrib[f"{W}id"] for note in properties] == ["-1", "0"]
    order = [child.tag for child in settings]
    assert order.index(f"{W}footnotePr") < order.index(f"{W}compat")


def test_every_style_that_is_used_is_there_and_every_part_is_well_formed(memo: bytes) -> None:
    held = parts(memo)
    for name, data in held.items():
        if name.endswith((".xml", ".rels")):
            ET.fromstring(data)
    known = {
        style.attrib[f"{W}styleId"] for style in ET.fromstring(held["word/styles.xml"]).iter(f"{W}style")
    }
    for name in ("word/document.xml", "word/footnotes.xml", "word/footer1.xml"):
        used = {
            e.attrib[f"{W}val"] for tag in ("pStyle", "rStyle") for e in tree(memo, name).iter(f"{W}{tag}")
        }
        assert used <= known


def test_the_head_names_matter_date_pack_and_model(memo: bytes) -> None:
    text = body(memo)
    assert text.startswith("Review memo\nAcme renewal 2026\n")
    assert "Date | 24 November 2026" in text
    assert f"Pack | contracts 1.2.0, SHA-256 {'ab' * 6}…" in text
    assert f"Model | small-model, SHA-256 {'cd' * 6}…" in text
    properties = docx.Document(io.BytesIO(memo)).core_properties
    assert (properties.author, properties.title) == ("Pincite", "Review memo: Acme renewal 2026")


def test_the_summary_counts_outcomes_by_document(memo: bytes) -> None:
    rows = body(memo).split("Summary\n")[1].split("\n")
    assert rows[0] == "Document | Accepted | Edited | Undecided | Rejected | Not sure | Failed | Absent"
    assert rows[1] == "LinkPlus affiliate agreement.pdf | 1 | 1 | 1 | 1 | 1 | 1 | 1"


def test_a_finding_shows_value_decision_note_confidence_in_words_and_quote(memo: bytes) -> None:
    text = body(memo)
    law = text.split("Governing law\n")[1].split("Anti-assignment\n")[0].split("\n")
    assert law[0] == "Maryland"
    assert law[1] == "✓ Accepted · sure · page 6"
    assert law[2] == "Note: As in 7.4."
    assert law[3].startswith("“7.4 This Agreement shall be construed and governed in accordance")
    parties = text.split("\nParties\n")[1].split("\n")
    assert parties[0] == "Link Plus and Axiometric"
    assert parties[1].startswith(
        "✎ Edited · before the edit: Link Plus Corporation; Axiometric, LLC · sure · page"
    )
    assert "● Undecided · likely · page 6" in text


def test_what_is_not_sure_or_failed_stands_apart_with_its_reason_and_absent_in_one_line(memo: bytes) -> None:
    text = body(memo)
    apart = text.split("Left for a person to settle\n")[1].split("\n")
    assert apart[1] == "Audit rights | Not sure | The evidence speaks both ways."
    assert apart[2] == "Expiration date | Failed | The model ran out of memory."
    assert "Looked for and not there: Renewal term." in text


def test_a_rejected_finding_is_in_the_appendix_only(memo: bytes) -> None:
    before, appendix = body(memo).split("Appendix: rejected findings\n")
    assert "Marketing" not in before
    assert "Speaks of products" not in before
    assert "Insurance | Marketing | Speaks of products, not of insurance." in appendix


def test_costs_are_money_time_and_energy_and_never_tokens(memo: bytes) -> None:
    costs = body(memo).split("Outcome costs\n")[1]
    assert (
        "LinkPlus affiliate agreement.pdf | 42 s | 0.00076 kWh | $0.0077 | 3 min | $2.80 | $0.0091 | $1.40"
        in costs
    )
    assert "Energy was estimated, not measured." in costs
    assert "An accepted outcome took $1.40 of machine and analyst." in costs
    everything = " ".join(body(memo).split()) + "".join(footnotes(memo).values())
    assert "token" not in everything.lower()


def test_an_outcome_without_acceptance_has_no_price_of_one() -> None:
    total = line("total").model_copy(update={"per_accepted": None, "energy": "measured"})
    text = body(review_memo(reviewed([], [], costs=Costs(currency="EUR", rows=(total,), total=total))))
    assert "is known once one is accepted" in text
    assert "Energy was measured by the machine." in text
    assert "€2.80" in text


def test_characters_that_xml_forbids_are_dropped_wherever_they_come_from() -> None:
    held = document(HOSTILE + ".pdf", reason=HOSTILE)
    one = found(
        held, "parties", HOSTILE, cited(HOSTILE), decision=decided(DecisionKind.EDIT, HOSTILE, HOSTILE)
    )
    other = outcome(held, "audit-rights", FindingStatus.FAILED, reason=HOSTILE)
    third = found(held, "law", HOSTILE, cited("q"), decision=decided(DecisionKind.REJECT, None, HOSTILE))
    made = review_memo(
        reviewed([held], [one, other, third], name=HOSTILE, titles=dict.fromkeys(("parties", "law"), HOSTILE))
    )
    text = body(made)
    assert text.count(CLEAN) >= 8
    assert f"“{CLEAN}”" in footnotes(made)["1"]


def test_an_edit_of_what_was_not_found_says_that_it_has_no_citation() -> None:
    held = document("a.pdf")
    edited = outcome(
        held,
        "renewal-term",
        FindingStatus.ABSTAINED,
        reason="Unclear.",
        decision=decided(DecisionKind.EDIT, "one year"),
    )
    made = review_memo(reviewed([held], [edited]))
    assert "one year\n✎ Edited · before the edit: not sure · the analyst’s own, without a citation" in body(
        made
    )
    assert footnotes(made) == {}


def test_a_clause_that_is_its_own_quote_is_not_said_twice() -> None:
    held = document("a.pdf")
    clause = "Neither party may assign this Agreement to anyone at all without the consent of the other."
    one = found(held, "anti-assignment", clause[:70] + "…", cited("7.1 " + clause))
    made = review_memo(reviewed([held], [one]))
    assert body(made).count("Neither party may assign") == 1
    assert references(made) == ["1"]


def test_an_empty_matter_makes_a_memo_that_opens() -> None:
    made = review_memo(reviewed([], []))
    assert "Nothing was reviewed yet." in body(made)
    assert footnotes(made) == {}


def test_a_document_that_could_not_be_read_is_named_with_the_reason() -> None:
    locked = document("Exhibit B.pdf", state=DocumentState.LOCKED, reason="The file needs a password.")
    text = body(review_memo(reviewed([locked, document("b.pdf", 2)], [])))
    assert "Exhibit B.pdf: The file needs a password." in text


def test_python_docx_is_loaded_only_when_a_memo_is_written() -> None:
    code = "import sys, app.reports.review_memo_docx; sys.exit(bool({'docx', 'lxml'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
