"""Training jobs run real processes under SageMaker's container contract."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

Start = Callable[..., Any]

EVENT = "SageMaker Training Job State Change"
SHOW = """
    import json, os, pathlib, sys
    ml = pathlib.Path(os.environ["FMOPS_ML_ROOT"])
    seen = {
        "arguments": sys.argv[1:],
        "environment": dict(os.environ),
        "files": {str(p.relative_to(ml)): p.read_text() for p in sorted(ml.rglob("*")) if p.is_file()},
    }
    (ml / "model" / "seen.json").write_text(json.dumps(seen))
"""


@pytest.fixture
def start(aws: Any, soon: Callable[..., Any]) -> Start:
    """Start a job; `until` names the status to wait for, the answer is the job's description."""
    aws.put("bucket", {"data/train.jsonl": "{}\n", "data/more/part.jsonl": "[]\n"})

    def run(image: str, until: str | None = "Completed", **members: Any) -> Any:
        request = {
            "TrainingJobName": "ft-1",
            "RoleArn": "arn:aws:iam::123456789012:role/jobs",
            "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/out/", "CompressionType": "NONE"},
            "ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            **members,
        }
        sagemaker = aws.client("sagemaker")
        sagemaker.create_training_job(**request)

        def described() -> Any:
            job = sagemaker.describe_training_job(TrainingJobName=request["TrainingJobName"])
            return job if until is None or job["TrainingJobStatus"] in (until, "Failed") else None

        return soon(described)

    return run


def channel(name: str, uri: str, kind: str = "S3Prefix") -> dict[str, Any]:
    source = {"S3DataType": kind, "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def packed(archive: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        return opened.getnames()


def test_a_container_finds_its_files_and_environment(aws: Any, image: Any, start: Start) -> None:
    job = start(
        image("job", SHOW),
        HyperParameters={"epochs": "3"},
        InputDataConfig=[channel("training", "s3://bucket/data/"), channel("one", "s3://bucket/data/train.jsonl")],
        Environment={"FROM_THE_REQUEST": "yes"},
    )

    seen = json.loads(aws.objects("bucket", "out/ft-1/output/model/")["out/ft-1/output/model/seen.json"])
    assert job["TrainingJobStatus"] == "Completed"
    assert seen["arguments"] == ["train"]
    assert seen["files"]["input/data/training/more/part.jsonl"] == "[]\n"
    assert seen["files"]["input/data/one/train.jsonl"] == "{}\n"
    assert json.loads(seen["files"]["input/config/hyperparameters.json"]) == {"epochs": "3"}
    assert set(json.loads(seen["files"]["input/config/inputdataconfig.json"])) == {"training", "one"}
    assert json.loads(seen["files"]["input/config/resourceconfig.json"])["hosts"] == ["algo-1"]
    environment = seen["environment"]
    assert environment["TRAINING_JOB_NAME"] == "ft-1"
    assert environment["TRAINING_JOB_ARN"] == job["TrainingJobArn"]
    assert environment["FROM_THE_REQUEST"] == environment["FROM_THE_IMAGE"] == "yes"
    assert environment["AWS_ENDPOINT_URL"] == aws.url
    assert environment["AWS_ACCESS_KEY_ID"] == job["RoleArn"]


def test_nothing_of_the_request_is_dropped_from_the_description(image: Any, start: Start) -> None:
    job = start(image("job", "pass"), Environment={"A": "1"}, RetryStrategy={"MaximumRetryAttempts": 2})

    assert job["Environment"] == {"A": "1"}
    assert job["RetryStrategy"] == {"MaximumRetryAttempts": 2}
    assert job["OutputDataConfig"]["CompressionType"] == "NONE"


def test_a_job_passes_through_the_statuses_and_tells_each(aws: Any, image: Any, start: Start) -> None:
    walk = ["Starting", "Downloading", "Training", "Uploading", "Completed"]

    job = start(image("job", SHOW), Tags=[{"Key": "run", "Value": "7"}])

    assert [item["Status"] for item in job["SecondaryStatusTransitions"]] == walk
    assert all("EndTime" in item for item in job["SecondaryStatusTransitions"])
    assert aws.told(EVENT, "SecondaryStatus") == walk
    assert aws.told(EVENT, "TrainingJobStatus") == ["InProgress"] * 4 + ["Completed"]
    last = aws.events[-1]
    assert last["resources"] == [job["TrainingJobArn"]]
    assert last["detail"]["Tags"] == {"run": "7"}
    assert last["detail"]["TrainingEndTime"] == str(round(job["TrainingEndTime"].timestamp() * 1000))
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == "s3://bucket/out/ft-1/output/model/"


def test_an_isolated_container_gets_no_credentials_and_no_address(aws: Any, image: Any, start: Start) -> None:
    start(image("job", SHOW), EnableNetworkIsolation=True)

    seen = json.loads(aws.objects("bucket", "out/")["out/ft-1/output/model/seen.json"])
    assert not [name for name in seen["environment"] if name.startswith("AWS_")]


def test_a_model_is_packed_when_the_request_does_not_say_otherwise(aws: Any, image: Any, start: Start) -> None:
    code = """
        import os, pathlib
        ml = pathlib.Path(os.environ["FMOPS_ML_ROOT"])
        (ml / "model" / "weights").write_text("w")
        (ml / "output" / "data" / "notes.txt").write_text("n")
    """

    job = start(image("job", code), OutputDataConfig={"S3OutputPath": "s3://bucket/out"})

    written = aws.objects("bucket", "out/")
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == "s3://bucket/out/ft-1/output/model.tar.gz"
    assert packed(written["out/ft-1/output/model.tar.gz"]) == ["weights"]
    assert packed(written["out/ft-1/output/output.tar.gz"]) == ["notes.txt"]


def test_metrics_on_stdout_are_kept_and_sent_to_cloudwatch(aws: Any, image: Any, start: Start) -> None:
    code = "print('step=1/2 train_loss=2.5'); print('step=2/2 train_loss=1.25')"
    algorithm = {
        "TrainingImage": image("job", code),
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "train:loss", "Regex": "train_loss=([0-9.]+)"}],
    }

    job = start("", AlgorithmSpecification=algorithm)
    aws.sagemaker.flush()

    assert [(item["MetricName"], item["Value"]) for item in job["FinalMetricDataList"]] == [("train:loss", 1.25)]
    assert aws.sagemaker.progress("ft-1") == ("step", 2, 2)
    metrics = aws.client("cloudwatch").get_metric_statistics(
        Namespace="/aws/sagemaker/TrainingJobs",
        MetricName="train:loss",
        Dimensions=[{"Name": "TrainingJobName", "Value": "ft-1"}],
        StartTime=job["CreationTime"].timestamp() - 60,
        EndTime=job["CreationTime"].timestamp() + 60,
        Period=300,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]
    assert sum(item["Sum"] for item in metrics) == 3.75


