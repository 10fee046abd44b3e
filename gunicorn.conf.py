"""How gunicorn serves ``app:server``: loaded by ``make run`` (through cli.py) and by ``gunicorn app:server`` alike."""

from __future__ import annotations

import gc
import sys
from typing import Any

gc.disable()  # nothing loaded during the start is garbage; workers switch it on again

from commands.console import Refused, load_settings  # noqa: E402 - after the collector is off
from commands.serving import address_of, check_ready  # noqa: E402
from data.db import get_engine  # noqa: E402
from layers import keeper  # noqa: E402 - its shared memory is made here, before the workers

try:
    _settings = load_settings()
    check_ready()
except Refused as refusal:
    sys.exit(str(refusal))  # one line on stderr and exit code 1, before any worker starts

bind = address_of(_settings).removeprefix("http://")
worker_class = "gthread"
workers = _settings.workers
threads = _settings.threads
preload_app = True  # the application is built once; the workers share its memory

timeout = 60
graceful_timeout = 10
keepalive = 5
max_requests = 0

# A view state is kept in the URL: rules §5.4 states stay far below these, and nothing needs more.
limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190

accesslog = None
loglevel = "warning"
control_socket_disable = True
proc_name = "corezone-atlas"


def pre_fork(server: Any, worker: Any) -> None:
    """Keep what is loaded out of the collector, so that workers go on sharing its memory."""
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """Give each worker its own database connections, for those opened while preloading belong to the master; and a keeper."""
    get_engine().dispose(close=False)
    gc.enable()
    keeper.start()
