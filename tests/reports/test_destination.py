from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.reports.destination import file_names

ADDED = " (annotated).pdf"


def test_names_keep_what_people_know_them_by() -> None:
    assert file_names(["MSA Acme.pdf", "Brief.PDF", "notes.txt", "Vertrag Müller & Söhne.pdf"], ADDED) == [
        "MSA Acme (annotated).pdf",
        "Brief (annotated).pdf",
        "notes.txt (annotated).pdf",
        "Vertrag Müller & Söhne (annotated).pdf",
    ]


def test_documents_of_one_name_get_different_files_also_where_case_does_not_count() -> None:
    assert file_names(["a.pdf", "A.pdf", "a.pdf"], ADDED) == [
        "a (annotated).pdf",
        "A 2 (annotated).pdf",
        "a 3 (annotated).pdf",
    ]


def test_a_name_cannot_lead_out_of_the_folder_or_break_a_system() -> None:
    names = file_names(["../../etc/passwd", "a\\b:c*.pdf", "..", "", "\x00\u202e", "NUL.pdf", "con"], ADDED)
    assert not any(set(name) & set('<>:"/\\|?*') or name.startswith(".") for name in names)
    assert names[5] == "NUL_ (annotated).pdf"
    assert names[6] == "con_ (annotated).pdf"


@given(st.lists(st.text(max_size=300), max_size=20))
def test_any_names_become_distinct_files_that_fit_and_stay_in_their_folder(names: list[str]) -> None:
    made = file_names(names, ADDED)
    assert len({name.casefold() for name in made}) == len(names)
    for name in made:
        assert name.endswith(ADDED)
        assert len(name.encode()) <= 255
        assert not set(name) & set("/\\\0")
        assert name.strip(" .") == name
