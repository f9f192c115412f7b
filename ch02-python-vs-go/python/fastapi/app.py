"""The job service with FastAPI. An endpoint with `async def` runs on the event
loop and must not block it; one with a plain `def` runs in a thread."""

import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any, Optional

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response

from jobs import queries, strict
from jobs.config import Config
from jobs.model import page_as_json
from jobs.store import Store
from jobs.work import DEFAULT_PAGE, MAX_AFTER, MAX_PAGE

import models
from service import Service, do
from strictness import StrictRoute, answer_with_problems

router = APIRouter(route_class=StrictRoute, redirect_slashes=False)

After = Query(0, ge=0, le=MAX_AFTER)
Limit = Query(DEFAULT_PAGE, ge=1, le=MAX_PAGE)


async def digits_only(request: Request) -> None:
    """To int(), 1_0 is a number, too."""
    for name in {"after", "limit"} & request.query_params.keys():
        strict.integer(name, request.query_params[name])



async def the_service(request: Request) -> Service:
    return request.app.state.service


async def idempotency_key(request: Request) -> str:
    return strict.key(request.headers.getlist("Idempotency-Key"))


@router.post("/run", response_model=models.Result)
async def run(wanted: models.WantedRun) -> Any:
    return {"result": await do(wanted.work())}


@router.post("/jobs", response_model=models.Job, response_model_exclude_none=True)
async def create_job(
    wanted: models.WantedJob,
    response: Response,
    key: str = Depends(idempotency_key),
    service: Service = Depends(the_service),
) -> Any:
    job, new = await service.write(queries.add, config=service.config, key=key, work=wanted.work())
    if new:
        service.new_job.set()
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"/jobs/{key}"
    return job.as_json()


@router.get("/jobs", dependencies=[Depends(digits_only)], response_model=models.Page, response_model_exclude_none=True)
def list_jobs(
    after: int = After, limit: int = Limit, schedule: Optional[str] = None, service: Service = Depends(the_service)
) -> Any:
    with service.store.reading() as db:
        return page_as_json(queries.page(db, after, limit, schedule), limit)


@router.get("/jobs/{id}", response_model=models.Job, response_model_exclude_none=True)
def get_job(id: str, service: Service = Depends(the_service)) -> Any:
    with service.store.reading() as db:
        return queries.get(db, id).as_json()


@router.delete("/jobs/{id}", status_code=HTTPStatus.NO_CONTENT, response_class=Response)
async def delete_job(id: str, service: Service = Depends(the_service)) -> None:
    await service.write(queries.delete, table="jobs", id=id)


@router.get("/dead-letters", dependencies=[Depends(digits_only)], response_model=models.Page, response_model_exclude_none=True)
def list_dead_letters(after: int = After, limit: int = Limit, service: Service = Depends(the_service)) -> Any:
    with service.store.reading() as db:
        return page_as_json(queries.page(db, after, limit, state="dead"), limit)


@router.post("/schedules", response_model=models.Schedule, response_model_exclude_none=True)
async def create_schedule(
    wanted: models.WantedSchedule,
    response: Response,
    key: str = Depends(idempotency_key),
    service: Service = Depends(the_service),
) -> Any:
    schedule, new = await service.write(queries.add_schedule, key=key, work=wanted.job.work(), plan=wanted.plan())
    if new:
        service.new_schedule.set()
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"/schedules/{key}"
    return schedule.as_json()


@router.get("/schedules/{id}", response_model=models.Schedule, response_model_exclude_none=True)
def get_schedule(id: str, service: Service = Depends(the_service)) -> Any:
    with service.store.reading() as db:
        return queries.get_schedule(db, id).as_json()


@router.delete("/schedules/{id}", status_code=HTTPStatus.NO_CONTENT, response_class=Response)
async def delete_schedule(id: str, service: Service = Depends(the_service)) -> None:
    await service.write(queries.delete, table="schedules", id=id)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    config = Config.from_environment()
    if parent := multiprocessing.parent_process():  # kill -9 of the parent must not leave us behind
        threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
    end_process = partial(signal.raise_signal, signal.SIGTERM)
    with Store(config.database, on_failure=end_process) as store:
        app.state.service = Service(config, store)
        async with app.state.service.running():
            yield


def create() -> FastAPI:
    app = FastAPI(openapi_url=None)  # the contract is openapi.yaml, and was there first
    app.router.lifespan_context = lifespan  # a parameter of FastAPI's since 0.93
    app.router.redirect_slashes = False
    app.include_router(router)
    answer_with_problems(app)
    return app
