"""What CodeBuild knows of projects and their builds, in the forms of its API and of its event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.protocol import ACCOUNT, REGION


def arn(kind: str, name: str) -> str:
    return f"arn:aws:codebuild:{REGION}:{ACCOUNT}:{kind}/{name}"


@dataclass(frozen=True)
class Project:
    """A project as it was made."""

    name: str
    request: Mapping[str, Any]
    created: datetime

    def shown(self) -> dict[str, Any]:
        return {**self.request, "arn": arn("project", self.name), "created": self.created}


@dataclass
class Build:
    """One build."""

    id: str
    number: int
    project: Project
    overrides: list[dict[str, Any]]
    started: datetime
    status: str = "IN_PROGRESS"
    ended: datetime | None = None
    problem: str = ""
    token: str | None = None
    variables: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        given = [*self.project.request["environment"].get("environmentVariables", []), *self.overrides]
        self.variables = {one["name"]: one["value"] for one in given}

    @property
    def arn(self) -> str:
        return arn("build", self.id)

    def shown(self) -> dict[str, Any]:
        """As the API shows it."""
        contexts = [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": self.problem}] if self.problem else []
        phase = {"phaseType": "BUILD", "phaseStatus": self.status, "startTime": self.started, "contexts": contexts}
        found = {
            "id": self.id,
            "arn": self.arn,
            "buildNumber": self.number,
            "startTime": self.started,
            "currentPhase": "COMPLETED" if self.ended else "BUILD",
            "buildStatus": self.status,
            "projectName": self.project.name,
            "phases": [phase],
            "source": self.project.request["source"],
            "environment": {
                **self.project.request["environment"],
                "environmentVariables": self._variables(),
            },
            "logs": self._logs(),
            "buildComplete": self.ended is not None,
        }
        return found | ({"endTime": self.ended} if self.ended else {})

    def event(self) -> dict[str, Any]:
        """The detail of the event that says how it stands."""
        environment = self.project.request["environment"]
        return {
            "build-status": self.status,
            "project-name": self.project.name,
            "build-id": self.arn,
            "additional-information": {
                "environment": {
                    "image": environment["image"],
                    "privileged-mode": environment.get("privilegedMode", False),
                    "compute-type": environment["computeType"],
                    "type": environment["type"],
                    "environment-variables": self._variables(),
                },
                "timeout-in-minutes": self.project.request.get("timeoutInMinutes", 60),
                "build-complete": self.ended is not None,
                "build-number": self.number,
                "build-start-time": f"{self.started:%b %-d, %Y %-I:%M:%S %p}",
                "source": {"type": self.project.request["source"]["type"]},
                "logs": {
                    "group-name": self._logs()["groupName"],
                    "stream-name": self._logs()["streamName"],
                    "deep-link": self._logs()["deepLink"],
                },
            },
            "current-phase": "COMPLETED" if self.ended else "SUBMITTED",
            "current-phase-context": f"[{self.problem}]" if self.problem else "[]",
            "version": "1",
        }

    def _variables(self) -> list[dict[str, str]]:
        return [{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in self.variables.items()]

    def _logs(self) -> dict[str, str]:
        configured = self.project.request.get("logsConfig", {}).get("cloudWatchLogs", {})
        group = configured.get("groupName", f"/aws/codebuild/{self.project.name}")
        stream = self.id.partition(":")[2]
        link = f"https://console.aws.amazon.com/cloudwatch/home?region={REGION}#logEvent:group={group};stream={stream}"
        return {"groupName": group, "streamName": stream, "deepLink": link}
