"""Stock in TCC, in Python's standard library: participant.yaml says what it promises.

    PORT=7601 DATA=/tmp/stock python3 stock.py
"""

import json
import os
import re
import sqlite3
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_BODY = 64 << 10  # bytes
MAX_UNITS = 100  # that one transaction may take
PROBLEMS = "https://example.com/dtx/problems/"
OPENING = [("salt", 100), ("tea", 10), ("truffle", 1)]
ACCOUNTS = """CREATE TABLE accounts (name TEXT PRIMARY KEY,
    available INTEGER CHECK (available >= 0), reserved INTEGER CHECK (reserved >= 0))"""
# A reservation's state is reserved, confirmed or cancelled. One whose cancel came first has no name.
RESERVATIONS = "CREATE TABLE reservations (id TEXT PRIMARY KEY, name TEXT, amount INTEGER, state TEXT)"
REFUSALS = {
    "out-of-stock": 409, "cancelled": 409, "unknown-item": 422, "unprocessable": 422,
    "key-reused": 422, "not-found": 404, "malformed": 400, "no-route": 404,
}


class Problem(Exception):
    def __init__(self, kind, status=None):
        super().__init__(kind)
        self.status, self.kind = status or REFUSALS[kind], kind


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
            self.db.execute(RESERVATIONS)
            self.db.executemany("INSERT INTO accounts VALUES (?, ?, 0)", OPENING)

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

    def find(self, id):
        """Returns what is reserved, and its state; None twice if no call has come before."""
        select = "SELECT name, amount, state FROM reservations WHERE id = ?"
        row = self.db.execute(select, (id,)).fetchone()
        return (row[:2], row[2]) if row else (None, None)

    def reserve(self, id, wanted):
        """Is the try. A refusal leaves nothing."""
        before, state = self.find(id)
        if state == "cancelled":
            raise Problem("cancelled")
        if state:
            if before != wanted:
                raise Problem("key-reused")
            return "try"
        name, amount = wanted
        if amount > MAX_UNITS:
            raise Problem("unprocessable")
        select = "SELECT available FROM accounts WHERE name = ?"
        left = self.db.execute(select, (name,)).fetchone()
        if left is None:
            raise Problem("unknown-item")
        if left[0] < amount:
            raise Problem("out-of-stock")
        self.move(name, -amount, amount)
        self.db.execute("INSERT INTO reservations VALUES (?, ?, ?, 'reserved')", (id, name, amount))
        return "try"

    def confirm(self, id):
        """Takes out what is reserved. What was never reserved is not acknowledged."""
        wanted, state = self.find(id)
        if state == "reserved":
            name, amount = wanted
            self.move(name, 0, -amount)
            self.db.execute("UPDATE reservations SET state = 'confirmed' WHERE id = ?", (id,))
        elif state != "confirmed":
            raise Problem("not-found")
        return "confirm"

    def cancel(self, id):
        """Gives back what is reserved. If the try has not come yet, it will be refused."""
        wanted, state = self.find(id)
        if state is None:
            self.db.execute("INSERT INTO reservations VALUES (?, '', 0, 'cancelled')", (id,))
        elif state == "reserved":
            name, amount = wanted
            self.move(name, amount, -amount)
            self.db.execute("UPDATE reservations SET state = 'cancelled' WHERE id = ?", (id,))
        elif state == "confirmed":
            raise Problem("not-found")
        return "cancel"

    def move(self, name, available, reserved):
        update = "UPDATE accounts SET available = available + ?, reserved = reserved + ? WHERE name = ?"
        self.db.execute(update, (available, reserved, name))

    def ledger(self):
        accounts = self.db.execute("SELECT name, available, reserved FROM accounts ORDER BY name")
        reservations = self.db.execute(
            "SELECT id, name, amount, state FROM reservations WHERE state <> 'cancelled'")
        names = ("id", "name", "amount", "state")
        return {
            "accounts": [dict(zip(("name", "available", "reserved"), row)) for row in accounts],
            "reservations": [dict(zip(names, row)) for row in reservations],
        }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10  # seconds without a byte
    wbufsize = -1  # head and body leave together: apart, they wait for each other (Nagle)

    def do_GET(self):
        if self.path != "/ledger":
            return self.refuse("no-route", 404)
        self.answer(200, self.server.store.transact(self.server.store.ledger))

    def do_POST(self):
        store = self.server.store
        calls = {"/try": store.reserve, "/confirm": store.confirm, "/cancel": store.cancel}
        try:
            members = self.members()
            if self.path not in calls:
                raise Problem("no-route")
            wanted = [self.wanted(members)] if self.path == "/try" else []
            if not wanted and members:
                raise Problem("malformed")
            answer = store.transact(calls[self.path], self.id(), *wanted)
        except Problem as p:
            return self.refuse(p.kind, p.status)
        self.answer(200, {"done": answer})

    def id(self):
        """Returns the transaction's ID."""
        keys = self.headers.get_all("Idempotency-Key", [])
        if keys in ([], [""]):
            raise Problem("missing-idempotency-key", 400)
        if len(keys) > 1 or not re.fullmatch(r"(?!\.\.?$)[A-Za-z0-9._~-]{1,64}", keys[0]):
            raise Problem("malformed")
        return keys[0]

    def members(self):
        """Returns the members of the body, sorted."""
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch("[0-9]{1,5}", length) or int(length) > MAX_BODY:
            self.close_connection = True  # the body is not read
            raise Problem("too-large", 413) if length.isdigit() else Problem("malformed")
        text = self.rfile.read(int(length))
        if self.headers.get_content_type() != "application/json":
            raise Problem("unsupported-media-type", 415)
        try:
            if (text := text.decode().strip())[:1] != "{":
                raise ValueError
            return json.loads(text, object_pairs_hook=sorted)  # a name twice is seen
        except (ValueError, TypeError, RecursionError):
            raise Problem("malformed") from None

    def wanted(self, members):
        """Returns the item and the units."""
        if [name for name, _ in members] != ["amount", "name"]:
            raise Problem("malformed")
        amount, name = (value for _, value in members)
        if type(amount) is not int or type(name) is not str:
            raise Problem("malformed")
        try:
            size = len(name.encode())
        except UnicodeEncodeError:  # half of a character
            raise Problem("malformed") from None
        if not 1 <= amount < 1 << 63 or size > 64:
            raise Problem("unprocessable")
        return name, amount

    def refuse(self, kind, status):
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
