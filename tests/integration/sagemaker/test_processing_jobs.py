"""Processing jobs run real processes between inputs and outputs in S3."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Start = Callable[..., Any]

EVENT = "SageMaker Processing Job State Change"
COPY = """
    import json, os, pathlib, sys
    ml = pathlib.Path(os.environ["FMOPS_ML_ROOT"])
    data = ml / "processing" / "input" / "data"
    report = {
        "arguments": sys.argv[1:],
        "config": json.loads(pathlib.Path(sys.argv[2]).read_text()),
        "files": sorted(str(p.relative_to(data)) for p in data.rglob("*") if p.is_file()),
        "echo": json.loads((ml / "config" / "processingjobconfig.json").read_text()),
    }
    (ml / "processing" / "output" / "report" / "report.json").write_text(json.dumps(report))
    (ml / "output" / "message").write_text("all is well")
"""


def s3_input(name: str, uri: str, kind: str = "S3Prefix") -> dict[str, Any]:
    place = {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/input/{name}", "S3DataType": kind, "S3InputMode": "File"}
    return {"InputName": name, "S3Input": place}


def s3_output(name: str, mode: str = "EndOfJob") -> dict[str, Any]:
    uri = f"s3://bucket/runs/{name}/"
    place = {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/output/{name}", "S3UploadMode": mode}
    return {"OutputName": name, "S3Output": place}


@pytest.fixture
def start(aws: Any, soon: Callable[..., Any]) -> Start:
    aws.put(
        "bucket",
        {"config/job.json": '{"k": 1}', "data/a.jsonl": "a", "data/sub/b.jsonl": "b", "data-of-others/c.jsonl": "c"},
    )

    def run(image: str, until: str | None = "Completed", **members: Any) -> Any:
        request = {
            "ProcessingJobName": "eval-1",
            "RoleArn": "arn:aws:iam::123456789012:role/jobs",
            "AppSpecification": {"ImageUri": image},
            "ProcessingResources": {
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}
            },
            **members,
        }
        sagemaker = aws.client("sagemaker")
        sagemaker.create_processing_job(**request)

        def described() -> Any:
            job = sagemaker.describe_processing_job(ProcessingJobName=request["ProcessingJobName"])
            return job if until is None or job["ProcessingJobStatus"] in (until, "Failed") else None

        return soon(described)

    return run


def test_a_job_reads_its_inputs_and_writes_its_outputs(aws: Any, image: Any, start: Start) -> None:
    job = start(
        "",
        AppSpecification={
            "ImageUri": image("job", COPY),
            "ContainerArguments": ["--config", "/opt/ml/processing/input/config/job.json"],
        },
        ProcessingInputs=[s3_input("config", "s3://bucket/config/"), s3_input("data", "s3://bucket/data")],
        ProcessingOutputConfig={"Outputs": [s3_output("report")]},
        Environment={"RUN_ID": "7"},
    )

    report = json.loads(aws.objects("bucket", "runs/")["runs/report/report.json"])
    assert job["ProcessingJobStatus"] == "Completed"
    assert job["ExitMessage"] == "all is well"
    assert job["Environment"] == {"RUN_ID": "7"}
    assert report["config"] == {"k": 1}
    assert report["files"] == ["a.jsonl", "data-of-others/c.jsonl", "sub/b.jsonl"]
    assert report["echo"]["ProcessingJobName"] == "eval-1"
    assert aws.told(EVENT, "ProcessingJobStatus") == ["InProgress", "InProgress", "Completed"]
    assert isinstance(aws.events[-1]["detail"]["ProcessingEndTime"], int)


def test_an_entrypoint_replaces_the_images_command(aws: Any, image: Any, start: Start) -> None:
    code = "open(__import__('os').environ['FMOPS_ML_ROOT'] + '/processing/output/report/x', 'w').write('x')"

    start(
        "",
        AppSpecification={
            "ImageUri": image("job", "raise SystemExit(9)"),
            "ContainerEntrypoint": ["python3", "-c", code],
        },
        ProcessingOutputConfig={"Outputs": [s3_output("report")]},
    )

    assert aws.objects("bucket", "runs/") == {"runs/report/x": b"x"}


def test_a_manifest_names_the_objects(aws: Any, image: Any, start: Start) -> None:
    aws.put("bucket", {"manifest": json.dumps([{"prefix": "s3://bucket/"}, "data/a.jsonl", "data-of-others/c.jsonl"])})
    code = """
        import os, pathlib
        ml = pathlib.Path(os.environ["FMOPS_ML_ROOT"]) / "processing"
        names = sorted(p.name for p in (ml / "input" / "data").iterdir())
        (ml / "output" / "report" / "names").write_text(" ".join(names))
    """

    start(
        image("job", code),
        ProcessingInputs=[s3_input("data", "s3://bucket/manifest", "ManifestFile")],
        ProcessingOutputConfig={"Outputs": [s3_output("report")]},
    )

    assert aws.objects("bucket", "runs/") == {"runs/report/names": b"a.jsonl c.jsonl"}


def test_a_continuous_output_is_uploaded_while_the_job_runs(
    aws: Any, image: Any, start: Start, soon: Callable[..., Any]
) -> None:
    code = """
        import json, os, pathlib, time
        file = pathlib.Path(os.environ["FMOPS_ML_ROOT"]) / "processing" / "output" / "progress" / "progress.json"
        file.write_text(json.dumps({"stage": "answers", "done": 20, "total": 100}))
        time.sleep(60)
    """

    start(image("job", code), until=None, ProcessingOutputConfig={"Outputs": [s3_output("progress", "Continuous")]})

    written = soon(lambda: aws.objects("bucket", "runs/"))
    assert json.loads(written["runs/progress/progress.json"])["done"] == 20
    assert aws.sagemaker.progress("eval-1") == ("answers", 20, 100)


def test_a_crash_fails_the_job_and_uploads_no_result(aws: Any, image: Any, start: Start) -> None:
    code = """
        import os, pathlib
        ml = pathlib.Path(os.environ["FMOPS_ML_ROOT"])
        (ml / "processing" / "output" / "report" / "half").write_text("h")
        raise SystemExit(1)
    """

    job = start(image("job", code), ProcessingOutputConfig={"Outputs": [s3_output("report")]})

    assert job["FailureReason"] == "AlgorithmError: , exit code: 1"
    assert aws.objects("bucket", "runs/") == {}


def test_a_message_that_is_not_utf8_fails_the_job(image: Any, start: Start) -> None:
    code = "open(__import__('os').environ['FMOPS_ML_ROOT'] + '/output/message', 'wb').write(bytes([255]))"

    job = start(image("job", code))

    assert job["FailureReason"].startswith("ClientError: ")


def test_a_time_limit_stops_the_job_without_a_reason(
    aws: Any, image: Any, start: Start, soon: Callable[..., Any]
) -> None:
    code = "import time; print('answers=1/2'); time.sleep(60)"
    start(image("job", code), until=None, StoppingCondition={"MaxRuntimeInSeconds": 900})
    soon(lambda: aws.sagemaker.progress("eval-1"))

    aws.clock.advance(901)

    sagemaker = aws.client("sagemaker")
    soon(lambda: sagemaker.describe_processing_job(ProcessingJobName="eval-1")["ProcessingJobStatus"] == "Stopped")
    assert "FailureReason" not in sagemaker.describe_processing_job(ProcessingJobName="eval-1")


def test_a_stopped_job_is_stopping_first(aws: Any, image: Any, start: Start, soon: Callable[..., Any]) -> None:
    start(image("job", "import time; print('answers=1/2'); time.sleep(60)"), until=None)
    soon(lambda: aws.sagemaker.progress("eval-1"))

    aws.client("sagemaker").stop_processing_job(ProcessingJobName="eval-1")

    soon(lambda: aws.told(EVENT, "ProcessingJobStatus")[-2:] == ["Stopping", "Stopped"])


def test_jobs_beyond_the_machines_room_wait(aws: Any, image: Any, start: Start, soon: Callable[..., Any]) -> None:
    uri = image("job", "import time; print('answers=1/2'); time.sleep(60)")
    for number in range(3):
        start(uri, until=None, ProcessingJobName=f"eval-{number}")
    soon(lambda: aws.sagemaker.progress("eval-0") and aws.sagemaker.progress("eval-1"))
    sagemaker = aws.client("sagemaker")
    assert "ProcessingStartTime" not in sagemaker.describe_processing_job(ProcessingJobName="eval-2")

    sagemaker.stop_processing_job(ProcessingJobName="eval-0")

    soon(lambda: aws.sagemaker.progress("eval-2"))


def test_unknown_jobs_and_paths_are_refused(aws: Any, image: Any, start: Start) -> None:
    with pytest.raises(ClientError, match="Could not find requested job with name: other"):
        aws.client("sagemaker").describe_processing_job(ProcessingJobName="other")
    outside = {"OutputName": "x", "S3Output": {"S3Uri": "s3://b/x", "LocalPath": "/etc", "S3UploadMode": "EndOfJob"}}
    with pytest.raises(ClientError, match="LocalPath"):
        start(image("job", "pass"), ProcessingOutputConfig={"Outputs": [outside]})


def test_an_operation_that_nobody_wrote_is_refused_loudly(aws: Any) -> None:
    with pytest.raises(ClientError) as caught:
        aws.client("sagemaker").list_notebook_instances()

    assert caught.value.response["Error"]["Code"] == "NotImplementedByEmbeddedAws"


def test_jobs_that_run_when_the_embedded_aws_stops_are_ended(
    aws: Any, image: Any, start: Start, soon: Callable[..., Any]
) -> None:
    start(image("job", "import time; print('answers=1/2'); time.sleep(60)"), until=None)
    soon(lambda: aws.sagemaker.progress("eval-1"))

    aws.sagemaker.stop()

    assert aws.told(EVENT, "ProcessingJobStatus")[-1] == "InProgress"
