"""Refusals, as RFC 9457 wants them. The list is the course's own."""

from http import HTTPStatus

URI = "https://example.com/dtx/problems/"


class Problem(Exception):
    """An answer that is not a 2xx."""

    def __init__(self, status: HTTPStatus, kind: str, detail: str = "", **headers: str):
        super().__init__(detail or kind)
        self.status = status
        self.headers = headers
        self.body = {"type": URI + kind, "title": kind.replace("-", " "), "status": status.value}
        if detail:
            self.body["detail"] = detail


def malformed(detail: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, "malformed", detail)


def unprocessable(detail: str) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "unprocessable", detail)


def not_found() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "not-found")
