"""What a run leaves behind: the record's model, collecting it from a cluster, storing it, its hash."""
