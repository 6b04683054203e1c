"""A small HTTP/1.1 server: a thread for each connection, kept open, and everything closed on stop."""

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from local import ports
from local.wire.response import Response


class Request(NamedTuple):
    """A request as it came. `target` is path and query, still encoded."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    def header(self, name: str, default: str = "") -> str:
        """A header, whatever its capitals."""
        return next((value for key, value in self.headers.items() if key.lower() == name), default)


Answer = Callable[[Request], Response]


class HttpFront:
    """Answers on a local port from a function."""

    def __init__(self, answer: Answer, port: int, purpose: str) -> None:
        self._server = _Server(answer, ports.listen(port, purpose))
        self._thread = threading.Thread(target=self._server.accept_all, name=purpose, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop answering; open connections are cut."""
        self._server.cut()
        if self._thread.ident is not None:
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Answer, sock: socket.socket) -> None:
        super().__init__(sock.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = sock
        self.server_address = sock.getsockname()
        self.answer = answer
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()

    def accept_all(self) -> None:
        """Accept until the socket is shut: no polling, so that many idle servers cost nothing."""
        while True:
            try:
                connection, address = self.socket.accept()
            except OSError:
                return
            self.process_request(connection, address)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in mid-answer is its own affair."""

    def cut(self) -> None:
        with self._guard:
            for connection in [self.socket, *self._open]:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # closed by the other side already


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without it each answer waits 40 ms for the client's acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def _serve(self) -> None:
        request = Request(self.command, self.path, dict(self.headers.items()), self._body())
        status, headers, body = self.server.answer(request)
        self.send_response_only(status)
        names = {name.lower() for name in headers}
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding") or self.command == "HEAD":
                self.send_header(name, value)
        if "date" not in names:
            self.send_header("Date", self.date_time_string())
        if self.command != "HEAD" or "content-length" not in names:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def handle_expect_100(self) -> bool:
        self.send_response_only(100)
        self.end_headers()
        # The answer is buffered: unflushed, boto3 would wait a second before it sends the object.
        self.wfile.flush()
        return True

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return b"".join(chunks)

    def log_message(self, *_: Any) -> None:
        """Nothing: requests are told by the services, not by the transport."""


for _method in ("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"):
    setattr(_Handler, f"do_{_method}", _Handler._serve)
