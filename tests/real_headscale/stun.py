"""A server that tells a client from where it was heard, as clients need to find each other.

Without one they look for a network that works all the time, and lose the ways they had found.
Source: RFC 8489, binding requests over IPv4.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_REQUEST, _RESPONSE, _XOR_MAPPED_ADDRESS, _IPV4 = 0x0001, 0x0101, 0x0020, 0x01
_MAGIC = 0x2112A442
_HEADER_BYTES, _ATTRIBUTE_BYTES = 20, 12


@contextmanager
def stun_server() -> Iterator[int]:
    """Answer binding requests on a loopback port, which is given."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        threading.Thread(target=_serve, args=(server,), daemon=True).start()
        yield int(server.getsockname()[1])


def _serve(server: socket.socket) -> None:
    while True:
        try:
            request, (host, port) = server.recvfrom(2048)
            if answer := answer_to(request, host, port):
                server.sendto(answer, (host, port))
        except OSError:
            return


def answer_to(request: bytes, host: str, port: int) -> bytes:
    """Build the answer to one packet; empty for anything but a binding request."""
    if len(request) < _HEADER_BYTES:
        return b""
    kind, _, magic, transaction = struct.unpack("!HHI12s", request[:_HEADER_BYTES])
    if (kind, magic) != (_REQUEST, _MAGIC):
        return b""
    address = struct.unpack("!I", socket.inet_aton(host))[0]
    header = struct.pack("!HHI12s", _RESPONSE, _ATTRIBUTE_BYTES, _MAGIC, transaction)
    mapped = struct.pack("!HHBBH", _XOR_MAPPED_ADDRESS, 8, 0, _IPV4, port ^ (_MAGIC >> 16))
    return header + mapped + struct.pack("!I", address ^ _MAGIC)
