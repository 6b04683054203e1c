"""Which use cases an event belongs to: rules without I/O."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from fmops.core.events import ModelDiscovered
from fmops.usecases.interest import Source, may_want
from fmops.usecases.models import UseCase


def of_dataset(use_cases: Iterable[UseCase], dataset: str, task: str) -> list[UseCase]:
    """The use cases that name this dataset and have its task."""
    return [
        use_case
        for use_case in use_cases
        if use_case.task == task and any(fnmatchcase(dataset, pattern) for pattern in use_case.datasets)
    ]


def of_model(use_cases: Iterable[UseCase], event: ModelDiscovered) -> list[UseCase]:
    """The use cases that evaluate this new model: as was decided when it was noticed, else who may want it."""
    if event.evaluated_by is not None:
        return [use_case for use_case in use_cases if use_case.name in event.evaluated_by]
    return [
        use_case
        for use_case in use_cases
        if use_case.discovery.then == "run"
        and may_want(use_case.discovery, source_of(event.hub), event.model_id, event.task)
    ]


def source_of(catalogue: str) -> Source:
    """Bedrock's list has a name that no hub has."""
    return "bedrock" if catalogue == "bedrock" else "jumpstart"
