"""Where jobs and models run, where the stack has a network of its own: rules without I/O."""

from typing import Any

from fmops.core.models import Ours
from fmops.launches.models import Create


class Network(Ours):
    """Subnets without a way to the internet, and what guards them."""

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]


def network(subnets: tuple[str, ...], security_groups: tuple[str, ...]) -> Network | None:
    """None where the stack has none."""
    return Network(subnets=subnets, security_groups=security_groups) if subnets else None


def placed(create: Create, network: Network | None) -> dict[str, Any]:
    """The request, in the network; network isolation stays as it was asked for."""
    if network is None:
        return create.request
    place = {"Subnets": list(network.subnets), "SecurityGroupIds": list(network.security_groups)}
    match create.operation:
        case "create_training_job" | "create_model":
            return {**create.request, "VpcConfig": place}
        case "create_processing_job":
            return {**create.request, "NetworkConfig": {**create.request.get("NetworkConfig", {}), "VpcConfig": place}}
        case _:
            return create.request
