"""Launches the job that tunes a candidate."""

from typing import Any

from fmops.core.artifacts import location
from fmops.core.errors import BadInput
from fmops.core.ids import sagemaker_name
from fmops.datasets.models import Row
from fmops.datasets.rendering import jumpstart_instructions, jumpstart_template, prompt_completion
from fmops.evaluation import runs
from fmops.evaluation.desk import CandidateTask, Desk, Work, Yard
from fmops.evaluation.launching.jumpstart_training import jumpstart_training_job
from fmops.evaluation.launching.training import training_job
from fmops.launches.costs import Cost
from fmops.launches.images import Image
from fmops.launches.launcher import Launched
from fmops.launches.models import Create, JobKind, Launch
from fmops.launches.options import Option, in_order, within_quota
from fmops.usecases.candidates import Tuning


def launch_fine_tuning(yard: Yard, task: CandidateTask) -> Launched:
    """Render the training rows and launch the job, once. BadInput where the candidate is not to be tuned."""
    desk, work = yard.desk, yard.desk.work(task)
    tune = work.candidate.tune
    if tune is None:
        raise BadInput(f"candidate {task.candidate} of {task.run_id} is not to be tuned")
    name = sagemaker_name(desk.prefix, "tune", task.run_id, task.candidate)
    _render(desk, work)
    runs.candidate_is(desk.ledger, task.run_id, task.candidate, runs.CandidateStatus.TUNING, yard.now)

    def build(attempt: str, option: Option) -> Launch:
        request = _request(attempt, work, tune, option, yard)
        return Launch(
            name=attempt,
            kind=JobKind.TRAINING,
            run_id=task.run_id,
            use_case=work.plan.use_case,
            candidate=task.candidate,
            execution_arn=task.execution_arn,
            task_token=task.task_token,
            creates=(Create(operation="create_training_job", request=request),),
            cost=Cost.of(option.instance_type, tune.max_runtime_seconds, spot=option.spot),
        )

    # Whether JumpStart's trainers go on after an interruption, their documents do not say.
    spot = tune.spot and not work.candidate.trainers
    options = in_order((tune.instance_type, *tune.other_instance_types), spot=spot)
    allowed = within_quota(JobKind.TRAINING, options, work.plan.no_quota)
    return yard.launcher.launch_on(name, allowed, build, yard.now)


def _render(desk: Desk, work: Work) -> None:
    """Write the training rows as the trainer reads them."""
    rows = (Row.model_validate(row) for row in desk.store.read_json_lines(location(work.plan.dataset.train_uri)))
    template = work.candidate.artifact.prompt_template
    if work.candidate.trainers:
        desk.store.write_json_lines(work.places.training_rows, jumpstart_instructions(rows))
        desk.store.write_json(work.places.training_template, jumpstart_template(template))
    else:
        desk.store.write_json_lines(work.places.training_rows, prompt_completion(rows, template))


def _request(name: str, work: Work, tune: Tuning, option: Option, yard: Yard) -> dict[str, Any]:
    trained_by = work.candidate.trainers.get(option.instance_type)
    if trained_by is None:
        image = work.plan.image(Image.FINE_TUNE)
        return training_job(name, work.candidate, tune, work.places, option=option, image=image, role_arn=yard.role_arn)
    return jumpstart_training_job(
        name,
        trained_by,
        tune,
        work.places,
        instance_type=option.instance_type,
        role_arn=yard.role_arn,
        region=yard.region,
    )
