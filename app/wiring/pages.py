"""Pictures of pages, drawn in a process of their own."""

from __future__ import annotations

from app.ingest.page_drawer import PageDrawers


def page_drawers() -> PageDrawers:
    """For one document after another, without the wait for a process to start."""
    return PageDrawers()
