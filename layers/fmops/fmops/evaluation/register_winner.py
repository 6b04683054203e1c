"""Registers the winner of a run and leaves it waiting for a person."""

from datetime import datetime
from typing import Any

from fmops.core.errors import BadInput, ResultsUnusable
from fmops.evaluation import runs
from fmops.evaluation.desk import Desk
from fmops.serving.digest import digest
from fmops.serving.models import Artifact
from fmops.serving.objects import sealed
from fmops.serving.registry import Registry
from fmops.serving.weights import must_be_safetensors


def register_winner(desk: Desk, registry: Registry, s3: Any, run_id: str, now: datetime) -> dict[str, str]:
    """The package's ARN and the digest that the approval is for. `s3` is a boto3 client of S3.

    BadInput where the run has no winner, or one that is no model of ours to register; ResultsUnusable where its
    weights are not there.
    """
    run = desk.ledger.require(runs.key(run_id))
    winner = run["winner"]
    if not winner:
        raise BadInput(f"{run_id} has no winner to register")
    place = runs.candidate_key(run_id, winner)
    found = desk.ledger.require(place)["artifact"]
    if found["kind"] != "jumpstart":
        raise BadInput(
            f"the winner {winner} ({found['kind']} {found['model_id']}) is the best, but it has no weights "
            "that a model package could carry: only what is hosted for the evaluation can be registered and released"
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
