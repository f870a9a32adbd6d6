"""How the releases word a refusal."""

from __future__ import annotations

from network.headscale.simulator.releases import Release


class EngineError(Exception):
    """The call ends with exit status 1 and this text on stderr."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class UsageError(Exception):
    """The command line is wrong; `command` is where the grammar noticed it."""

    def __init__(self, text: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.path = path


def refused(
    release: Release, code: str, text: str, *, during: str, plain: str | None = None
) -> EngineError:
    """This will make the error with which the server refuses a call.

    `code` is gRPC's, `during` the operation that 0.29 puts in front; 0.30 says `plain`, or the
    operation and the text.
    """
    if release.since(30):
        detail = f"{during}: {text}" if plain is None else plain
        return EngineError(f"unexpected response status: {detail}")
    rpc = f"rpc error: code = {code} desc = {text}"
    return EngineError(f"{during}: {rpc}" if release.since(29) else rpc)


def timed_out(release: Release, socket: str, during: str, request: str) -> EngineError:
    """This will make the error of a server that does not answer. `request` is "GET path"."""
    if release.since(30):
        method, path = request.split(" ")
        url = f'{method.title()} "http://local/api/v1/{path}"'
        return EngineError(f"{during}: {url}: context deadline exceeded")
    return EngineError(
        f"connecting to headscale: connecting to {socket}: context deadline exceeded"
    )
