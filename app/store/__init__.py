"""A matter on disk: one SQLite file that is the truth, and the sealed originals."""
