"""HTTP servers that answer in JSON, for whatever stands for a model or a service."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Answering(BaseHTTPRequestHandler):
    """What all of them have in common."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """It is well."""
        self.send({})

    def do_POST(self) -> None:
        self.answer()

    def answer(self) -> None:
        """Send something in answer to what is `asked`."""
        raise NotImplementedError

    def asked(self) -> Any:
        """The request's document."""
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def send(self, document: Any, status: int = 200, error: str | None = None) -> None:
        """An answer; `error` is AWS' name for what went wrong."""
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if error:
            self.send_header("x-amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        """Nobody reads it."""


class Server(ThreadingHTTPServer):
    """As many may ask at once as like: with http.server's five, the others are cut off."""

    request_queue_size = 128
    daemon_threads = True


@contextmanager
def answering(handler: type[Answering]) -> Iterator[Server]:
    """A server on a free port, for as long as it is needed. It has a list `asked` for handlers to write down."""
    with Server(("127.0.0.1", 0), handler) as server:
        server.asked = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
