"""Verifies that pipelines on Pachyderm are reproducible, and brings a local cluster to do it on."""
