"""Addresses of clusters that are already there."""

from __future__ import annotations

import socket

import pytest

from harness.clusters import ClusterError
from harness.clusters.external import connect, parse


@pytest.mark.parametrize(
    ("text", "address", "token", "tls"),
    [
        ("localhost:30650", "localhost:30650", None, False),
        ("pachd://10.0.0.1:650,secret", "10.0.0.1:650", "secret", False),
        ("grpcs://pach.example.com:443/,a,b", "pach.example.com:443", "a,b", True),
    ],
)
def test_addresses(text: str, address: str, token: str | None, tls: bool) -> None:
    cluster = parse(text)
    assert (cluster.kind, cluster.address, cluster.token, cluster.tls) == ("external", address, token, tls)


@pytest.mark.parametrize("text", ["", "embeded", "host", "host:", "host:99999", "ftp://host:1", ":1"])
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(ClusterError, match=r"names no cluster; write 'embedded', HOST:PORT, or HOST:PORT,TOKEN"):
        parse(text)


def test_a_silent_address_is_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(ClusterError, match=f"no Pachyderm answers at 127.0.0.1:{port}: .*; check the address"):
            connect(f"127.0.0.1:{port}")


def test_tokens_are_not_shown() -> None:
    assert "secret" not in repr(parse("host:1,secret"))
