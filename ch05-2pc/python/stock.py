"""Stock in two-phase commit, in Python's standard library: participant.yaml says what it promises.

    PORT=7501 DATA=/tmp/stock COORDINATOR=127.0.0.1:7500 python3 stock.py
"""

import http.client
import json
import os
import re
import sqlite3
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_BODY = 64 << 10  # bytes
MAX_UNITS = 100  # that one transaction may take
LOOK_PAUSE = 0.5  # seconds between two looks for branches in doubt
ASK_TIMEOUT = 1  # seconds for the coordinator's answer
PROBLEMS = "https://example.com/dtx/problems/"
OPENING = [("leaflet", 100), ("salt", 100), ("tea", 10), ("truffle", 1)]
ACCOUNTS = "CREATE TABLE accounts (name TEXT PRIMARY KEY, amount INTEGER CHECK (amount >= 0))"
# A branch's state is prepared, committed or aborted. While it is prepared it locks its account.
BRANCHES = """CREATE TABLE branches
    (id TEXT PRIMARY KEY, order_id TEXT, name TEXT, amount INTEGER, state TEXT)"""
REFUSALS = {
    "out-of-stock": 409, "unknown-item": 422, "unprocessable": 422, "key-reused": 422,
    "not-found": 404, "locked": 423, "unavailable": 503, "malformed": 400, "no-route": 404,
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
            self.db.execute(BRANCHES)
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

    def find(self, id):
        """Returns what the branch wants, and its state; None twice if no call has come before."""
        select = "SELECT order_id, name, amount, state FROM branches WHERE id = ?"
        row = self.db.execute(select, (id,)).fetchone()
        return (row[:3], row[3]) if row else (None, None)

    def prepare(self, id, wanted):
        """Votes. A yes is written down, and locks the account. A no leaves nothing."""
        before, state = self.find(id)
        if state == "aborted":
            raise Problem("unavailable")
        if state:
            if before != wanted:
                raise Problem("key-reused")
            return "yes"
        _, name, amount = wanted
        locks = "SELECT 1 FROM branches WHERE name = ? AND state = 'prepared'"
        if self.db.execute(locks, (name,)).fetchone():
            raise Problem("locked")
        left = self.db.execute("SELECT amount FROM accounts WHERE name = ?", (name,)).fetchone()
        if left is None:
            raise Problem("unknown-item")
        if amount > MAX_UNITS:
            raise Problem("unprocessable")
        if left[0] < amount:
            raise Problem("out-of-stock")
        if amount == 0:
            return "read-only"
        self.db.execute("INSERT INTO branches VALUES (?, ?, ?, ?, 'prepared')", (id, *wanted))
        return "yes"

    def commit(self, id):
        """Carries a prepared branch out. One that was never prepared is not acknowledged."""
        wanted, state = self.find(id)
        if state == "prepared":
            _, name, amount = wanted
            self.db.execute("UPDATE branches SET state = 'committed' WHERE id = ?", (id,))
            self.db.execute("UPDATE accounts SET amount = amount - ? WHERE name = ?", (amount, name))
        elif state != "committed":
            raise Problem("not-found")
        return "committed"

    def abort(self, id):
        """Undoes a branch. One that is not prepared yet will be refused when it comes."""
        _, state = self.find(id)
        if state == "committed":
            raise Problem("not-found")
        self.db.execute("""INSERT INTO branches VALUES (?, '', '', 0, 'aborted')
            ON CONFLICT (id) DO UPDATE SET state = 'aborted'""", (id,))
        return "aborted"

    def in_doubt(self):
        rows = self.db.execute("SELECT id FROM branches WHERE state = 'prepared'")
        return {id for id, in rows}

    def ledger(self):
        accounts = self.db.execute("SELECT name, amount FROM accounts ORDER BY name")
        branches = self.db.execute(
            "SELECT id, name, amount, state FROM branches WHERE state <> 'aborted'")
        return {
            "accounts": [dict(zip(("name", "amount"), row)) for row in accounts],
            "branches": [dict(zip(("id", "name", "amount", "state"), row)) for row in branches],
        }


def inquire(store, coordinator):
    """Asks about the branches that have been in doubt for a while, and does what it is told. Only
    the coordinator decides: any other answer, and none, leaves the branch in doubt."""
    ends = {"committed": store.commit, "aborted": store.abort}
    before = set()
    while True:
        doubts = store.transact(store.in_doubt)
        for id in doubts & before:
            try:
                ask = http.client.HTTPConnection(coordinator, timeout=ASK_TIMEOUT)
                ask.request("GET", "/transactions/" + id)
                answer = ask.getresponse()
                state = answer.status == 200 and json.loads(answer.read())["state"]
                ask.close()
                if state in ends:
                    store.transact(ends[state], id)
            except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, Problem):
                pass  # the next look asks again
        before = doubts
        time.sleep(LOOK_PAUSE)


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
        calls = {"/prepare": store.prepare, "/commit": store.commit, "/abort": store.abort}
        try:
            members = self.members()
            if self.path not in calls:
                raise Problem("no-route")
            wanted = [self.wanted(members)] if self.path == "/prepare" else []
            if not wanted and members:
                raise Problem("malformed")
            answer = store.transact(calls[self.path], self.id(), *wanted)
        except Problem as p:
            return self.refuse(p.kind, p.status)
        self.answer(200, {"vote" if wanted else "state": answer})

    def id(self):
        """Returns the transaction's ID: ORDER.EPOCH.ATTEMPT."""
        keys = self.headers.get_all("Idempotency-Key", [])
        if keys in ([], [""]):
            raise Problem("missing-idempotency-key", 400)
        form = r"[A-Za-z0-9._~-]+(\.[1-9][0-9]{0,17}){2}"
        if len(keys) > 1 or len(keys[0]) > 64 or not re.fullmatch(form, keys[0]):
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
        """Returns the order, the item and the units."""
        if [name for name, _ in members] != ["amount", "name", "order"]:
            raise Problem("malformed")
        amount, name, order = (value for _, value in members)
        try:
            (order + name).encode()
        except (TypeError, UnicodeEncodeError):  # the latter: half of a character
            raise Problem("malformed") from None
        if type(amount) is not int or type(name) is not str:
            raise Problem("malformed")
        if amount < 0 or amount >= 1 << 63:
            raise Problem("unprocessable")
        return order, name, amount

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
    doubt = (server.store, os.environ["COORDINATOR"])
    threading.Thread(target=inquire, args=doubt, daemon=True).start()
    server.serve_forever()
