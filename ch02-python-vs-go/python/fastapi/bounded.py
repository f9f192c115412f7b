"""uvicorn's connection, with the two bounds that it lacks: how long the head of
a request may take, and how long it may be."""

import asyncio
from typing import Any, Optional

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_PATIENCE = 5  # seconds
MAX_HEAD = 32 << 10  # bytes


class BoundedProtocol(HttpToolsProtocol):
    _cut: Optional[asyncio.TimerHandle] = None
    _length = 0  # of the head so far

    def data_received(self, data: bytes) -> None:
        if self._cut is None and not self._serving():
            self._cut, self._length = self.loop.call_later(HEAD_PATIENCE, self.transport.close), 0
        if self._cut is not None:
            self._length += len(data)
            if self._length > MAX_HEAD + 65536:  # one read may bring the body along
                self._head_ends()
                self.transport.close()
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self._head_ends()
        if sum(len(name) + len(value) for name, value in self.headers) > MAX_HEAD:
            raise ValueError("the head is too long")  # uvicorn answers 400
        super().on_headers_complete()

    def connection_lost(self, exc: Any) -> None:
        self._head_ends()
        super().connection_lost(exc)

    def _serving(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _head_ends(self) -> None:
        if self._cut is not None:
            self._cut.cancel()
            self._cut = None
