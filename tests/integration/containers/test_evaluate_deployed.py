"""The deployed journey with the real evaluation job, against an endpoint, Bedrock and an application at once."""

import json
import sys
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fmops.core.artifacts import location
from fmops_cli.reading import Reader
from fmops_cli.target import Target, local_clients
from local.demo import people
from local.embedded import EmbeddedAws
from local.sagemaker import hub_documents
from local.sagemaker.settings import JobSettings, job_environment
from tests.waiting import eventually

pytestmark = [pytest.mark.jobs, pytest.mark.slow]

APPROVER = "boss@example.com"
MODEL = "huggingfacetb.tiny-v1:0"
# One server for both tongues: SageMaker's text generation and the one behind Bedrock.
SERVER = """
import argparse, http.server, json
parser = argparse.ArgumentParser()
parser.add_argument("--model-dir")
parser.add_argument("--port", type=int)
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self): self.answer({})
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/converse":
            said = "It is " + asked["messages"][-1]["content"]
            self.answer({"text": said, "input_tokens": 10, "output_tokens": 5, "stop_reason": "end_turn"})
        else:
            self.answer([{"generated_text": "It is " + asked["inputs"]}])
http.server.ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler).serve_forever()
"""


class Application(BaseHTTPRequestHandler):
    """An application that counts its tokens and is never right."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked["input"])  # type: ignore[attr-defined]
        body = json.dumps({"answer": "nobody knows", "input_tokens": 20, "output_tokens": 2}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: Any) -> None:
        """Nobody reads it."""


class Deployed(NamedTuple):
    aws: EmbeddedAws
    target: Target
    application: ThreadingHTTPServer

    @property
    def reader(self) -> Reader:
        return Reader(self.target)

    def run(self, use_case: str) -> dict[str, Any]:
        """Evaluate, and the run's record when that has ended."""
        dataset = {"name": "numbers", "version": self.reader.datasets()[0]["version"]}
        trigger = {"kind": "person", "dataset": dataset, "request_id": uuid.uuid4().hex}
        name = f"run-{uuid.uuid4().hex[:12]}"
        started = self.target.client("stepfunctions").start_execution(
            stateMachineArn=self.target.output("EvaluationMachineArn"),
            name=name,
            input=json.dumps({"run_id": name, "use_case": use_case, "trigger": trigger}),
        )
        arn = started["executionArn"]
        eventually(lambda: self.reader.execution(arn)["status"] != "RUNNING", 180, lambda: self.reader.states(arn))
        shown = self.reader.execution(arn)
        assert shown["status"] == "SUCCEEDED", shown.get("cause")
        return self.reader.run(name)

    def candidates(self, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
        return {record["id"]: record for record in self.reader.candidates(run["run_id"])}


@pytest.fixture(scope="module")
def deployed(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    root = tmp_path_factory.mktemp("deployed")
    python = repo / ".venv-jobs" / "bin" / "python"
    if not python.exists():
        pytest.skip("the jobs' environment is missing: make setup")
    script = root / "serve.py"
    script.write_text(SERVER)
    serve = [sys.executable, str(script)]
    jobs = JobSettings(
        python=python,
        assets=repo / ".local" / "assets",
        images={"fmops-evaluate": ["{python}", "-m", "containers.evaluate.main"]},
        serve=serve,
        converse=serve,
        environment={**job_environment(repo), "OMP_NUM_THREADS": "1"},
        sync_interval=0.5,
    )
    model = root / "model"
    model.mkdir()
    (model / "model.safetensors").write_bytes(b"weights")
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Application) as application,
        EmbeddedAws(root / "aws", jobs=jobs) as aws,
    ):
        application.asked = []  # type: ignore[attr-defined]
        serving = threading.Thread(target=application.serve_forever)
        serving.start()
        content = hub_documents.load(hub_documents.SMOLLM2)
        aws.sagemaker.hub.upload_artifacts(model, hub_documents.artifact_uri(content))
        aws.sagemaker.hub.publish(content)
        aws.bedrock.publish(MODEL, model, name="Tiny", provider="Hugging Face")
        outputs = aws.deploy(repo / "template.yaml", "fmops", {"ApplicationHosts": "127.0.0.1"}).outputs
        found = Deployed(aws, Target("fmops", outputs, local_clients(aws.url), local=True), application)
        _prepare(found)
        yield found
        application.shutdown()
        serving.join()


