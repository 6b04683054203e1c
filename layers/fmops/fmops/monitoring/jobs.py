"""Launches the FMEval jobs of monitoring: one machine, the use case's instance type, paid by monitoring's budget."""

from datetime import datetime
from typing import NamedTuple

from fmops.core.artifacts import Store
from fmops.core.ids import sagemaker_name
from fmops.evaluation.job_request import JobPlaces, processing_job
from fmops.launches.costs import Cost, Journey
from fmops.launches.launcher import Launched, Launcher
from fmops.launches.models import Create, JobKind, Launch
from fmops.monitoring.models import WindowTask
from fmops.usecases.models import UseCase


class JobDesk(NamedTuple):
    """What a launch needs beside the window."""

    store: Store
    launcher: Launcher
    bucket: str
    prefix: str
    image: str
    role_arn: str

    def launch(self, what: str, task: WindowTask, use_case: UseCase, places: JobPlaces, now: datetime) -> Launched:
        """Launch a job of a window, once. `what` is a word of its name."""
        evaluation = use_case.evaluation
        name = sagemaker_name(self.prefix, what, task.run_id)
        request = processing_job(
            name,
            places,
            image=self.image,
            role_arn=self.role_arn,
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
        return self.launcher.launch(launch, now)
