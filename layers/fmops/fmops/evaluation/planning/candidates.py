"""Which candidates a run evaluates, on what, and what that costs at most: rules without I/O."""

from typing import NamedTuple

from fmops.catalog.hub import HubModel
from fmops.catalog.requests import hosted_model
from fmops.core.errors import BadInput, BudgetExceeded
from fmops.datasets import leakage
from fmops.datasets.models import Dataset, Overlap
from fmops.evaluation.champion import Champion
from fmops.evaluation.costs import price_of, worst_hosted, worst_tokens
from fmops.evaluation.launching.jumpstart_training import trainers
from fmops.evaluation.launching.sending import decoding
from fmops.evaluation.planning.choosing import CHAMPION_ID, Chosen
from fmops.evaluation.planning.judge import Rows, plan_judge
from fmops.evaluation.planning.packages import PackageCandidate
from fmops.evaluation.planning.plans import EVALUATION_ATTEMPTS, PinnedDataset, Plan, PlannedCandidate, SeenInTraining
from fmops.evaluation.planning.remotes import remote
from fmops.evaluation.remote import Remote
from fmops.evaluation.targets import BedrockTarget
from fmops.serving.models import Artifact
from fmops.usecases import models as usecases
from fmops.usecases.candidates import BedrockCandidate, JumpStartCandidate, TokenPrice
from fmops.usecases.releasing import EndpointTarget
from fmops.usecases.triggers import RunRequest


class ScoredRows(NamedTuple):
    """The rows that this run scores."""

    uri: str
    seen_in_training: list[Overlap]
    """Those that stand in the training rows, by the use case's setting."""
    size: int = 0
    """In bytes."""


class Known(NamedTuple):
    """What planning has to know."""

    use_case: usecases.UseCase
    dataset: Dataset
    champion: Champion | None
    scored: ScoredRows
    region: str = "us-east-1"
    hosts: tuple[str, ...] = ()
    """Patterns of the hosts that an application may be asked at."""


def plan(request: RunRequest, known: Known, chosen: list[Chosen]) -> Plan:
    """The plan of a run of these candidates.

    BadInput, LaunchRefused, NotFound where no run can be made of it; LeakageFound where training would see what is
    scored; BudgetExceeded where it may cost too much.
    """
    use_case, dataset = known.use_case, known.dataset
    planned = [_planned(one, known) for one in chosen]
    champion = _champion(known.champion, known)
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
    judge = plan_judge(use_case.evaluation, candidates, Rows(rows, known.scored.size), known.region)
    judging = judge.worst_case_usd if judge else 0.0
    total = round(sum(candidate.worst_case_usd for candidate in candidates) + judging, 4)
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
        review=use_case.review,
        worst_case_usd=total,
        judge=judge,
    )


def _counted(seen: list[Overlap], use_case: usecases.UseCase) -> SeenInTraining:
    exact = sum(overlap.exact for overlap in seen)
    return SeenInTraining(exact=exact, near=len(seen) - exact, similarity=use_case.leakage.similarity)


def scored_rows(use_case: usecases.UseCase, dataset: Dataset) -> int:
    """How many of the test rows are scored."""
    most = use_case.evaluation.max_rows
    return dataset.test_rows if most is None else min(most, dataset.test_rows)


def _planned(one: Chosen, known: Known) -> PlannedCandidate:
    candidate, use_case = one.candidate, known.use_case
    if isinstance(candidate, JumpStartCandidate):
        if one.model is None:
            raise BadInput(f"the hub has no document of {candidate.model_id}")
        return _hosted(candidate, use_case, one.model)
    if isinstance(candidate, PackageCandidate):
        return _of_package(candidate, use_case)
    asked = remote(candidate, known.region, known.hosts)
    cost = worst_hosted((), None, use_case.evaluation)
    price = price_of(candidate) if isinstance(candidate, BedrockCandidate) else None
    tokens = _tokens(price, asked, known) if price else 0.0
    return PlannedCandidate(
        id=candidate.id,
        kind="base",
        instance_type=None,
        artifact=asked,
        token_price=price,
        usd_per_1000_answers=None if isinstance(candidate, BedrockCandidate) else candidate.usd_per_1000_answers,
        # Reserved with each attempt of the job.
        tokens_usd=round(tokens / EVALUATION_ATTEMPTS, 6),
        worst_case_usd=round(cost + tokens, 4),
    )


