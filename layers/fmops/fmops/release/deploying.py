"""Model and configuration of a release, and the endpoint that is to serve them."""

from datetime import datetime
from typing import Any, Literal, NamedTuple

from fmops.core.ids import sagemaker_name
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.release import guards, records, rollout
from fmops.release.models import Release, Status
from fmops.release.watching import Watch
from fmops.serving import requests
from fmops.serving.live import LiveEndpoints
from fmops.serving.models import Artifact
from fmops.usecases.releasing import EndpointTarget


class Target(NamedTuple):
    """Where and how a use case is served."""

    endpoint: str
    instance_type: str
    instance_count: int
    capture_percent: int
    capture_kms_key: str | None
    capture_bucket: str
    role_arn: str


class Prepared(Ours):
    """What is to be deployed, and where."""

    release_id: str
    kind: Literal["endpoint", "route"] = "endpoint"
    endpoint: str
    endpoint_config: str
    previous_config: str | None
    deadline_seconds: int
    """Until when its fleet must have all traffic."""
    trial: bool
    """Whether the golden prompts are asked on an endpoint of its own first. Not where nothing serves yet: then the
    new endpoint is that; nor where a person wants back what served before."""


def endpoint_name(prefix: str, wanted: str) -> str:
    """The endpoint's name in SageMaker: IAM and rules know a stack's own by their prefix."""
    return sagemaker_name(prefix, wanted)


class Requests(NamedTuple):
    """What makes a release: CreateModel's and CreateEndpointConfig's requests."""

    model: dict[str, Any]
    config: dict[str, Any]


def requests_of(prefix: str, release: Release, artifact: Artifact, target: Target) -> Requests:
    """Model and configuration of one name, which names use case and release."""
    name = sagemaker_name(prefix, release.use_case, release.release_id)
    config = requests.endpoint_config(
        name,
        name,
        target.instance_type,
        artifact.timeouts,
        instance_count=target.instance_count,
        capture=requests.capture(capture_root(target.capture_bucket), target.capture_percent, target.capture_kms_key),
    )
    return Requests(requests.model(name, artifact, target.role_arn), config)


def capture_root(bucket: str) -> str:
    """What DataCaptureConfig gets: SageMaker adds endpoint and variant itself."""
    return f"s3://{bucket}"


def capture_uri(bucket: str, endpoint: str) -> str:
    """Where an endpoint's captured records lie: `<this>/yyyy/mm/dd/hh/*.jsonl`."""
    return f"{capture_root(bucket)}/{endpoint}/{requests.VARIANT}"


def tags(release: Release, stack: str) -> dict[str, str]:
    return {
        "fmops:stack": stack,
        "fmops:run-id": release.run_id,
        "fmops:use-case": release.use_case,
        "fmops:release-id": release.release_id,
    }


def prepare(
    ledger: Ledger,
    endpoints: LiveEndpoints,
    release: Release,
    artifact: Artifact,
    target: Target,
    *,
    prefix: str,
    stack: str,
    deadline_seconds: int,
    now: datetime,
) -> Prepared:
    """Make model and configuration, and remember what the endpoint serves today.

    What a person takes back a release for was made before: NotFound where it was removed since.
    """
    if release.rollback_of:
        config = release.endpoint_config
        endpoints.must_have(config)
    else:
        wanted = requests_of(prefix, release, artifact, target)
        endpoints.prepare(*wanted, tags(release, stack))
        config = str(wanted.config["EndpointConfigName"])
    live = endpoints.find(target.endpoint)
    # A redriven state may find its own configuration served; what was there before is in the record.
    serves = live.config if live and live.status != "Failed" else None
    previous = release.previous_config if serves == config else serves
    found = records.move(
        ledger,
        release,
        Status.PREPARED,
        now,
        {
            "endpoint": target.endpoint,
            "endpoint_config": config,
            "previous_config": previous,
            "capture_uri": capture_uri(target.capture_bucket, target.endpoint),
        },
    )
    return Prepared(
        release_id=found.release_id,
        endpoint=found.endpoint,
        endpoint_config=found.endpoint_config,
        previous_config=found.previous_config,
        deadline_seconds=deadline_seconds,
        trial=found.previous_config is not None and not found.rollback_of,
    )


def deploy(
    ledger: Ledger,
    endpoints: LiveEndpoints,
    watch: Watch,
    release: Release,
    target: EndpointTarget,
    *,
    evaluated_p95_ms: float | None,
    stack: str,
    now: datetime,
) -> Literal["created", "updating", "there"]:
    """Begin to serve the release's configuration. Who waits is bound afterwards.

    An update is guarded by alarms of its own; a new endpoint has nothing that SageMaker could go back to.
    """
    live = endpoints.find(release.endpoint)
    if live is not None and live.serves and live.config not in (release.endpoint_config, release.previous_config):
        # Another release came between: back means to what this one replaces.
        release = records.note(ledger, release, {"previous_config": live.config}, now)
    if release.previous_config is None:
        records.move(ledger, release, Status.DEPLOYING, now)
        return endpoints.switch(release.endpoint, release.endpoint_config, tags(release, stack))
    wanted = target.rollout
    if release.rollback_of:
        # What served before is known: it should be back soon, and still not unwatched.
        wanted = wanted.model_copy(update={"traffic": "all_at_once"})
    limit = guards.latency_limit(wanted.guard, evaluated_p95_ms)
    watched = guards.Watched(
        release_id=release.release_id,
        use_case=release.use_case,
        endpoint=release.endpoint,
        endpoint_config=release.endpoint_config,
        error_share=wanted.guard.error_share,
        latency_p95_ms=limit,
    )
    chosen = rollout.choose(wanted, target.instance_count)
    # Written first: whatever happens next, a rollback knows that the endpoint may have been touched.
    changes = {"shifting": f"{chosen.shifting}: {chosen.why}"}
    records.move(ledger, release, Status.DEPLOYING, now, changes)
    alarms = watch.begin(watched, tags(release, stack))
    how = rollout.deployment_config(wanted, target.instance_count, alarms)
    return endpoints.switch(release.endpoint, release.endpoint_config, tags(release, stack), how)
