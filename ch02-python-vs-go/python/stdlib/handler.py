"""The HTTP side. Each connection has a thread, which may block."""

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Optional
from urllib.parse import unquote, urlsplit

from jobs import queries, strict, work
from jobs.config import Config
from jobs.model import page_as_json
from jobs.problem import Problem, malformed, not_found
from jobs.store import Store, Unknown

from timetable import Timetable
from wanted import page_of, schedule_of, work_of
from wire import TooLong, Wire
from workers import Workers

MAX_HEAD = 32 << 10  # bytes
MAX_READ = 1 << 20  # bytes of a body that are read in order to refuse it politely
IDLE, HEAD_PATIENCE, BODY_PATIENCE = 60, 5, 10  # seconds: between requests, for a head, for a body


@dataclass(frozen=True)
class Answer:
    status: HTTPStatus
    body: Optional[dict[str, Any]] = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json"

    @classmethod
    def of(cls, problem: Problem) -> "Answer":
        return cls(problem.status, problem.body, problem.headers, "application/problem+json")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # connections that wait to be accepted; the default is 5

    def __init__(self, config: Config, store: Store, workers: Workers, timetable: Timetable):
        super().__init__((config.host, config.port), Handler)
        self.config, self.store, self.workers, self.timetable = config, store, workers, timetable


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together: apart, they wait for each other (Nagle)

    def setup(self) -> None:
        super().setup()
        self.wire = Wire(self.connection, "r")
        self.rfile = io.BufferedReader(self.wire)

    def handle_one_request(self) -> None:
        self.wire.within(IDLE, MAX_HEAD)
        try:
            self.rfile.peek(1)  # the first byte of the next request
            self.wire.within(HEAD_PATIENCE, MAX_HEAD)
            super().handle_one_request()
        except TimeoutError:
            self.close_connection = True
        except TooLong:
            self.requestline, self.request_version, self.command = "", "HTTP/1.1", None
            self.send_error(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def serve(self) -> None:
        try:
            self.wire.within(BODY_PATIENCE, MAX_READ + MAX_HEAD)  # what is buffered is read ahead
            self.content = self.read_body()
            answer = self.find_route()()
        except Problem as problem:
            answer = Answer.of(problem)
        except Unknown:
            answer = Answer.of(Problem(HTTPStatus.SERVICE_UNAVAILABLE, "outcome-unknown", **{"Retry-After": "1"}))
        self.write(answer)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """The method do_X for any method X: what is not allowed is answered as such."""
        if name.startswith("do_"):
            return self.serve
        raise AttributeError(name)

    def find_route(self) -> Callable[[], Answer]:
        url = urlsplit(self.path)
        self.query = url.query
        collection, slash, id = url.path[1:].partition("/")
        routes: dict[str, dict[str, Callable[[], Answer]]] = {
            "run": {"POST": self.run},
            "jobs": {"GET": self.list_jobs, "POST": self.create_job},
            "dead-letters": {"GET": self.list_dead_letters},
            "schedules": {"POST": self.create_schedule},
        }
        if slash:
            routes = {
                "jobs": {"GET": partial(self.get, queries.get, id), "DELETE": partial(self.delete, "jobs", id)},
                "schedules": {"GET": partial(self.get, queries.get_schedule, id), "DELETE": partial(self.delete, "schedules", id)},
            }
        methods = routes.get(collection)
        if methods is None or (slash and (not id or "/" in id)):
            raise not_found()
        if self.command not in methods:
            raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", Allow=", ".join(methods))
        return methods[self.command]

    def run(self) -> Answer:
        wanted = work_of(self.members(), work.RUN_KINDS)
        if wanted.kind == "hash":
            return Answer(HTTPStatus.OK, {"result": work.hashed(wanted.amount)})
        time.sleep(wanted.amount / 1000)
        return Answer(HTTPStatus.OK, {"result": work.slept(wanted.amount)})

    def create_job(self) -> Answer:
        key = self.key()
        add = partial(queries.add, config=self.server.config, key=key, work=work_of(self.members()))
        job, new = self.server.store.write(add).result()
        if not new:
            return Answer(HTTPStatus.OK, job.as_json())
        self.server.workers.wake()
        return Answer(HTTPStatus.CREATED, job.as_json(), {"Location": f"/jobs/{key}"})

    def create_schedule(self) -> Answer:
        key = self.key()
        wanted, plan = schedule_of(self.members())
        schedule, new = self.server.store.write(partial(queries.add_schedule, key=key, work=wanted, plan=plan)).result()
        if not new:
            return Answer(HTTPStatus.OK, schedule.as_json())
        self.server.timetable.look()
        return Answer(HTTPStatus.CREATED, schedule.as_json(), {"Location": f"/schedules/{key}"})

    def get(self, query: Callable[..., Any], id: str) -> Answer:
        with self.server.store.reading() as db:
            return Answer(HTTPStatus.OK, query(db, unquote(id)).as_json())

    def delete(self, table: str, id: str) -> Answer:
        self.server.store.write(partial(queries.delete, table=table, id=unquote(id))).result()
        return Answer(HTTPStatus.NO_CONTENT)

    def list_jobs(self) -> Answer:
        after, limit, schedule = page_of(self.query)
        return self.page(limit, partial(queries.page, after=after, limit=limit, schedule=schedule))

    def list_dead_letters(self) -> Answer:
        after, limit, _ = page_of(self.query)
        return self.page(limit, partial(queries.page, after=after, limit=limit, state="dead"))

    def page(self, limit: int, query: Callable[..., Any]) -> Answer:
        with self.server.store.reading() as db:
            return Answer(HTTPStatus.OK, page_as_json(query(db), limit))

    def key(self) -> str:
        return strict.key(self.headers.get_all("Idempotency-Key", []))

    def members(self) -> dict[str, Any]:
        strict.check_content_type(self.headers.get_all("Content-Type", []))
        if len(self.content) > strict.MAX_BODY:
            raise strict.too_large()
        return strict.loads(self.content)

    def read_body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # it is unknown where the next request begins
            raise malformed("say how long the body is, in Content-Length")
        body = self.rfile.read(min(int(length), MAX_READ))
        if len(body) < int(length):
            self.close_connection = True
            if len(body) < MAX_READ:
                raise malformed("the body is shorter than its Content-Length")
        return body

    def write(self, answer: Answer) -> None:
        self.connection.settimeout(IDLE)
        body = b"" if answer.body is None else json.dumps(answer.body).encode() + b"\n"
        self.send_response(answer.status)
        if answer.body is not None:
            self.send_header("Content-Type", answer.media_type)
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: a line for each request would cost more than the request."""
