"""Several real clients at once, and what each of them was given by its engine."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from typing import Any

from network.policy.principals import Machine
from tests.real_headscale.engine import Client, Engine

_TRY_S = 4
_GREETING = b"served"
_PORTLESS = frozenset({1, 58})


def join_all(engine: Engine, keys: dict[str, tuple[str, tuple[str, ...]]]) -> dict[str, Client]:
    """Let clients join at the same time: name → key and further words for `tailscale up`."""
    clients = {name: Client(name, engine.folder.parent) for name in keys}
    with ThreadPoolExecutor(len(keys)) as pool:
        joining = [pool.submit(clients[name].join, engine, *keys[name]) for name in keys]
        for one in joining:
            one.result()
    return clients


def ask(client: Client, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Ask a client's own command line."""
    argv = [os.environ["FARMQ_TEST_TAILSCALE"], f"--socket={client.socket}", *words]
    return subprocess.run(argv, capture_output=True, check=False, timeout=30)


def status(client: Client) -> dict[str, Any]:
    """Read a client's own status."""
    return dict(json.loads(ask(client, "status", "--json").stdout))


def peers_of(client: Client) -> frozenset[str]:
    """Return the addresses (IPv4) of the machines that a client was told about."""
    peers = status(client).get("Peer") or {}
    # A peer that has just been told of has no address yet.
    return frozenset(peer["TailscaleIPs"][0] for peer in peers.values() if peer["TailscaleIPs"])


def netmap_of(client: Client) -> dict[str, Any]:
    """Return what a client's engine has told it; empty before it was told anything."""
    return json.loads(ask(client, "debug", "netmap").stdout or b"null") or {}


def is_told(client: Client) -> bool:
    """Say whether a client that has just been started was told of its network."""
    return bool(netmap_of(client))


class Filter:
    """The packets that a client lets in, as its engine has told it."""

    def __init__(self, client: Client) -> None:
        self.matches: list[dict[str, Any]] = netmap_of(client).get("PacketFilter") or []

    def lets(self, source: str, target: str, port: int, protocol: int) -> bool:
        """Say whether a packet passes; a ping passes where anything does."""
        return any(
            _has(match.get("Srcs"), source)
            and any(
                _has([end["Net"]], target) and _is_open(match, end["Ports"], port, protocol)
                for end in match.get("Dsts") or []
            )
            for match in self.matches
        )


def _has(networks: Iterable[str] | None, address: str) -> bool:
    return any(ip_address(address) in ip_network(one) for one in networks or ())


def _is_open(match: dict[str, Any], ports: dict[str, int], port: int, protocol: int) -> bool:
    if protocol in _PORTLESS:
        return True
    return protocol in match["IPProto"] and ports["First"] <= port <= ports["Last"]


@contextmanager
def served(ports: Sequence[int]) -> Iterator[None]:
    """Answer on loopback ports: to there a client hands what others send to its own address."""
    servers = [socket.create_server(("127.0.0.1", port)) for port in ports]
    for server in servers:
        threading.Thread(target=_serve, args=(server,), daemon=True).start()
    try:
        yield
    finally:
        for server in servers:
            server.shutdown(socket.SHUT_RDWR)
            server.close()


def _serve(server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.sendall(_GREETING)


def reaches(client: Client, target: Machine, port: int) -> bool:
    """Say whether a TCP connection through the network gets through to another machine."""
    argv = [os.environ["FARMQ_TEST_TAILSCALE"], f"--socket={client.socket}"]
    process = subprocess.Popen(
        [*argv, "nc", target.addresses[0], str(port)],
        # The program ends with its input, so that stays open.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], _TRY_S)
    answer = os.read(process.stdout.fileno(), 100) if ready else b""
    process.kill()
    process.communicate()
    return answer.startswith(_GREETING)
