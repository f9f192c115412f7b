"""The saga's stock in Python's standard library: participant.yaml says what it promises.

    PORT=7401 DATA=/tmp/stock python3 stock.py
"""

import json
import os
import re
import sqlite3
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_BODY = 64 << 10  # bytes
PROBLEMS = "https://example.com/dtx/problems/"
OPENING = [("salt", 100), ("tea", 10), ("truffle", 1)]
ACCOUNTS = "CREATE TABLE accounts (name TEXT PRIMARY KEY, amount INTEGER CHECK (amount >= 0))"
# A step's state is done, compensated, or the reason of the refusal.
STEPS = "CREATE TABLE steps (saga TEXT PRIMARY KEY, name TEXT, amount INTEGER, state TEXT)"


class Problem(Exception):
    def __init__(self, status, kind):
        super().__init__(kind)
        self.status, self.kind = status, kind


class Store:
    """One connection writes and reads. A lock lets one thread at a time have it."""

    def __init__(self, path):
        # isolation_level=None: the module begins and commits nothing by itself.
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.lock = threading.Lock()
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")  # a commit returns when the disk has it
        self.transact(self.create)

    def create(self):
        if not self.db.execute("SELECT 1 FROM sqlite_master").fetchone():
            self.db.execute(ACCOUNTS)
            self.db.execute(STEPS)
            self.db.executemany("INSERT INTO accounts VALUES (?, ?)", OPENING)

    def transact(self, work, *args):
        """Does work in one transaction. If its outcome is unknown, the process ends: only
        its successor can read from the file what is true."""
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                answer = work(*args)
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            try:
                self.db.execute("COMMIT")
            except BaseException:
                os._exit(1)
            return answer

    def find(self, saga, name, amount):
        """Returns the state of the saga's step; None if no call has come before."""
        select = "SELECT name, amount, state FROM steps WHERE saga = ?"
        row = self.db.execute(select, (saga,)).fetchone()
        if row and row[:2] != (name, amount):
            raise Problem(422, "key-reused")
        return row and row[2]

    def remember(self, saga, name, amount, state):
        self.db.execute("INSERT INTO steps VALUES (?, ?, ?, ?)", (saga, name, amount, state))

    def take(self, saga, name, amount):
        """Carries the step out, or refuses it. The first answer is the answer for ever."""
        state = self.find(saga, name, amount)
        if state is None:
            state = self.subtract(name, amount)
            self.remember(saga, name, amount, state)
        return state

    def subtract(self, name, amount):
        left = self.db.execute("SELECT amount FROM accounts WHERE name = ?", (name,)).fetchone()
        if left is None:
            return "unknown-item"
        if left[0] < amount:
            return "out-of-stock"
        self.db.execute("UPDATE accounts SET amount = amount - ? WHERE name = ?", (amount, name))
        return "done"

    def give_back(self, saga, name, amount):
        """Compensates the step. If it has not come yet, it will be refused when it comes."""
        state = self.find(saga, name, amount)
        if state is None:
            self.remember(saga, name, amount, "compensated")
        elif state == "done":
            self.db.execute("UPDATE accounts SET amount = amount + ? WHERE name = ?", (amount, name))
            self.db.execute("UPDATE steps SET state = 'compensated' WHERE saga = ?", (saga,))
        return "done"

    def ledger(self):
        accounts = self.db.execute("SELECT name, amount FROM accounts ORDER BY name")
        steps = self.db.execute("SELECT saga, 'take', name, amount FROM steps WHERE state = 'done'")
        return {
            "accounts": [dict(zip(("name", "amount"), row)) for row in accounts],
            "steps": [dict(zip(("saga", "step", "name", "amount"), row)) for row in steps],
        }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10  # seconds without a byte
    wbufsize = -1  # head and body leave together: apart, they wait for each other (Nagle)

    def do_GET(self):
        if self.path != "/ledger":
            return self.refuse(404, "no-route")
        self.answer(200, self.server.store.transact(self.server.store.ledger))

    def do_POST(self):
        calls = {"/take": self.server.store.take, "/give-back": self.server.store.give_back}
        try:
            (name, amount), saga = self.body(), self.key()
            if self.path not in calls:
                raise Problem(404, "no-route")
            state = self.server.store.transact(calls[self.path], saga, name, amount)
            if state != "done":
                raise Problem(422 if state == "unknown-item" else 409, state)
        except Problem as p:
            return self.refuse(p.status, p.kind)
        self.answer(200, {"name": name, "amount": amount})

    def key(self):
        keys = self.headers.get_all("Idempotency-Key", [])
        if keys in ([], [""]):
            raise Problem(400, "missing-idempotency-key")
        if len(keys) > 1 or not re.fullmatch(r"(?!\.\.?$)[A-Za-z0-9._~-]{1,64}", keys[0]):
            raise Problem(400, "malformed")
        return keys[0]

    def body(self):
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch("[0-9]{1,5}", length) or int(length) > MAX_BODY:
            self.close_connection = True  # the body is not read
            raise Problem(413, "too-large") if length.isdigit() else Problem(400, "malformed")
        text = self.rfile.read(int(length))
        if self.headers.get_content_type() != "application/json":
            raise Problem(415, "unsupported-media-type")
        try:
            members = json.loads(text.decode(), object_pairs_hook=sorted)  # a name twice is seen
            (first, amount), (second, name) = members
            if (first, second) != ("amount", "name") or type(amount) is not int:
                raise ValueError
            size = len(name.encode())
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise Problem(400, "malformed") from None
        if not 1 <= amount < 1 << 63 or size > 64:
            raise Problem(422, "unprocessable")
        return name, amount

    def refuse(self, status, kind):
        problem = {"type": PROBLEMS + kind, "title": kind.replace("-", " "), "status": status}
        self.answer(status, problem, "application/problem+json")

    def answer(self, status, value, media_type="application/json"):
        body = json.dumps(value).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # connections that wait to be accepted; the default is 5
    server_bind = socketserver.TCPServer.server_bind  # HTTPServer's asks the DNS for its own name


if __name__ == "__main__":
    os.makedirs(os.environ["DATA"], exist_ok=True)
    server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
    server.store = Store(os.path.join(os.environ["DATA"], "stock.db"))
    server.serve_forever()
