"""All that a local run keeps of an embedded AWS, in the order in which it is written down."""

from collections.abc import Sequence
from pathlib import Path

from local.deploy.stack import Stack
from local.embedded import EmbeddedAws
from local.keeping.account import Addresses, Keys, Parameters, Queues
from local.keeping.objects import Objects
from local.keeping.parts import (
    AlarmStates,
    Journeys,
    Mails,
    Metrics,
    PackageVersions,
    Resources,
    ResourceTags,
    Time,
)
from local.keeping.store import Store
from local.keeping.tables import Tables
from local.sagemaker.hub import ARTIFACTS_BUCKET


def stores_of(aws: EmbeddedAws, stack: Stack, objects: Path) -> Sequence[Store]:
    """To be called right after the deployment. `objects` is the folder for what S3 holds."""
    sagemaker, state = aws.sagemaker, aws.state
    keys = {logical: id_ for logical, id_ in stack.resources.items() if stack.types[logical] == "AWS::KMS::Key"}
    return [
        Time(aws.clock),
        Journeys(aws.states.kept),
        Resources("training-jobs", sagemaker.training.records, sagemaker.training.settle),
        Resources("processing-jobs", sagemaker.processing.records, sagemaker.processing.settle),
        Resources("endpoints", sagemaker.endpoints.records, sagemaker.endpoints.settle),
        Resources("endpoint-configs", sagemaker.models.configs),
        Resources("models", sagemaker.models.records),
        Resources("package-groups", sagemaker.registry.groups),
        Resources("packages", sagemaker.registry.packages),
        PackageVersions(sagemaker.registry),
        ResourceTags(sagemaker.machine.tags),
        Metrics(aws.cloudwatch.store),
        AlarmStates(aws.alarms),
        Tables(state),
        Queues(state),
        Addresses(state, aws.mailbox.sns),
        Mails(aws.mailbox.inbox),
        Parameters(state),
        Keys(state, keys),
        Objects(state, objects, without=frozenset({ARTIFACTS_BUCKET})),
    ]