def _prepare(found: Deployed) -> None:
    asked = {"prompt_template": "{input}"}
    document = {
        "name": "numbers",
        "owner": "owner@example.com",
        "task": "question_answering",
        "datasets": ["other"],
        "candidates": [
            {"id": "hosted", "model_id": hub_documents.SMOLLM2, "instance_type": "ml.g5.xlarge", **asked},
            {
                "id": "bedrock",
                "kind": "bedrock",
                "model_id": f"us.{MODEL}",
                "price": {"input": 1, "output": 2},
                **asked,
            },
            {
                "id": "app",
                "kind": "application",
                "url": f"http://127.0.0.1:{found.application.server_port}/ask",
                "version": "1",
                **asked,
            },
        ],
        "metrics": [{"name": "factual_knowledge", "weight": 1}],
        "evaluation": {"parallel_candidates": 3},
        "approvers": [APPROVER],
        "budget": {"run_usd": 50, "month_usd": 500},
        "release": {"endpoint_name": "numbers", "instance_type": "ml.g5.xlarge"},
    }
    answer = found.target.client("lambda").invoke(
        FunctionName=found.target.output("SaveUseCaseFunctionName"), Payload=json.dumps({"document": document}).encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    rows = [{"id": f"n{n}", "input": f"number {n % 50}", "target": f"number {n % 50}"} for n in range(200)]
    found.target.client("s3").put_object(
        Bucket=found.target.output("DatasetsBucketName"),
        Key="inbox/numbers/rows.jsonl",
        Body="".join(json.dumps(row) + "\n" for row in rows).encode(),
    )
    eventually(found.reader.datasets)
    # The approver confirms: where nobody could approve, nothing is spent.
    eventually(lambda: people.confirm(mail.as_dict() for mail in found.aws.mailbox.messages() if mail.to == APPROVER))


def test_targets_of_three_kinds_are_asked_once_and_a_second_run_asks_nobody(deployed: Deployed) -> None:
    asked: list[str] = deployed.application.asked  # type: ignore[attr-defined]

    first = deployed.candidates(deployed.run("numbers"))
    asked_at_first, endpoints = len(asked), len(_endpoints_made(deployed))
    second = deployed.candidates(deployed.run("numbers"))

    speeds = {name: record["performance"] for name, record in first.items()}
    distinct = speeds["app"]["answers"]
    assert {found["model_calls"] for found in speeds.values()} == {distinct} == {asked_at_first}
    assert speeds["bedrock"]["usd_per_1000"] == pytest.approx(1000 * (10 * 1 + 5 * 2) / 1e6)
    assert speeds["hosted"]["usd_per_1000"] > 0
    assert speeds["app"]["usd_per_1000"] is None
    assert (speeds["app"]["input_tokens"], speeds["hosted"]["input_tokens"]) == (20, None)
    assert [record["metrics"]["factual_knowledge"]["value"] for record in (first["hosted"], first["app"])] == [1, 0]

    assert {record["performance"]["model_calls"] for record in second.values()} == {0}
    assert {record["performance"]["reused"] for record in second.values()} == {distinct}
    assert len(asked) == asked_at_first
    # Not even the endpoint was started again.
    assert len(_endpoints_made(deployed)) == endpoints == 1
    assert second["hosted"]["metrics"] == first["hosted"]["metrics"]

    for name, record in second.items():
        assert record["answers_uri"] == first[name]["answers_uri"]
        keys = [item["Key"] for item in deployed.target.store.keys(location(record["answers_uri"]))]
        assert {".json", ".parquet"} == {Path(key).suffix for key in keys}


def _endpoints_made(deployed: Deployed) -> list[str]:
    """The endpoints that were ever launched, by the ledger."""
    jobs = [job for run in deployed.reader.runs() for job in deployed.reader.jobs(run["run_id"])]
    return [job["name"] for job in jobs if job["job_kind"] == "endpoint"]
