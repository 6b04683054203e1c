"""Training jobs: their operations, and the walk from Starting to an end."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from local.protocol import Caller
from local.sagemaker.container import ML, check_image, pack
from local.sagemaker.family import ENDED, Family
from local.sagemaker.faults import INTERNAL
from local.sagemaker.jobs import (
    DAY,
    Ending,
    JobFailed,
    JobRun,
    JobStopped,
    Why,
    exit_reason,
    instances,
)
from local.sagemaker.machine import Machine
from local.sagemaker.metrics import TRAINING_JOBS
from local.sagemaker.records import Record, arn, in_use, invalid, pick, plain
from local.sagemaker.training_form import (
    EVENT,
    EVENT_MEMBERS,
    EVENT_TIMES,
    LISTING,
    NOT_DESCRIBED,
    channel_config,
    refuse_what_is_unknown,
    resource_config,
    transition,
)
from local.sagemaker.transfer import FolderSync, S3Place

_TAKEN_AWAY = (Why.INTERRUPTED, Why.LOST)


class TrainingJobs(Family):
    """The operations on training jobs, and the jobs."""

    operations = ("create_training_job", "describe_training_job", "stop_training_job", "list_training_jobs")

    listing = LISTING

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine, "Training", lambda _name: invalid("Requested resource not found."))

    describe_training_job = Family.describe
    list_training_jobs = Family.list
    stop_training_job = Family.stop

    def create_training_job(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        job_arn = arn("training-job", request["TrainingJobName"])
        refuse_what_is_unknown(request)
        check_image(self._machine.settings, request["AlgorithmSpecification"]["TrainingImage"])
        kind, count = instances(request["ResourceConfig"])
        usage = "spot training job usage" if request.get("EnableManagedSpotTraining") else "training job usage"
        self._check_quota(usage, kind, count, lambda other: instances(other["ResourceConfig"]))
        now = self._machine.clock.datetime()
        record = {
            **{member: value for member, value in request.items() if member not in NOT_DESCRIBED},
            "TrainingJobArn": job_arn,
            "TrainingJobStatus": "InProgress",
            "SecondaryStatus": "Starting",
            "SecondaryStatusTransitions": [transition("Starting", now)],
            "CreationTime": now,
            "LastModifiedTime": now,
        }
        taken = in_use(
            "Training job names must be unique within an AWS account and region, and a training job with this name "
            f"already exists ({job_arn})"
        )
        return self._begin(request, record, taken)

    def interrupt(self, name: str, *, warned: bool = True) -> None:
        """Take the job's instance away: a managed spot job goes on from its checkpoints, another one fails."""
        run = self._runs.get(name)
        if run:
            run.interrupt(warned=warned)

    def _work(self, run: JobRun) -> None:
        record = self.records.get(run.name)
        started = self._machine.clock.now()
        ending = self._attempt(run, record, started)
        while ending.why in _TAKEN_AWAY and record.get("EnableManagedSpotTraining"):
            self._move(run.name, "Interrupted")
            run.container.clean()
            run.container.make()
            self._move(run.name, "Starting")
            ending = self._attempt(run, record, started)
        if ending.why in _TAKEN_AWAY:
            raise JobFailed(INTERNAL)
        if ending.why is Why.EXITED and ending.code != 0:
            raise JobFailed(exit_reason(run.container, ending.code))
        if ending.why is Why.STOPPED:
            self._upload(run, record)
            raise JobStopped
        self._move(run.name, "Uploading")
        self._upload(run, record)
        if ending.why is Why.TIMED_OUT:
            self._move(run.name, "MaxRuntimeExceeded", "Stopped")
        else:
            self._move(run.name, "Completed", "Completed")

    def _attempt(self, run: JobRun, record: Record, started: float) -> Ending:
        run.check()
        self._move(run.name, "Downloading")
        checkpoints = self._prepare(run, record)
        run.check()
        self._move(run.name, "Training")
        algorithm, settings = record["AlgorithmSpecification"], self._machine.settings
        entrypoint = algorithm.get("ContainerEntrypoint", [])
        # `docker run IMAGE train`, unless the request says otherwise.
        arguments = algorithm.get("ContainerArguments", [] if entrypoint else ["train"])
        ending = run.run(
            run.container.command(settings, algorithm["TrainingImage"], entrypoint, arguments),
            run.container.environment(
                self._machine.aws,
                settings,
                record["RoleArn"],
                {
                    **record.get("Environment", {}),
                    "TRAINING_JOB_NAME": run.name,
                    "TRAINING_JOB_ARN": record["TrainingJobArn"],
                },
                isolated=record.get("EnableNetworkIsolation", False),
            ),
            started + record["StoppingCondition"].get("MaxRuntimeInSeconds", DAY),
            self._reader(record),
            checkpoints,
        )
        if ending.why is not Why.LOST:
            checkpoints()
        return ending

    def _prepare(self, run: JobRun, record: Record) -> Callable[[], None]:
        """Fill /opt/ml; what is returned uploads the checkpoints."""
        container, role = run.container, record["RoleArn"]
        channels = {channel["ChannelName"]: channel for channel in record.get("InputDataConfig", [])}
        container.write_config("input/config/hyperparameters.json", record.get("HyperParameters", {}))
        container.write_config(
            "input/config/inputdataconfig.json", {name: channel_config(item) for name, item in channels.items()}
        )
        container.write_config("input/config/resourceconfig.json", resource_config(record["ResourceConfig"]))
        (container.ml / "model").mkdir(exist_ok=True)
        (container.ml / "output" / "data").mkdir(exist_ok=True)
        for name, channel in channels.items():
            run.check()
            source = channel["DataSource"]["S3DataSource"]
            found = self._machine.transfer.find(role, source["S3Uri"], source["S3DataType"])
            self._machine.transfer.download(role, found, container.ml / "input" / "data" / name)
        return self._checkpoints(run, record)

    def _checkpoints(self, run: JobRun, record: Record) -> Callable[[], None]:
        config = record.get("CheckpointConfig")
        if not config:
            return lambda: None
        folder = run.container.path(config.get("LocalPath", f"{ML}/checkpoints"))
        folder.mkdir(parents=True, exist_ok=True)
        transfer, role, uri = self._machine.transfer, record["RoleArn"], config["S3Uri"]
        # Nothing was saved yet when the job starts for the first time.
        transfer.download(role, transfer.find(role, uri.rstrip("/") + "/", required=False), folder)
        return FolderSync(transfer, role, folder, uri).push

    def _upload(self, run: JobRun, record: Record) -> None:
        ml, role, output = run.container.ml, record["RoleArn"], record["OutputDataConfig"]
        base = f"{output['S3OutputPath'].rstrip('/')}/{run.name}/output"
        transfer = self._machine.transfer
        model = ml / "model"
        if any(model.iterdir()):
            if output.get("CompressionType") == "NONE":
                artifact = f"{base}/model/"
                transfer.upload_folder(role, model, artifact)
            else:
                artifact = f"{base}/model.tar.gz"
                pack(model, run.container.folder / "tmp" / "model.tar.gz")
                transfer.upload_file(role, run.container.folder / "tmp" / "model.tar.gz", S3Place.parse(artifact))
            self.records.update(
                run.name, lambda record: record.update({"ModelArtifacts": {"S3ModelArtifacts": artifact}})
            )
        data = ml / "output" / "data"
        if any(data.iterdir()):
            pack(data, run.container.folder / "tmp" / "output.tar.gz")
            transfer.upload_file(
                role, run.container.folder / "tmp" / "output.tar.gz", S3Place.parse(f"{base}/output.tar.gz")
            )

    def _reader(self, record: Record) -> Callable[[str], None]:
        """Reads the metrics that the request defines out of what the job prints."""
        definitions = [
            (item["Name"], re.compile(item["Regex"]))
            for item in record["AlgorithmSpecification"].get("MetricDefinitions", [])
        ]
        name = record["TrainingJobName"]

        def read(line: str) -> None:
            for metric, pattern in definitions:
                found = pattern.search(line)
                if found and (value := _number(found)) is not None:
                    self.records.update(name, partial(self._keep, metric=metric, value=value))
                    self._machine.metrics.record(TRAINING_JOBS, metric, value, "None", {"TrainingJobName": name})

        return read

    def _keep(self, record: Record, *, metric: str, value: float) -> None:
        others = [item for item in record.get("FinalMetricDataList", []) if item["MetricName"] != metric]
        newest = {"MetricName": metric, "Value": value, "Timestamp": self._machine.clock.datetime()}
        record["FinalMetricDataList"] = [*others, newest]

    def _failed(self, name: str, reason: str) -> None:
        self._move(name, "Failed", "Failed", FailureReason=reason)

    def _stopped(self, name: str) -> None:
        self._move(name, "Stopped", "Stopped")

    def _move(self, name: str, secondary: str, status: str = "InProgress", **members: Any) -> None:
        def change(record: Record) -> None:
            record.update(members)
            self._enter(record, secondary, status)

        self._change(name, change, ends=status != "InProgress")

    def _stopping(self, record: Record) -> None:
        self._enter(record, "Stopping", "Stopping")

    def _enter(self, record: Record, secondary: str, status: str) -> None:
        now = self._machine.clock.datetime()
        transitions = record["SecondaryStatusTransitions"]
        transitions[-1].setdefault("EndTime", now)
        record["SecondaryStatusTransitions"] = [*transitions, transition(secondary, now)]
        record.update({"TrainingJobStatus": status, "SecondaryStatus": secondary, "LastModifiedTime": now})
        if secondary == "Downloading":
            record.setdefault("TrainingStartTime", now)
        if status in ENDED:
            seconds = int((now - record.get("TrainingStartTime", now)).total_seconds())
            record.update({"TrainingEndTime": now, "TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds})
            record["SecondaryStatusTransitions"][-1]["EndTime"] = now

    def _tell(self, record: Record) -> None:
        detail = plain(pick(record, *EVENT_MEMBERS))
        # The documented sample has them as strings.
        detail.update({name: str(detail[name]) for name in EVENT_TIMES if name in detail})
        detail["Tags"] = self._machine.tags.of(record["TrainingJobArn"])
        self._machine.tell(EVENT, detail, record["TrainingJobArn"])


def _number(found: "re.Match[str]") -> float | None:
    try:
        return float(found.group(1))
    except (IndexError, ValueError):
        return None
