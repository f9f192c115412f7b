"""Jobs and schedules, as the database keeps them and as the wire shows them."""

from dataclasses import dataclass
from typing import Any, Optional

from . import clock


@dataclass(frozen=True)
class Work:
    """What a client wants to have done."""

    kind: str
    amount: int

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "amount": self.amount}


@dataclass(frozen=True)
class Plan:
    """When a client wants it. No `at` means now, no `every` means once; in ms."""

    at: Optional[int]
    every: Optional[int]


@dataclass(frozen=True)
class Job:
    seq: int
    id: str
    work: Work
    state: str
    attempts: int
    result: Optional[str]
    error: Optional[str]
    created_at: int
    schedule: Optional[str]
    due_at: Optional[int]

    def as_json(self) -> dict[str, Any]:
        return present(
            id=self.id,
            **self.work.as_json(),
            state=self.state,
            attempts=self.attempts,
            result=self.result,
            error=self.error,
            created_at=clock.text(self.created_at),
            schedule=self.schedule,
            due_at=None if self.due_at is None else clock.text(self.due_at),
        )


@dataclass(frozen=True)
class Schedule:
    id: str
    work: Work
    plan: Plan  # as it was asked for
    at: int
    next_at: Optional[int]
    created_at: int

    def as_json(self) -> dict[str, Any]:
        return present(
            id=self.id,
            job=self.work.as_json(),
            at=clock.text(self.at),
            every_ms=self.plan.every,
            next_at=None if self.next_at is None else clock.text(self.next_at),
            created_at=clock.text(self.created_at),
        )


def present(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def page_as_json(jobs: list[Job], limit: int) -> dict[str, Any]:
    """A page of jobs, of which one more than the limit was read."""
    shown = jobs[:limit]
    return present(jobs=[job.as_json() for job in shown], next=shown[-1].seq if len(jobs) > limit else None)
