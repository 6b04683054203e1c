"""The request of an FMEval job, for whoever has answers to get or to score. Pure."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from fmops.core.artifacts import Location

_INPUT = "/opt/ml/processing/input"
_OUTPUT = "/opt/ml/processing/output"
_VOLUME_GB = 30


@dataclass(frozen=True)
class JobFolder:
    """What one job reads and writes lies below `root`."""

    root: Location

    @property
    def config(self) -> Location:
        """The job's `config` input: a prefix."""
        return self.root.child("config/")

    @property
    def job(self) -> Location:
        """What it is to do."""
        return self.root.child("config/job.json")

    @property
    def results(self) -> Location:
        """A prefix."""
        return self.root.child("results/")

    @property
    def progress(self) -> Location:
        """A prefix."""
        return self.root.child("progress/")


class JobPlaces(NamedTuple):
    """Where the job reads and writes."""

    config: Location
    """A prefix that holds `job.json`."""
    dataset: Location
    """The one file of rows."""
    results: Location
    """A prefix."""
    progress: Location
    """A prefix; written as the job goes on."""
    table: Location | None = None
    """A prefix for the scores as a table; None where nobody will ask it anything."""
    answers: Location | None = None
    """A prefix that holds something: earlier answers are read from it, and new ones added as the job goes on."""
    tokenizer: Location | None = None
    """A manifest of the tokenizer's files."""
    candidates: Location | None = None
    """A prefix: candidates' answers, which are judged."""


def processing_job(
    name: str,
    places: JobPlaces,
    *,
    image: str,
    role_arn: str,
    instance_type: str,
    max_runtime_seconds: int,
) -> dict[str, Any]:
    """CreateProcessingJob. The network stays open: the job asks endpoints."""
    return {
        "ProcessingJobName": name,
        "RoleArn": role_arn,
        "AppSpecification": {"ImageUri": image},
        "ProcessingInputs": [
            _input("config", places.config.uri),
            _input("dataset", places.dataset.uri),
            *([_input("answers", places.answers.uri)] if places.answers else []),
            *([_input("tokenizer", places.tokenizer.uri, "ManifestFile")] if places.tokenizer else []),
            *([_input("candidates", places.candidates.uri)] if places.candidates else []),
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                _output("results", places.results.uri, "EndOfJob"),
                _output("progress", places.progress.uri, "Continuous"),
                *([_output("answers", places.answers.uri, "Continuous")] if places.answers else []),
                *([_output("table", places.table.uri, "EndOfJob")] if places.table else []),
            ]
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": instance_type, "VolumeSizeInGB": _VOLUME_GB}
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": max_runtime_seconds},
    }


def _input(name: str, uri: str, kind: str = "S3Prefix") -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{_INPUT}/{name}",
            "S3DataType": kind,
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
        },
    }


def _output(name: str, uri: str, mode: str) -> dict[str, Any]:
    return {
        "OutputName": name,
        "S3Output": {"S3Uri": uri, "LocalPath": f"{_OUTPUT}/{name}", "S3UploadMode": mode},
    }
