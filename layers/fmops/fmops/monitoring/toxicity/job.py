"""Launches the FMEval job that scores a sample of a window's answers for toxicity."""

from datetime import datetime

from fmops.evaluation.job_request import JobPlaces
from fmops.evaluation.models import Algorithm, EvaluationJob, Mode
from fmops.launches.launcher import Launched
from fmops.monitoring.jobs import JobDesk
from fmops.monitoring.models import WatchPlaces, WindowTask
from fmops.usecases.models import UseCase


def launch_toxicity(desk: JobDesk, task: WindowTask, use_case: UseCase, now: datetime) -> Launched:
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
    given = JobPlaces(places.config, places.sample, places.results, places.progress)
    return desk.launch("toxicity", task, use_case, given, now)
