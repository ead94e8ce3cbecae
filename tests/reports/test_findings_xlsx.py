import io

from openpyxl import load_workbook

from app.domain.finding import Citation, Finding, FindingStatus, Outcome
from app.domain.text import Document, DocumentState
from app.reports.findings_xlsx import findings_xlsx


def test_the_grid_carries_value_page_and_quote_and_the_list_every_finding() -> None:
    document = Document(id="a" * 16, name="=MSA.pdf", sha256="a" * 64, pages=3, state=DocumentState.READY)
    cite = Citation(page=3, start=0, end=5, quote="wo\x0brd")
    found = Finding(
        id="f",
        document=document.id,
        task="law",
        status=FindingStatus.FOUND,
        display="Ohio",
        citations=(cite,),
    )
    data = findings_xlsx(
        [Outcome(finding=found)], {document.id: document}, {"law": "Law"}, [["by", "cost"], ["law", 0.5]]
    )
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Findings", "All findings", "Outcome costs"]
    cell = book["Findings"]["B2"]
    assert cell.value == "● Ohio"
    assert cell.comment is not None
    assert cell.comment.text.startswith("p. 3 “wo rd”")
    assert book["Findings"]["A2"].value == "'=MSA.pdf"
    assert book["Findings"].freeze_panes == "A2"
    assert book["All findings"]["C2"].value == "found"
    assert book["Outcome costs"]["B2"].value == 0.5
