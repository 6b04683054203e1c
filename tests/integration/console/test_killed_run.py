"""The local run is killed as a whole, while a job runs, and started again."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fmops_cli import datasets
from fmops_cli.reading import Reader
from fmops_cli.target import Target, local_target
from local.demo import people
from tests.fakes.local_run import APPROVER, OWNER, USE_CASE, dataset_folder, write_model
from tests.integration.console.test_process import processes_that_know
from tests.waiting import eventually

# The real program, with its files below another folder and tiny jobs that wait at gates.
_PROGRAM = """
import pathlib, sys
from local import stack
from local.console import __main__ as console
from tests.fakes.local_run import job_settings
cache = pathlib.Path(sys.argv[1])
stack.CACHE = cache
console.ROOT, console.STATE = cache / "aws", cache / "state"
settings = job_settings(stack.REPO, cache, cache / "gates")
stack.JobSettings.of_repo = lambda *_: settings
sys.exit(console.main(sys.argv[2:]))
"""
_ANY_PORTS = ("--console-port=0", "--aws-port=0", "--api-port=0")


class Killable:
    """A local run in a process, and what its people do."""

    def __init__(self, repo: Path, cache: Path) -> None:
        self._repo, self._cache = repo, cache
        self.said = ""
        self._ports = _ANY_PORTS
        write_model(cache / "assets" / "models" / "smollm2-135m-instruct")
        (cache / "gates").mkdir()

    def start(self) -> None:
        (self._cache / "stack.json").unlink(missing_ok=True)
        paths = [str(self._repo), str(self._repo / "layers" / "fmops"), str(self._repo / "cli")]
        self._out = self._cache / "out"
        with self._out.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, str(self._cache), f"--log={self._cache}/local.log", *self._ports],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        eventually(lambda: self.process.poll() is not None or self._is_ready(), 120)
        self.said = self._out.read_text()
        assert self.process.poll() is None, self.said
        # The links in mails are of this port, also after a restart.
        api = self.about["outputs"]["ApiUrl"].rstrip("/").rpartition(":")[2]
        self._ports = ("--console-port=0", "--aws-port=0", f"--api-port={api}")

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    @property
    def about(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self._cache / "stack.json").read_text())
        return found

    @property
    def target(self) -> Target:
        return local_target(self._cache / "stack.json")

    @property
    def reader(self) -> Reader:
        return Reader(self.target)

    def page(self, path: str) -> str:
        return people.open_link(self.about["console"] + path)

    def mails(self, words: str = "") -> list[dict[str, Any]]:
        """Newest first."""
        found = [json.loads(file.read_text()) for file in sorted((self._cache / "aws/mailbox").glob("*.json"))]
        return [mail for mail in reversed(found) if words in mail["subject"] + mail["text"]]

    def open_gate(self, name: str) -> None:
        (self._cache / "gates" / name).touch()

    def close_gate(self, name: str) -> None:
        (self._cache / "gates" / name).unlink()

    def _is_ready(self) -> bool:
        file = self._cache / "stack.json"
        return file.exists() and "console" in json.loads(file.read_text())


@pytest.fixture(scope="module")
def run(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killable]:
    found = Killable(repo, tmp_path_factory.mktemp("killed"))
    found.start()
    yield found
    found.stop()


def test_after_a_kill_of_the_whole_what_was_in_flight_is_aborted_and_the_rest_is_there(
    run: Killable, tmp_path: Path
) -> None:
    first = _released(run, tmp_path)
    [endpoint] = _endpoints(run)
    run.close_gate("tune")
    _drop(run, tmp_path / "second", "v2")
    second = eventually(lambda: next((one for one in run.reader.runs() if one["run_id"] != first), None))
    job = eventually(lambda: _job_at_its_gate(run))
    before = _what_stays(run)
    processes = processes_that_know(run._cache)
    eventually(lambda: _kept(run, job))

    run.kill()
    run.start()

    assert processes
    assert "what was in flight is aborted" in run.said
    assert [one for one in processes_that_know(run._cache) if "tune.py" in one] == []
    described = run.target.client("sagemaker").describe_training_job(TrainingJobName=job)
    assert (described["TrainingJobStatus"], described["FailureReason"][:19]) == ("Failed", "InternalServerError")
    assert run.reader.execution(second["execution_arn"])["status"] == "ABORTED"
    history = run.target.client("stepfunctions").get_execution_history(
        executionArn=second["execution_arn"], reverseOrder=True
    )["events"]
    assert history[0]["type"] == "ExecutionAborted"
    assert history[-1]["type"] == "ExecutionStarted"
    # The release of the first run is as it was, and serves.
    assert _what_stays(run) == before
    assert eventually(lambda: _answer(run, endpoint)) == "olleh"
    # The reconciler closes what the aborted execution left: the run, its endpoint, its money.
    eventually(lambda: run.reader.run(second["run_id"])["status"] == "failed", 180)
    eventually(lambda: _endpoints(run) == {endpoint: "InService"}, 180)
    eventually(lambda: _reserved(run) == [], 180)
    assert "ABORTED" in run.page(f"/runs/{second['run_id']}").upper()


def test_links_and_confirmations_of_earlier_mails_stay_good(run: Killable) -> None:
    mail = next(one for one in run.mails("/approvals/") if one["to"] == APPROVER)

    page = people.open_link(next(link for link in people.links(mail["text"]) if "/approvals/" in link))

    assert "approved" in page
    subscriptions = run.target.client("sns").list_subscriptions()["Subscriptions"]
    confirmed = {one["Endpoint"] for one in subscriptions if one["SubscriptionArn"].startswith("arn:")}
    assert {OWNER, APPROVER} <= confirmed


def test_after_a_restart_a_new_dataset_runs_as_ever(run: Killable, tmp_path: Path) -> None:
    run.open_gate("tune")
    known = {one["run_id"] for one in run.reader.runs()}

    _drop(run, tmp_path / "third", "v3")

    new = eventually(lambda: [one["run_id"] for one in run.reader.runs() if one["run_id"] not in known])
    # What serves is as good: nobody has to be asked.
    eventually(lambda: run.reader.run(new[0])["status"] == "completed", 120, lambda: run.reader.run(new[0]))


def _released(run: Killable, folder: Path) -> str:
    """A use case with a model in production; the run that it came from."""
    answer = run.target.client("lambda").invoke(
        FunctionName=run.target.output("SaveUseCaseFunctionName"), Payload=json.dumps({"document": USE_CASE}).encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    eventually(lambda: {OWNER, APPROVER} <= {mail["to"] for mail in run.mails("Confirmation")})
    people.confirm(run.mails("Confirmation"))
    run.open_gate("tune")
    _drop(run, folder / "first", "v1")
    run_id: str = eventually(lambda: _awaiting(run), 120)["run_id"]
    mail = eventually(lambda: [one for one in run.mails(run_id) if "/approvals/" in one["text"]])[0]
    url = next(link for link in people.links(mail["text"]) if "/approvals/" in link)
    people.approve(url, confirmation=run.reader.run(run_id)["winner"], reason="it is better")
    eventually(lambda: [one for one in run.reader.releases() if one["status"] == "released"], 120)
    eventually(lambda: all(one["status"] != "RUNNING" for one in run.reader.executions("release")), 120)
    return run_id


def _awaiting(run: Killable) -> Any:
    return next((one for one in run.reader.runs() if one["status"] == "awaiting_approval"), None)


def _drop(run: Killable, folder: Path, version: str) -> None:
    """A dataset of the use case; its rows share no words with those of other versions."""
    dataset_folder(folder)
    for file in folder.iterdir():
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        changed = [{**row, "input": " ".join(version + word for word in row["input"].split())} for row in rows]
        file.write_text("".join(json.dumps(row) + "\n" for row in changed))
    for upload in datasets.of_folder(folder, "trivia", version, "question_answering"):
        run.target.client("s3").put_object(
            Bucket=run.target.output("DatasetsBucketName"), Key=upload.key, Body=upload.body
        )


def _job_at_its_gate(run: Killable) -> str | None:
    jobs = run.target.client("sagemaker").list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"]
    named: str | None = next((job["TrainingJobName"] for job in jobs), None)
    return named if any("tune.py" in one for one in processes_that_know(run._cache)) else None


def _kept(run: Killable, job: str) -> bool:
    """Whether the state on disk knows the job: it is written twice a second."""
    state = run._cache / "state"
    return any(job.encode() in file.read_bytes() for file in state.glob("state.db*"))


def _what_stays(run: Killable) -> dict[str, Any]:
    """What people rely on: none of it has anything to do with the run that is killed."""
    client, outputs = run.target.client, run.target.outputs
    packages = client("sagemaker").list_model_packages(ModelApprovalStatus="Approved")["ModelPackageSummaryList"]
    datasets = client("s3").list_object_versions(Bucket=outputs["DatasetsBucketName"])["Versions"]
    return {
        "packages": [(one["ModelPackageArn"], one["ModelApprovalStatus"]) for one in packages],
        "datasets": [(one["Key"], one["VersionId"], one["ETag"]) for one in datasets],
        "contents": [
            client("s3").get_object(Bucket=outputs["DatasetsBucketName"], Key=one["Key"])["Body"].read()
            for one in datasets
        ],
        "releases": run.reader.releases(),
        "mails": [one for one in run.mails() if "approve" in one["subject"].lower()],
        "released": [one["status"] for one in run.reader.executions("release")],
    }


def _answer(run: Killable, endpoint: str) -> str | None:
    runtime = run.target.client("sagemaker-runtime")
    try:
        answer = runtime.invoke_endpoint(
            EndpointName=endpoint, ContentType="application/json", Body=json.dumps({"inputs": "hello"})
        )
    except runtime.exceptions.ClientError:
        return None  # its process is starting
    text: str = json.loads(answer["Body"].read())[0]["generated_text"]
    return text


def _endpoints(run: Killable) -> dict[str, str]:
    found = run.target.client("sagemaker").list_endpoints()["Endpoints"]
    return {one["EndpointName"]: one["EndpointStatus"] for one in found}


def _reserved(run: Killable) -> list[str]:
    """What money is still reserved for."""
    rows = run.target.client("dynamodb").scan(TableName=run.target.output("LedgerName"))["Items"]
    return [row["sk"]["S"] for row in rows if row["sk"]["S"].startswith("SPEND#") and row["status"]["S"] == "reserved"]
