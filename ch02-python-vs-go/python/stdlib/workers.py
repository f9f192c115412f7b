"""Threads that take jobs from the queue and do them."""

import threading
from functools import partial
from typing import Optional

from jobs import queries, work
from jobs.config import Config
from jobs.model import Job
from jobs.store import Store

POLL = 0.1  # seconds an idle worker waits at most


class Workers:
    def __init__(self, config: Config, store: Store):
        self._config, self._store = config, store
        self._stopping = threading.Event()
        self._news = threading.Event()
        self._threads = [threading.Thread(target=self._work, name=f"worker {n}") for n in range(config.workers)]

    def __enter__(self) -> "Workers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Returns when all have ended. A job that sleeps is left to be handed out again."""
        self._stopping.set()
        self._news.set()
        for thread in self._threads:
            thread.join()

    def wake(self) -> None:
        self._news.set()

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._news.clear()
            job, wait = self._store.write(partial(queries.claim, config=self._config)).result()
            if job:
                self._carry_out(job)
            else:
                self._news.wait(POLL if wait is None else min(POLL, wait / 1000))

    def _carry_out(self, job: Job) -> None:
        try:
            result = self._do(job)
        except work.Failed as error:
            self._store.write(partial(queries.fail, config=self._config, job=job, error=str(error))).result()
        else:
            if result is not None:
                self._store.write(partial(queries.finish, job=job, result=result)).result()

    def _do(self, job: Job) -> Optional[str]:
        """The job's result; None if there was no time to finish it."""
        if job.work.kind == "hash":
            return work.hashed(job.work.amount)
        if job.work.kind == "fail":
            return work.failed(job)
        stopped = self._stopping.wait(job.work.amount / 1000)
        return None if stopped else work.slept(job.work.amount)
