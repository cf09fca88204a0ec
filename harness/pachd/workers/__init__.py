"""Runtimes that run a datum's command with a private ``/pfs``, and the images they run in."""
