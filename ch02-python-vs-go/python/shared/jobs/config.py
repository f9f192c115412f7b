"""The settings, from the environment."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Config:
    host: str
    port: int
    database: str
    processes: int
    workers: int  # in each process
    visibility: int  # ms until a job that was handed out is handed out again
    attempts: int  # until a job is a dead letter
    retry: int  # ms until the second attempt; doubled for each one after
    backlog: int  # jobs that may wait

    @classmethod
    def from_environment(cls) -> "Config":
        host, _, port = os.environ.get("JOBS_ADDR", "127.0.0.1:7200").rpartition(":")
        processes = int(os.environ.get("JOBS_PROCESSES", "1"))
        return cls(
            host=host,
            port=int(port),
            database=os.environ.get("JOBS_DB", "jobs.db"),
            processes=processes,
            workers=int(os.environ.get("JOBS_WORKERS", "4")) // processes,
            visibility=int(os.environ.get("JOBS_VISIBILITY_MS", "30000")),
            attempts=int(os.environ.get("JOBS_ATTEMPTS", "3")),
            retry=int(os.environ.get("JOBS_RETRY_MS", "1000")),
            backlog=int(os.environ.get("JOBS_BACKLOG", "1000")),
        )
