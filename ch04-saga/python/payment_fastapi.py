"""The saga's payment in FastAPI, in one process: it keeps what payment in Go keeps.

    PORT=7402 DATA=/tmp/payment python3 payment_fastapi.py
"""

import os
import re
import sqlite3
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, StrictInt, StrictStr
from starlette.exceptions import HTTPException

DATABASE = os.path.join(os.environ["DATA"], "payment.db")
# A step's state is done, compensated, or the reason of the refusal. Amounts are in cents.
SCHEMA = """
CREATE TABLE accounts (name TEXT PRIMARY KEY, amount INTEGER CHECK (amount >= 0));
CREATE TABLE steps (saga TEXT, step TEXT, name TEXT, amount INTEGER, state TEXT,
                    PRIMARY KEY (saga, step));
INSERT INTO accounts VALUES ('ada', 10000), ('bob', 1000);
"""
MOST = 1_000_000  # cents, in one payment
PROBLEMS = "https://example.com/dtx/problems/"
app = FastAPI()


class Account(BaseModel, extra="forbid"):
    name: StrictStr
    amount: StrictInt


class Problem(Exception):
    def __init__(self, status, kind):
        super().__init__(kind)
        self.status, self.kind = status, kind


@app.exception_handler(Problem)
def refuse(_, p):
    content = {"type": PROBLEMS + p.kind, "title": p.kind.replace("-", " "), "status": p.status}
    return JSONResponse(content, p.status, media_type="application/problem+json")


@app.exception_handler(RequestValidationError)
def malformed(request, _):
    return refuse(request, Problem(400, "malformed"))


@app.exception_handler(HTTPException)
def no_route(request, e):
    return refuse(request, Problem(e.status_code, "no-route"))


@contextmanager
def transaction():
    """A transaction on a connection of its own: each request has a thread of its own.
    IMMEDIATE: what it has read is still true when it writes."""
    db = sqlite3.connect(DATABASE, timeout=5, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = FULL")  # a commit returns when the disk has it
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")
    finally:
        db.close()  # what is not committed is rolled back


def find(db, saga, step, wanted):
    """Returns the state of a step of the saga; None if no call has come before."""
    select = "SELECT name, amount, state FROM steps WHERE saga = ? AND step = ?"
    row = db.execute(select, (saga, step)).fetchone()
    if row and row[:2] != (wanted.name, wanted.amount):
        raise Problem(422, "key-reused")
    return row and row[2]


def remember(db, saga, step, wanted, state):
    row = (saga, step, wanted.name, wanted.amount, state)
    db.execute("INSERT INTO steps VALUES (?, ?, ?, ?, ?)", row)


def add(db, name, amount):
    db.execute("UPDATE accounts SET amount = amount + ? WHERE name = ?", (amount, name))


def subtract(db, wanted):
    if wanted.amount > MOST:
        return "unprocessable"
    select = "SELECT amount FROM accounts WHERE name = ?"
    left = db.execute(select, (wanted.name,)).fetchone()
    if left is None:
        return "unknown-customer"
    if left[0] < wanted.amount:
        return "insufficient-funds"
    add(db, wanted.name, -wanted.amount)
    return "done"


def saga_of(request, wanted):
    keys = request.headers.getlist("Idempotency-Key")
    if keys in ([], [""]):
        raise Problem(400, "missing-idempotency-key")
    if len(keys) > 1 or not re.fullmatch(r"(?!\.\.?$)[A-Za-z0-9._~-]{1,64}", keys[0]):
        raise Problem(400, "malformed")
    if not 1 <= wanted.amount < 1 << 63 or len(wanted.name.encode()) > 64:
        raise Problem(422, "unprocessable")
    return keys[0]


# An endpoint with a plain def runs in a thread, to its end, also if the client has gone.
@app.post("/authorize")
def authorize(wanted: Account, request: Request):
    saga = saga_of(request, wanted)
    with transaction() as db:
        state = find(db, saga, "authorize", wanted)
        if state is None:
            state = subtract(db, wanted)
            remember(db, saga, "authorize", wanted, state)
    if state != "done":
        raise Problem(409 if state in ("insufficient-funds", "compensated") else 422, state)
    return wanted


@app.post("/void")
def void(wanted: Account, request: Request):
    saga = saga_of(request, wanted)
    with transaction() as db:
        state = find(db, saga, "authorize", wanted)
        if state is None:
            remember(db, saga, "authorize", wanted, "compensated")
        elif state == "done":
            add(db, wanted.name, wanted.amount)
            db.execute("UPDATE steps SET state = 'compensated' WHERE saga = ? AND step = ?",
                       (saga, "authorize"))
    return wanted


@app.post("/capture")
def capture(wanted: Account, request: Request):
    saga = saga_of(request, wanted)
    with transaction() as db:
        if find(db, saga, "capture", wanted) is None:
            if find(db, saga, "authorize", wanted) != "done":
                raise Problem(404, "not-found")
            remember(db, saga, "capture", wanted, "done")
    return wanted


@app.get("/ledger")
def ledger():
    with transaction() as db:
        accounts = db.execute("SELECT name, amount FROM accounts ORDER BY name").fetchall()
        steps = db.execute(
            "SELECT saga, step, name, amount FROM steps WHERE state = 'done'").fetchall()
    return {
        "accounts": [dict(zip(("name", "amount"), row)) for row in accounts],
        "steps": [dict(zip(("saga", "step", "name", "amount"), row)) for row in steps],
    }


def create():
    os.makedirs(os.environ["DATA"], exist_ok=True)
    db = sqlite3.connect(DATABASE, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN IMMEDIATE")
    if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
        for statement in SCHEMA.split(";"):
            db.execute(statement)
    db.execute("COMMIT")
    db.close()


if __name__ == "__main__":
    create()
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="warning")
