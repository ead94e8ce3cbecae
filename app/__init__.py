"""Pincite: offline document review with pinpoint citations and outcome costs."""

__version__ = "0.1.0"
