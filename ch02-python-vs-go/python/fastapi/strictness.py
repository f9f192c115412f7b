"""What FastAPI leaves lenient: other content types, duplicate names, NaN, bodies
of any size, an Allow that knows only one of a path's methods."""

from collections.abc import AsyncIterator, Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Match

from jobs import strict
from jobs.problem import Problem, malformed, not_found, unprocessable
from jobs.store import Unknown

OUT_OF_RANGE = {"value_error", "value_error.const", "value_error.number.not_ge", "value_error.number.not_le"}


class StrictRequest(Request):
    async def stream(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in super().stream():
            size += len(chunk)
            if size > strict.MAX_BODY:
                raise http_exception(strict.too_large())
            yield chunk

    async def json(self) -> Any:
        try:
            return strict.loads(await self.body())
        except Problem as problem:
            raise http_exception(problem) from problem


class StrictRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            if self.body_field:
                strict.check_content_type(request.headers.getlist("Content-Type"))
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_strictly


def http_exception(problem: Problem) -> HTTPException:
    """FastAPI lets no other exception pass while it reads a body."""
    return HTTPException(problem.status, problem.body, problem.headers)


def answer_with_problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def refuse(_: Request, problem: Problem) -> Response:
        return JSONResponse(problem.body, problem.status, problem.headers, "application/problem+json")

    @app.exception_handler(Unknown)
    async def admit(request: Request, _: Unknown) -> Response:
        return await refuse(request, Problem(HTTPStatus.SERVICE_UNAVAILABLE, "outcome-unknown", **{"Retry-After": "1"}))

    @app.exception_handler(RequestValidationError)
    async def explain(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        detail = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        wrong_value = all(e["type"] in OUT_OF_RANGE for e in error.errors())
        return await refuse(request, unprocessable(detail) if wrong_value else malformed(detail))

    @app.exception_handler(StarletteHTTPException)
    async def translate(request: Request, error: StarletteHTTPException) -> Response:
        if isinstance(error.detail, dict):  # our own, in disguise
            return JSONResponse(error.detail, error.status_code, error.headers, "application/problem+json")
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return await refuse(request, Problem(HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", Allow=allowed(request)))
        return await refuse(request, not_found() if error.status_code == HTTPStatus.NOT_FOUND else malformed(str(error.detail)))


def allowed(request: Request) -> str:
    matching = [route for route in request.app.routes if route.matches(request.scope)[0] != Match.NONE]
    return ", ".join(sorted({method for route in matching for method in route.methods}))
