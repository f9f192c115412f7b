"""A thread that creates the jobs of schedules when they are due."""

import sched
import threading
import time
from collections.abc import Callable
from functools import partial

from jobs import queries
from jobs.config import Config
from jobs.problem import Problem
from jobs.store import Store


class Timetable:
    def __init__(self, config: Config, store: Store, on_new_jobs: Callable[[], None]):
        self._config, self._store, self._on_new_jobs = config, store, on_new_jobs
        self._stopping = False
        self._news = threading.Event()
        self._scheduler = sched.scheduler(time.monotonic, self._news.wait)
        self._thread = threading.Thread(target=self._run, name="timetable")

    def __enter__(self) -> "Timetable":
        self.look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        self._news.set()
        self._thread.join()

    def look(self, after: float = 0) -> None:
        """Looks for what is due, after so many seconds or earlier."""
        at = time.monotonic() + after
        if not any(event.time <= at for event in self._scheduler.queue):
            self._scheduler.enterabs(at, 0, self._fire)
        self._news.set()

    def _run(self) -> None:
        while not self._stopping:
            self._news.clear()
            wait = self._scheduler.run(blocking=False)
            self._news.wait(wait)

    def _fire(self) -> None:
        try:
            wait = self._store.write(partial(queries.fire, config=self._config)).result()
        except Problem:  # the queue is full
            wait = self._config.retry
        self._on_new_jobs()
        if wait is not None:
            self.look(wait / 1000)
