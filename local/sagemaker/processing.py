"""Processing jobs: their operations, and the walk from inputs to outputs."""

from collections.abc import Callable
from typing import Any

from local.protocol import Caller, NotImplementedByEmbeddedAws
from local.sagemaker.container import check_image
from local.sagemaker.family import ENDED, Family
from local.sagemaker.jobs import (
    DAY,
    LONGEST_REASON,
    JobFailed,
    JobRun,
    JobStopped,
    Why,
    exit_reason,
    instances,
)
from local.sagemaker.listing import Listing
from local.sagemaker.machine import Machine
from local.sagemaker.records import Record, arn, in_use, invalid, pick, plain
from local.sagemaker.transfer import FolderSync

_LISTING = Listing(
    answer="ProcessingJobSummaries",
    members=(
        "ProcessingJobName",
        "ProcessingJobArn",
        "CreationTime",
        "ProcessingEndTime",
        "LastModifiedTime",
        "ProcessingJobStatus",
        "FailureReason",
        "ExitMessage",
    ),
    name="ProcessingJobName",
    status="ProcessingJobStatus",
)
_EVENT = "SageMaker Processing Job State Change"
_EVENT_MEMBERS = (
    "ProcessingJobName",
    "ProcessingJobArn",
    "ProcessingJobStatus",
    "FailureReason",
    "ProcessingInputs",
    "ProcessingOutputConfig",
    "ProcessingResources",
    "StoppingCondition",
    "AppSpecification",
    "NetworkConfig",
    "RoleArn",
    "ExperimentConfig",
    "ProcessingStartTime",
    "ProcessingEndTime",
    "LastModifiedTime",
    "CreationTime",
)
_ECHO = (
    "ProcessingJobArn",
    "ProcessingJobName",
    "AppSpecification",
    "Environment",
    "ProcessingInputs",
    "ProcessingOutputConfig",
    "ProcessingResources",
    "RoleArn",
    "StoppingCondition",
)
_PROGRESS = "progress.json"


