"""From pages to the few right sentences: splitting, indexes, fusion, evidence."""
