"""Which reader this is, so that what an older one read can be read again."""

from __future__ import annotations

READER_VERSION = 2
"""Raised with every change that gives another text, words or marks for the same bytes: in this package, in
the recognition models, in MuPDF; and with one that splits the same text otherwise, for what is indexed keeps
its split until it is read again. 0 is what was read before versions were kept; 2 knows rows of tables."""
