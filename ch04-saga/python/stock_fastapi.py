"""The saga's stock in FastAPI, in two processes: participant.yaml says what it promises.

    PORT=7401 DATA=/tmp/stock python3 stock_fastapi.py

A lock of the language protects nothing here: the processes share only the database.
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

DATABASE = os.path.join(os.environ["DATA"], "stock.db")
SCHEMA = """
CREATE TABLE accounts (name TEXT PRIMARY KEY, amount INTEGER CHECK (amount >= 0));
CREATE TABLE steps (saga TEXT PRIMARY KEY, name TEXT, amount INTEGER, state TEXT);
INSERT INTO accounts VALUES ('salt', 100), ('tea', 10), ('truffle', 1);
"""
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
    """A transaction on a connection of its own. IMMEDIATE: it waits for the other process
    before it reads, so what it has read is still true when it writes."""
    db = sqlite3.connect(DATABASE, timeout=5, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = FULL")  # a commit returns when the disk has it
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")
    finally:
        db.close()  # what is not committed is rolled back


def find(db, saga, wanted):
    """Returns the state of the saga's step; None if no call has come before."""
    select = "SELECT name, amount, state FROM steps WHERE saga = ?"
    row = db.execute(select, (saga,)).fetchone()
    if row and row[:2] != (wanted.name, wanted.amount):
        raise Problem(422, "key-reused")
    return row and row[2]


def remember(db, saga, wanted, state):
    db.execute("INSERT INTO steps VALUES (?, ?, ?, ?)", (saga, wanted.name, wanted.amount, state))


def add(db, name, amount):
    db.execute("UPDATE accounts SET amount = amount + ? WHERE name = ?", (amount, name))


def subtract(db, wanted):
    select = "SELECT amount FROM accounts WHERE name = ?"
    left = db.execute(select, (wanted.name,)).fetchone()
    if left is None:
        return "unknown-item"
    if left[0] < wanted.amount:
        return "out-of-stock"
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
@app.post("/take")
def take(wanted: Account, request: Request):
    saga = saga_of(request, wanted)
    with transaction() as db:
        state = find(db, saga, wanted)
        if state is None:
            state = subtract(db, wanted)
            remember(db, saga, wanted, state)
    if state != "done":
        raise Problem(422 if state == "unknown-item" else 409, state)
    return wanted


@app.post("/give-back")
def give_back(wanted: Account, request: Request):
    saga = saga_of(request, wanted)
    with transaction() as db:
        state = find(db, saga, wanted)
        if state is None:
            remember(db, saga, wanted, "compensated")
        elif state == "done":
            add(db, wanted.name, wanted.amount)
            db.execute("UPDATE steps SET state = 'compensated' WHERE saga = ?", (saga,))
    return wanted


@app.get("/ledger")
def ledger():
    with transaction() as db:
        accounts = db.execute("SELECT name, amount FROM accounts ORDER BY name").fetchall()
        steps = db.execute("SELECT saga, name, amount FROM steps WHERE state = 'done'").fetchall()
    return {
        "accounts": [{"name": name, "amount": amount} for name, amount in accounts],
        "steps": [{"saga": saga, "step": "take", "name": name, "amount": amount}
                  for saga, name, amount in steps],
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
    port = int(os.environ["PORT"])
    uvicorn.run("stock_fastapi:app", port=port, workers=2, log_level="warning")
