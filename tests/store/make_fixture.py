"""Makes ``fixtures/v<VERSION>.sqlite3``, a matter as the code of that version wrote it.

Each was made once, by the code before the next migration; they are kept, never made again. The first
version had no index for words, so nothing is indexed there.

Usage: python -m tests.store.make_fixture VERSION
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from app.domain.cost import RateCard
from app.platform.locks import FileLock
from app.store.connection import connect_to_write
from app.store.migrations import migrate
from app.store.writer import SqliteMatter
from tests.store.made import DECISION, DOCUMENT, FINDING, PAGES, indexed

FIXTURES = Path(__file__).parent / "fixtures"


def main(version: int) -> None:
    file = FIXTURES / f"v{version}.sqlite3"
    FIXTURES.mkdir(exist_ok=True)
    database = connect_to_write(file)
    migrate(database, target=version)
    matter = SqliteMatter(FIXTURES, database, FileLock(file.with_suffix(".lock")), RateCard())
    matter.put_document(DOCUMENT, PAGES)
    if version > 1:
        matter.put_indexed(indexed())
    matter.put_finding(FINDING, {"finding": FINDING.id, "document": DOCUMENT.id, "task": FINDING.task})
    matter.put_decision(DECISION)
    matter.close()
    with sqlite3.connect(file) as plain:
        plain.execute("PRAGMA journal_mode = DELETE")
    plain.close()


if __name__ == "__main__":
    if (FIXTURES / f"v{sys.argv[1]}.sqlite3").exists():
        sys.exit("it is kept, never made again")
    main(int(sys.argv[1]))
