"""Launches the FMEval job of a candidate."""

from typing import Any

from fmops.core.artifacts import location
from fmops.core.errors import BadInput, LaunchRefused
from fmops.core.ids import GOLDEN_INFERENCE_ID, sagemaker_name
from fmops.datasets.rendering import TARGET_DELIMITER
from fmops.evaluation import runs
from fmops.evaluation.algorithms import Scoring
from fmops.evaluation.desk import CandidateTask, Desk, Work, Yard
from fmops.evaluation.job_request import JobPlaces
from fmops.evaluation.launching import known_answers, tokenizers
from fmops.evaluation.launching.identifying import identity
from fmops.evaluation.launching.launch_processing import Processing, launch_processing
from fmops.evaluation.launching.tokenizers import TokenizerFiles
from fmops.evaluation.models import Algorithm, EvaluationJob
from fmops.evaluation.planning.plans import Plan
from fmops.evaluation.remote import Remote
from fmops.evaluation.targets import EndpointTarget, Identity, Target
from fmops.launches.launcher import Launched
from fmops.serving.models import Artifact
from fmops.serving.objects import sealed
from fmops.usecases.metrics import BY_BERTSCORE


def launch_evaluation(yard: Yard, task: CandidateTask, region: str, s3: Any) -> Launched:
    """Write the job's request and launch it, once. `s3` is a boto3 client of S3.

    BadInput where there is no endpoint to ask; LaunchRefused where a chat model's tokenizer can't be read.
    """
    desk, work = yard.desk, yard.desk.work(task)
    places = work.places
    artifact = _artifact(desk, work, s3)
    tokenizer = tokenizers.find(artifact, desk.store) if isinstance(artifact, Artifact) else None
    whose = identity(artifact, tokenizer.digest if tokenizer else None, task.run_id)
    answers = desk.places(task.run_id).answers(whose.fingerprint)
    # SageMaker refuses an input without objects; and whoever finds the answers sees whose they are.
    desk.store.write_json(answers.child("candidate.json"), whose.model_dump(mode="json"))
    if tokenizer:
        desk.store.write_json(places.tokenizer, tokenizer.manifest())
    asks = known_answers.asks(work.plan)
    nobody = known_answers.known(desk.store, answers, asks)
    told = job(work, target(work, artifact, region, tokenizer, all_known=nobody), whose, asks)
    desk.store.write_json(places.job, told.model_dump(mode="json"))
    runs.candidate_is(
        desk.ledger,
        task.run_id,
        task.candidate,
        runs.CandidateStatus.SCORING,
        yard.now,
        results_uri=places.results.uri,
        answers_uri=answers.uri,
        fingerprint=whose.fingerprint,
    )
    job_places = JobPlaces(
        config=places.config,
        dataset=location(work.plan.dataset.test_uri),
        results=places.results,
        progress=places.progress,
        table=desk.places(task.run_id).table(task.candidate, runs.day(desk.ledger, task.run_id)),
        answers=answers,
        tokenizer=places.tokenizer if tokenizer else None,
    )

    job_to_launch = Processing(
        name=sagemaker_name(desk.prefix, "score", task.run_id, task.candidate),
        places=job_places,
        tokens_usd=work.candidate.tokens_usd,
        candidate=task.candidate,
    )
    return launch_processing(yard, task, work.plan, job_to_launch)


def target(
    work: Work, artifact: Artifact | Remote, region: str, tokenizer: TokenizerFiles | None, *, all_known: bool
) -> Target:
    """What is asked. BadInput where it should be hosted and is not; LaunchRefused where its chat can't be rendered."""
    candidate = work.candidate
    if isinstance(artifact, Remote):
        return artifact.target
    if artifact.chat and tokenizer is None:
        raise LaunchRefused(
            f"candidate {candidate.id} is to be asked by chat, and the tokenizer of {artifact.model_id} can't be read: "
            "gated models and archives need their chat format in the prompt template"
        )
    chat = {"region": region, "chat": artifact.chat, "system": artifact.system}
    if candidate.live_endpoint is not None:
        ours = f"{GOLDEN_INFERENCE_ID}{work.plan.run_id}"
        return EndpointTarget.model_validate({**chat, "endpoint_name": candidate.live_endpoint, "inference_id": ours})
    if work.task.endpoint_name is None and not all_known:
        raise BadInput(f"candidate {candidate.id} has no endpoint to ask")
    return EndpointTarget.model_validate({**chat, "endpoint_name": work.task.endpoint_name})


def job(work: Work, asked: Target, whose: Identity, asks: str) -> EvaluationJob:
    """What the job is told."""
    return EvaluationJob(
        run_id=work.plan.run_id,
        use_case=work.plan.use_case,
        candidate_id=work.candidate.id,
        target=asked,
        identity=whose,
        asks=asks,
        task=work.plan.task,
        prompt_template=work.candidate.artifact.prompt_template,
        decoding=work.candidate.decoding,
        metrics=tuple(Algorithm(name) for name in work.plan.algorithms),
        dataset_file=work.plan.dataset.test_uri.rsplit("/", 1)[1],
        concurrency=work.plan.evaluation.concurrency,
        target_output_delimiter=TARGET_DELIMITER,
        scoring=scoring(work.plan),
    )


def _artifact(desk: Desk, work: Work, s3: Any) -> Artifact | Remote:
    """What answers: as planned; with its objects listed where this run tuned it, as StartInference wrote it down."""
    planned = work.candidate.artifact
    if isinstance(planned, Remote) or work.candidate.tune is None:
        return planned
    record = desk.ledger.require(runs.candidate_key(work.plan.run_id, work.candidate.id))
    return sealed(Artifact.model_validate(record["artifact"]), desk.store, s3)


def scoring(plan: Plan) -> Scoring:
    """How the use case sets up FMEval's algorithms; BERTScore is off where no rule needs it."""
    wanted = plan.evaluation.scoring.model_dump()
    if not BY_BERTSCORE.intersection(rule.name for rule in plan.metrics):
        wanted["bertscore"] = None
    return Scoring.model_validate(wanted)
