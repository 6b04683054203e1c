"""A whole local run with jobs that take no time: the real template, functions and journeys, and tiny containers."""

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fmops_cli.target import Target, local_clients
from local.embedded import EmbeddedAws
from local.sagemaker import hub_documents
from local.sagemaker.settings import JobSettings, job_environment
from local.stack import LocalStack, write_stack_file

PARAMETERS = {"OperationsEmail": "operations@example.com"}
APPROVER, OWNER = "approver@example.com", "owner@example.com"
_CANDIDATE = {
    "model_id": hub_documents.SMOLLM2,
    "instance_type": "ml.g5.xlarge",
    "prompt_template": "Question: {input}\nAnswer:",
}
USE_CASE: dict[str, Any] = {
    "name": "trivia",
    "owner": OWNER,
    "task": "question_answering",
    "datasets": ["trivia"],
    "candidates": [
        {**_CANDIDATE, "id": "base"},
        {**_CANDIDATE, "id": "tuned", "tune": {"instance_type": "ml.g5.2xlarge", "max_steps": 8}},
    ],
    "metrics": [{"name": "f1", "weight": 1}, {"name": "toxicity", "limit": 0.1}],
    "approvers": [APPROVER],
    "budget": {"run_usd": 100, "month_usd": 1000},
    "release": {"endpoint_name": "trivia", "instance_type": "ml.g5.xlarge"},
    "monitoring": {"lateness_minutes": 5, "toxicity_sample": 20},
}

# The containers. GATES names a folder: a job that has said how far it is waits there for a file with its name.
_TUNE = """
import json, os, pathlib, shutil, time
ml, gates = pathlib.Path(os.environ["FMOPS_ML_ROOT"]), pathlib.Path(os.environ["GATES"])
for step in range(1, 4):
    print(f"step={step}/8 train_loss={2 / step:.3f}", flush=True)
while not (gates / "tune").exists():
    time.sleep(0.05)
model = ml / "model"
shutil.copytree(ml / "input/data/model", model, dirs_exist_ok=True)
header = json.dumps({"weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
(model / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
print("step=8/8 train_loss=0.250", flush=True)
"""
_EVALUATE = """
import json, os, pathlib
from fmops.core.ids import digest
from fmops.evaluation.models import METRICS_OF, EvaluationJob, Metric, MetricSummary, Scorer, Scores, Summary
root = pathlib.Path(os.environ["FMOPS_ML_ROOT"]) / "processing"
job = EvaluationJob.model_validate_json((root / "input/config/job.json").read_text())
[file] = (root / "input/dataset").iterdir()
rows = [json.loads(line) for line in file.read_text().splitlines()]
print(f"answers={len(rows)}/{len(rows)}", flush=True)
good = 0.7 if job.candidate_id == "tuned" else 0.3
metrics = [metric for algorithm in job.metrics for metric in METRICS_OF[algorithm]]
value = lambda metric, number: 0.01 if "qa" not in job.metrics and metric == Metric.TOXICITY else good + number % 7 / 50
scores = [Scores(id=row["id"], values={m: value(m, n) for m in metrics}) for n, row in enumerate(rows)]
prompts = [job.prompt(row["input"]) for row in rows]
answers = [{"id": row["id"], "prompt": p, "answer": p[::-1]} for row, p in zip(rows, prompts)]
means = {m: sum(row.values[m] for row in scores) / len(scores) for m in metrics}
summary = Summary(run_id=job.run_id, candidate_id=job.candidate_id, rows=len(rows), failures=0,
    metrics={m: MetricSummary(value=means[m], n=len(rows), missing=0) for m in metrics},
    scorers={algorithm: Scorer(library="tiny") for algorithm in job.metrics},
    fingerprints={"dataset": "sha256:d", "scorers": "sha256:s", "prompt_template": digest(job.prompt_template),
        "decoding": digest(job.decoding.model_dump(mode="json")),
        **({"candidate": job.identity.fingerprint} if job.identity else {})})
out = root / "output/results"
out.mkdir(parents=True, exist_ok=True)
(out / "summary.json").write_text(summary.model_dump_json())
(out / "scores.jsonl").write_text("".join(row.line() + "\\n" for row in scores))
(out / "answers.jsonl").write_text("".join(json.dumps(row) + "\\n" for row in answers))
"""
_SERVE = """
import argparse, http.server, json
parser = argparse.ArgumentParser()
parser.add_argument("--model-dir")
parser.add_argument("--port", type=int)
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self): self.answer({})
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer([{"generated_text": asked["inputs"][::-1]}])
http.server.ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler).serve_forever()
"""


