"""Which candidates a run evaluates, on what, and what that costs at most: rules without I/O."""

from typing import Any, NamedTuple

from fmops.catalog.hub import HubModel
from fmops.catalog.prices import worst_case
from fmops.catalog.requests import hosted_model
from fmops.core.errors import BadInput, BudgetExceeded
from fmops.datasets import leakage
from fmops.datasets.models import Dataset, Overlap
from fmops.evaluation.champion import Champion
from fmops.evaluation.choosing import CHAMPION_ID, Chosen
from fmops.evaluation.models import Decoding
from fmops.evaluation.plans import (
    ENDPOINT_SECONDS,
    JOB_SLACK_SECONDS,
    PinnedDataset,
    Plan,
    PlannedCandidate,
    SeenInTraining,
)
from fmops.serving.models import Artifact
from fmops.usecases import models as usecases
from fmops.usecases.triggers import RunRequest


class ScoredRows(NamedTuple):
    """The rows that this run scores."""

    uri: str
    seen_in_training: list[Overlap]
    """Those that stand in the training rows, by the use case's setting."""


class Known(NamedTuple):
    """What planning has to know."""

    use_case: usecases.UseCase
    dataset: Dataset
    champion: Champion | None
    scored: ScoredRows


def plan(request: RunRequest, known: Known, chosen: list[Chosen]) -> Plan:
    """The plan of a run of these candidates.

    BadInput, LaunchRefused, NotFound where no run can be made of it; LeakageFound where training would see what is
    scored; BudgetExceeded where it may cost too much.
    """
    use_case, dataset = known.use_case, known.dataset
    planned = [_planned(candidate, use_case, model) for candidate, model in chosen]
    champion = _champion(known.champion, use_case)
    if champion:
        # The champion is one of the candidates unchanged: it is evaluated once, as the champion.
        planned = [candidate for candidate in planned if candidate.tune or candidate.artifact != champion.artifact]
    if not planned:
        raise BadInput(f"{use_case.name} has no candidate beside its champion: there is nothing to compare")
    if any(candidate.tune for candidate in planned) and not dataset.train_rows:
        raise BadInput(
            f"dataset {dataset.name} {dataset.version} has no training rows, and a candidate asks for tuning"
        )
    rows, seen = scored_rows(use_case, dataset), known.scored.seen_in_training
    if any(candidate.tune for candidate in planned):
        leakage.check(f"{dataset.name} {dataset.version}", seen, use_case.leakage, rows)
    candidates = [*_with_bases(planned), *([champion] if champion else [])]
    total = round(sum(candidate.worst_case_usd for candidate in candidates), 4)
    if total > use_case.budget.run_usd:
        raise BudgetExceeded(
            f"the run may cost {total:.2f} USD at worst, and {use_case.name} allows {use_case.budget.run_usd:.2f} USD "
            "a run: lower the time limits, choose smaller instances or raise the budget"
        )
    return Plan(
        run_id=request.run_id,
        use_case=use_case.name,
        trigger=request.trigger.model_dump(mode="json", exclude_none=True),
        dataset=PinnedDataset(
            name=dataset.name,
            version=dataset.version,
            digest=dataset.manifest_digest,
            train_uri=dataset.train_uri,
            train_rows=dataset.train_rows,
            test_uri=known.scored.uri,
            test_rows=rows,
            seen_in_training=_counted(seen, use_case),
        ),
        candidates=candidates,
        task=use_case.task,
        metrics=use_case.metrics,
        algorithms=list(use_case.algorithms),
        evaluation=use_case.evaluation,
        approval_days=use_case.approval_days,
        worst_case_usd=total,
    )


def _counted(seen: list[Overlap], use_case: usecases.UseCase) -> SeenInTraining:
    exact = sum(overlap.exact for overlap in seen)
    return SeenInTraining(exact=exact, near=len(seen) - exact, similarity=use_case.leakage.similarity)


def scored_rows(use_case: usecases.UseCase, dataset: Dataset) -> int:
    """How many of the test rows are scored."""
    most = use_case.evaluation.max_rows
    return dataset.test_rows if most is None else min(most, dataset.test_rows)


def decoding(wanted: usecases.Decoding) -> Decoding:
    """A use case's decoding in the form that the evaluation job sends. Temperature 0 is greedy."""
    sampled = wanted.temperature > 0
    return Decoding(
        max_new_tokens=wanted.max_new_tokens,
        temperature=wanted.temperature if sampled else None,
        top_p=wanted.top_p if sampled and wanted.top_p < 1 else None,
        do_sample=sampled,
        stop=tuple(wanted.stop),
    )


def _planned(candidate: usecases.Candidate, use_case: usecases.UseCase, found: HubModel) -> PlannedCandidate:
    hosted = hosted_model(found.document, found.id, candidate.instance_type, accept_eula=candidate.accept_eula)
    artifact = Artifact(
        model_id=found.id,
        model_version=found.version,
        hub_content_arn=found.arn,
        container=hosted.container,
        network_isolation=hosted.network_isolation,
        timeouts=hosted.timeouts,
        prompt_template=candidate.prompt_template,
        decoding=decoding(candidate.decoding).model_dump(mode="json"),
    )
    return PlannedCandidate(
        id=candidate.id,
        kind="fine_tuned" if candidate.tune else "base",
        instance_type=candidate.instance_type,
        artifact=artifact,
        tune=candidate.tune,
        worst_case_usd=_cost(candidate.instance_type, candidate.tune, use_case.evaluation),
    )


def _champion(champion: Champion | None, use_case: usecases.UseCase) -> PlannedCandidate | None:
    if champion is None:
        return None
    instance_type = use_case.release.instance_type
    fields: dict[str, Any] = {
        "id": CHAMPION_ID,
        "kind": champion.kind,
        "is_champion": True,
        "instance_type": instance_type,
        "artifact": champion.artifact,
        "worst_case_usd": _cost(instance_type, None, use_case.evaluation),
    }
    return PlannedCandidate.model_validate(fields)


def _with_bases(planned: list[PlannedCandidate]) -> list[PlannedCandidate]:
    """Each fine-tuned candidate knows the untuned one of the same model; the one with its own template first."""

    def base_of(candidate: PlannedCandidate) -> str | None:
        same = [
            other
            for other in planned
            if other.tune is None
            and (other.artifact.model_id, other.artifact.model_version)
            == (candidate.artifact.model_id, candidate.artifact.model_version)
        ]
        same.sort(key=lambda other: other.artifact.prompt_template != candidate.artifact.prompt_template)
        return same[0].id if same else None

    return [
        candidate.model_copy(update={"base": base_of(candidate)}) if candidate.tune else candidate
        for candidate in planned
    ]


def _cost(instance_type: str, tune: usecases.Tuning | None, evaluation: usecases.Evaluation) -> float:
    """What a candidate costs when everything runs into its time limit."""
    seconds = evaluation.max_runtime_seconds
    cost = worst_case(instance_type, ENDPOINT_SECONDS + JOB_SLACK_SECONDS + seconds)
    cost += worst_case(evaluation.instance_type, seconds)
    if tune:
        cost += worst_case(tune.instance_type, tune.max_runtime_seconds)
    return round(cost, 4)
