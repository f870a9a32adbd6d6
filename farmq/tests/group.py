"""A small supervised group for the tests: run as a program, it writes what happens to a folder."""

import os
import sys
from pathlib import Path

from farmq.supervisor import Child, Supervisor

OBEDIENT = """
import os, pathlib, signal, sys, time
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
def leave(*_):
    with (folder / "stopped").open("a") as file:
        file.write(name + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
with (folder / (name + ".pids")).open("a") as file:
    file.write(f"{os.getpid()}\\n")
print("hello from", name, flush=True)
while True:
    time.sleep(0.05)
"""
STUBBORN = OBEDIENT.replace(
    "signal.signal(signal.SIGTERM, leave)", "signal.signal(15, lambda *_: 0)"
)
PARENT = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with (pathlib.Path(sys.argv[1]) / (sys.argv[2] + ".grandchild")).open("w") as file:
    file.write(str(child.pid))
""" + OBEDIENT.replace("sys.exit(0)", "os._exit(0)")
FLEETING = OBEDIENT.split("while True", maxsplit=1)[0] + "sys.exit(3)\n"
KINDS = {"obedient": OBEDIENT, "stubborn": STUBBORN, "parent": PARENT, "fleeting": FLEETING}


def main() -> None:
    """Run the group ``name=kind …`` in a folder."""
    folder, *members = sys.argv[1:]
    children = []
    for member in members:
        name, kind = member.split("=")
        argv = (sys.executable, "-c", KINDS[kind], folder, name)
        children.append(Child(name, argv, stop_within_s=1.0))
    (Path(folder) / "supervisor.pid").write_text(str(os.getpid()))
    Supervisor(children, environment=dict(os.environ)).run()


if __name__ == "__main__":
    main()
