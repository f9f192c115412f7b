"""The twin of recommend.go, in another language: the same contract, the
standard library only.

    python3 recommend.py 127.0.0.1:7104

It prints a line when it is ready, and ends when its standard input is closed
or it is interrupted.
"""

import json
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

GOES_WITH = {"salt": ["pepper"], "tea": ["biscuits", "honey"], "truffle": ["pasta"]}
PROBLEMS = "https://example.com/dtx/problems/"
PREFIX = "/recommendations/"


class Recommend(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # seconds that a silent connection may stay open

    def do_GET(self):
        try:
            item = self.item()
        except UnicodeDecodeError:
            self.problem(400, "malformed", "malformed request")
            return
        if item is None:
            self.problem(404, "not-found", "not found")
            return
        self.answer(200, "application/json", {"item": item, "recommended": GOES_WITH.get(item, [])})

    do_HEAD = do_GET

    def refuse(self):
        try:
            item = self.item()
        except UnicodeDecodeError:
            item = ""
        if item is None:
            self.problem(404, "not-found", "not found")
        else:
            self.problem(405, "method-not-allowed", "method not allowed", Allow="GET, HEAD")

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = refuse

    def item(self):
        """The item that the path names, or None. Bad UTF-8 is a UnicodeDecodeError."""
        path = urlsplit(self.path).path
        item = path.removeprefix(PREFIX)
        if item == path or not item or "/" in item:
            return None
        return unquote(item, errors="strict")

    def problem(self, status, kind, title, **headers):
        body = {"type": PROBLEMS + kind, "title": title, "status": status}
        self.answer(status, "application/problem+json", body, Connection="close", **headers)

    def answer(self, status, content_type, value, **headers):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass  # the course draws what happens


def main():
    if len(sys.argv) != 2 or ":" not in sys.argv[1]:
        sys.exit("usage: python3 recommend.py HOST:PORT")
    host, _, port = sys.argv[1].rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), Recommend)
    server.daemon_threads = True
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("recommend (Python) listens on http://%s:%d" % server.server_address, flush=True)
    sys.stdin.read()  # until its parent process has gone


if __name__ == "__main__":
    main()
