"""The endpoint that serves production: made, changed and taken away by name, each call safe to repeat."""

from typing import Any, Literal, NamedTuple

from botocore.exceptions import ClientError

from fmops.core.errors import EndpointBusy, LaunchRefused, NotFound, QuotaReached
from fmops.core.ids import digest
from fmops.launches.models import Create
from fmops.launches.network import Network
from fmops.launches.sagemaker import SageMaker

# Nothing can be changed while SageMaker is at it.
_BUSY = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


class Live(NamedTuple):
    """An endpoint as it is now."""

    status: str
    config: str
    pending_config: str | None
    """The configuration of an update that is under way."""

    @property
    def busy(self) -> bool:
        return self.status in _BUSY

    @property
    def goal(self) -> str:
        """The configuration that it serves, or will when what is under way succeeds."""
        return self.pending_config or self.config

    @property
    def serves(self) -> bool:
        return self.status == "InService"


class LiveEndpoints:
    """Production's endpoints."""

    def __init__(self, client: Any, network: Network | None = None) -> None:
        """`client` is a boto3 client of SageMaker; models are placed in the network, where there is one."""
        self._client, self._maker = client, SageMaker(client, network)

    def find(self, name: str) -> Live | None:
        try:
            answer = self._client.describe_endpoint(EndpointName=name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationException":
                return None
            raise
        pending = answer.get("PendingDeploymentSummary", {}).get("EndpointConfigName")
        return Live(answer["EndpointStatus"], answer["EndpointConfigName"], pending)

    def prepare(self, model: dict[str, Any], config: dict[str, Any], tags: dict[str, str]) -> None:
        """Make a model and a configuration (their requests), or adopt those of the same names and content."""
        creates = [
            Create(operation="create_model", request=model),
            Create(operation="create_endpoint_config", request=config),
        ]
        specification = digest([create.model_dump(mode="json") for create in creates])
        for create in creates:
            self._maker.create_once(create, specification, tags)

    def must_have(self, config: str) -> None:
        """NotFound where there is no such configuration (any more)."""
        try:
            self._client.describe_endpoint_config(EndpointConfigName=config)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationException":
                raise NotFound(f"the endpoint configuration {config} is gone") from error
            raise

    def switch(
        self, name: str, config: str, tags: dict[str, str], deployment: dict[str, Any] | None = None
    ) -> Literal["created", "updating", "there"]:
        """Have the endpoint serve a configuration. EndpointBusy while it is being changed to another.

        `deployment` is UpdateEndpoint's DeploymentConfig; without one all traffic goes over at once.
        """
        found = self.find(name)
        if found is None:
            listed = [{"Key": key, "Value": value} for key, value in tags.items()]
            self._call("create_endpoint", name, {"EndpointName": name, "EndpointConfigName": config, "Tags": listed})
            return "created"
        if found.goal == config and found.status not in ("Failed", "Deleting"):
            return "there"
        if found.busy:
            raise EndpointBusy(f"{name} is {found.status}")
        if found.status == "Failed":
            # An endpoint whose creation failed can't be updated, only made again.
            self.remove(name)
            raise EndpointBusy(f"{name} had failed and is deleted first")
        how = {"DeploymentConfig": deployment} if deployment else {}
        self._call("update_endpoint", name, {"EndpointName": name, "EndpointConfigName": config, **how})
        return "updating"

    def remove(self, name: str) -> None:
        """Delete an endpoint; nothing where there is none. EndpointBusy while it can't be deleted."""
        found = self.find(name)
        if found is None or found.status == "Deleting":
            return
        self._call("delete_endpoint", name, {"EndpointName": name})

    def retire(self, config: str, model: str) -> None:
        """Delete a configuration and a model that serve nowhere; nothing where there are none."""
        self._maker.delete("create_endpoint_config", config)
        self._maker.delete("create_model", model)

    def _call(self, operation: str, name: str, request: dict[str, Any]) -> None:
        try:
            getattr(self._client, operation)(**request)
        except ClientError as error:
            code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
            if code == "ResourceLimitExceeded":
                raise QuotaReached(f"{name}: {message}") from error
            if code in ("ValidationException", "ResourceInUse"):
                found = self.find(name)
                if found and found.busy:
                    raise EndpointBusy(f"{name} is {found.status}") from error
                raise LaunchRefused(f"{name}: {message}") from error
            raise
