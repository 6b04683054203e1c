"""Launches the FMEval job of a candidate."""

from fmops.catalog.prices import worst_case
from fmops.core.artifacts import location
from fmops.core.errors import BadInput
from fmops.core.ids import sagemaker_name
from fmops.datasets.rendering import TARGET_DELIMITER
from fmops.evaluation import runs
from fmops.evaluation.desk import CandidateTask, Work, Yard
from fmops.evaluation.job_request import JobPlaces, processing_job
from fmops.evaluation.models import Algorithm, EndpointTarget, EvaluationJob
from fmops.launches.launcher import Launched
from fmops.launches.models import Create, JobKind, Launch


def launch_evaluation(yard: Yard, task: CandidateTask, region: str) -> Launched:
    """Write the job's request and launch it, once. BadInput where there is no endpoint to ask."""
    desk, work = yard.desk, yard.desk.work(task)
    evaluation, places = work.plan.evaluation, work.places
    desk.store.write_json(places.job, job(work, region).model_dump(mode="json"))
    runs.candidate_is(
        desk.ledger,
        task.run_id,
        task.candidate,
        runs.CandidateStatus.SCORING,
        yard.now,
        results_uri=places.results.uri,
    )
    name = sagemaker_name(desk.prefix, "score", task.run_id, task.candidate)
    request = processing_job(
        name,
        JobPlaces(places.config, location(work.plan.dataset.test_uri), places.results, places.progress),
        image=yard.image,
        role_arn=yard.role_arn,
        instance_type=evaluation.instance_type,
        max_runtime_seconds=evaluation.max_runtime_seconds,
    )
    launch = Launch(
        name=name,
        kind=JobKind.PROCESSING,
        run_id=task.run_id,
        use_case=work.plan.use_case,
        candidate=task.candidate,
        execution_arn=task.execution_arn,
        task_token=task.task_token,
        creates=(Create(operation="create_processing_job", request=request),),
        outputs={"results_uri": places.results.uri},
        worst_case_usd=worst_case(evaluation.instance_type, evaluation.max_runtime_seconds),
    )
    return yard.launcher.launch(launch, yard.now)


def job(work: Work, region: str) -> EvaluationJob:
    """What the job is told."""
    if work.task.endpoint_name is None:
        raise BadInput(f"candidate {work.candidate.id} has no endpoint to ask")
    return EvaluationJob(
        run_id=work.plan.run_id,
        use_case=work.plan.use_case,
        candidate_id=work.candidate.id,
        target=EndpointTarget(endpoint_name=work.task.endpoint_name, region=region),
        task=work.plan.task,
        prompt_template=work.candidate.artifact.prompt_template,
        decoding=work.candidate.decoding,
        metrics=tuple(Algorithm(name) for name in work.plan.algorithms),
        dataset_file=work.plan.dataset.test_uri.rsplit("/", 1)[1],
        concurrency=work.plan.evaluation.concurrency,
        target_output_delimiter=TARGET_DELIMITER,
    )
