"""The whole system with tiny jobs: the real template, functions, state machines and rules, in seconds."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fmops_cli.reading import Reader
from fmops_cli.target import Target, local_clients
from local.demo import people
from local.embedded import EmbeddedAws
from local.sagemaker import hub_documents
from local.sagemaker.settings import JobSettings
from tests.waiting import eventually

HERE = Path(__file__).parent
HOUR = 3600
OWNER, APPROVER = "owner@example.com", "boss@example.com"
GOOD_JUDGE, BAD_JUDGE = "fmops.good-judge-v1:0", "fmops.bad-judge-v1:0"
SUMS = [{"id": f"s{n}", "input": f"what is {n} plus {n * 7 % 31}", "target": str(n + n * 7 % 31)} for n in range(200)]


def use_case(name: str, **members: Any) -> dict[str, Any]:
    """A use case whose one dataset, endpoint and name are the same word."""
    model = {
        "model_id": hub_documents.SMOLLM2,
        "instance_type": "ml.g5.xlarge",
        "prompt_template": "Q: {input}\nA:",
    }
    return {
        "name": name,
        "owner": OWNER,
        "task": "question_answering",
        "datasets": [name],
        "candidates": [
            {"id": "base", **model},
            {"id": "tuned", **model, "tune": {"instance_type": "ml.g5.xlarge", "max_runtime_seconds": 600}},
        ],
        "metrics": [{"name": "exact_match", "weight": 1}, {"name": "toxicity", "limit": 0.1}],
        "approvers": [APPROVER],
        "budget": {"run_usd": 50, "month_usd": 500},
        "release": {"endpoint_name": name, "instance_type": "ml.g5.xlarge"},
        "monitoring": {"lateness_minutes": 5},
        **members,
    }


class Life:
    """A deployed stack, and what tests do to it."""

    def __init__(self, aws: EmbeddedAws, outputs: dict[str, str]) -> None:
        self.aws, self.outputs = aws, outputs
        self.target = Target(name="fmops", outputs=outputs, client=local_clients(aws.url), local=True)
        self.reader = Reader(self.target)

    def save(self, document: dict[str, Any]) -> None:
        """Store a use case; its people confirm their addresses."""
        answer = self.target.client("lambda").invoke(
            FunctionName=self.outputs["SaveUseCaseFunctionName"], Payload=json.dumps({"document": document}).encode()
        )
        assert "FunctionError" not in answer, answer["Payload"].read()
        self.confirm(OWNER, APPROVER)

    def confirm(self, *addresses: str) -> None:
        """These people confirm their addresses, once they are asked to."""
        self.until(lambda: {*addresses} <= {mail["to"] for mail in self.mails("Confirmation")})
        people.confirm(self.mails("Confirmation"))

    def drop(self, key: str, rows: list[dict[str, Any]]) -> None:
        self.put(key, "".join(json.dumps(row) + "\n" for row in rows).encode())

    def put(self, key: str, content: bytes) -> None:
        self.target.client("s3").put_object(Bucket=self.outputs["DatasetsBucketName"], Key=key, Body=content)

    def mails(self, words: str, to: str | None = None) -> list[dict[str, Any]]:
        """Mails with these words in subject or text, newest first."""
        found = [mail.as_dict() for mail in self.aws.mailbox.messages()]
        return [m for m in found if words in m["subject"] + m["text"] and to in (None, m["to"])]

    def run(self, use_case: str, status: str, kind: str = "dataset", seconds: float = 120) -> dict[str, Any]:
        """The newest run of a use case and this kind, once it has this status."""

        def there() -> Any:
            of_use_case = [run for run in self.reader.runs() if run["use_case"] == use_case]
            found = [run for run in of_use_case if run["trigger"]["kind"] == kind]
            if found and found[0]["status"] != status and found[0]["status"] in ("failed", "completed", "rejected"):
                raise AssertionError(f"the run is {found[0]['status']}: {found[0].get('sentence')} {self.causes()}")
            return found[0] if found and found[0]["status"] == status else None

        run: dict[str, Any] = self.until(there, seconds)
        return run

    def ended(self, arn: str, seconds: float = 120) -> dict[str, Any]:
        """An execution, once it has ended."""

        def there() -> Any:
            found = self.reader.execution(arn)
            return found if found["status"] != "RUNNING" else None

        execution: dict[str, Any] = self.until(there, seconds)
        return execution

    def released(self, run_id: str) -> dict[str, Any]:
        """The release of a run, once it is complete."""

        def there() -> Any:
            found = [release for release in self.reader.releases() if release["run_id"] == run_id]
            # The journey's last state ends after the record: a clock that moves now would time it out.
            running = any(execution["status"] == "RUNNING" for execution in self.reader.executions("release"))
            return found[0] if found and found[0]["status"] == "released" and not running else None

        release: dict[str, Any] = self.until(there, 120)
        return release

    def quiet(self) -> None:
        """Wait until no journey runs: a clock that moves now would time its tasks out."""
        journeys = ("evaluation", "release", "monitoring")
        self.until(lambda: all(e["status"] != "RUNNING" for j in journeys for e in self.reader.executions(j)), 120)

    def to_the_next_hour(self, seconds: float) -> None:
        """Advance the clock to so many seconds past the next full hour."""
        self.aws.clock.advance(HOUR - self.aws.clock.now() % HOUR + seconds)

    def causes(self) -> list[str]:
        """Why executions failed, for a test's message."""
        return [
            f"{execution.get('error')}: {execution.get('cause')}"
            for journey in ("evaluation", "release", "monitoring")
            for execution in (self.reader.execution(e["executionArn"]) for e in self.reader.executions(journey))
            if execution["status"] == "FAILED"
        ]

    def approval_link(self, run_id: str) -> str:
        mail = self.until(lambda: self.mails(run_id, APPROVER), 30)[0]
        return next(link for link in people.links(mail["text"]) if "/approvals/" in link)

    def endpoints(self) -> list[str]:
        found = self.target.client("sagemaker").list_endpoints()["Endpoints"]
        return [endpoint["EndpointName"] for endpoint in found]

    def ask(self, endpoint: str, prompts: list[str]) -> None:
        runtime = self.target.client("sagemaker-runtime")
        for prompt in prompts:
            body = json.dumps({"inputs": f"Q: {prompt}\nA:"})
            runtime.invoke_endpoint(EndpointName=endpoint, ContentType="application/json", Body=body)["Body"].read()

    def ask_badly(self, endpoint: str, times: int) -> None:
        """Requests that make the container fail."""
        runtime = self.target.client("sagemaker-runtime")
        for _ in range(times):
            with contextlib.suppress(runtime.exceptions.ModelError):
                runtime.invoke_endpoint(
                    EndpointName=endpoint, ContentType="application/json", Body='{"inputs": "crash"}'
                )

    def until(self, done: Callable[[], Any], seconds: float = 60) -> Any:
        """The first true answer of `done`."""
        return eventually(done, seconds, self.causes)


