"""One SQLite file. Writes go through one thread, which commits those that wait
together at once: one forced write for many, and each answered after it."""

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Optional, TypeVar

from .schema import SCHEMA

T = TypeVar("T")
Member = tuple[Callable[[sqlite3.Connection], Any], "Future[Any]"]

MOST = 64  # writes in one commit
READERS = 4  # connections


class Unknown(Exception):
    """A COMMIT failed: it may have been done, or not."""


class Store:
    def __init__(self, path: str, on_failure: Callable[[], None] = lambda: None):
        self._on_failure = on_failure
        self._waiting: "queue.Queue[Optional[Member]]" = queue.Queue(maxsize=1024)
        self._writer = connect(path)
        self._writer.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")
        self._readers: "queue.Queue[sqlite3.Connection]" = queue.Queue()
        for _ in range(READERS):
            reader = connect(path)
            reader.execute("PRAGMA query_only = on")
            self._readers.put(reader)
        self._thread = threading.Thread(target=self._write_all, name="writer")
        self._thread.start()

    def write(self, work: Callable[[sqlite3.Connection], T]) -> "Future[T]":
        """Runs work in a transaction. Its result is there when it is on the disk."""
        future: "Future[T]" = Future()
        self._waiting.put((work, future))
        return future

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        reader = self._readers.get()
        try:
            yield reader
        finally:
            self._readers.put(reader)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        """Waits for the writes under way. No write may come after it."""
        self._waiting.put(None)
        self._thread.join()
        self._writer.close()
        for _ in range(READERS):
            self._readers.get().close()

    def _write_all(self) -> None:
        while (first := self._waiting.get()) is not None:
            group = [first]
            while len(group) < MOST and not self._waiting.empty():
                member = self._waiting.get()
                if member is None:
                    self._waiting.put(None)
                    break
                group.append(member)
            self._commit(group)

    def _commit(self, group: list[Member]) -> None:
        group = [(work, future) for work, future in group if future.set_running_or_notify_cancel()]
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            outcomes = [self._join(work, future) for work, future in group]
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            for _, future in group:
                future.set_exception(Unknown(str(error)))
            self._on_failure()
            return
        for settle in outcomes:
            settle()

    def _join(self, work: Callable[[sqlite3.Connection], T], future: "Future[T]") -> Callable[[], None]:
        """Runs work in a savepoint, and returns what then answers its caller."""
        self._writer.execute("SAVEPOINT member")
        try:
            result = work(self._writer)
        except Exception as error:
            self._writer.execute("ROLLBACK TO member")
            return lambda error=error: future.set_exception(error)
        finally:
            self._writer.execute("RELEASE member")
        return lambda: future.set_result(result)


def connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = on")  # on macOS, fsync leaves the data in the drive's cache
    return connection
