"""Pictures of pages, drawn in a process of their own."""

from __future__ import annotations

from pathlib import Path

from app.ingest.page_drawer import PageDrawer, PageDrawers


def page_drawer(path: Path) -> PageDrawer:
    """For one document; whoever takes it closes it."""
    return PageDrawer(path)


def page_drawers() -> PageDrawers:
    """For one document after another, without the wait for a process to start."""
    return PageDrawers()
