from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pymupdf
import pytest
from numpy.typing import NDArray

from app.domain.errors import ExitCode
from app.domain.finding import Citation, Outcome
from app.domain.kinds import DecisionKind, OutcomeState
from app.domain.ports import ReadFile
from app.domain.spans import Box
from app.domain.text import Page
from app.reports.annotate_child import AnnotateLimits
from app.reports.annotated_pdf import COLOURS, NotAnnotatable, PartlyAnnotated, annotated_pdf
from app.reports.reviewed_matter import ReviewedMatter
from tests.conftest import ROOT, SAMPLES
from tests.reports.made import decided, document, found, quoted, read, reviewed

LINKPLUS = SAMPLES / "LinkPlus affiliate agreement.pdf"
PELICAN = SAMPLES / "Pelican Delivers development agreement.pdf"
CITED = "shall be governed by the laws of Delaware"
ZOOM = 3
SHADE = 24
Pixels = NDArray[np.bool_]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits on Windows")


def annotate(
    path: Path, outcomes: Sequence[Outcome], review: ReviewedMatter | None = None, **more: Any
) -> bytes:
    return annotated_pdf(path, path.name, review or reviewed([], outcomes), outcomes, **more)


def made_pdf(path: Path, rotation: int = 0, upright: bool = False, frame: str = "whole", **save: Any) -> Path:
    """Three lines; with ``upright`` they are written so that they read from left to right once rotated."""
    pdf = pymupdf.open()
    page = pdf.new_page(width=400, height=500)
    if frame == "cropped":
        page.set_cropbox(pymupdf.Rect(30, 40, 390, 480))
    elif frame == "shifted":
        page.set_mediabox(pymupdf.Rect(50, -70, 450, 430))
    page.set_rotation(rotation)
    for number, line in enumerate(
        ("Any dispute is settled in court.", f"This {CITED}.", "Nothing else holds.")
    ):
        spot = pymupdf.Point(60, 150 + 22 * number)
        turn = rotation if upright else 0
        page.insert_text(spot * page.derotation_matrix if upright else spot, line, fontsize=11, rotate=turn)
    pdf.save(path, **save)
    pdf.close()
    return path


def one_finding(path: Path) -> tuple[Outcome, Citation]:
    """Of ``CITED`` in what reading the file really gives."""
    held = read(path)
    citation = quoted(held.pages, CITED)
    return found(held.document, "governing-law", "Delaware", citation), citation


@dataclass(frozen=True)
class Seen:
    """An annotation as a reader of the page sees it."""

    page: int
    kind: str
    boxes: list[tuple[float, ...]]
    colour: tuple[float, ...]
    info: dict[str, str]
    popup: Any


def annotations(copy: Any) -> list[Seen]:
    """Everything at once: MuPDF forgets an annotation with its page."""
    seen: list[Seen] = []
    for page in copy:
        turn = page.rotation_matrix
        for mark in page.annots():
            corners = mark.vertices if mark.type[1] == "Highlight" else []
            quads = [pymupdf.Quad(corners[i : i + 4]) * turn for i in range(0, len(corners), 4)]
            boxes = [tuple(quad.rect) for quad in quads]
            popup = _popup(copy, mark.xref)
            colour = tuple(mark.colors["stroke"])
            seen.append(Seen(page.number + 1, mark.type[1], boxes, colour, dict(mark.info), popup))
    return seen


def highlights(copy: Any) -> list[Seen]:
    return [mark for mark in annotations(copy) if mark.kind == "Highlight"]


def _popup(copy: Any, mark: int) -> Any:
    """In the PDF's own space: MuPDF's reading of it leaves out the crop box of a turned page."""
    kind, value = copy.xref_get_key(mark, "Popup")
    if kind != "xref":
        return None
    return pymupdf.Rect(*map(float, copy.xref_get_key(int(value.split()[0]), "Rect")[1].strip("[]").split()))


def same(boxes: Sequence[Sequence[float]], others: Sequence[Sequence[float]]) -> bool:
    return len(boxes) == len(others) and all(
        a == pytest.approx(b, abs=0.1)
        for box, other in zip(boxes, others, strict=True)
        for a, b in zip(box, other, strict=True)
    )


def painted(before: Any, after: Any) -> tuple[Pixels, Pixels]:
    """Pixels that changed, and those that were white before.

    A page with anything transparent on it is drawn a little differently all over: a shade is no change.
    """
    old, new = (
        np.frombuffer(drawn.samples, np.uint8).reshape(drawn.height, drawn.width, drawn.n).astype(int)
        for drawn in (before, after)
    )
    return np.abs(old - new).max(axis=2) > SHADE, old.min(axis=2) == 255


