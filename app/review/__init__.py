"""The use cases: read, retrieve, ask, ground, decide, quote. Knows ports, no adapter."""
