"""Asks the golden prompts: one FMEval job, told as the evaluation's was, but for what it asks and which rows."""

from datetime import datetime
from typing import NamedTuple

from fmops.core.artifacts import Store
from fmops.core.errors import VerificationFailed
from fmops.core.ids import GOLDEN_INFERENCE_ID, sagemaker_name
from fmops.evaluation.job_request import JobPlaces, processing_job
from fmops.evaluation.models import EvaluationJob
from fmops.evaluation.targets import EndpointTarget
from fmops.launches.costs import Cost, Journey
from fmops.launches.launcher import Launched, Launcher
from fmops.launches.models import Create, JobKind, Launch
from fmops.release import golden
from fmops.release.evaluated import Evaluated
from fmops.release.models import Release
from fmops.release.places import GoldenPlaces
from fmops.usecases.models import UseCase

_SECONDS = 3600


class Desk(NamedTuple):
    """What the launch needs beside the release."""

    store: Store
    launcher: Launcher
    prefix: str
    role_arn: str


class Asker(NamedTuple):
    """The task that waits for the job, and what is asked."""

    execution_arn: str
    task_token: str
    endpoint: str


def ask(
    desk: Desk,
    use_case: UseCase,
    release: Release,
    evaluated: Evaluated,
    places: GoldenPlaces,
    asker: Asker,
    now: datetime,
) -> Launched:
    """Write rows and request, and launch the job, once. VerificationFailed where there is nothing to ask."""
    ids = golden.choose(evaluated.answers(), use_case.release.golden_prompts, release.run_id)
    if not ids:
        raise VerificationFailed(f"the evaluation of {release.candidate} holds no answer to compare with")
    rows = evaluated.rows(ids)
    desk.store.write_json_lines(places.rows, [row.model_dump(mode="json", exclude_none=True) for row in rows])
    told = request(evaluated.job(), release, places, asker.endpoint)
    desk.store.write_json(places.job, told.model_dump(mode="json"))
    chat = isinstance(told.target, EndpointTarget) and told.target.chat
    instance_type = use_case.evaluation.instance_type
    again = (str(places.attempt),) if places.attempt else ()
    name = sagemaker_name(desk.prefix, "golden", release.release_id, places.stage, *again)
    job = processing_job(
        name,
        JobPlaces(
            config=places.config,
            dataset=places.rows,
            results=places.results,
            progress=places.progress,
            tokenizer=evaluated.tokenizer if chat else None,
        ),
        image=evaluated.image(),
        role_arn=desk.role_arn,
        instance_type=instance_type,
        max_runtime_seconds=_SECONDS,
    )
    launch = Launch(
        name=name,
        kind=JobKind.PROCESSING,
        # Not the run's: that has released all that it launched.
        run_id=release.release_id,
        use_case=release.use_case,
        execution_arn=asker.execution_arn,
        task_token=asker.task_token,
        creates=(Create(operation="create_processing_job", request=job),),
        outputs={"results_uri": places.results.uri, "attempt": str(places.attempt)},
        journey=Journey.RELEASE,
        cost=Cost.of(instance_type, _SECONDS),
    )
    return desk.launcher.launch(launch, now)


def request(evaluation: EvaluationJob, release: Release, places: GoldenPlaces, endpoint: str) -> EvaluationJob:
    """What the job is told: nothing is taken from earlier answers, and monitoring knows our prompts by their id."""
    target = evaluation.target
    if isinstance(target, EndpointTarget):
        ours = f"{GOLDEN_INFERENCE_ID}{release.release_id}"
        target = target.model_copy(update={"endpoint_name": endpoint, "inference_id": ours})
    return evaluation.model_copy(
        update={
            "run_id": release.release_id,
            "target": target,
            "asks": None,
            "dataset_file": places.rows.key.rsplit("/", 1)[1],
        }
    )
