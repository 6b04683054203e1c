"""A winner that AWS serves: what is approved is what a route is to name, and the next run's champion is that model."""

import functools
from typing import Any

import pytest

from fmops.core import clock, wiring
from fmops.core.errors import BadInput
from fmops.core.ledger import Key
from fmops.evaluation.remote import Remote
from fmops.evaluation.targets import BedrockTarget
from fmops.usecases import store as usecases
from tests.fakes.run import use_case
from tests.integration.evaluation.conftest import RUN, Evaluation
from tests.integration.evaluation.test_evaluation_steps import compared

NOVA = "amazon.nova-lite-v1:0"
ROUTE = {"kind": "route", "route_name": "trivia"}
CANDIDATES = [
    {"id": "nova", "kind": "bedrock", "model_id": NOVA},
    {"id": "micro", "kind": "bedrock", "model_id": "amazon.nova-micro-v1:0"},
]


class FoundationModels:
    """Bedrock's list."""

    def list_foundation_models(self) -> dict[str, Any]:
        arn = "arn:aws:bedrock:us-east-1::foundation-model/"
        ids = [candidate["model_id"] for candidate in CANDIDATES]
        return {"modelSummaries": [{"modelArn": f"{arn}{found}", "modelId": found} for found in ids]}


def nova() -> Remote:
    return Remote(
        kind="bedrock",
        model_id=NOVA,
        model_version="",
        target=BedrockTarget(model_id=NOVA, region="us-east-1"),
        prompt_template="{input}",
        decoding={"max_new_tokens": 64},
        pinned=True,
    )


def won(evaluation: Evaluation, artifact: Remote | None) -> None:
    """A run that is decided, with this winner."""
    compared(evaluation)
    if artifact:
        place = Key(f"RUN#{RUN}", "CANDIDATE#tuned")
        wiring.ledger().change(place, {"artifact": artifact.model_dump(mode="json")}, now=clock.now())


def save(**changes: Any) -> None:
    usecases.save(wiring.ledger(), use_case(**changes), clock.now())


def test_what_waits_for_approval_is_the_route_and_the_digest_of_all_it_will_name(evaluation: Evaluation) -> None:
    won(evaluation, nova())
    save(release=ROUTE)

    answer = evaluation.call("evaluation/register_winner", run_id=RUN)

    assert answer["model_package_arn"] == "ssm:/fmops/routes/trivia"
    assert answer["digest"] == nova().digest()
    assert evaluation.sagemaker.packages == []
    run = evaluation.record("RUN")
    assert (run["status"], run["model_package_arn"]) == ("awaiting_approval", "ssm:/fmops/routes/trivia")


def test_a_route_cannot_name_weights_of_ours(evaluation: Evaluation) -> None:
    won(evaluation, None)
    save(release=ROUTE)

    with pytest.raises(BadInput, match="released by the route trivia, which names models of Bedrock only"):
        evaluation.call("evaluation/register_winner", run_id=RUN)


def test_an_endpoint_cannot_serve_a_model_of_bedrock(evaluation: Evaluation) -> None:
    won(evaluation, nova())

    with pytest.raises(BadInput, match="and a model of Bedrock where the use case's release is a route"):
        evaluation.call("evaluation/register_winner", run_id=RUN)


def test_the_routed_champion_is_compared_with_the_next_candidates(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = wiring.client
    ours = functools.cache(lambda name: FoundationModels() if name == "bedrock" else others(name))
    monkeypatch.setattr(wiring, "client", ours)
    save(release=ROUTE, candidates=CANDIDATES)
    ledger, now = wiring.ledger(), clock.now()
    candidate = {"id": "nova", "kind": "base", "artifact": nova().model_dump(mode="json"), "digest": nova().digest()}
    ledger.put_once(Key("RUN#run-0", "CANDIDATE#nova"), candidate, kind="candidate", now=now)
    champion = {"run_id": "run-0", "candidate": "nova", "endpoint": ""}
    ledger.put(Key("USECASE#trivia", "CHAMPION"), champion, kind="champion", now=now)

    evaluation.plan()

    found = {record["id"]: record for record in ledger.records(f"RUN#{RUN}", "CANDIDATE#")}
    assert found["champion"]["is_champion"] is True
    assert found["champion"]["artifact"]["model_id"] == NOVA
    assert "micro" in found
