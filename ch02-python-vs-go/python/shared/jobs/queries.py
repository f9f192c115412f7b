"""What the service asks of its database. Each function runs in a transaction
that belongs to its caller."""

import sqlite3
from typing import Optional

from . import clock
from .config import Config
from .model import Job, Plan, Schedule, Work
from .problem import HTTPStatus, Problem, not_found, unprocessable

Db = sqlite3.Connection


def add(db: Db, config: Config, key: str, work: Work) -> tuple[Job, bool]:
    """Puts a job into the queue, or finds the job that the key has put there."""
    if row := db.execute("SELECT * FROM jobs WHERE id = ?", (key,)).fetchone():
        job = to_job(row)
        if job.work != work:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "key-reused", f"{key} is another job")
        return job, False
    check_room(db, config)
    now = clock.now()
    row = db.execute(
        "INSERT INTO jobs (id, kind, amount, visible_at, created_at) VALUES (?, ?, ?, ?, ?) RETURNING *",
        (key, work.kind, work.amount, now, now),
    ).fetchone()
    return to_job(row), True


def check_room(db: Db, config: Config) -> None:
    (waiting,) = db.execute("SELECT count(*) FROM jobs WHERE state = 'waiting'").fetchone()
    if waiting >= config.backlog:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "the queue is full", **{"Retry-After": "1"})


def get(db: Db, id: str) -> Job:
    row = db.execute("SELECT * FROM jobs WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise not_found()
    return to_job(row)


def page(db: Db, after: int, limit: int, schedule: Optional[str] = None, state: Optional[str] = None) -> list[Job]:
    """Up to limit + 1 jobs: the last only says that there are more."""
    rows = db.execute(
        "SELECT * FROM jobs WHERE seq > ? AND (? IS NULL OR schedule = ?) AND (? IS NULL OR state = ?) ORDER BY seq LIMIT ?",
        (after, schedule, schedule, state, state, limit + 1),
    )
    return [to_job(row) for row in rows]


def delete(db: Db, table: str, id: str) -> None:
    if db.execute(f"DELETE FROM {table} WHERE id = ?", (id,)).rowcount == 0:
        raise not_found()


def claim(db: Db, config: Config) -> tuple[Optional[Job], Optional[int]]:
    """Hands out the next job. If there is none, it says in how many ms there may
    be one; None if only a new job can change that."""
    now = clock.now()
    db.execute(
        """UPDATE jobs SET state = 'dead', error = 'not finished within the visibility timeout'
        WHERE state = 'running' AND visible_at <= ? AND attempts >= ?""",
        (now, config.attempts),
    )
    row = db.execute(
        """UPDATE jobs SET state = 'running', attempts = attempts + 1, visible_at = ? WHERE seq = (
            SELECT seq FROM jobs WHERE state IN ('waiting', 'running') AND visible_at <= ? ORDER BY visible_at, seq LIMIT 1
        ) RETURNING *""",
        (now + config.visibility, now),
    ).fetchone()
    if row:
        return to_job(row), None
    (due,) = db.execute("SELECT min(visible_at) FROM jobs WHERE state IN ('waiting', 'running')").fetchone()
    return None, None if due is None else due - now


def finish(db: Db, job: Job, result: str) -> None:
    """Notes the result, if the job has not been handed out again since."""
    db.execute(
        "UPDATE jobs SET state = 'done', result = ? WHERE seq = ? AND state = 'running' AND attempts = ?",
        (result, job.seq, job.attempts),
    )


def fail(db: Db, config: Config, job: Job, error: str) -> None:
    state = "waiting" if job.attempts < config.attempts else "dead"
    again = clock.now() + (config.retry << (job.attempts - 1))
    db.execute(
        "UPDATE jobs SET state = ?, error = ?, visible_at = ? WHERE seq = ? AND state = 'running' AND attempts = ?",
        (state, error, again, job.seq, job.attempts),
    )


def add_schedule(db: Db, key: str, work: Work, plan: Plan) -> tuple[Schedule, bool]:
    if row := db.execute("SELECT * FROM schedules WHERE id = ?", (key,)).fetchone():
        schedule = to_schedule(row)
        if (schedule.work, schedule.plan) != (work, plan):
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "key-reused", f"{key} is another schedule")
        return schedule, False
    if plan == Plan(None, None):
        raise unprocessable("say at, or every_ms, or both")
    now = clock.now()
    at = now if plan.at is None else plan.at
    row = db.execute(
        "INSERT INTO schedules (id, kind, amount, wanted_at, every, at, next_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
        (key, work.kind, work.amount, plan.at, plan.every, at, at, now),
    ).fetchone()
    return to_schedule(row), True


def get_schedule(db: Db, id: str) -> Schedule:
    row = db.execute("SELECT * FROM schedules WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise not_found()
    return to_schedule(row)


def fire(db: Db, config: Config) -> Optional[int]:
    """Creates the jobs of all schedules that are due, one for each, however many
    runs were missed. Says in how many ms the next is due; None if none will be.
    If the queue is full, it raises the problem, and nothing is lost."""
    now = clock.now()
    for row in db.execute("SELECT * FROM schedules WHERE next_at <= ?", (now,)).fetchall():
        schedule = to_schedule(row)
        every = schedule.plan.every
        due = now - (now - schedule.at) % every if every else schedule.at
        check_room(db, config)
        db.execute(
            """INSERT INTO jobs (id, kind, amount, visible_at, created_at, schedule, due_at) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING""",
            (f"{schedule.id}@{due}", schedule.work.kind, schedule.work.amount, now, now, schedule.id, due),
        )
        db.execute("UPDATE schedules SET next_at = ? WHERE id = ?", (due + every if every else None, schedule.id))
    (next_at,) = db.execute("SELECT min(next_at) FROM schedules").fetchone()
    return None if next_at is None else next_at - now


def to_job(row: sqlite3.Row) -> Job:
    work = Work(row["kind"], row["amount"])
    return Job(
        row["seq"], row["id"], work, row["state"], row["attempts"], row["result"], row["error"],
        row["created_at"], row["schedule"], row["due_at"],
    )  # fmt: skip


def to_schedule(row: sqlite3.Row) -> Schedule:
    plan = Plan(row["wanted_at"], row["every"])
    return Schedule(row["id"], Work(row["kind"], row["amount"]), plan, row["at"], row["next_at"], row["created_at"])
