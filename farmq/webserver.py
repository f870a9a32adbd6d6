"""The configuration of gunicorn: ``gunicorn -c python:farmq.webserver farmq.wsgi``."""

import os
from typing import Any

from prometheus_client import multiprocess

from farmq import env, logs, parent

worker_class = "gthread"
threads = 8
# A waiting door holds a thread for a few seconds; nothing of ours takes longer.
timeout = 60
graceful_timeout = 5
keepalive = 5
max_requests = 10_000
max_requests_jitter = 1_000
control_socket_disable = True
accesslog = None
with env.one_sentence():
    forwarded_allow_ips = ",".join(str(net) for net in env.networks("FARMQ_TRUSTED_PROXIES"))
    logconfig_dict = logs.configuration(
        env.choice("FARMQ_LOG_FORMAT", "text", options=("text", "json"))
    )
for _name, _level in (("gunicorn.error", "INFO"), ("gunicorn.access", "WARNING")):
    logconfig_dict["loggers"][_name] = {"level": _level, "handlers": [], "propagate": True}


def post_fork(_server: Any, worker: Any) -> None:
    """This will tie the life of a web process to that of its master."""
    parent.die_with(worker.ppid)


def child_exit(_server: Any, worker: Any) -> None:
    """This will tell the metrics that a web process has ended."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # the library has no types
