"""Launches the job that tunes a candidate."""

from fmops.core.artifacts import location
from fmops.core.errors import BadInput
from fmops.core.ids import sagemaker_name
from fmops.datasets.models import Row
from fmops.datasets.rendering import prompt_completion
from fmops.evaluation import runs
from fmops.evaluation.desk import CandidateTask, Yard
from fmops.evaluation.training import training_job
from fmops.launches.costs import Cost
from fmops.launches.launcher import Launched
from fmops.launches.models import Create, JobKind, Launch
from fmops.launches.options import Option, in_order, within_quota


def launch_fine_tuning(yard: Yard, task: CandidateTask) -> Launched:
    """Render the training rows and launch the job, once. BadInput where the candidate is not to be tuned."""
    desk, work = yard.desk, yard.desk.work(task)
    tune = work.candidate.tune
    if tune is None:
        raise BadInput(f"candidate {task.candidate} of {task.run_id} is not to be tuned")
    name = sagemaker_name(desk.prefix, "tune", task.run_id, task.candidate)
    rows = (Row.model_validate(row) for row in desk.store.read_json_lines(location(work.plan.dataset.train_uri)))
    rendered = prompt_completion(rows, work.candidate.artifact.prompt_template)
    desk.store.write_json_lines(work.places.training_rows, rendered)
    runs.candidate_is(desk.ledger, task.run_id, task.candidate, runs.CandidateStatus.TUNING, yard.now)

    def build(attempt: str, option: Option) -> Launch:
        request = training_job(
            attempt, work.candidate, tune, work.places, option=option, image=yard.image, role_arn=yard.role_arn
        )
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

    options = in_order((tune.instance_type, *tune.other_instance_types), spot=tune.spot)
    allowed = within_quota(JobKind.TRAINING, options, work.plan.no_quota)
    return yard.launcher.launch_on(name, allowed, build, yard.now)
