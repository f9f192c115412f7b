"""What comes in and what goes out. Strict: true is no int, and "1" is none."""

from typing import Literal, Optional

from pydantic import BaseModel, StrictStr, conint, validator

from jobs import clock, model
from jobs.work import MAX_AMOUNT, MAX_EVERY, MIN_EVERY

Amount = conint(strict=True, ge=0, le=MAX_AMOUNT)
Every = conint(strict=True, ge=MIN_EVERY, le=MAX_EVERY)


class Wanted(BaseModel, extra="forbid"):
    kind: str
    amount: Amount

    @validator("kind", pre=True)
    def is_text(cls, value: object) -> object:
        if not isinstance(value, str):  # to Literal, a number is only another value
            raise TypeError("not a text")
        return value

    def work(self) -> model.Work:
        return model.Work(self.kind, self.amount)


class WantedRun(Wanted):
    kind: Literal["sleep", "hash"]


class WantedJob(Wanted):
    kind: Literal["sleep", "hash", "fail"]


class WantedSchedule(BaseModel, extra="forbid"):
    job: WantedJob
    at: Optional[StrictStr] = None
    every_ms: Optional[Every] = None

    @validator("at")
    def is_a_time(cls, value: str) -> str:
        clock.parse(value)
        return value

    def plan(self) -> model.Plan:
        return model.Plan(None if self.at is None else clock.parse(self.at), self.every_ms)


class Result(BaseModel):
    result: str


class Job(BaseModel):
    id: str
    kind: str
    amount: int
    state: str
    attempts: int
    result: Optional[str] = None
    error: Optional[str] = None
    created_at: str
    schedule: Optional[str] = None
    due_at: Optional[str] = None


class Page(BaseModel):
    jobs: list[Job]
    next: Optional[int] = None


class Schedule(BaseModel):
    id: str
    job: WantedJob
    at: str
    every_ms: Optional[int] = None
    next_at: Optional[str] = None
    created_at: str
