"""Reads requests strictly: json.loads alone takes the last of two equal names,
NaN, and numbers of any size; and true is an int in Python."""

import json
import re
from email.message import Message
from typing import Any

from .problem import HTTPStatus, Problem, malformed

MAX_BODY = 64 << 10  # bytes
KEY = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~-]{1,64}", re.ASCII)
DIGITS = re.compile(r"-?[0-9]+", re.ASCII)  # int() also reads 1_0, +5, spaces and Arabic digits


def key(values: list[str]) -> str:
    """The Idempotency-Key among a request's headers."""
    if values in ([], [""]):
        raise Problem(HTTPStatus.BAD_REQUEST, "missing-idempotency-key")
    if len(values) > 1 or not KEY.fullmatch(values[0]):
        raise malformed("an Idempotency-Key has 1 to 64 characters of A-Z a-z 0-9 . _ ~ -, and is neither . nor ..")
    return values[0]


def integer(name: str, digits: str) -> int:
    if not DIGITS.fullmatch(digits):
        raise malformed(f"{name} is not a number")
    return int(digits)


def check_content_type(declared: list[str]) -> None:
    header = Message()
    header["Content-Type"] = declared[0] if len(declared) == 1 else "text/plain"
    if header.get_content_type() != "application/json" or header.get_content_charset("utf-8") != "utf-8":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "send application/json in UTF-8")


def too_large() -> Problem:
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", f"a body has at most {MAX_BODY} bytes")


def loads(body: bytes) -> dict[str, Any]:
    """The JSON object that is the body."""
    try:
        value = json.loads(body.decode(), object_pairs_hook=members, parse_constant=refuse, parse_int=int64)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise malformed(str(error)) from error
    if not isinstance(value, dict):
        raise malformed("not an object")
    return value


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    if None in found.values():
        raise ValueError("nothing is null here")
    return found


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def int64(digits: str) -> int:
    if len(digits) > 19 or not -(2**63) <= int(digits) < 2**63:
        raise ValueError(f"{digits[:19]}… is too big")
    return int(digits)
