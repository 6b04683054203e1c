"""Routes: a parameter of SSM says which Bedrock model serves a use case. Applications read it, releases move it."""

from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from fmops.core.errors import LaunchRefused
from fmops.core.models import Ours
from fmops.evaluation.models import Decoding
from fmops.evaluation.targets import Guardrail

# Beyond 4 KB a parameter costs something, beyond 8 KB there is none.
_TIER = "Intelligent-Tiering"
_LONGEST = 8192


class Route(Ours):
    """What the parameter holds, as JSON: all that an application needs to ask the model as it was evaluated."""

    use_case: str
    model_id: str
    """A model or an inference profile, by id or ARN: Converse's `modelId`."""
    region: str
    system: str | None
    guardrail: Guardrail | None
    prompt_template: str
    """`{input}` stands for the user's text."""
    decoding: Decoding
    digest: str
    """Of what was approved."""
    run_id: str
    candidate: str
    release_id: str
    request_metadata: dict[str, str] = {}
    """To be sent with each call: the monitor knows this use case's traffic by it."""


class Pointer(NamedTuple):
    """A route as it is now."""

    route: Route
    version: int
    """SSM counts every change of a parameter, and keeps the last hundred."""


class Routes:
    """The parameters of a stack's routes."""

    def __init__(self, ssm: Any) -> None:
        """`ssm` is a boto3 client of SSM."""
        self._ssm = ssm

    def find(self, parameter: str) -> Pointer | None:
        try:
            found = self._ssm.get_parameter(Name=parameter)["Parameter"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterNotFound":
                return None
            raise
        return Pointer(Route.model_validate_json(found["Value"]), int(found["Version"]))

    def point(self, parameter: str, route: Route) -> int:
        """Have a route name this model; its new version. Twice is no harm. LaunchRefused where it is too long."""
        known = self.find(parameter)
        if known is not None and known.route == route:
            return known.version
        text = route.model_dump_json()
        if len(text.encode()) > _LONGEST:
            raise LaunchRefused(f"{parameter} would be longer than {_LONGEST} bytes: shorten the prompt template")
        answer = self._ssm.put_parameter(
            Name=parameter,
            Value=text,
            Type="String",
            Tier=_TIER,
            Overwrite=True,
            Description=f"{route.use_case}: which model of Bedrock serves, by fmops; do not change it by hand",
        )
        return int(answer["Version"])

    def remove(self, parameter: str) -> None:
        """Take a route away; nothing where there is none."""
        try:
            self._ssm.delete_parameter(Name=parameter)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterNotFound":
                raise