def within(boxes: Sequence[Box], shape: tuple[int, ...], slack: float) -> Pixels:
    """Pixels whose middle lies in one of the boxes, made larger by ``slack`` points."""
    y, x = ((np.arange(size) + 0.5) / ZOOM for size in shape)
    held = np.zeros(shape, dtype=bool)
    for b in boxes:
        rows, columns = ((y >= b.y0 - slack) & (y <= b.y1 + slack), (x >= b.x0 - slack) & (x <= b.x1 + slack))
        held |= rows[:, None] & columns[None, :]
    return held


def covered(page: Page, boxes: Sequence[Box]) -> list[str]:
    """The words whose middle lies in one of the boxes."""

    def middle_in(box: Box, other: Box) -> bool:
        x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        return other.x0 <= x <= other.x1 and other.y0 <= y <= other.y1

    return [
        page.text[word.start - page.start : word.end - page.start]
        for word in page.words
        if any(middle_in(word.box, box) for box in boxes)
    ]


@pytest.mark.parametrize("frame", ["whole", "cropped", "shifted"])
@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_highlight_covers_the_cited_words_and_nothing_else_however_the_page_is_turned(
    tmp_path: Path, rotation: int, upright: bool, frame: str
) -> None:
    path = made_pdf(tmp_path / "a.pdf", rotation, upright, frame)
    held = read(path)
    citation = quoted(held.pages, CITED)
    one = found(held.document, "governing-law", "Delaware", citation)
    with pymupdf.open(path) as original, pymupdf.open(stream=annotate(path, [one])) as copy:
        scale = pymupdf.Matrix(ZOOM, ZOOM)
        changed, white = painted(original[0].get_pixmap(matrix=scale), copy[0].get_pixmap(matrix=scale))
        (mark,) = highlights(copy)
    assert same(mark.boxes, citation.boxes)
    assert not (changed & ~within(citation.boxes, changed.shape, 0.4)).any()
    must = white & within(citation.boxes, white.shape, -0.4)
    assert must.any()
    assert not (must & ~changed).any()
    assert " ".join(covered(held.pages[0], citation.boxes)).rstrip(".") == CITED


def test_in_a_real_contract_each_citation_has_one_highlight_line_by_line_over_its_very_words(
    linkplus: ReadFile, linkplus_review: ReviewedMatter
) -> None:
    data = annotate(LINKPLUS, linkplus_review.outcomes, linkplus_review)
    expected = [(c, o) for o in linkplus_review.outcomes for c in o.finding.citations]
    assert any(len(citation.boxes) > 1 for citation, _ in expected)
    with pymupdf.open(stream=data) as copy:
        marks = highlights(copy)
    assert len(marks) == len(expected)
    pages = {page.number: page for page in linkplus.pages}
    for citation, outcome in expected:
        (mark,) = [m for m in marks if m.page == citation.page and same(m.boxes, citation.boxes)]
        assert mark.colour == pytest.approx(COLOURS[outcome.state], abs=0.01)
        words = covered(pages[citation.page], citation.boxes)
        assert [clean(word) for word in words] == [clean(word) for word in citation.quote.split()]


def clean(word: str) -> str:
    """Without the marks that a quote of words may leave at a word's edge."""
    return word.strip(".,;:()“”\"'")


def test_the_comment_says_title_value_decision_note_and_confidence(linkplus_review: ReviewedMatter) -> None:
    with pymupdf.open(stream=annotate(LINKPLUS, linkplus_review.outcomes, linkplus_review)) as copy:
        marks = highlights(copy)
    infos = {mark.info["subject"]: mark.info for mark in marks}
    assert infos["Governing law"]["content"] == (
        "Governing law: Maryland\nAccepted\nNote: As in 7.4.\nConfidence: Sure"
    )
    assert infos["Parties"]["content"].startswith(
        "Parties: Link Plus and Axiometric\n"
        "Edited (the finding was: Link Plus Corporation; Axiometric, LLC)\nNote: Short names do."
    )
    assert "Rejected" in infos["Insurance"]["content"]
    assert infos["Anti-assignment"]["content"].endswith("Undecided\nConfidence: Likely")
    assert infos["Parties"]["title"] == "Pincite"
    assert infos["Parties"]["modDate"] == "D:20261124120000Z"
    assert all(mark.popup is not None for mark in marks)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_popup_lies_on_the_page_beside_the_words(tmp_path: Path, rotation: int) -> None:
    path = made_pdf(tmp_path / "a.pdf", rotation, upright=True, frame="cropped")
    one, citation = one_finding(path)
    with pymupdf.open(stream=annotate(path, [one])) as copy:
        (mark,) = highlights(copy)
        sheet, turn = copy[0].rect, copy[0].rotation_matrix
    flat = mark.popup
    seen = pymupdf.Rect(flat.x0 - 30, 460 - flat.y1, flat.x1 - 30, 460 - flat.y0) * turn
    assert sheet.contains(seen.tl)
    assert seen.x1 == pytest.approx(sheet.x1, abs=0.1)
    assert seen.y0 == pytest.approx(citation.boxes[0].y0, abs=0.1)


