"""The job service with FastAPI, in one process or in several:

    PYTHONPATH=../shared JOBS_ADDR=127.0.0.1:7202 JOBS_DB=jobs.db python3 .

It says where it listens, and ends when its standard input is closed, or on
Ctrl-C or SIGTERM.
"""

import os
import socket
import sys
import threading

import uvicorn
from uvicorn.supervisors import Multiprocess

from jobs.config import Config
from jobs.store import Store

from bounded import BoundedProtocol


def main() -> None:
    config = Config.from_environment()
    with Store(config.database):
        pass  # it is made here, before several processes open it
    listener = socket.create_server((config.host, config.port), backlog=128)
    settings = uvicorn.Config(
        "app:create",
        factory=True,
        http=BoundedProtocol,
        workers=config.processes,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=60,
    )
    server = uvicorn.Server(settings)
    if config.processes == 1:
        end_with_stdin(lambda: setattr(server, "should_exit", True))
        announce(listener)
        server.run([listener])
    else:
        supervisor = Multiprocess(settings, target=server.run, sockets=[listener])
        end_with_stdin(supervisor.should_exit.set)
        announce(listener)
        supervisor.run()


def announce(listener: socket.socket) -> None:
    print("jobs listen on http://%s:%d" % listener.getsockname()[:2], flush=True)


def end_with_stdin(end) -> None:
    def wait() -> None:
        sys.stdin.read()
        end()

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    main()