@contextmanager
def life(root: Path, repo: Path) -> Iterator[Life]:
    """A fresh stack below `root`."""
    jobs = HERE / "jobs"
    settings = JobSettings(
        python=Path(sys.executable),
        assets=root / "assets",
        images={
            "fmops-fine-tune": ["{python}", str(jobs / "fine_tune.py")],
            "fmops-evaluate": ["{python}", str(jobs / "evaluate.py")],
        },
        serve=["{python}", str(jobs / "serve.py")],
        converse=["{python}", str(jobs / "converse.py")],
        environment={"PYTHONPATH": f"{repo}:{repo / 'layers' / 'fmops'}"},
        sync_interval=0.5,
    )
    model = root / "model"
    model.mkdir(parents=True)
    header = json.dumps({"weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    (model / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    (model / "config.json").write_text('{"model_type": "tiny"}')
    with EmbeddedAws(root / "aws", jobs=settings) as aws:
        content = hub_documents.load(hub_documents.SMOLLM2)
        aws.sagemaker.hub.upload_artifacts(model, hub_documents.artifact_uri(content))
        aws.sagemaker.hub.publish(content)
        for judge in (GOOD_JUDGE, BAD_JUDGE):
            folder = root / judge
            folder.mkdir()
            (folder / "config.json").write_text('{"model_type": "judge"}')
            aws.bedrock.publish(judge, folder, name="Judge", provider="fmops")
        parameters = {"DiscoverySchedule": "cron(10 * * * ? *)", "MonitoringSchedule": "cron(10 * * * ? *)"}
        stack = aws.deploy(repo / "template.yaml", "fmops", parameters)
        yield Life(aws, stack.outputs)
