"""Programs that a row stands beside: what is the least that the same work could cost in Python."""
