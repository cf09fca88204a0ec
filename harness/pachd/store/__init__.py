"""The lowest floor: SQLite for metadata, content-addressed objects on disk, events that wake waiters."""
