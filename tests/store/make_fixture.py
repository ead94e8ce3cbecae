"""Makes ``fixtures/v1.sqlite3``, a matter as the first version wrote it. Kept, never made again.

Usage: python -m tests.store.make_fixture
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from app.domain.cost import RateCard
from app.platform.locks import FileLock
from app.store.connection import connect_to_write
from app.store.migrations import migrate
from app.store.writer import SqliteMatter
from tests.store.made import DECISION, DOCUMENT, FINDING, PAGES

FIXTURE = Path(__file__).parent / "fixtures/v1.sqlite3"


def main() -> None:
    FIXTURE.parent.mkdir(exist_ok=True)
    FIXTURE.unlink(missing_ok=True)
    database = connect_to_write(FIXTURE)
    migrate(database, target=1)
    matter = SqliteMatter(FIXTURE.parent, database, FileLock(FIXTURE.with_suffix(".lock")), RateCard())
    matter.put_document(DOCUMENT, PAGES)
    matter.put_finding(FINDING, {"finding": FINDING.id, "document": DOCUMENT.id, "task": FINDING.task})
    matter.put_decision(DECISION)
    matter.close()
    with sqlite3.connect(FIXTURE) as plain:
        plain.execute("PRAGMA journal_mode = DELETE")
    plain.close()


if __name__ == "__main__":
    main()
