"""Every error that a client of the embedded cluster can see, in one catalogue.

An entry is a :class:`Kind`: a gRPC status code and a message template. Calling it gives the exception to raise::

    raise pfs.REPO_NOT_FOUND(repo="default/images")

Texts and codes are Pachyderm 2.7's wherever it has them, because clients match on them.
"""

from harness.pachd.errors.base import Code, Kind, PachError

__all__ = ["Code", "Kind", "PachError"]
