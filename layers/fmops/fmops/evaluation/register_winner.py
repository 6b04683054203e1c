"""Registers the winner of a run and leaves it waiting for a person."""

from datetime import datetime
from typing import Any

from fmops.core.errors import BadInput, ResultsUnusable
from fmops.core.ids import route_uri
from fmops.evaluation import runs
from fmops.evaluation.desk import Desk
from fmops.evaluation.remote import Remote
from fmops.serving.digest import digest
from fmops.serving.models import Artifact
from fmops.serving.objects import sealed
from fmops.serving.registry import Registry
from fmops.serving.weights import must_be_safetensors
from fmops.usecases.releasing import RouteTarget
from fmops.usecases.store import load


def register_winner(desk: Desk, registry: Registry, s3: Any, stack: str, run_id: str, now: datetime) -> dict[str, str]:
    """The package's ARN (or the route's URI) and the digest that the approval is for. `s3` is a boto3 client of S3.

    BadInput where the run has no winner, or one that is no model of ours to register; ResultsUnusable where its
    weights are not there.
    """
    run = desk.ledger.require(runs.key(run_id))
    winner = run["winner"]
    if not winner:
        raise BadInput(f"{run_id} has no winner to register")
    place = runs.candidate_key(run_id, winner)
    found = desk.ledger.require(place)["artifact"]
    target = load(desk.ledger, run["use_case"]).release
    if found["kind"] == "bedrock" and isinstance(target, RouteTarget):
        return _for_route(desk, run_id, winner, Remote.model_validate(found), route_uri(stack, target.route_name), now)
    if found["kind"] != "jumpstart":
        raise BadInput(
            f"the winner {winner} ({found['kind']} {found['model_id']}) is the best, but it has no weights "
            "that a model package could carry: only what is hosted for the evaluation can be registered and released, "
            "and a model of Bedrock where the use case's release is a route"
        )
    if isinstance(target, RouteTarget):
        raise BadInput(
            f"the winner {winner} is the best, but {run['use_case']} is released by the {target.where}, which names "
            "models of Bedrock only: give it an endpoint as its release, or candidates of Bedrock alone"
        )
    evaluated = Artifact.model_validate(found)
    artifact = sealed(evaluated, desk.store, s3)
    must_be_safetensors(artifact, s3)
    if evaluated.package_arn and evaluated.objects != artifact.objects:
        raise ResultsUnusable(f"the weights of {evaluated.package_arn} were changed while they were evaluated")
    stamp = digest(artifact)
    # The artifact with its objects and the digest of it go down together, before the package can be seen.
    desk.ledger.change(place, {"artifact": artifact.model_dump(mode="json"), "digest": stamp}, now=now)
    arn = registry.register(
        artifact,
        stamp,
        run_id=run_id,
        use_case=run["use_case"],
        candidate=winner,
        report_uri=desk.places(run_id).report.uri,
        now=now,
    )
    runs.awaiting_approval(desk.ledger, run_id, arn, now)
    return {"model_package_arn": arn, "digest": stamp, "candidate": winner}


def _for_route(desk: Desk, run_id: str, winner: str, artifact: Remote, uri: str, now: datetime) -> dict[str, str]:
    """There is nothing to register: AWS serves the model. What is approved is the route's next target."""
    stamp = artifact.digest()
    desk.ledger.change(runs.candidate_key(run_id, winner), {"digest": stamp}, now=now)
    runs.awaiting_approval(desk.ledger, run_id, uri, now)
    return {"model_package_arn": uri, "digest": stamp, "candidate": winner}
