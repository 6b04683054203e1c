"""Starts the endpoint that a candidate's evaluation asks."""

from typing import Any

from fmops.core.errors import BadInput
from fmops.evaluation import runs
from fmops.evaluation.desk import CandidateTask, Work, Yard
from fmops.evaluation.launching import known_answers, tokenizers
from fmops.evaluation.launching.identifying import identity
from fmops.evaluation.planning.plans import endpoint_seconds
from fmops.launches.costs import Cost
from fmops.launches.launcher import Launched
from fmops.launches.models import JobKind, Launch
from fmops.launches.options import Option, in_order, within_quota
from fmops.serving.endpoint import endpoint_name, temporary_endpoint
from fmops.serving.models import Artifact
from fmops.serving.weights import must_be_safetensors


def start_inference(yard: Yard, task: CandidateTask, s3: Any) -> Launched:
    """Launch model, configuration and endpoint, once. The task hears when the endpoint is in service or has failed.

    Nothing is launched where all answers are known: the task goes on without an endpoint. WeightsRefused where its
    weights are not the hub's own and not safetensors. `s3` is a boto3 client of S3.
    """
    desk, work = yard.desk, yard.desk.work(task)
    artifact, instance_type = hosted(work), work.candidate.instance_type
    if instance_type is None:
        raise BadInput(f"candidate {work.candidate.id} is not to be hosted")
    runs.candidate_is(
        desk.ledger,
        task.run_id,
        task.candidate,
        runs.CandidateStatus.STARTING,
        yard.now,
        artifact=artifact.model_dump(mode="json"),
    )
    if work.candidate.tune is None and _all_known(yard, work, artifact):
        return yard.launcher.skip(task.task_token, {"endpoint_name": None})
    # Before anything loads them.
    must_be_safetensors(artifact, s3)
    options = in_order((instance_type, *work.candidate.other_instance_types))

    def build(name: str, option: Option) -> Launch:
        return temporary_endpoint(
            name,
            artifact,
            cost=Cost.of(option.instance_type, endpoint_seconds(work.plan.evaluation)),
            role_arn=yard.role_arn,
            run_id=task.run_id,
            use_case=work.plan.use_case,
            candidate=task.candidate,
            execution_arn=task.execution_arn,
            task_token=task.task_token,
        )

    name = endpoint_name(desk.prefix, task.run_id, task.candidate)
    allowed = within_quota(JobKind.ENDPOINT, options, work.plan.no_quota)
    return yard.launcher.launch_on(name, allowed, build, yard.now)


def hosted(work: Work) -> Artifact:
    """What is hosted: the planned artifact, with the tuned weights where this run tunes it. BadInput without them."""
    if not isinstance(work.candidate.artifact, Artifact):
        raise BadInput(f"candidate {work.candidate.id} answers elsewhere: it is not hosted")
    if work.candidate.tune is None:
        return work.candidate.artifact
    if not work.task.training_job or not work.task.model_data_uri:
        raise BadInput(f"candidate {work.candidate.id} has no tuned weights yet")
    return work.candidate.artifact.tuned(work.task.training_job, work.task.model_data_uri)


def _all_known(yard: Yard, work: Work, artifact: Artifact) -> bool:
    store = yard.desk.store
    tokenizer = tokenizers.find(artifact, store)
    whose = identity(artifact, tokenizer.digest if tokenizer else None, work.plan.run_id)
    answers = yard.desk.places(work.plan.run_id).answers(whose.fingerprint)
    return known_answers.known(store, answers, known_answers.asks(work.plan))