def _hosted(candidate: JumpStartCandidate, use_case: usecases.UseCase, found: HubModel) -> PlannedCandidate:
    hosted = hosted_model(found.document, found.id, candidate.instance_type, accept_eula=candidate.accept_eula)
    for other in candidate.other_instance_types:
        # What is evaluated must be the same wherever an instance is found.
        if hosted_model(found.document, found.id, other, accept_eula=candidate.accept_eula) != hosted:
            raise BadInput(
                f"{found.id} needs another container on {other} than on {candidate.instance_type}: name it as a "
                f"candidate of its own, not among the other_instance_types of {candidate.id}"
            )
    artifact = Artifact(
        model_id=found.id,
        model_version=found.version,
        hub_content_arn=found.arn,
        container=hosted.container,
        network_isolation=hosted.network_isolation,
        timeouts=hosted.timeouts,
        prompt_template=candidate.prompt_template,
        decoding=decoding(candidate.decoding).model_dump(mode="json"),
        chat=candidate.chat,
        system=candidate.system,
    )
    return PlannedCandidate(
        id=candidate.id,
        kind="fine_tuned" if candidate.tune else "base",
        instance_type=candidate.instance_type,
        other_instance_types=list(candidate.other_instance_types),
        artifact=artifact,
        tune=candidate.tune,
        trainers=trainers(found.document, found.id, candidate.tune, accept_eula=candidate.accept_eula),
        worst_case_usd=worst_hosted(
            (candidate.instance_type, *candidate.other_instance_types), candidate.tune, use_case.evaluation
        ),
    )


def _of_package(candidate: PackageCandidate, use_case: usecases.UseCase) -> PlannedCandidate:
    package = candidate.package
    artifact = Artifact(
        model_id=package.arn.rpartition(":")[2],
        model_version=str(package.version),
        hub_content_arn=package.arn,
        container=package.container,
        # What strangers registered gets no way out.
        network_isolation=True,
        timeouts={},
        prompt_template=candidate.prompt_template,
        decoding=decoding(candidate.decoding).model_dump(mode="json"),
        package_arn=package.arn,
    )
    return PlannedCandidate(
        id=candidate.id,
        kind="base",
        instance_type=candidate.instance_type,
        artifact=artifact,
        worst_case_usd=worst_hosted((candidate.instance_type,), None, use_case.evaluation),
    )


def _tokens(price: TokenPrice, asked: Remote, known: Known) -> float:
    """What the tokens cost at worst; robustness asks each row again and again."""
    evaluation, rows = known.use_case.evaluation, scored_rows(known.use_case, known.dataset)
    perturbed = any(name.endswith("semantic_robustness") for name in known.use_case.algorithms)
    times = EVALUATION_ATTEMPTS * (1 + (evaluation.scoring.perturbations if perturbed else 0))
    system = asked.target.system if isinstance(asked.target, BedrockTarget) else None
    fixed = len((asked.prompt_template + (system or "")).encode()) * rows
    return worst_tokens(
        price,
        prompt_bytes=(known.scored.size + fixed) * times,
        answers=rows * times,
        max_new_tokens=int(asked.decoding["max_new_tokens"]),
    )


def _champion(champion: Champion | None, known: Known) -> PlannedCandidate | None:
    if champion is None:
        return None
    use_case, fields = known.use_case, {"id": CHAMPION_ID, "is_champion": True, "artifact": champion.artifact}
    if isinstance(champion.artifact, Remote):
        price = _price_of_route(champion.artifact, use_case)
        tokens = _tokens(price, champion.artifact, known)
        fields |= {
            "kind": "base",
            "instance_type": None,
            "token_price": price,
            "tokens_usd": round(tokens / EVALUATION_ATTEMPTS, 6),
            "worst_case_usd": round(worst_hosted((), None, use_case.evaluation) + tokens, 4),
        }
        return PlannedCandidate.model_validate(fields)
    if not isinstance(use_case.release, EndpointTarget):
        raise BadInput(f"the champion of {use_case.name} is hosted, and {use_case.release.where} can't serve it")
    instance_type: str = use_case.release.instance_type
    live = champion.endpoint if use_case.evaluation.champion == "production" else None
    fields |= {
        "kind": champion.kind,
        "instance_type": instance_type,
        "live_endpoint": live,
        "worst_case_usd": worst_hosted(() if live else (instance_type,), None, use_case.evaluation),
    }
    return PlannedCandidate.model_validate(fields)


def _price_of_route(artifact: Remote, use_case: usecases.UseCase) -> TokenPrice:
    """What the use case says of this model, else the list's."""
    said = [
        one for one in use_case.candidates if isinstance(one, BedrockCandidate) and one.model_id == artifact.model_id
    ]
    return price_of(said[0] if said else BedrockCandidate(id=CHAMPION_ID, kind="bedrock", model_id=artifact.model_id))


def _with_bases(planned: list[PlannedCandidate]) -> list[PlannedCandidate]:
    """Each fine-tuned candidate knows the untuned one of the same model; the one with its own template first."""

    def base_of(candidate: PlannedCandidate) -> str | None:
        same = [
            other
            for other in planned
            if other.tune is None
            and isinstance(other.artifact, Artifact)
            and (other.artifact.model_id, other.artifact.model_version)
            == (candidate.artifact.model_id, candidate.artifact.model_version)
        ]
        same.sort(key=lambda other: other.artifact.prompt_template != candidate.artifact.prompt_template)
        return same[0].id if same else None

    return [
        candidate.model_copy(update={"base": base_of(candidate)}) if candidate.tune else candidate
        for candidate in planned
    ]
