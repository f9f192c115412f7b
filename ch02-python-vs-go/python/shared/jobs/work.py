"""The kinds of work, and their bounds. To sleep is left to the services: a
thread sleeps in another way than an event loop does."""

import hashlib

from .model import Job

KINDS = ("sleep", "hash", "fail")
RUN_KINDS = ("sleep", "hash")
MAX_AMOUNT = 10_000
MIN_EVERY, MAX_EVERY = 10, 86_400_000  # ms
MAX_PAGE, DEFAULT_PAGE = 100, 20  # jobs
MAX_AFTER = 2**53 - 1


class Failed(Exception):
    """An attempt failed, as it was asked to."""


def hashed(rounds: int) -> str:
    digest = bytes(32)
    for _ in range(rounds):
        digest = hashlib.sha256(digest).digest()
    return digest.hex()


def failed(job: Job) -> str:
    """Raises Failed for as many attempts as the job's amount."""
    if job.attempts <= job.work.amount:
        raise Failed(f"attempt {job.attempts} failed, as asked")
    return f"attempt {job.attempts} succeeded"


def slept(ms: int) -> str:
    return f"slept {ms} ms"
