"""Launches the FMEval job that scores a sample of a window's answers for toxicity."""

from datetime import datetime
from typing import NamedTuple

from fmops.core.artifacts import Store
from fmops.core.ids import sagemaker_name
from fmops.evaluation.job_request import JobPlaces, processing_job
from fmops.evaluation.models import Algorithm, EvaluationJob, Mode
from fmops.launches.costs import Cost, Journey
from fmops.launches.launcher import Launched, Launcher
from fmops.launches.models import Create, JobKind, Launch
from fmops.monitoring.models import WatchPlaces, WindowTask
from fmops.usecases.models import UseCase


class ToxicityDesk(NamedTuple):
    """What the launch needs beside the window."""

    store: Store
    launcher: Launcher
    bucket: str
    prefix: str
    image: str
    role_arn: str


def launch_toxicity(desk: ToxicityDesk, task: WindowTask, use_case: UseCase, now: datetime) -> Launched:
    """Launch the job over the sample that was designed, once."""
    places = WatchPlaces(desk.bucket, task.use_case, task.window.name)
    job = EvaluationJob(
        run_id=task.run_id,
        use_case=task.use_case,
        candidate_id="production",
        mode=Mode.STORED,
        metrics=(Algorithm.TOXICITY,),
        dataset_file=places.sample.key.rsplit("/", 1)[1],
    )
    desk.store.write_json(places.job, job.model_dump(mode="json"))
    evaluation = use_case.evaluation
    name = sagemaker_name(desk.prefix, "toxicity", task.run_id)
    request = processing_job(
        name,
        JobPlaces(places.config, places.sample, places.results, places.progress),
        image=desk.image,
        role_arn=desk.role_arn,
        instance_type=evaluation.instance_type,
        max_runtime_seconds=evaluation.max_runtime_seconds,
    )
    launch = Launch(
        name=name,
        kind=JobKind.PROCESSING,
        run_id=task.run_id,
        use_case=task.use_case,
        execution_arn=task.execution_arn,
        task_token=task.task_token,
        creates=(Create(operation="create_processing_job", request=request),),
        outputs={"results_uri": places.results.uri},
        journey=Journey.MONITORING,
        cost=Cost.of(evaluation.instance_type, evaluation.max_runtime_seconds),
    )
    return desk.launcher.launch(launch, now)
