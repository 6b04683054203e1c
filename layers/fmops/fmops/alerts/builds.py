"""From CodeBuild's event to the alert that an image of the jobs could not be built: without it runs would only wait."""

from typing import Any

from pydantic import Field

from fmops.alerts.models import Alert, Severity
from fmops.alerts.wording import Text, alert_of
from fmops.core.models import Theirs

BUILD_EVENT = "CodeBuild Build State Change"
_FAILED = frozenset({"FAILED", "FAULT", "STOPPED", "TIMED_OUT"})


class _Variable(Theirs):
    name: str
    value: str


class _Environment(Theirs):
    variables: list[_Variable] = Field(alias="environment-variables", default_factory=list)


class _Logs(Theirs):
    link: str = Field(alias="deep-link", default="")


class _More(Theirs):
    environment: _Environment = _Environment()
    logs: _Logs = _Logs()


class BuildChange(Theirs):
    """The part of CodeBuild's event that we read."""

    status: str = Field(alias="build-status")
    build: str = Field(alias="build-id")
    more: _More = Field(alias="additional-information", default=_More())

    @property
    def image(self) -> str:
        found = [one.value for one in self.more.environment.variables if one.name == "IMAGE"]
        return found[0] if found else "unnamed"


def of_build(detail: dict[str, Any]) -> Alert | None:
    """The alert about a build that failed, or None for any other."""
    change = BuildChange.model_validate(detail)
    if change.status not in _FAILED:
        return None
    lines = [
        f"The build of the image {change.image} ended as {change.status}. Runs that need it wait for three hours.",
        f"Build: {change.build}",
        f"Its log: {change.more.logs.link or 'in the log group of the stack that ends in /images'}",
        "",
        "Next: read the end of the log, mend the cause, then `fmops images --build` starts it again.",
    ]
    subject = f"The image {change.image} could not be built"
    return alert_of("ImageNotBuilt", Text(Severity.ALARM, subject, lines, [change.build, change.status]), "", "")
