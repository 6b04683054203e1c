"""Whether every answer that a job will ask for is known, so that nothing has to be hosted for it."""

from pydantic import ValidationError

from fmops.core.artifacts import Location, Store
from fmops.core.errors import NotFound
from fmops.core.ids import digest
from fmops.evaluation.algorithms import NEEDS_PERTURBATION, Algorithm
from fmops.evaluation.models import KNOWN_FOLDER, Known
from fmops.evaluation.planning.plans import Plan


def asks(plan: Plan) -> str:
    """64 hex digits for the prompts that each candidate of a plan is asked, its own template apart."""
    perturbed = NEEDS_PERTURBATION.intersection(plan.algorithms)
    rows = [plan.dataset.name, plan.dataset.version, plan.dataset.digest, plan.dataset.test_rows]
    scoring = plan.evaluation.scoring.model_dump(mode="json") if perturbed else None
    # Stereotyping asks more of the same rows.
    more = [True] if Algorithm.PROMPT_STEREOTYPING in plan.algorithms else []
    return digest([rows, scoring, *more]).removeprefix("sha256:")


def known(store: Store, answers: Location, wanted: str) -> bool:
    """Whether an earlier job left all answers to these prompts below the candidate's prefix."""
    try:
        return Known.model_validate(store.read_json(answers.child(f"{KNOWN_FOLDER}/{wanted}.json"))).complete
    except (NotFound, ValidationError):
        return False
