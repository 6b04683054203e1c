"""Models behind Bedrock: a judge that can do sums, and one that prefers what comes first."""

import argparse
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.fakes.judge import always, scripted


def off_by(question: str, answer: str) -> float:
    """How far an answer is from the sum that is asked for."""
    first, second = re.findall(r"\d+", question)
    said = re.fullmatch(r"\d+", answer.strip())
    return abs(int(said[0]) - int(first) - int(second)) if said else float("inf")


def better(question: str, first: str, second: str) -> int:
    ours, theirs = off_by(question, first), off_by(question, second)
    return (ours < theirs) - (theirs < ours)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model-dir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    judge = always("1") if "bad" in str(given.model_dir) else scripted(better)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            self._send({})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said = judge(body["messages"][-1]["content"])
            self._send({"text": said, "input_tokens": 300, "output_tokens": 20, "stop_reason": "end_turn"})

        def _send(self, document: object) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    ThreadingHTTPServer(("127.0.0.1", given.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
