"""Measurements beside peers and physical limits: ``python -m bench``."""