def test_output_goes_to_cloudwatch_logs(aws: Any, image: Any, start: Start, soon: Callable[..., Any]) -> None:
    start(image("job", "print('hello'); import sys; print('trouble', file=sys.stderr)"))

    def lines() -> list[str]:
        logs = aws.client("logs")
        streams = logs.describe_log_streams(
            logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="ft-1/algo-1-"
        )
        return [
            event["message"]
            for stream in streams["logStreams"]
            for event in logs.get_log_events(
                logGroupName="/aws/sagemaker/TrainingJobs", logStreamName=stream["logStreamName"]
            )["events"]
        ]

    assert soon(lambda: lines() if len(lines()) == 2 else None) == ["hello", "trouble"]


def test_a_failing_container_fails_the_job_with_its_own_words(aws: Any, image: Any, start: Start) -> None:
    code = """
        import os, pathlib, sys
        (pathlib.Path(os.environ["FMOPS_ML_ROOT"]) / "output" / "failure").write_text("the learning rate is negative")
        sys.exit(3)
    """

    job = start(image("job", code))

    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: the learning rate is negative, exit code: 3"
    assert aws.told(EVENT, "SecondaryStatus")[-1] == "Failed"
    assert aws.events[-1]["detail"]["FailureReason"] == job["FailureReason"]


def test_an_input_that_is_not_there_fails_the_job(image: Any, start: Start) -> None:
    job = start(image("job", "pass"), InputDataConfig=[channel("training", "s3://bucket/nothing/")])

    assert job["FailureReason"].startswith('ClientError: No S3 objects found under S3 URL "s3://bucket/nothing/"')


def test_a_stopped_job_may_save_its_model_first(aws: Any, image: Any, start: Start, soon: Callable[..., Any]) -> None:
    code = """
        import os, pathlib, signal, sys, time
        ml = pathlib.Path(os.environ["FMOPS_ML_ROOT"])
        def save(*_):
            (ml / "model" / "partial").write_text("p")
            sys.exit(0)
        signal.signal(signal.SIGTERM, save)
        print("step=1/9", flush=True)
        time.sleep(60)
    """
    start(image("job", code), until=None)
    soon(lambda: aws.sagemaker.progress("ft-1"))
    sagemaker = aws.client("sagemaker")

    sagemaker.stop_training_job(TrainingJobName="ft-1")

    def stopped() -> Any:
        job = sagemaker.describe_training_job(TrainingJobName="ft-1")
        return job if job["TrainingJobStatus"] == "Stopped" else None

    job = soon(stopped)
    assert aws.told(EVENT, "SecondaryStatus")[-2:] == ["Stopping", "Stopped"]
    assert "FailureReason" not in job
    assert aws.objects("bucket", "out/") == {"out/ft-1/output/model/partial": b"p"}


def test_a_job_that_does_not_heed_sigterm_is_killed(
    aws: Any, image: Any, start: Start, soon: Callable[..., Any]
) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('step=1/9'); time.sleep(60)"
    start(image("job", code), until=None)
    soon(lambda: aws.sagemaker.progress("ft-1"))
    sagemaker = aws.client("sagemaker")

    sagemaker.stop_training_job(TrainingJobName="ft-1")

    soon(lambda: sagemaker.describe_training_job(TrainingJobName="ft-1")["TrainingJobStatus"] == "Stopped")


