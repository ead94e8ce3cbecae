"""The window and everything that imports PySide6."""
