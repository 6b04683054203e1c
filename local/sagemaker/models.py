"""Models and endpoint configurations: what an endpoint is made of."""

from typing import Any, NamedTuple, Protocol

from local.protocol import Caller, NotImplementedByEmbeddedAws
from local.sagemaker.listing import Listing
from local.sagemaker.machine import Machine
from local.sagemaker.records import Record, Records, arn, invalid

_MODELS = Listing(answer="Models", members=("ModelName", "ModelArn", "CreationTime"), name="ModelName")
_CONFIGS = Listing(
    answer="EndpointConfigs",
    members=("EndpointConfigName", "EndpointConfigArn", "CreationTime"),
    name="EndpointConfigName",
)
_UNKNOWN_IN_CONFIGS = (
    "AsyncInferenceConfig",
    "ExplainerConfig",
    "ShadowProductionVariants",
    "CrossRegionTrafficConfig",
)


class Packages(Protocol):
    """Where a model finds the container of a registered package."""

    def container_of(self, package_arn: str) -> dict[str, Any]: ...


class Servable(NamedTuple):
    """What a variant serves."""

    container: dict[str, Any]
    role: str
    isolated: bool


class Models:
    """The operations on models and endpoint configurations."""

    operations = (
        "create_model",
        "describe_model",
        "delete_model",
        "list_models",
        "create_endpoint_config",
        "describe_endpoint_config",
        "delete_endpoint_config",
        "list_endpoint_configs",
    )

    def __init__(self, machine: Machine, packages: Packages) -> None:
        self._machine = machine
        self._packages = packages
        self.records = Records(lambda name: invalid(f'Could not find model "{arn("model", name)}".'))
        self.configs = Records(
            lambda name: invalid(f'Could not find endpoint configuration "{arn("endpoint-config", name)}".')
        )

    def create_model(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        name, model_arn = request["ModelName"], arn("model", request["ModelName"])
        container = _container(request)
        if "ModelPackageName" in container:
            self._packages.container_of(container["ModelPackageName"])
        elif "Image" not in container:
            raise invalid("You must provide an image or a model package for the container definition.")
        record = self._echo(request, {"ModelArn": model_arn})
        self.records.create(name, record, invalid(f'Cannot create already existing model "{model_arn}".'))
        self._machine.tags.create(model_arn, request.get("Tags", ()))
        return {"ModelArn": model_arn}

    def describe_model(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return self.records.get(request["ModelName"])

    def delete_model(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        self._machine.tags.remove(self.records.remove(request["ModelName"])["ModelArn"])
        return {}

    def list_models(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return _MODELS.answer_to(request, self.records.all())

    def create_endpoint_config(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        name, config_arn = request["EndpointConfigName"], arn("endpoint-config", request["EndpointConfigName"])
        for member in _UNKNOWN_IN_CONFIGS:
            if request.get(member):
                raise NotImplementedByEmbeddedAws(f"{member} of an endpoint configuration")
        for variant in request["ProductionVariants"]:
            if "ModelName" not in variant or "ServerlessConfig" in variant:
                raise NotImplementedByEmbeddedAws(f"variant {variant['VariantName']}: only a model on instances")
            self.records.get(variant["ModelName"])
        record = self._echo(request, {"EndpointConfigArn": config_arn})
        taken = invalid(f'Cannot create already existing endpoint configuration "{config_arn}".')
        self.configs.create(name, record, taken)
        self._machine.tags.create(config_arn, request.get("Tags", ()))
        return {"EndpointConfigArn": config_arn}

    def describe_endpoint_config(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return self.configs.get(request["EndpointConfigName"])

    def delete_endpoint_config(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        self._machine.tags.remove(self.configs.remove(request["EndpointConfigName"])["EndpointConfigArn"])
        return {}

    def list_endpoint_configs(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return _CONFIGS.answer_to(request, self.configs.all())

    def config(self, name: str) -> Record:
        return self.configs.get(name)

    def servable(self, model_name: str) -> Servable:
        """The container behind a model, with that of its package where it names one."""
        model = self.records.get(model_name)
        container = _container(model)
        if "ModelPackageName" in container:
            package = self._packages.container_of(container["ModelPackageName"])
            environment = {**package.get("Environment", {}), **container.get("Environment", {})}
            container = {**package, "Environment": environment}
        return Servable(container, model.get("ExecutionRoleArn", ""), model.get("EnableNetworkIsolation", False))

    def _echo(self, request: dict[str, Any], members: Record) -> Record:
        echo = {member: value for member, value in request.items() if member != "Tags"}
        return {**echo, **members, "CreationTime": self._machine.clock.datetime()}


def _container(model: dict[str, Any]) -> dict[str, Any]:
    containers: list[dict[str, Any]] = [
        *([model["PrimaryContainer"]] if "PrimaryContainer" in model else []),
        *model.get("Containers", []),
    ]
    if not containers:
        raise invalid("You must provide a primary container or a list of containers.")
    if len(containers) > 1:
        raise NotImplementedByEmbeddedAws("inference pipelines (a model of several containers)")
    return containers[0]
