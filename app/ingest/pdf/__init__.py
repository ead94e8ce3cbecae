"""The parts of reading a PDF's text layer."""
