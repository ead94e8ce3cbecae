"""Reports: outcomes as files. Takes outcomes whose citations were verified by the caller."""