def test_the_time_limit_counts_in_embedded_time(aws: Any, image: Any, start: Start, soon: Callable[..., Any]) -> None:
    start(image("job", "import time; print('step=1/9'); time.sleep(60)"), until=None)
    soon(lambda: aws.sagemaker.progress("ft-1"))

    aws.clock.advance(601)

    sagemaker = aws.client("sagemaker")
    soon(lambda: sagemaker.describe_training_job(TrainingJobName="ft-1")["TrainingJobStatus"] == "Stopped")
    job = sagemaker.describe_training_job(TrainingJobName="ft-1")
    assert job["SecondaryStatus"] == "MaxRuntimeExceeded"
    assert "FailureReason" not in job


def test_an_interrupted_spot_job_goes_on_from_its_checkpoint(
    aws: Any, image: Any, start: Start, soon: Callable[..., Any]
) -> None:
    code = """
        import os, pathlib, time
        ml = pathlib.Path(os.environ["FMOPS_ML_ROOT"])
        state = ml / "checkpoints" / "state.txt"
        if state.exists():
            (ml / "model" / "resumed").write_text(state.read_text())
        else:
            state.write_text("step 7")
            print("step=7/9", flush=True)
            time.sleep(60)
    """
    start(
        image("job", code),
        until=None,
        EnableManagedSpotTraining=True,
        CheckpointConfig={"S3Uri": "s3://bucket/checkpoints/ft-1"},
    )
    soon(lambda: aws.sagemaker.progress("ft-1"))

    aws.sagemaker.interrupt("ft-1")

    sagemaker = aws.client("sagemaker")
    soon(lambda: sagemaker.describe_training_job(TrainingJobName="ft-1")["TrainingJobStatus"] == "Completed")
    assert "Interrupted" in aws.told(EVENT, "SecondaryStatus")
    assert aws.objects("bucket", "checkpoints/") == {"checkpoints/ft-1/state.txt": b"step 7"}
    assert aws.objects("bucket", "out/") == {"out/ft-1/output/model/resumed": b"step 7"}


def test_a_job_without_capacity_fails_before_it_starts(aws: Any, image: Any, start: Start) -> None:
    aws.sagemaker.faults.no_capacity("ft-*")

    job = start(image("job", "pass"))

    assert job["FailureReason"].startswith("CapacityError: Unable to provision requested ML compute capacity.")
    assert "TrainingStartTime" not in job


def test_a_quota_refuses_the_job(aws: Any, image: Any, start: Start) -> None:
    aws.sagemaker.quotas.limits["ml.g5.xlarge for training job usage"] = 0

    with pytest.raises(ClientError, match=r"'ml\.g5\.xlarge for training job usage' is 0 Instances") as caught:
        start(image("job", "pass"))

    assert caught.value.response["Error"]["Code"] == "ResourceLimitExceeded"


def test_a_name_is_used_once(image: Any, start: Start) -> None:
    uri = image("job", "pass")
    start(uri)

    with pytest.raises(ClientError) as caught:
        start(uri)

    assert caught.value.response["Error"]["Code"] == "ResourceInUse"


def test_an_image_that_nobody_pushed_is_refused(start: Start) -> None:
    with pytest.raises(ClientError, match="Cannot find repository: unknown"):
        start("123456789012.dkr.ecr.us-east-1.amazonaws.com/unknown:1")


def test_unknown_jobs_and_ended_jobs_have_their_errors(aws: Any, image: Any, start: Start) -> None:
    sagemaker = aws.client("sagemaker")
    start(image("job", "pass"))

    with pytest.raises(ClientError, match="Requested resource not found"):
        sagemaker.describe_training_job(TrainingJobName="other")
    with pytest.raises(ClientError, match="the training job is in status Completed"):
        sagemaker.stop_training_job(TrainingJobName="ft-1")


def test_jobs_are_listed_in_pages(aws: Any, image: Any, start: Start) -> None:
    uri = image("job", "pass")
    for number in range(3):
        start(uri, TrainingJobName=f"ft-{number}")
    sagemaker = aws.client("sagemaker")

    pages = list(
        sagemaker.get_paginator("list_training_jobs").paginate(
            NameContains="ft", SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
        )
    )

    names = [[item["TrainingJobName"] for item in page["TrainingJobSummaries"]] for page in pages]
    assert names == [["ft-0", "ft-1"], ["ft-2"]]
    assert sagemaker.list_training_jobs(StatusEquals="Failed")["TrainingJobSummaries"] == []


def test_what_a_job_leaves_on_disk_is_its_output(aws: Any, image: Any, start: Start, soon: Callable[..., Any]) -> None:
    start(image("job", "print('hello')"))
    folder: Path = aws.root / "sagemaker" / "TrainingJobs" / "ft-1"

    soon(lambda: [path.name for path in folder.iterdir()] == ["output.log"])

    assert (folder / "output.log").read_text() == "hello\n"
