"""Times are milliseconds since 1970 inside, and RFC 3339 in UTC outside."""

import re
import time
from datetime import datetime, timezone

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", re.ASCII)


def now() -> int:
    return time.time_ns() // 1_000_000


def text(ms: int) -> str:
    moment = datetime.fromtimestamp(ms / 1000, tz=timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03}Z"


def parse(value: str) -> int:
    """Raises ValueError if the text is not a time in UTC."""
    if not RFC_3339.fullmatch(value):
        raise ValueError("not a time in UTC such as 2026-01-31T09:00:00Z")
    moment = datetime.fromisoformat(value[:-1]).replace(tzinfo=timezone.utc)
    return round(moment.timestamp() * 1000)
