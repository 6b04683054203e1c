"""Candidates that answer already are asked where they are: nothing is hosted, and their price is known or refused."""

from typing import Any

import pytest

from fmops.catalog.bedrock import FoundationModel
from fmops.core.errors import BadInput, LaunchRefused, NotFound
from fmops.evaluation.costs import usd_per_1000
from fmops.evaluation.launching.identifying import identity
from fmops.evaluation.performance import Performance
from fmops.evaluation.planning.candidates import Known, ScoredRows, plan
from fmops.evaluation.planning.choosing import Catalogs, ConstraintsNotMet, check, choose
from fmops.evaluation.planning.plan_run import summary
from fmops.evaluation.planning.plans import Plan, PlannedCandidate
from fmops.evaluation.planning.remotes import allowed
from fmops.evaluation.remote import Remote
from fmops.evaluation.targets import BedrockTarget, HttpsTarget, LambdaTarget
from fmops.serving.models import Artifact
from fmops.usecases.triggers import DatasetRef, ModelRef, RunRequest, Trigger
from tests.fakes.plans import reigning
from tests.fakes.run import PROMPT, dataset, find_model, use_case

NOVA = {"id": "nova", "kind": "bedrock", "model_id": "us.amazon.nova-lite-v1:0", "prompt_template": PROMPT}
APP = {"id": "app", "kind": "application", "url": "https://app.example.com/ask"}
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:fmops-app-rag"


def foundation_model(model_id: str) -> FoundationModel:
    if model_id != "amazon.nova-lite-v1:0":
        raise NotFound(f"Bedrock has no foundation model {model_id} in this region")
    return FoundationModel(model_arn=f"arn:aws:bedrock:us-east-1::foundation-model/{model_id}", model_id=model_id)


DATASET = DatasetRef(name="trivia", version="v1")


def planned(
    *candidates: dict[str, Any],
    hosts: tuple[str, ...] = ("*.example.com",),
    model: ModelRef | None = None,
    **document: Any,
) -> Plan:
    """What is planned for a dataset, or for a model that was discovered."""
    wanted = use_case(candidates=list(candidates), **document)
    trigger = Trigger(kind="model" if model else "dataset", dataset=DATASET, model=model)
    request = RunRequest(run_id="run-1", use_case="trivia", trigger=trigger)
    choice = choose(request, wanted, None, Catalogs(find_model, foundation_model))
    check(choice, wanted.name)
    scored = ScoredRows(dataset().test_uri, [], size=1_000_000)
    return plan(request, Known(wanted, dataset(), None, scored, "us-east-1", hosts), choice.chosen)


def one(*candidates: dict[str, Any], **more: Any) -> PlannedCandidate:
    return planned(*candidates, **more).candidates[0]


def test_nothing_is_hosted_for_what_answers_already() -> None:
    made = planned(NOVA, APP, use_case().candidates[0].model_dump())

    assert [(c["id"], c["endpoint"], c["tune"]) for c in summary(made)["candidates"]] == [
        ("nova", False, False),
        ("app", False, False),
        ("base", True, False),
    ]
    assert [c.instance_type for c in made.candidates] == [None, None, "ml.g5.xlarge"]
    assert Plan.model_validate_json(made.model_dump_json()) == made


def test_bedrock_candidate_is_asked_with_its_system_prompt_and_guardrail() -> None:
    candidate = one({**NOVA, "system": "Be brief.", "guardrail": {"id": "gr1", "version": "2"}})

    assert isinstance(candidate.artifact, Remote)
    target = candidate.artifact.target
    assert isinstance(target, BedrockTarget)
    assert (target.model_id, target.system) == ("us.amazon.nova-lite-v1:0", "Be brief.")
    assert target.guardrail is not None
    assert (target.guardrail.id, target.guardrail.version) == ("gr1", "2")


def test_discovered_model_of_bedrock_is_asked_as_the_team_asks_its_own() -> None:
    model = ModelRef(id="amazon.nova-lite-v1:0", version="", source="bedrock")

    (candidate,) = planned(use_case().candidates[0].model_dump(), model=model).candidates

    assert isinstance(candidate.artifact, Remote)
    assert isinstance(candidate.artifact.target, BedrockTarget)
    assert candidate.artifact.target.model_id == "amazon.nova-lite-v1:0"
    assert candidate.artifact.prompt_template == PROMPT
    assert candidate.instance_type is None


