"""The demonstration's story: it puts things in and acts as people do; everything else the system does by itself."""

import hashlib
import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import yaml

from fmops_cli.reading import Reader, failure
from fmops_cli.target import Target
from local.demo import people
from local.demo.progress import wait_until
from local.sagemaker import hub_documents
from local.stack import CACHE, REPO, LocalStack

USE_CASE = REPO / "examples" / "use-cases" / "demo.yaml"
DATASET_VERSION = "v1"
_HOUR = 3600
_MINUTE = 60
_CONCURRENCY = 16

Say = Callable[[str], None]


class DemoFailed(Exception):
    """The life cycle took a turn that it must not; the text says which."""


class LifeCycle:
    """One pass, step by step; each step waits until its effect is there."""

    def __init__(self, stack: LocalStack, target: Target, say: Say) -> None:
        self._aws, self._outputs, self._target, self._say = stack.aws, stack.outputs, target, say
        self._reader = Reader(target)
        self._use_case: dict[str, Any] = yaml.safe_load(USE_CASE.read_text(encoding="utf-8"))
        self._data = CACHE / "assets" / "data"

    def save_use_case(self) -> None:
        """What `fmops use-case add` does, and what its people do with the mails that they get."""
        answer = self._target.client("lambda").invoke(
            FunctionName=self._outputs["SaveUseCaseFunctionName"],
            Payload=json.dumps({"document": self._use_case}).encode(),
        )
        payload = answer["Payload"].read().decode()
        if answer.get("FunctionError"):
            raise DemoFailed(f"the use case was refused: {payload}")
        wanted = {*self._use_case["approvers"], self._use_case["owner"]}
        wait_until("mails that ask to confirm", lambda: wanted <= {mail["to"] for mail in self._confirmations()}, 30)
        for address in people.confirm(self._mails()):
            self._say(f"{address} confirmed their address")

    def drop_dataset(self) -> None:
        """Put the dataset's files into the bucket, the manifest last: it starts everything."""
        name = self._use_case["datasets"][0]
        s3, bucket = self._target.client("s3"), self._outputs["DatasetsBucketName"]
        folder = f"datasets/{name}/{DATASET_VERSION}/"
        files = []
        for split in ("train", "test"):
            content = (self._data / name / f"{split}.jsonl").read_bytes()
            s3.put_object(Bucket=bucket, Key=f"{folder}{split}.jsonl", Body=content)
            files.append({"path": f"{split}.jsonl", "sha256": hashlib.sha256(content).hexdigest(), "split": split})
        manifest = {
            "name": name,
            "version": DATASET_VERSION,
            "task": self._use_case["task"],
            "columns": {"id": "id", "input": "input", "target": "target", "category": "category"},
            "files": files,
            "owner": self._use_case["owner"],
            "description": "A split of a public dataset; docs/models-and-data.md says which",
        }
        s3.put_object(Bucket=bucket, Key=f"{folder}manifest.json", Body=json.dumps(manifest).encode())
        self._say(f"dataset {name} {DATASET_VERSION} dropped into s3://{bucket}/{folder}")

    def wait_for_approval(self) -> str:
        """The run that the dataset started, once it asks for a decision."""
        run_id: str = wait_until("an evaluation to start", lambda: self._run_of("dataset"), 60)
        self._until(run_id, ("awaiting_approval",), 900)
        return run_id

    def approve(self, run_id: str) -> None:
        """Read the mail, open its link, fill in the form, post it."""
        address = self._use_case["approvers"][0]
        mail = wait_until("the approval mail", lambda: self._mail(address, run_id), 60)
        self._say(f"mail for {address}: {mail['subject']}")
        url = next(link for link in people.links(mail["text"]) if "/approvals/" in link)
        winner = self._reader.run(run_id)["winner"]
        people.approve(url, confirmation=winner, reason="better on rows that training never saw")
        self._say(f"{address} approved {winner}")

    def wait_for_release(self, run_id: str) -> dict[str, Any]:
        """The release that the registry's approval event started, once it is complete."""

        def released() -> Any:
            for execution in self._reader.executions("release"):
                if execution["status"] in ("FAILED", "TIMED_OUT", "ABORTED"):
                    raise DemoFailed(
                        f"the release failed: {failure(self._reader.execution(execution['executionArn']))}"
                    )
            # The journey's last state ends after the record: a clock that moves now would time it out.
            if any(execution["status"] == "RUNNING" for execution in self._reader.executions("release")):
                return []
            return [r for r in self._reader.releases() if r["run_id"] == run_id and r["status"] == "released"]

        release: dict[str, Any] = wait_until("the release", released, 600)[0]
        self._say(f"endpoint {release['endpoint']} serves")
        return release

    def send_traffic(self, endpoint: str, kind: str) -> int:
        """Real prompts to the production endpoint; how many were answered."""
        rows = [json.loads(line) for line in (self._data / "traffic" / f"{kind}.jsonl").read_text().splitlines()]
        template = self._use_case["candidates"][0]["prompt_template"]
        runtime = self._target.client("sagemaker-runtime")
        decoding = self._use_case["candidates"][0]["decoding"]

        def ask(row: dict[str, Any]) -> None:
            body = {
                # Drifted prompts come from an application that knows nothing of the template.
                "inputs": row.get("prompt") or template.replace("{input}", row["input"]),
                "parameters": {"max_new_tokens": decoding["max_new_tokens"], "do_sample": False},
            }
            runtime.invoke_endpoint(
                EndpointName=endpoint, ContentType="application/json", Body=json.dumps(body), InferenceId=row["id"]
            )["Body"].read()

        done = 0
        with ThreadPoolExecutor(_CONCURRENCY) as pool:
            for _ in pool.map(ask, rows):
                done += 1
                if done % 40 == 0:
                    self._say(f"{kind} traffic: {done} of {len(rows)} prompts answered")
        return done

    def begin_an_hour(self) -> None:
        """Move the clock to a quarter past an hour, so that the traffic that follows lies in one window."""
        now = self._aws.clock.now()
        self._aws.clock.advance(_HOUR - now % _HOUR + 15 * _MINUTE)

    def end_the_hour(self) -> None:
        """Move the clock past the window's end and lateness: the schedules fire by themselves."""
        now = self._aws.clock.now()
        self._aws.clock.advance(_HOUR - now % _HOUR + 16 * _MINUTE)

    def wait_for_window(self, number: int) -> dict[str, Any]:
        """The `number`-th judged window that held records."""

        def judged() -> Any:
            for execution in self._reader.executions("monitoring"):
                if execution["status"] in ("FAILED", "TIMED_OUT", "ABORTED"):
                    raise DemoFailed(f"monitoring failed: {failure(self._reader.execution(execution['executionArn']))}")
            if any(execution["status"] == "RUNNING" for execution in self._reader.executions("monitoring")):
                return []
            found = [window for window in self._reader.windows() if window.get("verdict") and window["records"]]
            return found[number - 1 : number]

        window: dict[str, Any] = wait_until(f"window {number}", judged, 300)[0]
        self._say(f"window {window['window']}: {window['records']} records, {window['verdict']}")
        return window

    def publish_model(self) -> None:
        """A new model appears in the hub. Nobody tells the system."""
        content = hub_documents.load(hub_documents.SMOLLM2_NEXT)
        self._aws.sagemaker.hub.publish(content)
        self._say(f"{content['HubContentName']} published in the hub")

    def wait_for_discovery(self) -> str:
        """The run that the new model started, once it is decided."""
        run_id: str = wait_until("the new model's evaluation", lambda: self._run_of("model"), 60)
        self._until(run_id, ("completed", "awaiting_approval"), 900)
        return run_id

    def wait_for_alerts(self, reasons: Iterable[str]) -> None:
        """Alerts of these kinds, in the ledger and in the mailbox."""
        wanted = set(reasons)
        owner = self._use_case["owner"]

        def there() -> bool:
            sent = {alert["reason"] for alert in self._reader.alerts() if alert["told_at"]}
            return wanted <= sent and any(people.is_for(mail, owner, "Alert:") for mail in self._mails())

        wait_until(f"alerts about {', '.join(sorted(wanted))}", there, 60)

    def _until(self, run_id: str, statuses: tuple[str, ...], seconds: float) -> None:
        def there() -> bool:
            run = self._reader.run(run_id)
            if run["status"] in statuses:
                return True
            if run["status"] in ("failed", "completed", "rejected", "expired", "superseded"):
                raise DemoFailed(
                    f"run {run_id} is {run['status']}: {'; '.join(run.get('reasons') or ['no reason given'])}"
                )
            return False

        wait_until(f"run {run_id} to be {' or '.join(statuses)}", there, seconds)

    def _run_of(self, kind: str) -> str | None:
        return next((run["run_id"] for run in self._reader.runs() if run["trigger"]["kind"] == kind), None)

    def _mails(self) -> list[dict[str, Any]]:
        return [mail.as_dict() for mail in self._aws.mailbox.messages()]

    def _mail(self, address: str, words: str) -> dict[str, Any] | None:
        return next((mail for mail in self._mails() if people.is_for(mail, address, words)), None)

    def _confirmations(self) -> list[dict[str, Any]]:
        return [mail for mail in self._mails() if "confirm" in mail["subject"].lower()]
