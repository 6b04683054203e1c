"""Which use cases an event belongs to: rules without I/O."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from fmops.usecases.models import UseCase


def of_dataset(use_cases: Iterable[UseCase], dataset: str, task: str) -> list[UseCase]:
    """The use cases that name this dataset and have its task."""
    return [
        use_case
        for use_case in use_cases
        if use_case.task == task and any(fnmatchcase(dataset, pattern) for pattern in use_case.datasets)
    ]


def of_model(use_cases: Iterable[UseCase], model_id: str, task: str) -> list[UseCase]:
    """The use cases that asked for new models like this one."""
    return [
        use_case
        for use_case in use_cases
        if task in use_case.discovery.tasks
        and any(fnmatchcase(model_id, pattern) for pattern in use_case.discovery.model_ids)
    ]
