"""A connection that a slow client cannot hold: http.server's own timeout begins
anew with each byte."""

import socket
import time


class TooLong(Exception):
    """More came than was to be read."""


class Wire(socket.SocketIO):
    deadline: float
    left: int

    def within(self, seconds: float, most: int) -> None:
        """What is read from now on arrives within so many seconds, and has so many bytes at most."""
        self.deadline, self.left = time.monotonic() + seconds, most

    def readinto(self, buffer) -> int | None:
        self._sock.settimeout(max(0.001, self.deadline - time.monotonic()))
        n = super().readinto(buffer)
        self.left -= n or 0
        if self.left < 0:
            raise TooLong
        return n