def test_applications_are_asked_by_address_or_by_function() -> None:
    made = planned(
        {**APP, "authorization_secret": "fmops/applications/rag"},
        {"id": "function", "kind": "application", "lambda_arn": FUNCTION},
    )

    targets = [c.artifact.target for c in made.candidates if isinstance(c.artifact, Remote)]
    assert targets == [
        HttpsTarget(url=APP["url"], region="us-east-1", authorization_secret="fmops/applications/rag"),
        LambdaTarget(function_arn=FUNCTION, region="us-east-1"),
    ]


def test_host_that_the_stack_does_not_allow_is_refused() -> None:
    with pytest.raises(LaunchRefused, match=r"app\.example\.com.*ApplicationHosts names none"):
        planned(APP, hosts=())
    with pytest.raises(LaunchRefused, match=r"names \*\.example\.org"):
        planned(APP, hosts=("*.example.org",))


@pytest.mark.parametrize(
    ("url", "hosts", "may"),
    [
        ("https://a.example.com/x", ("a.example.com",), True),
        ("https://A.Example.com/x", ("*.example.com",), True),
        ("https://example.com.evil.org/", ("*.example.com", "example.com"), False),
        ("https://evil.org/?example.com", ("*example.com*",), False),
        ("https://evil.org#a.example.com", ("*.example.com",), False),
    ],
)
def test_the_allow_list_is_for_the_host_alone(url: str, hosts: tuple[str, ...], may: bool) -> None:
    assert allowed(url, hosts) is may


def test_bedrock_candidate_costs_its_tokens_at_worst() -> None:
    free = planned({**NOVA, "price": {"input": 0, "output": 0}}).worst_case_usd
    rows, template = 40, len("Question: \nAnswer:{input}")
    # Every byte pair a token, every answer at its longest, and all of it twice.
    tokens_in, tokens_out = (1_000_000 + rows * template) * 2 / 2, rows * 2 * 64

    paid = planned({**NOVA, "price": {"input": 3, "output": 15}}).worst_case_usd

    assert paid - free == pytest.approx((tokens_in * 3 + tokens_out * 15) / 1e6, abs=1e-3)


def test_robustness_asks_and_costs_more() -> None:
    robustly: dict[str, Any] = {"metrics": [{"name": "f1", "weight": 1}, {"name": "delta_f1", "limit": 0.2}]}
    nothing = {**NOVA, "price": {"input": 0, "output": 0}}

    plain, robust = planned(NOVA).worst_case_usd, planned(NOVA, **robustly).worst_case_usd

    free = planned(nothing).worst_case_usd
    assert robust - free == pytest.approx(6 * (plain - free), rel=0.01)


def test_model_whose_price_nobody_knows_is_refused_unless_the_use_case_says_it() -> None:
    unknown = {**NOVA, "model_id": "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc"}

    with pytest.raises(LaunchRefused, match=r"the price of .*provisioned-model/abc is unknown: set `price`"):
        planned(unknown)
    assert one({**unknown, "price": {"input": 1, "output": 2}}).token_price is not None


def test_model_that_bedrock_does_not_have_is_refused() -> None:
    with pytest.raises(NotFound, match=r"amazon\.nova-pro"):
        planned({**NOVA, "model_id": "amazon.nova-pro-v1:0"})


def test_conditions_hold_for_models_of_bedrock_too() -> None:
    with pytest.raises(ConstraintsNotMet, match="nova"):
        planned(NOVA, constraints={"licences": ["Apache*"]})


def test_new_model_is_asked_as_the_first_model_and_not_as_an_application() -> None:
    trigger = Trigger.model_validate(
        {
            "kind": "model",
            "dataset": {"name": "trivia", "version": "v1"},
            "model": {"id": "huggingface-llm-new", "version": "1.0.0"},
        }
    )
    request = RunRequest(run_id="run-1", use_case="trivia", trigger=trigger)

    choice = choose(request, use_case(candidates=[APP, NOVA]), None, Catalogs(find_model, foundation_model))

    assert choice.chosen[0].candidate.prompt_template == PROMPT


# -- whose answers may be used again


def fingerprint(candidate: dict[str, Any], run_id: str) -> str:
    return identity(one(candidate).artifact, None, run_id).fingerprint


@pytest.mark.parametrize(
    "candidate",
    [
        NOVA,
        {**NOVA, "guardrail": {"id": "gr1", "version": "2"}},
        {**APP, "version": "2026-01"},
        {"id": "function", "kind": "application", "lambda_arn": f"{FUNCTION}:7"},
        {"id": "mine", "kind": "endpoint", "endpoint_name": "fmops-mine", "version": "1"},
    ],
)
def test_what_cannot_change_has_one_fingerprint_in_every_run(candidate: dict[str, Any]) -> None:
    assert fingerprint(candidate, "run-1") == fingerprint(candidate, "run-2")


