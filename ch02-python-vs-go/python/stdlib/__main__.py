"""The job service with nothing but the standard library:

    PYTHONPATH=../shared JOBS_ADDR=127.0.0.1:7201 JOBS_DB=jobs.db python3 .

It says where it listens, and ends when its standard input is closed, or on
Ctrl-C or SIGTERM.
"""

import signal
import sys
import threading

from jobs.config import Config
from jobs.store import Store

from handler import Server
from timetable import Timetable
from workers import Workers


def main() -> None:
    config = Config.from_environment()
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    threading.Thread(target=lambda: (sys.stdin.read(), ending.set()), daemon=True).start()
    with (
        Store(config.database, on_failure=ending.set) as store,
        Workers(config, store) as workers,
        Timetable(config, store, on_new_jobs=workers.wake) as timetable,
        Server(config, store, workers, timetable) as server,
    ):
        accepting = threading.Thread(target=server.serve_forever)
        accepting.start()
        print("jobs listen on http://%s:%d" % server.server_address[:2], flush=True)
        ending.wait()
        server.shutdown()
        accepting.join()


if __name__ == "__main__":
    main()
