"""The embedded cluster: a server that speaks Pachyderm 2.7's gRPC API and really runs pipelines.

Floors, each importing only from those below: ``server`` and ``__main__``; ``services``; ``pps``; ``pfs``;
``workers``; ``store``; ``errors``. Nothing in here imports the verifier, and the verifier imports nothing from here.
"""
