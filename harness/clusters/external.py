"""A cluster that is already there: a real Pachyderm, or ``harness up`` in another terminal."""

from __future__ import annotations

import re

from harness.clusters.cluster import Cluster, ClusterError

SECONDS_TO_ANSWER = 15.0
_ADDRESS = re.compile(
    r"(?:(?P<scheme>pachd|grpc|grpcs|http|https)://)?(?P<host>[^\s:/,]+):(?P<port>\d{1,5})/?(?:,(?P<token>\S+))?"
)


def connect(text: str, seconds: float = SECONDS_TO_ANSWER) -> Cluster:
    """The cluster at ``[pachd://]HOST:PORT[,TOKEN]`` (``grpcs://`` for TLS), once it has answered.

    Raises :class:`ClusterError` for an address that is none, and for one where no Pachyderm answers.
    """
    cluster = parse(text)
    _ask(cluster, seconds)
    return cluster


def parse(text: str) -> Cluster:
    """The cluster that ``text`` names, unasked."""
    found = _ADDRESS.fullmatch(text.strip())
    if found is None or not 0 < int(found["port"]) < 65536:
        raise ClusterError(f"{text!r} names no cluster; write 'embedded', HOST:PORT, or HOST:PORT,TOKEN")
    tls = found["scheme"] in {"grpcs", "https"}
    return Cluster("external", f"{found['host']}:{found['port']}", found["token"], tls)


def _ask(cluster: Cluster, seconds: float) -> None:
    import grpc
    from google.protobuf import empty_pb2
    from python_pachyderm.proto.v2.version.versionpb import version_pb2_grpc

    credentials = grpc.ssl_channel_credentials()
    with (
        grpc.secure_channel(cluster.address, credentials) if cluster.tls else grpc.insecure_channel(cluster.address)
    ) as channel:
        metadata = [("authn-token", cluster.token)] if cluster.token else []
        try:
            version_pb2_grpc.APIStub(channel).GetVersion(empty_pb2.Empty(), timeout=seconds, metadata=metadata)
        except grpc.RpcError as error:
            raise ClusterError(
                f"no Pachyderm answers at {cluster.address}: {error.details()}; "
                "check the address (and the token, written behind a comma), or leave --cluster out for an embedded one"
            ) from None