class ProcessingJobs(Family):
    """The operations on processing jobs, and the jobs."""

    operations = ("create_processing_job", "describe_processing_job", "stop_processing_job", "list_processing_jobs")

    listing = _LISTING

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine, "Processing", lambda name: invalid(f"Could not find requested job with name: {name}"))

    describe_processing_job = Family.describe
    list_processing_jobs = Family.list
    stop_processing_job = Family.stop

    def create_processing_job(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        job_arn = arn("processing-job", request["ProcessingJobName"])
        _refuse_what_is_unknown(request)
        check_image(self._machine.settings, request["AppSpecification"]["ImageUri"])
        kind, count = _cluster(request)
        self._check_quota("processing job usage", kind, count, _cluster)
        now = self._machine.clock.datetime()
        record = {
            "StoppingCondition": {"MaxRuntimeInSeconds": DAY},
            **{member: value for member, value in request.items() if member != "Tags"},
            "ProcessingJobArn": job_arn,
            "ProcessingJobStatus": "InProgress",
            "CreationTime": now,
            "LastModifiedTime": now,
        }
        taken = in_use(
            f"Job name must be unique within an AWS account and region, and a job with this name already exists "
            f"({job_arn})"
        )
        return self._begin(request, record, taken)

    def _work(self, run: JobRun) -> None:
        record = self.records.get(run.name)
        started = self._machine.clock.datetime()
        self._prepare(run, record)
        run.check()
        self._move(run.name, "InProgress", ProcessingStartTime=started)
        continuous = self._continuous(run, record)
        app, settings = record["AppSpecification"], self._machine.settings
        ending = run.run(
            run.container.command(
                settings, app["ImageUri"], app.get("ContainerEntrypoint", []), app.get("ContainerArguments", [])
            ),
            run.container.environment(
                self._machine.aws,
                settings,
                record["RoleArn"],
                record.get("Environment", {}),
                isolated=record.get("NetworkConfig", {}).get("EnableNetworkIsolation", False),
            ),
            started.timestamp() + record["StoppingCondition"]["MaxRuntimeInSeconds"],
            on_tick=continuous,
        )
        continuous()
        self._keep_message(run)
        if ending.why in (Why.STOPPED, Why.TIMED_OUT):
            # A time-out leaves no FailureReason in SageMaker either.
            raise JobStopped
        if ending.code != 0:
            raise JobFailed(exit_reason(run.container, ending.code))
        for output in _outputs(record):
            folder = run.container.path(output["LocalPath"])
            self._machine.transfer.upload_folder(record["RoleArn"], folder, output["S3Uri"])
        self._move(run.name, "Completed")

    def _prepare(self, run: JobRun, record: Record) -> None:
        container, role = run.container, record["RoleArn"]
        container.write_config("config/processingjobconfig.json", pick(record, *_ECHO))
        container.write_config("config/resourceconfig.json", {"current_host": "algo-1", "hosts": ["algo-1"]})
        for item in record.get("ProcessingInputs", []):
            run.check()
            source = item["S3Input"]
            found = self._machine.transfer.find(role, source["S3Uri"], source["S3DataType"])
            self._machine.transfer.download(role, found, container.path(source["LocalPath"]))
        for output in _outputs(record):
            folder = container.path(output["LocalPath"])
            folder.mkdir(parents=True, exist_ok=True)
            if output["S3UploadMode"] == "Continuous":
                run.progress_file = folder / _PROGRESS

    def _continuous(self, run: JobRun, record: Record) -> Callable[[], None]:
        syncs = [
            FolderSync(
                self._machine.transfer, record["RoleArn"], run.container.path(output["LocalPath"]), output["S3Uri"]
            )
            for output in _outputs(record)
            if output["S3UploadMode"] == "Continuous"
        ]

        def push() -> None:
            for sync in syncs:
                sync.push()

        return push

    def _keep_message(self, run: JobRun) -> None:
        try:
            message = run.container.read_output("message", LONGEST_REASON)
        except UnicodeDecodeError:
            raise JobFailed("ClientError: The exit message of the container is not valid UTF-8.") from None
        if message:
            self.records.update(run.name, lambda record: record.update({"ExitMessage": message}))

    def _failed(self, name: str, reason: str) -> None:
        self._move(name, "Failed", FailureReason=reason)

    def _stopped(self, name: str) -> None:
        self._move(name, "Stopped")

    def _move(self, name: str, status: str, **members: Any) -> None:
        def change(record: Record) -> None:
            record.update(members)
            self._enter(record, status)

        self._change(name, change, ends=status != "InProgress")

    def _stopping(self, record: Record) -> None:
        self._enter(record, "Stopping")

    def _enter(self, record: Record, status: str) -> None:
        now = self._machine.clock.datetime()
        record.update({"ProcessingJobStatus": status, "LastModifiedTime": now})
        if status in ENDED:
            record["ProcessingEndTime"] = now

    def _tell(self, record: Record) -> None:
        detail = plain(pick(record, *_EVENT_MEMBERS))
        self._machine.tell(_EVENT, detail, record["ProcessingJobArn"])


def _refuse_what_is_unknown(request: dict[str, Any]) -> None:
    for item in request.get("ProcessingInputs", []):
        if "S3Input" not in item or item["S3Input"].get("S3InputMode", "File") == "Pipe":
            raise NotImplementedByEmbeddedAws(f"processing input {item['InputName']}: only files from S3")
        _check_path(item["S3Input"])
    for output in request.get("ProcessingOutputConfig", {}).get("Outputs", []):
        if "S3Output" not in output:
            raise NotImplementedByEmbeddedAws(f"processing output {output['OutputName']}: only files to S3")
        _check_path(output["S3Output"])


def _check_path(place: dict[str, Any]) -> None:
    path = place.get("LocalPath", "")
    if not path.startswith("/opt/ml/processing/") or ".." in path.split("/"):
        raise invalid(f"LocalPath must be below /opt/ml/processing/, and is {path!r}")


def _outputs(record: Record) -> list[dict[str, Any]]:
    return [output["S3Output"] for output in record.get("ProcessingOutputConfig", {}).get("Outputs", [])]


def _cluster(record: Record) -> tuple[str, int]:
    return instances(record["ProcessingResources"]["ClusterConfig"])
