"""The viewer: real pages with the cited words on them, in continuous scroll."""
