"""Showing evidence: one self-contained HTML page and its JSON twin, both pure functions of a record."""
