"""Errors of the server itself, whatever the service."""

from harness.pachd.errors.base import Code, Kind

NOT_IMPLEMENTED = Kind(
    Code.UNIMPLEMENTED,
    "{service}/{method} is not implemented by the embedded cluster; docs/compatibility.md lists what is",
)
NO_TOKEN = Kind(
    Code.UNAUTHENTICATED,
    "no authentication token: this embedded cluster was started with one; "
    "send it as 'authn-token' (python_pachyderm.Client(auth_token=...)), or start the cluster with --no-token",
)
AUTH_NOT_ACTIVATED = Kind(Code.UNIMPLEMENTED, "the auth service is not activated")
ENTERPRISE_NOT_ACTIVE = Kind(
    Code.UNKNOWN,
    "Pachyderm Enterprise is not active in this cluster, and the Pachyderm auth API is an Enterprise-level feature",
)
OLD_CLIENT = Kind(
    Code.UNKNOWN,
    "this server is running pachyderm 2.x, but your client appears to be an older version - please upgrade",
)
INTERNAL = Kind(Code.INTERNAL, "internal error in {method}: {reason}; the server's log has the details")
SHUTTING_DOWN = Kind(Code.UNAVAILABLE, "the embedded cluster is shutting down")
