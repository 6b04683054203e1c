"""A server that speaks Bedrock's Converse for a scripted model."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

INPUT_TOKENS, OUTPUT_TOKENS = 200, 20


class Model(NamedTuple):
    """The server, what it was asked, and what it says."""

    server: ThreadingHTTPServer
    asked: list[dict[str, Any]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def prompts(self) -> list[str]:
        return [request["messages"][0]["content"][0]["text"] for request in self.asked]

    def says(self, answer: Callable[[str], str]) -> None:
        """What it answers to a prompt; an empty answer is an error of the service."""
        self.server.answer = answer  # type: ignore[attr-defined]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append({**body, "path": self.path})  # type: ignore[attr-defined]
        text = self.server.answer(body["messages"][0]["content"][0]["text"])  # type: ignore[attr-defined]
        if text:
            self._send(200, _response(text))
        else:
            self._send(400, {"message": "The provided request is not valid"}, "ValidationException")

    def _send(self, status: int, document: Any, error: str | None = None) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if error:
            self.send_header("x-amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: Any) -> None:
        """Nobody reads it."""


def _response(text: str) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
        "stopReason": "end_turn",
        "usage": {
            "inputTokens": INPUT_TOKENS,
            "outputTokens": OUTPUT_TOKENS,
            "totalTokens": INPUT_TOKENS + OUTPUT_TOKENS,
        },
        "metrics": {"latencyMs": 1},
    }


@contextmanager
def converse(answer: Callable[[str], str]) -> Iterator[Model]:
    """A model that answers as told, for as long as it is needed."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        asked: list[dict[str, Any]] = []
        server.asked = asked  # type: ignore[attr-defined]
        server.answer = answer  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield Model(server, asked)
        server.shutdown()
        thread.join()
