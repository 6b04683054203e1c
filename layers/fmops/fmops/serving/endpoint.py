"""The endpoint that an evaluation asks: launched for one candidate, gone when it is done."""

from fmops.core.ids import sagemaker_name
from fmops.launches.costs import Cost
from fmops.launches.models import Create, JobKind, Launch
from fmops.serving import requests
from fmops.serving.models import Artifact


def temporary_endpoint(
    name: str,
    artifact: Artifact,
    *,
    cost: Cost,
    role_arn: str,
    run_id: str,
    use_case: str,
    candidate: str,
    execution_arn: str,
    task_token: str,
) -> Launch:
    """Model, configuration and endpoint of one name. The waiting task hears when it is in service."""
    return Launch(
        name=name,
        kind=JobKind.ENDPOINT,
        run_id=run_id,
        use_case=use_case,
        candidate=candidate,
        execution_arn=execution_arn,
        task_token=task_token,
        creates=(
            Create(operation="create_model", request=requests.model(name, artifact, role_arn)),
            Create(
                operation="create_endpoint_config",
                request=requests.endpoint_config(name, name, cost.instance_type, artifact.timeouts),
            ),
            Create(operation="create_endpoint", request=requests.endpoint(name, name)),
        ),
        outputs={"endpoint_name": name},
        cost=cost,
    )


def endpoint_name(prefix: str, run_id: str, candidate: str) -> str:
    """The name of a candidate's endpoint, and of its model and configuration."""
    return sagemaker_name(prefix, "eval", run_id, candidate)
