"""Outcome costs: meters, prices, quotes, the cost table and the chain of entries."""
