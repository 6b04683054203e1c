"""What the doctor looks at: read once, judged elsewhere."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from fmops.catalog.hub import Hub
from fmops.core.errors import NotFound
from fmops.launches.purse import Purse, month_of
from fmops.launches.quotas import usage_quotas
from fmops.links.people import Topic
from fmops.usecases import store as use_cases
from fmops.usecases.candidates import BedrockCandidate, JumpStartCandidate
from fmops.usecases.models import UseCase
from fmops_cli.images import Built, states
from fmops_cli.target import Target


@dataclass(frozen=True)
class Facts:
    """A stack and its account, as they were when somebody asked."""

    images: list[Built] = field(default_factory=list)
    use_cases: list[UseCase] = field(default_factory=list)
    confirmed: set[str] = field(default_factory=set)
    """Approvers' opaque ids."""
    operators: list[bool] = field(default_factory=list)
    """For each subscription of the alerts: whether it is confirmed."""
    quotas: dict[str, float] | None = None
    """By their name; None where the account does not tell."""
    gated: dict[str, bool] = field(default_factory=dict)
    """Model of the hub -> whether it wants its licence accepted. Models that the hub lacks are missing."""
    bedrock: dict[str, str] = field(default_factory=dict)
    """Model of Bedrock -> what keeps the account from it; empty where nothing does."""
    call_logs: str | None = None
    """Where Bedrock logs the account's calls, `bucket/prefix`; empty where nowhere, None where it does not tell."""
    capture_bucket: str = ""
    alarms: list[str] = field(default_factory=list)
    """What is in ALARM."""
    dead_letters: int = 0
    committed: dict[str, float] = field(default_factory=dict)
    """Use case -> US dollars of this month that are spent or reserved."""


def read(target: Target) -> Facts:
    """Look at everything. NoTarget where the stack is older than this command."""
    known = use_cases.all_of(target.ledger)
    month = month_of(datetime.now(UTC))
    topic = Topic(target.client("sns"), target.output("ApprovalsTopicArn"))
    purse = Purse(target.ledger)
    return Facts(
        images=states(target),
        use_cases=known,
        confirmed=topic.confirmed(),
        operators=_operators(target),
        quotas=_quotas(target),
        gated=_gated(target, known),
        bedrock=_bedrock(target, known),
        call_logs=_call_logs(target.client("bedrock")),
        capture_bucket=target.output("CaptureBucketName"),
        alarms=_alarms(target),
        dead_letters=_dead_letters(target),
        committed={use_case.name: purse.of_month(use_case.name, month).committed for use_case in known},
    )


def _operators(target: Target) -> list[bool]:
    pages = target.client("sns").get_paginator("list_subscriptions_by_topic")
    return [
        str(subscription["SubscriptionArn"]).startswith("arn:")
        for page in pages.paginate(TopicArn=target.output("AlertsTopicArn"))
        for subscription in page.get("Subscriptions", [])
    ]


def _quotas(target: Target) -> dict[str, float] | None:
    try:
        return usage_quotas(target.client("service-quotas"))
    except ClientError:
        return None


def _gated(target: Target, known: list[UseCase]) -> dict[str, bool]:
    hub = Hub(target.client("sagemaker"), target.output("HubName"))
    found = {}
    for model_id in {one.model_id for case in known for one in case.candidates if isinstance(one, JumpStartCandidate)}:
        try:
            found[model_id] = hub.model(model_id).document.gated
        except NotFound:
            continue
    return found


def _bedrock(target: Target, known: list[UseCase]) -> dict[str, str]:
    ids = {one.model_id for case in known for one in case.candidates if isinstance(one, BedrockCandidate)}
    return {model_id: _refused(target.client("bedrock"), model_id) for model_id in sorted(ids)}


def _refused(bedrock: Any, model_id: str) -> str:
    # Access belongs to the model, whichever profile leads to it.
    base = model_id.rsplit("/", 1)[-1]
    base = base.split(".", 1)[1] if base.count(".") > 1 and base.split(".", 1)[0] in _REGIONS else base
    try:
        found = bedrock.get_foundation_model_availability(modelId=base)
    except ClientError as error:
        return str(error.response["Error"].get("Message", error.response["Error"]["Code"]))
    wanted = {
        "not offered in this region": found["regionAvailability"] == "AVAILABLE",
        "the account is not authorized": found["authorizationStatus"] == "AUTHORIZED",
        "its agreement is not accepted": found["agreementAvailability"]["status"] == "AVAILABLE",
        "access was not asked for": found["entitlementAvailability"] == "AVAILABLE",
    }
    return ", ".join(reason for reason, holds in wanted.items() if not holds)


def _call_logs(bedrock: Any) -> str | None:
    try:
        found = bedrock.get_model_invocation_logging_configuration().get("loggingConfig", {})
    except ClientError:
        return None
    place = found.get("s3Config") if found.get("textDataDeliveryEnabled", True) else None
    return f"{place['bucketName']}/{place.get('keyPrefix', '').strip('/')}" if place else ""


_REGIONS = frozenset({"us", "eu", "apac", "global", "us-gov", "jp", "au", "ca"})
"""What the ids of cross-region inference profiles begin with."""


def _alarms(target: Target) -> list[str]:
    pages = target.client("cloudwatch").get_paginator("describe_alarms")
    prefixes = (f"{target.name}-", f"{target.output('NamePrefixValue')}-")
    return [
        alarm["AlarmName"]
        for prefix in prefixes
        for page in pages.paginate(AlarmNamePrefix=prefix, StateValue="ALARM")
        for alarm in [*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])]
    ]


def _dead_letters(target: Target) -> int:
    name = "ApproximateNumberOfMessages"
    url = target.output("DeadLettersUrl")
    found = target.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"]
    return int(found[name])
