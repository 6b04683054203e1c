"""Launches the FMEval job that asks what serves the probe's prompts, as the evaluation asked it, and scores it."""

from datetime import datetime

from fmops.core.artifacts import Location, location
from fmops.core.errors import WindowUnusable
from fmops.core.ids import GOLDEN_INFERENCE_ID
from fmops.core.ledger import Ledger
from fmops.evaluation.job_request import JobPlaces
from fmops.evaluation.models import Algorithm, EvaluationJob
from fmops.evaluation.targets import EndpointTarget
from fmops.launches.launcher import Launched
from fmops.monitoring import records
from fmops.monitoring.jobs import JobDesk
from fmops.monitoring.models import Target, WindowTask
from fmops.monitoring.probe.models import ProbePlaces, mark
from fmops.monitoring.probe.prompts import rows
from fmops.usecases.models import UseCase


def launch_probe(desk: JobDesk, ledger: Ledger, task: WindowTask, use_case: UseCase, now: datetime) -> Launched:
    """Launch the job, once. WindowUnusable where what serves can't be asked so: it has no endpoint of ours."""
    target = records.target(ledger, task.use_case)
    mark(ledger, task, target, now)
    places, evaluated = ProbePlaces(desk.bucket, task.use_case, task.window.name), _candidate(target)
    told = EvaluationJob.model_validate(desk.store.read_json(evaluated.child("config/job.json")))
    asked = _request(told, target, task, places)
    desk.store.write_json(places.folder.job, asked.model_dump(mode="json"))
    desk.store.write_json_lines(places.rows, [row.model_dump(mode="json", exclude_none=True) for row in rows()])
    chat = isinstance(asked.target, EndpointTarget) and asked.target.chat
    given = JobPlaces(
        places.folder.config,
        places.rows,
        places.folder.results,
        places.folder.progress,
        tokenizer=evaluated.child("tokenizer.manifest") if chat else None,
    )
    return desk.launch("probe", task, use_case, given, now)


def _candidate(target: Target) -> Location:
    """The root of the champion's files in its run: its answers lie below `results/`."""
    answers = location(target.answers_uri)
    return Location(answers.bucket, answers.key.rpartition("/results/")[0])


def _request(evaluation: EvaluationJob, target: Target, task: WindowTask, places: ProbePlaces) -> EvaluationJob:
    """As the evaluation's, of the endpoint that serves; monitoring knows our prompts by their inference id."""
    if not isinstance(evaluation.target, EndpointTarget):
        raise WindowUnusable(f"{target.release_id} is not asked at an endpoint of ours, so it can't be probed")
    ours = f"{GOLDEN_INFERENCE_ID}{target.release_id}"
    return evaluation.model_copy(
        update={
            "run_id": task.run_id,
            "target": evaluation.target.model_copy(update={"endpoint_name": target.endpoint, "inference_id": ours}),
            "asks": None,
            # Production's users must not feel it.
            "concurrency": 2,
            "task": "open_ended",
            "metrics": (Algorithm.TOXICITY,),
            "dataset_file": places.rows.key.rsplit("/", 1)[1],
        }
    )
