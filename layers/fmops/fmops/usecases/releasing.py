"""Where a use case's champion serves, and how carefully a new one takes its place."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from fmops.core.errors import UseCaseInvalid
from fmops.core.models import Ours
from fmops.usecases.candidates import InstanceType, Slug

FEWEST_GOLDEN_PROMPTS = 20
"""With fewer answers nothing can be said of how good they are."""

KEEP_DAYS = 7

GoldenPrompts = Annotated[int, Field(ge=FEWEST_GOLDEN_PROMPTS, le=200)]
Shifting = Literal["auto", "all_at_once", "canary", "linear", "rolling"]
OnRejected = Literal["tell", "roll_back"]
"""What a rejection in the registry does to what serves: people are told, or it is also taken back."""
KINDS = ("endpoint", "route")
_Mark = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9\s:_@$#=/+,.-]{1,256}$")]
RequestMetadata = dict[_Mark, _Mark]
"""As Converse takes it."""


class Guard(Ours):
    """From when on the new fleet's own figures take it back."""

    error_share: float = Field(default=0.05, gt=0, lt=1)
    """Of its answers, those that failed inside (5XX), as the average of a minute."""
    latency_p95_ms: float | None = Field(default=None, gt=0)
    """Of a minute; twice the evaluation's, and a second at least, where this is left out."""


class Rollout(Ours):
    """How traffic goes from what serves to what is new."""

    traffic: Shifting = "auto"
    """`auto` takes what the instance count allows."""
    step_minutes: int = Field(default=10, ge=1, le=60)
    """How long the guards watch after each step before the last."""
    bake_minutes: int = Field(default=30, ge=5, le=60)
    """How long the old fleet is kept when all traffic is on the new one. The golden prompts are asked and scored in
    that time."""
    second_fleet: bool = True
    """Whether there is capacity (and quota) for both fleets at once; `false` has instances replaced in batches."""
    guard: Guard = Field(default_factory=Guard)


class EndpointTarget(Ours):
    """The champion serves on a SageMaker endpoint of this name."""

    kind: Literal["endpoint"] = "endpoint"
    endpoint_name: Slug
    instance_type: InstanceType
    instance_count: int = Field(default=1, ge=1, le=100)
    capture_percent: int = Field(default=100, ge=1, le=100)
    capture_kms_key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:/_-]{1,2048}$")] | None = None
    """Encrypts captured traffic: a key's id, ARN or alias. The bucket's own encryption where this is left out."""
    golden_prompts: GoldenPrompts = 32
    """How many of the evaluation's prompts a release must answer as well as then before it counts."""
    rollout: Rollout = Field(default_factory=Rollout)
    on_rejected: OnRejected = "tell"
    keep_days: int = Field(default=KEEP_DAYS, ge=0, le=3650)
    """How long model and configuration of what serves no more are kept. One step back is, whatever the days."""

    @property
    def where(self) -> str:
        """For people."""
        return self.endpoint_name


class RouteTarget(Ours):
    """The champion is a model of Bedrock: applications read from a parameter of SSM which one."""

    kind: Literal["route"]
    route_name: Slug
    golden_prompts: GoldenPrompts = 32
    request_metadata: RequestMetadata = Field(default_factory=dict, max_length=15)
    """What applications send as `requestMetadata` of Converse; the route tells them. Where it is given, only calls that
    bear it are this use case's traffic, and else every call of the model in the account."""

    @property
    def where(self) -> str:
        """For people."""
        return f"route {self.route_name}"


def _kind(value: object) -> str:
    given = value.get("kind", "endpoint") if isinstance(value, dict) else getattr(value, "kind", "")
    return str(given)


ReleaseTarget = Annotated[
    Annotated[EndpointTarget, Tag("endpoint")] | Annotated[RouteTarget, Tag("route")],
    Discriminator(
        _kind,
        custom_error_type="unknown_kind",
        custom_error_message=f"kind must be one of {', '.join(KINDS)}",
    ),
]


def endpoint_target(target: EndpointTarget | RouteTarget) -> EndpointTarget:
    """UseCaseInvalid where the use case is released by a route: nothing of ours is hosted for it then."""
    if not isinstance(target, EndpointTarget):
        raise UseCaseInvalid(
            f"this needs an endpoint as the use case's release, and it is released by the {target.where}"
        )
    return target


def request_metadata(target: EndpointTarget | RouteTarget) -> dict[str, str]:
    """What calls of Bedrock bear that are this use case's traffic; nothing where that is every call of its model."""
    return target.request_metadata if isinstance(target, RouteTarget) else {}
