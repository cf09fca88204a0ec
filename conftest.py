"""Switches the harness plug-in on for this repository."""

pytest_plugins = ["harness.plugin"]
