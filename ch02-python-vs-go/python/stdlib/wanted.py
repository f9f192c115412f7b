"""What clients may want: everything else is refused."""

from typing import Any, Optional
from urllib.parse import parse_qs

from jobs import clock
from jobs.model import Plan, Work
from jobs.problem import malformed, unprocessable
from jobs.strict import integer
from jobs.work import DEFAULT_PAGE, KINDS, MAX_AFTER, MAX_AMOUNT, MAX_EVERY, MAX_PAGE, MIN_EVERY

Members = dict[str, Any]


def work_of(members: Members, kinds: tuple[str, ...] = KINDS) -> Work:
    fields = typed(members, {"kind": str, "amount": int})
    if fields["kind"] not in kinds:
        raise unprocessable(f"kind is one of {', '.join(kinds)}")
    return Work(fields["kind"], bounded("amount", fields["amount"], 0, MAX_AMOUNT))


def schedule_of(members: Members) -> tuple[Work, Plan]:
    fields = typed(members, {"job": dict}, {"at": str, "every_ms": int})
    work = work_of(fields["job"])
    at, every = fields.get("at"), fields.get("every_ms")
    try:
        start = None if at is None else clock.parse(at)
    except ValueError as error:
        raise unprocessable(f"at is {error}") from error
    return work, Plan(start, None if every is None else bounded("every_ms", every, MIN_EVERY, MAX_EVERY))


def page_of(query: str) -> tuple[int, int, Optional[str]]:
    """The position, the size and the schedule that a page was asked for with."""
    fields = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    after = integer("after", fields.get("after", "0"))
    limit = integer("limit", fields.get("limit", str(DEFAULT_PAGE)))
    return bounded("after", after, 0, MAX_AFTER), bounded("limit", limit, 1, MAX_PAGE), fields.get("schedule")


def typed(members: Members, required: dict[str, type], optional: Optional[dict[str, type]] = None) -> Members:
    """The members, if they are those and of those types: true is no int here."""
    known = {**required, **(optional or {})}
    for name in required:
        if name not in members:
            raise malformed(f"{name} is missing")
    for name, value in members.items():
        if name not in known:
            raise malformed(f"{name} is unknown")
        if type(value) is not known[name]:
            raise malformed(f"{name} is of another type")
    return members


def bounded(name: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise unprocessable(f"{name} is {least} to {most}")
    return value
