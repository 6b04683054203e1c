"""Launches the job in which a judge reads the answers of a run's candidates, when all of them have been given."""

from fmops.core.artifacts import location
from fmops.core.errors import BadInput
from fmops.core.ids import digest, sagemaker_name
from fmops.datasets.rendering import TARGET_DELIMITER
from fmops.evaluation import runs
from fmops.evaluation.desk import JudgingTask, Yard
from fmops.evaluation.job_request import JobPlaces
from fmops.evaluation.judge.models import JudgingJob, KnownPair
from fmops.evaluation.judge.prompts import Method, fingerprint
from fmops.evaluation.launching.identifying import identity
from fmops.evaluation.launching.launch_processing import Processing, launch_processing
from fmops.evaluation.models import ANSWERS_FILE, Decoding
from fmops.evaluation.planning.plans import Plan, PlannedJudge
from fmops.evaluation.remote import Remote
from fmops.evaluation.targets import Identity
from fmops.launches.launcher import Launched


def launch_judging(yard: Yard, task: JudgingTask) -> Launched:
    """Write the job's request and launch it, once. BadInput where the run has no judge."""
    desk, plan = yard.desk, yard.desk.plan(task.run_id)
    if plan.judge is None:
        raise BadInput(f"{task.run_id} has no judge")
    places = desk.places(task.run_id)
    whose = identity_of(plan.judge.asked, task.run_id)
    verdicts = places.answers(whose.fingerprint)
    # SageMaker refuses an input without objects; and whoever finds the verdicts sees whose they are.
    desk.store.write_json(verdicts.child("candidate.json"), whose.model_dump(mode="json"))
    for candidate in plan.candidates:
        # An input for each would be more than SageMaker's ten; their own prefixes hold weights as well.
        answers = places.candidate(candidate.id).results.child(ANSWERS_FILE)
        desk.store.copy(answers, places.judge.answers.child(f"{candidate.id}.jsonl"))
    desk.store.write_json(places.judge.job, job(plan, plan.judge, whose).model_dump(mode="json"))
    job_places = JobPlaces(
        config=places.judge.config,
        dataset=location(plan.dataset.test_uri),
        results=places.judge.results,
        progress=places.judge.progress,
        table=places.judged_table(runs.day(desk.ledger, task.run_id)),
        answers=verdicts,
        candidates=places.judge.answers,
    )
    job_to_launch = Processing(
        name=sagemaker_name(desk.prefix, "judge", task.run_id), places=job_places, tokens_usd=plan.judge.tokens_usd
    )
    return launch_processing(yard, task, plan, job_to_launch)


def identity_of(asked: Remote, run_id: str) -> Identity:
    """The judge's: its model and decoding, and the words by which it is asked."""
    whose = identity(asked, None, run_id)
    return whose.model_copy(update={"prompt_template": digest([asked.prompt_template, fingerprint()])})


def job(plan: Plan, judge: PlannedJudge, whose: Identity) -> JudgingJob:
    """What the job is told. BadInput where the plan's evaluation names no judge."""
    settings = plan.evaluation.judge
    if settings is None:
        raise BadInput(f"the plan of {plan.run_id} has a judge, and its evaluation names none")
    return JudgingJob.model_validate(
        {
            "run_id": plan.run_id,
            "use_case": plan.use_case,
            "method": Method(settings.method),
            "criteria": settings.criteria,
            "target": judge.asked.target,
            "prompt_template": judge.asked.prompt_template,
            "identity": whose,
            "decoding": Decoding.model_validate(judge.asked.decoding),
            "concurrency": plan.evaluation.concurrency,
            "candidates": tuple(candidate.id for candidate in plan.candidates),
            "reference": judge.reference,
            "dataset_file": plan.dataset.test_uri.rsplit("/", 1)[1],
            "target_output_delimiter": TARGET_DELIMITER,
            "sample": judge.rows,
            "probes": settings.probes,
            "known": tuple(KnownPair.model_validate(pair.model_dump()) for pair in settings.known),
            "min_accuracy": settings.min_accuracy,
        }
    )