def test_the_states_have_different_colours_and_every_one_that_can_cite_has_one() -> None:
    cites = {OutcomeState.ACCEPTED, OutcomeState.EDITED, OutcomeState.REJECTED, OutcomeState.UNDECIDED}
    assert set(COLOURS) == cites
    assert len(set(COLOURS.values())) == len(COLOURS)


def test_hostile_words_in_titles_and_notes_do_no_harm(tmp_path: Path) -> None:
    path = made_pdf(tmp_path / "a.pdf")
    held = read(path)
    hostile = "(x) /JS \\) >> \x00\ud800\ufffe “é” \U0001f600"
    one = found(
        held.document,
        "governing-law",
        hostile,
        quoted(held.pages, CITED),
        decision=decided(DecisionKind.ACCEPT, None, hostile),
    )
    review = reviewed([held.document], [one], titles={"governing-law": hostile})
    with pymupdf.open(stream=annotate(path, [one], review)) as copy:
        (mark,) = highlights(copy)
        assert mark.info["subject"] == "(x) /JS \\) >> “é” \U0001f600"
        assert "Note: (x) /JS \\) >>  “é” \U0001f600" in mark.info["content"]


def test_a_very_long_note_is_cut(tmp_path: Path) -> None:
    path = made_pdf(tmp_path / "a.pdf")
    held = read(path)
    note = decided(DecisionKind.ACCEPT, None, "so it is " * 50_000)
    one = found(held.document, "governing-law", "Delaware", quoted(held.pages, CITED), decision=note)
    with pymupdf.open(stream=annotate(path, [one])) as copy:
        assert len(highlights(copy)[0].info["content"]) < 3_000


def test_what_was_in_the_original_stays_and_the_original_is_not_touched() -> None:
    before = PELICAN.read_bytes()
    held = read(PELICAN)
    one = found(held.document, "parties", "Pelican", quoted(held.pages, "PELICAN DELIVERS, INC."))
    data = annotate(PELICAN, [one])
    assert PELICAN.read_bytes() == before
    with pymupdf.open(PELICAN) as original, pymupdf.open(stream=data) as copy:
        assert copy.page_count == original.page_count
        kinds = [[mark.type[1] for mark in page.annots()] for page in original]
        assert kinds[0] == ["PolyLine"]
        left = [[mark.type[1] for mark in page.annots() if mark.type[1] != "Highlight"] for page in copy]
        assert left == kinds
        assert [page.get_text() for page in copy] == [page.get_text() for page in original]


def test_a_citation_without_a_place_becomes_a_note_in_the_corner(tmp_path: Path) -> None:
    path = made_pdf(tmp_path / "a.pdf", 90)
    one, citation = one_finding(path)
    placeless = one.model_copy(
        update={
            "finding": one.finding.model_copy(
                update={"citations": (citation.model_copy(update={"boxes": ()}),)}
            )
        }
    )
    with pymupdf.open(stream=annotate(path, [placeless])) as copy:
        (mark,) = annotations(copy)
        assert mark.kind == "Text"
        assert mark.info["content"].startswith("Governing law: Delaware")


def test_text_is_refused_because_only_pdfs_can_be_annotated(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("This Agreement shall be governed by the laws of Delaware.", encoding="utf-8")
    held = read(path)
    one = found(held.document, "governing-law", "Delaware", quoted(held.pages, "governed by"))
    with pytest.raises(NotAnnotatable, match=r"notes\.txt .*only PDFs can be annotated") as caught:
        annotate(path, [one])
    assert caught.value.hint
    assert caught.value.code == "report.not-annotatable"


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"%PDF-1.7\n" + b"\x00garbage" * 400, "damaged"), (b"", "only PDFs"), (b"%PDF-1.7\n", "damaged")],
)
def test_a_broken_file_is_a_typed_error(tmp_path: Path, content: bytes, why: str) -> None:
    one, _ = one_finding(made_pdf(tmp_path / "a.pdf"))
    (tmp_path / "b.pdf").write_bytes(content)
    with pytest.raises(NotAnnotatable, match=why) as caught:
        annotate(tmp_path / "b.pdf", [one])
    assert caught.value.hint


def test_a_citation_on_a_page_that_is_not_there_is_a_typed_error(tmp_path: Path) -> None:
    path = made_pdf(tmp_path / "a.pdf")
    one, citation = one_finding(path)
    beyond = found(document("a.pdf"), "governing-law", "Delaware", citation.model_copy(update={"page": 7}))
    with pytest.raises(NotAnnotatable, match="damaged"):
        annotate(path, [one, beyond])


