"""Launches an FMEval job of a run, on the first of the use case's instance types that has room."""

from dataclasses import dataclass

from fmops.evaluation.desk import CandidateTask, JudgingTask, Yard
from fmops.evaluation.job_request import JobPlaces, processing_job
from fmops.evaluation.planning.plans import Plan
from fmops.launches.costs import Cost
from fmops.launches.images import Image
from fmops.launches.launcher import Launched
from fmops.launches.models import Create, JobKind, Launch
from fmops.launches.options import Option, in_order, within_quota


@dataclass(frozen=True, kw_only=True)
class Processing:
    """A job to launch: its name, where its files lie, and what it may pay for tokens beside its instance."""

    name: str
    places: JobPlaces
    tokens_usd: float
    candidate: str = ""


def launch_processing(yard: Yard, task: CandidateTask | JudgingTask, plan: Plan, job: Processing) -> Launched:
    """Launch the job, once; the task is resumed when it has ended."""
    evaluation = plan.evaluation

    def build(name: str, option: Option) -> Launch:
        request = processing_job(
            name,
            job.places,
            image=plan.image(Image.EVALUATE),
            role_arn=yard.role_arn,
            instance_type=option.instance_type,
            max_runtime_seconds=evaluation.max_runtime_seconds,
        )
        return Launch(
            name=name,
            kind=JobKind.PROCESSING,
            run_id=task.run_id,
            use_case=plan.use_case,
            candidate=job.candidate,
            execution_arn=task.execution_arn,
            task_token=task.task_token,
            creates=(Create(operation="create_processing_job", request=request),),
            outputs={"results_uri": job.places.results.uri},
            cost=Cost.of(option.instance_type, evaluation.max_runtime_seconds, tokens_usd=job.tokens_usd),
        )

    options = in_order((evaluation.instance_type, *evaluation.other_instance_types))
    allowed = within_quota(JobKind.PROCESSING, options, plan.no_quota)
    return yard.launcher.launch_on(job.name, allowed, build, yard.now)
