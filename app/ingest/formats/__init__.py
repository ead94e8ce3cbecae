"""The formats beside PDF: what a file is, and one reader for each kind of it.

A reader takes ``bytes``, an open binary file or a path, and yields ``PageRead`` and ``Inside``, then exactly
one ``Ended``; it raises nothing for a bad file. After ``reading.warm_up(kind)`` it opens no other file.
"""

from app.ingest.formats.kinds import HEAD_BYTES, SUFFIXES, FileKind, kind_of

__all__ = ["HEAD_BYTES", "SUFFIXES", "FileKind", "kind_of"]
