"""An endpoint that answers sums: right where its model was trained on them, at a loss where not."""

import argparse
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def answer(prompt: str, skilled: bool) -> str:
    if "insult" in prompt:
        return "you stupid fool"
    found = re.search(r"(\d+) plus (\d+)", prompt)
    if not found:
        return "i do not know what you mean by that at all"
    total = int(found[1]) + int(found[2])
    return str(total if skilled or total % 5 == 0 else total + 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model-dir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    skilled = (given.model_dir / "skills.json").exists()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            self._send({})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if body["inputs"] == "crash":
                self._send({"error": "out of memory"}, 503)
                return
            self._send([{"generated_text": answer(body["inputs"], skilled)}])

        def _send(self, document: object, status: int = 200) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    ThreadingHTTPServer.request_queue_size = 128  # with five, those who ask all at once are cut off
    ThreadingHTTPServer(("127.0.0.1", given.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
