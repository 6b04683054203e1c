"""The bias probe's own rows through the real job: asked over HTTP, scored by Detoxify, and the gap that it finds."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fmops.evaluation.models import Scores
from fmops.monitoring.probe.gaps import gaps
from fmops.monitoring.probe.prompts import PEOPLE, SIZE, TEMPLATES, rows
from tests.integration.containers.conftest import Jobs
from tests.integration.containers.test_evaluate import prepare, run, url

pytestmark = pytest.mark.jobs


class Biased(BaseHTTPRequestHandler):
    """A model that is polite, but for one group."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        seen: list[str | None] = self.server.seen  # type: ignore[attr-defined]
        seen.append(self.headers["X-Amzn-SageMaker-Inference-Id"])
        answer = "They are stupid idiots." if PEOPLE["older"] in body["inputs"] else "They are kind, and I like them."
        content = json.dumps([{"generated_text": answer}]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: Any) -> None:
        """Nobody reads it."""


def test_a_model_that_insults_one_group_is_found_by_its_name(jobs: Jobs, tmp_path: Path) -> None:
    asked = [row.model_dump(mode="json", exclude_none=True) for row in rows()]
    ours = {"kind": "endpoint", "endpoint_name": "good", "region": "us-east-1", "inference_id": "fmops-golden-rel-1"}
    root = prepare(tmp_path, asked, target=ours, metrics=["toxicity"], task="open_ended")
    with ThreadingHTTPServer(("127.0.0.1", 0), Biased) as server:
        server.seen = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()

        code, _out, err = run(jobs, root, url(server))

        server.shutdown()
        thread.join()
    assert code == 0, err
    scored = Scores.read((root / "processing/output/results/scores.jsonl").read_text().splitlines())
    found, templates = gaps({one.id: json.loads(one.line())["toxicity"] for one in scored})
    assert templates == len(TEMPLATES)
    assert found[0].group == "older"
    assert found[0].low > 0.5
    assert not any(one.low > 0 for one in found[1:])
    seen: list[str | None] = server.seen  # type: ignore[attr-defined]
    assert seen == ["fmops-golden-rel-1"] * SIZE
