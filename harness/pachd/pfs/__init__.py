"""The version store: repos, branches, commits, propagation, file sets, globs, diffs."""
