"""A launch on several instance types, and how the states that launch are retried."""

import json
from collections.abc import Sequence
from typing import Any

from fmops.core import errors
from fmops.launches.costs import Cost
from fmops.launches.launcher import Launched
from fmops.launches.models import Create, Launch
from fmops.launches.options import Option
from tests.conftest import REPO
from tests.unit.launches.conftest import NOW, Bench, training

NAME = training().name


def launching(bench: Bench, options: Sequence[Option], task: str = "token-1") -> Launched:
    """A fine-tuning on the first of the options that can be had, as the evaluation journey asks for it."""

    def build(name: str, option: Option) -> Launch:
        request = {
            **training().creates[0].request,
            "TrainingJobName": name,
            "ResourceConfig": {"InstanceType": option.instance_type, "InstanceCount": 1, "VolumeSizeInGB": 30},
            "CheckpointConfig": {"S3Uri": "s3://artifacts-bucket/runs/run-1/checkpoints/"},
        }
        if option.spot:
            request |= {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 5400},
            }
        return training(task).model_copy(
            update={
                "name": name,
                "creates": (Create(operation="create_training_job", request=request),),
                "cost": Cost.of(option.instance_type, 3600, spot=option.spot),
            }
        )

    return bench.launcher.launch_on(NAME, options, build, NOW)


def retries(state: str) -> list[dict[str, Any]]:
    """The Retry rules of a state of a candidate."""
    machine = json.loads((REPO / "statemachines/evaluation.asl.json").read_text())
    inner = machine["States"]["EvaluateCandidates"]["ItemProcessor"]["States"]
    found: list[dict[str, Any]] = inner[state]["Retry"]
    return found


def is_retried(state: str, error: type[errors.FmopsError]) -> bool:
    return any(error.__name__ in rule["ErrorEquals"] for rule in retries(state))
