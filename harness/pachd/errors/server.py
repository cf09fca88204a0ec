"""Errors of the server itself, whatever the service."""

from harness.pachd.errors.base import Code, Kind

NOT_IMPLEMENTED = Kind(
    Code.UNIMPLEMENTED,
    "{method} is not implemented by the embedded cluster; docs/compatibility.md lists what is",
)
NO_LOAD_TESTS = Kind(
    Code.UNIMPLEMENTED,
    "RunLoadTest and RunLoadTestDefault are not implemented by the embedded cluster; bench/ measures it",
)
NO_TOKEN = Kind(
    Code.UNAUTHENTICATED,
    "no authentication token: this embedded cluster was started with one; "
    "send it as 'authn-token' (python_pachyderm.Client(auth_token=...)), or start the cluster with --no-token",
)
WRONG_TOKEN = Kind(
    Code.UNAUTHENTICATED,
    "wrong authentication token: this embedded cluster was started with another; 'authn-token' must be the one "
    "that it announced when it started (each start makes a new one unless --token or $HARNESS_TOKEN gives it)",
)
UNREADABLE = Kind(Code.INVALID_ARGUMENT, "the request of {method} cannot be read: {reason}")
UNKNOWN_SERVICE = Kind(Code.NOT_FOUND, 'there is no service "{service}" here')
TOO_MANY_WAITS = Kind(
    Code.RESOURCE_EXHAUSTED,
    "{limit} calls wait for something or follow it already, more this cluster does not hold; "
    "end some, or wait for whole commit sets",
)
TOO_MANY_UPLOADS = Kind(
    Code.RESOURCE_EXHAUSTED,
    "{limit} uploads are under way already, more this cluster does not take at once; try again when some have ended",
)
TOO_MANY_STREAMS = Kind(
    Code.RESOURCE_EXHAUSTED,
    "{limit} streams are being read already, more this cluster does not send at once; read them to their end or "
    "cancel them",
)
TOO_MANY_HEALTH_CHECKS = Kind(
    Code.RESOURCE_EXHAUSTED, "{limit} health checks are open already, more this cluster does not answer at once"
)
TOO_MANY_EVALUATIONS = Kind(
    Code.RESOURCE_EXHAUSTED,
    "{limit} jq filters and templates are being evaluated already, more this cluster does not evaluate at once; "
    "try again when some have ended",
)
EVALUATION_TOO_LONG = Kind(Code.DEADLINE_EXCEEDED, "what was to be evaluated took more than {seconds} s")
EVALUATION_TOO_LARGE = Kind(
    Code.RESOURCE_EXHAUSTED, "what was to be evaluated takes more memory than the embedded cluster gives to it"
)
NO_WORKER_DEBUGGING = Kind(
    Code.UNIMPLEMENTED,
    "the embedded cluster's workers come and go with their work and cannot be looked into; GetLogs tells what they did",
)
UNKNOWN_PROFILE = Kind(Code.UNKNOWN, 'unable to find profile "{name}"; the embedded cluster has cpu and goroutine')
NO_LOG_LEVEL = Kind(Code.INVALID_ARGUMENT, "no log level given; the levels are {levels}")
NEGATIVE_DURATION = Kind(Code.INVALID_ARGUMENT, "a duration cannot be negative")
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
DISK_FULL = Kind(
    Code.RESOURCE_EXHAUSTED,
    "the disk with the data directory of the embedded cluster is full; nothing was changed by this call: "
    "make room and try again",
)
