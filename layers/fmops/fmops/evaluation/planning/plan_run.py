"""Claims a run and writes down what it will do."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from fmops.core.artifacts import Location, location
from fmops.core.errors import Duplicate, NotFound, NotReady
from fmops.datasets import store as datasets
from fmops.datasets.leakage import leaking
from fmops.datasets.models import Dataset, Overlap
from fmops.evaluation import champion, runs
from fmops.evaluation.desk import Desk, PlanRequest
from fmops.evaluation.planning.candidates import Known, ScoredRows, plan, scored_rows
from fmops.evaluation.planning.choosing import Catalogs, check, choose
from fmops.evaluation.planning.plans import ENDPOINT_SECONDS, JOB_SLACK_SECONDS, Plan, PlannedCandidate
from fmops.evaluation.planning.spend import check_month
from fmops.evaluation.turns.rules import needs, quota_names
from fmops.launches.images import Image
from fmops.serving.models import Artifact
from fmops.serving.objects import sealed
from fmops.serving.weights import must_be_safetensors
from fmops.usecases import store as usecases
from fmops.usecases.models import UseCase

FindQuotas = Callable[[Iterable[str], datetime], dict[str, float]]
FindImages = Callable[[Iterable[Image]], dict[Image, str]]


class Surroundings(NamedTuple):
    """What a plan depends on outside the stack's own data."""

    catalogs: Catalogs
    region: str
    hosts: tuple[str, ...]
    """Patterns of the hosts that an application may be asked at."""
    s3: Any = None
    """A boto3 client of S3, for the weights of packages that others registered."""
    quotas: FindQuotas = lambda _names, _now: {}
    """The account's quotas of these names, as far as they are known."""
    images: FindImages = lambda _wanted: {}
    """The URIs of the stack's own images. NotReady where one is not built yet."""


def plan_run(desk: Desk, outside: Surroundings, request: PlanRequest, now: datetime) -> dict[str, Any]:
    """What the states need of the plan; `{"outcome": "duplicate"}` where another execution has this run.

    NotFound, BadInput, LaunchRefused, BudgetExceeded where it can't be planned; NotReady where it has to wait, which
    the run's record says.
    """
    trigger = request.trigger.model_dump(mode="json", exclude_none=True)
    try:
        found = runs.claim(desk.ledger, request.run_id, request.use_case, trigger, request.execution_arn, now)
    except Duplicate:
        return {"outcome": "duplicate", "run_id": request.run_id}
    if runs.has_ended(found, now):
        # Step Functions forgets a name, and with it the ARN, after 90 days: the claim alone would let it pass.
        return {"outcome": "duplicate", "run_id": request.run_id}
    try:
        made = _known(desk, request.run_id) or _make(desk, outside, request, now)
    except NotReady as error:
        runs.held(desk.ledger, request.run_id, str(error), now)
        raise
    runs.write_plan(desk.ledger, made, desk.places(made.run_id).plan.uri, now)
    return summary(made)


def summary(made: Plan) -> dict[str, Any]:
    """The plan in the few members that states decide by; the rest is in `plan.json`."""
    return {
        "outcome": "planned",
        "run_id": made.run_id,
        "use_case": made.use_case,
        "parallel": made.evaluation.parallel_candidates,
        # 0: nobody is asked to compare answers.
        "review_seconds": made.review.days * 86400 if made.review else 0,
        "judged": made.judge is not None,
        "judging_seconds": made.evaluation.max_runtime_seconds + JOB_SLACK_SECONDS,
        "candidates": [
            {
                "id": candidate.id,
                "tune": candidate.tune is not None,
                "endpoint": candidate.needs_endpoint,
                "tuning_seconds": (candidate.tune.max_runtime_seconds if candidate.tune else 0) + JOB_SLACK_SECONDS,
                "endpoint_seconds": ENDPOINT_SECONDS,
                "evaluation_seconds": made.evaluation.max_runtime_seconds + JOB_SLACK_SECONDS,
            }
            for candidate in made.candidates
        ],
    }


def _known(desk: Desk, run_id: str) -> Plan | None:
    """The plan that an earlier try of this execution wrote: what is newest in the hub may have changed since."""
    try:
        return desk.plan(run_id)
    except NotFound:
        return None


def _make(desk: Desk, outside: Surroundings, request: PlanRequest, now: datetime) -> Plan:
    use_case = usecases.load(desk.ledger, request.use_case)
    wanted = request.trigger.dataset
    dataset = datasets.load(desk.ledger, wanted.name, wanted.version)
    reigning = champion.load(desk.ledger, use_case.name)
    choice = choose(request, use_case, reigning, outside.catalogs)
    # Before anything is refused: people want to see why.
    desk.store.write_json(desk.places(request.run_id).features, choice.matrix.model_dump(mode="json"))
    check(choice, use_case.name)
    scored = _scored(desk, request.run_id, use_case, dataset)
    known = Known(use_case, dataset, reigning, scored, outside.region, outside.hosts)
    made = plan(request, known, choice.chosen)
    quotas = outside.quotas(quota_names(made), now)
    made = made.model_copy(update={"quotas": quotas, "no_quota": [name for name, most in quotas.items() if most < 1]})
    # Says now what would be found out an hour of training later.
    needs(made)
    check_month(desk.ledger, made, use_case, now)
    # Last, so that what is wrong with the use case is told without a wait.
    images = outside.images(made.own_images)
    listed = [_listed(desk, outside.s3, one) for one in made.candidates]
    made = made.model_copy(update={"candidates": listed, "images": images})
    desk.store.write_json(desk.places(made.run_id).plan, made.model_dump(mode="json"))
    return made


def _listed(desk: Desk, s3: Any, candidate: PlannedCandidate) -> PlannedCandidate:
    """A package of somebody else's with its weights looked at and listed: what is evaluated is what is here now."""
    artifact = candidate.artifact
    if candidate.is_champion or not isinstance(artifact, Artifact) or artifact.package_arn is None:
        return candidate
    must_be_safetensors(artifact, s3)
    return candidate.model_copy(update={"artifact": sealed(artifact, desk.store, s3)})


def _scored(desk: Desk, run_id: str, use_case: UseCase, dataset: Dataset) -> ScoredRows:
    """The rows to score: the registered ones, or the first of them as a file of the run."""
    overlaps = [Overlap.model_validate(found) for found in desk.store.read_json(location(dataset.overlaps_uri))]
    wanted = scored_rows(use_case, dataset)
    if wanted == dataset.test_rows:
        place = location(dataset.test_uri)
        return ScoredRows(place.uri, leaking(overlaps, use_case.leakage), _size(desk, place))
    rows = list(islice(desk.store.read_json_lines(location(dataset.test_uri)), wanted))
    place = desk.places(run_id).test_rows
    desk.store.write_json_lines(place, rows)
    seen = leaking(overlaps, use_case.leakage, frozenset(row["id"] for row in rows))
    return ScoredRows(place.uri, seen, _size(desk, place))


def _size(desk: Desk, place: Location) -> int:
    return sum(int(found["Size"]) for found in desk.store.keys(place))
