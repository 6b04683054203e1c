"""Fault 14: the instance of a spot training is taken away, with a warning and without. It resumes from its checkpoint.

The real container trains a real, tiny model under the local runtime: once undisturbed, and once with its instance
taken away after SIGTERM, then with a hard kill in mid-training. Both must end in the same weights.
"""

import json
import struct
from array import array
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fmops.launches.sagemaker import training_state
from local.sagemaker.settings import JobSettings, job_environment
from tests.integration.containers.conftest import Jobs, jobs
from tests.integration.sagemaker.conftest import IMAGE, ROLE, Front, SmallAws, front
from tests.waiting import eventually

__all__ = ["front", "jobs"]

pytestmark = pytest.mark.jobs
STEPS = 200


@pytest.fixture
def aws(front: Front, jobs: Jobs, repo: Path, tmp_path: Path) -> Iterator[SmallAws]:
    """SageMaker with the product's own image for fine-tuning."""
    settings = JobSettings.of_repo(repo, repo / ".local")
    settings = replace(
        settings,
        environment={**job_environment(repo), "OMP_NUM_THREADS": "1"},
        stop_grace=60.0,
        sync_interval=0.2,
    )
    aws = SmallAws(front, tmp_path / "root", settings)
    aws.start()
    make = "import sys, tiny; from pathlib import Path; tiny.make_model(Path(sys.argv[1])/'model')"
    make += "; tiny.make_rows(Path(sys.argv[1])/'training')"
    here = str(Path(__file__).parents[1] / "integration" / "containers")
    more = {"PYTHONPATH": f"{jobs.environment['PYTHONPATH']}:{here}"}
    with jobs.start("-c", make, str(tmp_path), more=more) as making:
        _, problems = making.communicate(timeout=300)
    assert making.returncode == 0, problems
    for channel in ("model", "training"):
        files = {f"{channel}/{file.name}": file.read_bytes() for file in (tmp_path / channel).iterdir()}
        aws.put("bucket", files)
    yield aws
    aws.stop()


def train(aws: SmallAws, name: str) -> None:
    def channel(kind: str) -> dict[str, Any]:
        source = {
            "S3DataType": "S3Prefix",
            "S3Uri": f"s3://bucket/{kind}/",
            "S3DataDistributionType": "FullyReplicated",
        }
        return {"ChannelName": kind, "DataSource": {"S3DataSource": source}}

    settings = {"epochs": 1000, "max_steps": STEPS, "learning_rate": 0.01, "batch_size": 40, "max_length": 16}
    aws.client("sagemaker").create_training_job(
        TrainingJobName=name,
        RoleArn=ROLE,
        AlgorithmSpecification={"TrainingImage": f"{IMAGE}fmops-fine-tune:latest", "TrainingInputMode": "File"},
        HyperParameters={key: str(value) for key, value in settings.items()} | {"checkpoint_seconds": "0.5"},
        InputDataConfig=[channel("model"), channel("training")],
        OutputDataConfig={"S3OutputPath": "s3://bucket/out/", "CompressionType": "NONE"},
        ResourceConfig={"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
        StoppingCondition={"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 900},
        EnableManagedSpotTraining=True,
        CheckpointConfig={"S3Uri": f"s3://bucket/checkpoints/{name}"},
    )


def newest_checkpoint(aws: SmallAws, name: str) -> int:
    """The step of the newest checkpoint in S3."""
    listed = aws.client("s3").list_objects_v2(Bucket="bucket", Prefix=f"checkpoints/{name}/").get("Contents", [])
    steps = [
        int(item["Key"].rpartition("step-")[2].split(".")[0]) for item in listed if item["Key"].endswith("tensors")
    ]
    return max(steps, default=0)


def weights(aws: SmallAws, name: str) -> dict[str, list[int]]:
    """The bits of each tensor: safetensors is a header of JSON, and then the numbers."""
    body = aws.objects("bucket", f"out/{name}/output/model/model.safetensors")[
        f"out/{name}/output/model/model.safetensors"
    ]
    [size] = struct.unpack("<Q", body[:8])
    header, data = json.loads(body[8 : 8 + size]), body[8 + size :]
    return {
        tensor: array("H", data[slice(*place["data_offsets"])]).tolist()
        for tensor, place in header.items()
        if tensor != "__metadata__"
    }


def apart(one: dict[str, list[int]], other: dict[str, list[int]]) -> float:
    """The largest difference between two models' weights (half precision)."""

    def values(bits: list[int]) -> tuple[float, ...]:
        return struct.unpack(f"<{len(bits)}e", struct.pack(f"<{len(bits)}H", *bits))

    assert one.keys() == other.keys()
    return max(
        abs(left - right)
        for tensor in one
        for left, right in zip(values(one[tensor]), values(other[tensor]), strict=True)
    )


def test_fault_14_training_ends_as_if_nothing_had_happened(aws: SmallAws) -> None:
    soon: Callable[..., Any] = eventually
    sagemaker = aws.client("sagemaker")
    train(aws, "whole")
    train(aws, "parts")

    soon(lambda: (aws.sagemaker.progress("parts") or (0, 0))[1] > 20, 120)
    aws.sagemaker.interrupt("parts")
    soon(lambda: walked(sagemaker, "parts").count("Training") == 2, 120)
    warned = newest_checkpoint(aws, "parts")
    soon(lambda: newest_checkpoint(aws, "parts") > warned, 120)
    running = sagemaker.describe_training_job(TrainingJobName="parts")
    aws.sagemaker.interrupt("parts", warned=False)

    ends = [soon(lambda name=name: _ended(sagemaker, name), 300) for name in ("whole", "parts")]
    assert [job["TrainingJobStatus"] for job in ends] == ["Completed", "Completed"]
    assert warned > 0
    assert walked(sagemaker, "parts").count("Interrupted") == 2
    # An interruption is no end: whoever waits goes on waiting.
    assert not training_state(running).final
    assert training_state(ends[1]).ok
    assert apart(weights(aws, "whole"), weights(aws, "parts")) <= 1e-6
    # It learned something at all.
    assert apart(weights(aws, "whole"), _untrained(aws)) > 1e-3


def walked(sagemaker: Any, name: str) -> list[str]:
    job = sagemaker.describe_training_job(TrainingJobName=name)
    return [item["Status"] for item in job["SecondaryStatusTransitions"]]


def _ended(sagemaker: Any, name: str) -> Any:
    job = sagemaker.describe_training_job(TrainingJobName=name)
    return job if job["TrainingJobStatus"] in ("Completed", "Failed", "Stopped") else None


def _untrained(aws: SmallAws) -> dict[str, list[int]]:
    s3 = aws.client("s3")
    for key in ("model.safetensors", "config.json"):
        s3.copy_object(
            Bucket="bucket", Key=f"out/none/output/model/{key}", CopySource={"Bucket": "bucket", "Key": f"model/{key}"}
        )
    return weights(aws, "none")