@pytest.mark.parametrize(
    "candidate",
    [
        {**NOVA, "guardrail": {"id": "gr1", "version": "DRAFT"}},
        {
            **NOVA,
            "model_id": "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/x",
            "price": {"input": 1, "output": 1},
        },
        APP,
        {"id": "function", "kind": "application", "lambda_arn": FUNCTION},
        {"id": "function", "kind": "application", "lambda_arn": f"{FUNCTION}:live"},
        {"id": "mine", "kind": "endpoint", "endpoint_name": "fmops-mine"},
    ],
)
def test_what_may_change_unseen_is_asked_anew_in_every_run(candidate: dict[str, Any]) -> None:
    assert fingerprint(candidate, "run-1") != fingerprint(candidate, "run-2")
    assert fingerprint(candidate, "run-1") == fingerprint(candidate, "run-1")


@pytest.mark.parametrize(
    "changes",
    [
        {"system": "Be brief."},
        {"prompt_template": "Q: {input}"},
        {"decoding": {"max_new_tokens": 9}},
        {"guardrail": {"id": "gr1", "version": "1"}},
    ],
)
def test_all_that_changes_answers_changes_the_fingerprint(changes: dict[str, Any]) -> None:
    assert fingerprint(NOVA, "run-1") != fingerprint({**NOVA, **changes}, "run-1")


def test_tuned_weights_that_nobody_listed_have_no_identity() -> None:
    hosted = one(use_case().candidates[0].model_dump()).artifact
    assert isinstance(hosted, Artifact)

    with pytest.raises(ValueError, match="not listed"):
        identity(hosted.tuned("job", "s3://b/m/"), None, "run-1")


# -- what answers cost


def measured(**changes: Any) -> Performance:
    fields: dict[str, Any] = {
        "answers": 100,
        "model_calls": 100,
        "reused": 0,
        "latency_p50_ms": 800.0,
        "latency_p95_ms": 900.0,
        "input_tokens": 200.0,
        "output_tokens": 50.0,
        "machine_ms": 100.0,
        "concurrency": 8,
        "intervened": 0,
    }
    return Performance.model_validate(fields | changes)


def test_hosted_answers_cost_their_share_of_the_instance() -> None:
    candidate = one(use_case().candidates[0].model_dump())

    # 1,000 answers of 100 ms each: 100 s of an instance for 1.408 USD an hour.
    assert usd_per_1000(candidate, measured()) == pytest.approx(1.408 * 100 / 3600, abs=1e-6)
    assert usd_per_1000(candidate, measured(machine_ms=None)) is None


def test_answers_of_bedrock_cost_their_tokens() -> None:
    candidate = one(NOVA)

    assert usd_per_1000(candidate, measured()) == pytest.approx(1000 * (200 * 0.06 + 50 * 0.24) / 1e6)
    assert usd_per_1000(candidate, measured(output_tokens=None)) is None


def test_price_of_an_application_is_what_its_owner_says_or_unknown() -> None:
    assert usd_per_1000(one(APP), measured()) is None
    assert usd_per_1000(one({**APP, "usd_per_1000_answers": 2.5}), measured()) == 2.5


# -- the champion


def test_champion_may_be_asked_where_it_serves() -> None:
    wanted = use_case(evaluation={"champion": "production"})
    champion = reigning(prompt_template="Old: {input}")
    trigger = Trigger(kind="dataset", dataset=DatasetRef(name="trivia", version="v1"))
    request = RunRequest(run_id="run-1", use_case="trivia", trigger=trigger)
    choice = choose(request, wanted, champion, Catalogs(find_model, foundation_model))

    made = plan(request, Known(wanted, dataset(), champion, ScoredRows(dataset().test_uri, [])), choice.chosen)

    serving = made.candidates[-1]
    assert (serving.is_champion, serving.live_endpoint, serving.needs_endpoint) == (True, "live", False)
    assert serving.worst_case_usd < made.candidates[0].worst_case_usd


def test_what_answers_elsewhere_is_never_hosted_by_mistake() -> None:
    from fmops.evaluation.launching.training import training_job
    from fmops.evaluation.places import RunPlaces
    from fmops.launches.options import Option
    from fmops.usecases.candidates import Tuning

    tune = Tuning(instance_type="ml.g5.xlarge")
    places = RunPlaces("b", "run-1").candidate("nova")

    with pytest.raises((BadInput, LaunchRefused), match="elsewhere"):
        training_job("n", one(NOVA), tune, places, option=Option(instance_type="ml.g5.xlarge"), image="i", role_arn="r")
