"""The queue and the schedules, on an event loop. What blocks runs elsewhere: a
write in the store's thread, a computation in the thread pool."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Optional, TypeVar

from starlette.concurrency import run_in_threadpool

from jobs import queries, work
from jobs.config import Config
from jobs.model import Job, Work
from jobs.problem import Problem
from jobs.store import Store

POLL = 0.1  # seconds that an idle worker waits at most: another process may have had a new job
T = TypeVar("T")


class Service:
    def __init__(self, config: Config, store: Store):
        self.config, self.store = config, store
        self.new_job, self.new_schedule = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Workers and timetable. What they have not finished when they are
        cancelled will be handed out again."""
        tasks = [asyncio.create_task(self._work()) for _ in range(self.config.workers)]
        tasks.append(asyncio.create_task(self._keep_timetable()))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def write(self, query: Callable[..., T], **arguments: Any) -> T:
        return await asyncio.wrap_future(self.store.write(partial(query, **arguments)))

    async def _work(self) -> None:
        while True:
            self.new_job.clear()
            job, wait = await self.write(queries.claim, config=self.config)
            if job:
                await self._carry_out(job)
            else:
                await happened(self.new_job, POLL if wait is None else min(POLL, wait / 1000))

    async def _carry_out(self, job: Job) -> None:
        try:
            result = work.failed(job) if job.work.kind == "fail" else await do(job.work)
        except work.Failed as error:
            await self.write(queries.fail, config=self.config, job=job, error=str(error))
        else:
            await self.write(queries.finish, job=job, result=result)

    async def _keep_timetable(self) -> None:
        while True:
            self.new_schedule.clear()
            try:
                wait = await self.write(queries.fire, config=self.config)
            except Problem:  # the queue is full
                wait = self.config.retry
            self.new_job.set()
            await happened(self.new_schedule, None if wait is None else wait / 1000)


async def do(wanted: Work) -> str:
    if wanted.kind == "hash":
        return await run_in_threadpool(work.hashed, wanted.amount)
    await asyncio.sleep(wanted.amount / 1000)
    return work.slept(wanted.amount)


async def happened(event: asyncio.Event, seconds: Optional[float]) -> None:
    """Waits for an event, or for so long."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except asyncio.TimeoutError:
        pass
