"""Why a run starts: part of its identity, so the same cause starts one run."""

from typing import Literal

from fmops.core.ids import run_id
from fmops.core.models import Ours


class DatasetRef(Ours):
    name: str
    version: str


class ModelRef(Ours):
    id: str
    version: str
    source: Literal["bedrock"] | None = None
    """None for a model of the hub: a run's identity is made of what is there, and such runs had no source before."""


class Trigger(Ours):
    """What started a run, and on which data."""

    kind: Literal["dataset", "model", "retraining", "package", "person"]
    dataset: DatasetRef
    model: ModelRef | None = None
    """The discovered model, for `model`."""
    package_arn: str | None = None
    """The model package that somebody else registered, for `package`."""
    request_id: str | None = None
    """What makes a person's or a retraining's request another one than the last."""


class RunRequest(Ours):
    """The evaluation journey's input."""

    run_id: str
    use_case: str
    trigger: Trigger


def request_run(use_case: str, trigger: Trigger) -> RunRequest:
    """The one run that this trigger may start for this use case."""
    identity = trigger.model_dump(mode="json", exclude_none=True)
    return RunRequest(run_id=run_id(use_case, identity), use_case=use_case, trigger=trigger)