@dataclass
class LocalRun:
    """The stack, how the command line reaches it, and the gates that its jobs wait at."""

    stack: LocalStack
    target: Target
    gates: Path

    @property
    def aws(self) -> EmbeddedAws:
        return self.stack.aws

    def save(self, document: dict[str, Any]) -> None:
        answer = self.target.client("lambda").invoke(
            FunctionName=self.target.output("SaveUseCaseFunctionName"),
            Payload=json.dumps({"document": document}).encode(),
        )
        assert "FunctionError" not in answer, answer["Payload"].read()

    def open(self, gate: str) -> None:
        (self.gates / gate).touch()

    def execution(self, run_id: str) -> dict[str, Any]:
        arn = self.target.output("EvaluationMachineArn").replace(":stateMachine:", ":execution:") + f":{run_id}"
        shown: dict[str, Any] = self.target.client("stepfunctions").describe_execution(executionArn=arn)
        return shown


def dataset_folder(folder: Path, *, train: int = 40, test: int = 40) -> Path:
    """A dataset as people have it: two files of rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, count in (("train", train), ("test", test)):
        rows = [{"id": f"{split}-{n}", "input": _words(split, n), "target": f"It is {n}"} for n in range(count)]
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def _words(split: str, number: int) -> str:
    """A question that shares no words with any other, as rows of a good split do."""
    digits = hashlib.sha256(f"{split} {number}".encode()).hexdigest()
    return " ".join(digits[start : start + 6] for start in range(0, 48, 6)) + "?"


@contextmanager
def local_run(repo: Path, root: Path) -> Iterator[LocalRun]:
    """The whole system, deployed below `root`, with tiny jobs."""
    gates = root / "gates"
    gates.mkdir(parents=True)
    with EmbeddedAws(root / "aws", jobs=job_settings(repo, root, gates)) as aws:
        _publish(aws, root / "model")
        made = aws.deploy(repo / "template.yaml", "fmops", PARAMETERS)
        file = root / "stack.json"
        write_stack_file(file, aws.url, made.outputs)
        target = Target("fmops", made.outputs, local_clients(aws.url), local=True)
        yield LocalRun(LocalStack(aws, made.outputs, file), target, gates)


def job_settings(repo: Path, root: Path, gates: Path) -> JobSettings:
    """The tiny jobs; a job waits for a file with its name in `gates`."""
    scripts = root / "scripts"
    scripts.mkdir(exist_ok=True)
    for name, code in (("tune", _TUNE), ("evaluate", _EVALUATE), ("serve", _SERVE)):
        (scripts / f"{name}.py").write_text(code)
    return JobSettings(
        python=Path(sys.executable),
        assets=root / "assets",
        images={
            "fmops-fine-tune": ["{python}", str(scripts / "tune.py")],
            "fmops-evaluate": ["{python}", str(scripts / "evaluate.py")],
        },
        serve=["{python}", str(scripts / "serve.py")],
        environment={**job_environment(repo), "GATES": str(gates)},
        stop_grace=1.0,
        sync_interval=0.2,
    )


def _publish(aws: EmbeddedAws, folder: Path) -> None:
    """A model in the hub."""
    write_model(folder)
    document = hub_documents.load(hub_documents.SMOLLM2)
    aws.sagemaker.hub.upload_artifacts(folder, hub_documents.artifact_uri(document))
    aws.sagemaker.hub.publish(document)


def write_model(folder: Path) -> None:
    """The files of a model, with weights that are none."""
    folder.mkdir(parents=True)
    for name, content in (("config.json", b"{}"), ("model.safetensors", b"weights"), ("tokenizer.json", b"{}")):
        (folder / name).write_bytes(content)