@pytest.mark.parametrize(
    ("allowed", "user", "why"),
    [
        (pymupdf.PDF_PERM_PRINT | pymupdf.PDF_PERM_COPY, "", "owner does not allow comments"),
        (-1, "secret", "password"),
    ],
)
def test_a_protected_original_is_respected(tmp_path: Path, allowed: int, user: str, why: str) -> None:
    one, _ = one_finding(made_pdf(tmp_path / "open.pdf"))
    path = made_pdf(
        tmp_path / "a.pdf",
        encryption=pymupdf.PDF_ENCRYPT_AES_256,
        owner_pw="owner",
        user_pw=user,
        permissions=allowed,
    )
    with pytest.raises(NotAnnotatable, match=why) as caught:
        annotate(path, [one])
    assert caught.value.hint


def test_a_protection_that_allows_comments_stays_on_the_copy(tmp_path: Path) -> None:
    allowed = pymupdf.PDF_PERM_ANNOTATE | pymupdf.PDF_PERM_PRINT
    path = made_pdf(
        tmp_path / "a.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner", permissions=allowed
    )
    one, _ = one_finding(path)
    with pymupdf.open(path) as original, pymupdf.open(stream=annotate(path, [one])) as copy:
        assert copy.permissions == original.permissions
        assert not copy.permissions & pymupdf.PDF_PERM_COPY
        assert len(highlights(copy)) == 1


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import time; time.sleep(600)", "longer than is allowed"),
        ("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)", "longer"),
        ("import sys\nwhile True: sys.stdout.write('x' * 65536)", "larger than is allowed"),
        ("import os; os.abort()", "stopped"),
        ("print('nonsense')", "stopped"),
        ("print('{\"size\": 90}'); print('%PDF-cut short')", "stopped"),
        ("print('{\"size\": 5}'); print('hello', end='')", "stopped"),
        ("", "stopped"),
    ],
)
def test_a_child_that_misbehaves_is_a_typed_error_and_leaves_nothing_running(
    tmp_path: Path, code: str, why: str
) -> None:
    path = made_pdf(tmp_path / "a.pdf")
    one, _ = one_finding(path)
    many = [one] * 2_000  # more than a pipe holds, for a child that reads nothing
    began = time.monotonic()
    limits = AnnotateLimits(seconds=1.0, output_bytes=1 << 20)
    with pytest.raises(NotAnnotatable, match=why) as caught:
        annotate(path, many, limits=limits, command=(sys.executable, "-I", "-c", code))
    assert time.monotonic() - began < 20
    assert caught.value.hint
    assert psutil.Process().children() == []


@POSIX
@pytest.mark.parametrize("limits", [AnnotateLimits(memory_bytes=1 << 20), AnnotateLimits(file_bytes=10)])
def test_a_file_that_needs_more_than_is_allowed_is_a_typed_error(
    tmp_path: Path, limits: AnnotateLimits
) -> None:
    path = made_pdf(tmp_path / "a.pdf")
    one, _ = one_finding(path)
    with pymupdf.open(str(path)) as pdf:  # more than what the child holds already, once it is written
        pdf.embfile_add("large", np.random.default_rng(1).bytes(32 << 20))
        pdf.saveIncr()
    with pytest.raises(NotAnnotatable):
        annotate(path, [one], limits=limits)


@POSIX
def test_the_child_can_write_no_file_and_its_output_holds_nothing_but_the_answer(tmp_path: Path) -> None:
    path = made_pdf(tmp_path / "a.pdf")
    one, _ = one_finding(path)
    spill = tmp_path / "spill"
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from app.reports import annotate_child as child
real = child._mark_all
def marks(document, order):
    print("words of the document", flush=True)
    try:
        open({str(spill)!r}, "wb", buffering=0).write(b"words")
    except OSError:
        pass
    real(document, order)
child._mark_all = marks
child.main()
"""
    data = annotate(path, [one], command=(sys.executable, "-I", "-c", code))
    assert data.startswith(b"%PDF-")
    assert b"words of the document" not in data
    assert not spill.exists() or spill.stat().st_size == 0


def test_a_part_that_failed_is_told_with_its_own_exit_code() -> None:
    failures = [NotAnnotatable(f"{n}.txt", "only PDFs can be annotated", "Choose Word.") for n in range(7)]
    error = PartlyAnnotated(1, failures)
    assert error.exit_code is ExitCode.PARTIAL
    assert error.message.startswith("1 document annotated. 0.txt was not annotated: only PDFs")
    assert error.message.endswith("And 2 more.")
