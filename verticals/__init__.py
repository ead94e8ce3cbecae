"""Packs: what a vertical asks of documents. Data, and the loader that checks it."""
