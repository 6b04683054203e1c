"""What the doctor finds, and what it says to do."""

from dataclasses import replace
from typing import Any

import pytest

from fmops.launches.images import Image
from fmops.links.people import approver_id
from fmops.usecases.models import UseCase
from fmops_cli.doctor.checks import Finding, Level, findings, quota_names
from fmops_cli.doctor.facts import Facts
from fmops_cli.images import Built
from tests.fakes.run import MODEL, use_case

CASE = use_case()
HEALTHY = Facts(
    images=[Built(image, f"{image}@sha256:1", None) for image in Image],
    use_cases=[CASE],
    confirmed={approver_id(address) for address in CASE.approvers},
    operators=[True],
    quotas={"ml.g5.xlarge for endpoint usage": 2.0},
    gated={MODEL: False},
    committed={CASE.name: 0.0},
)


def about(found: Facts, what: str) -> list[Finding]:
    return [one for one in findings(found) if one.about == what]


def only(found: Facts, what: str) -> Finding:
    (one,) = about(found, what)
    return one


def of_bedrock() -> UseCase:
    candidate = {"id": "hosted", "kind": "bedrock", "model_id": "anthropic.claude-3-haiku-20240307-v1:0"}
    base = CASE.candidates[0].model_dump()
    return use_case(candidates=[base, candidate])


def test_where_all_is_well_nothing_is_wrong_and_all_is_named() -> None:
    found = findings(HEALTHY)

    assert {one.level for one in found} == {Level.WELL}
    assert {"images", "use cases", "alerts", "approvers", "quotas", "models", "budgets", "alarms", "dead letters"} == {
        one.about for one in found
    }


@pytest.mark.parametrize(
    "changes, what, level, said, advice",
    [
        ({"use_cases": []}, "use cases", Level.LOOK, "there is none yet", "fmops use-case add"),
        ({"operators": []}, "alerts", Level.LOOK, "nobody is subscribed", "OperationsEmail"),
        ({"operators": [False]}, "alerts", Level.WRONG, "nobody has confirmed", "AWS Notifications"),
        ({"confirmed": set()}, "approvers", Level.WRONG, "0 of 1 have confirmed, 1 must approve", "fmops use-case add"),
        ({"quotas": None}, "quotas", Level.LOOK, "does not tell", "servicequotas"),
        (
            {"quotas": {"ml.g5.xlarge for endpoint usage": 0.0}},
            "quotas",
            Level.WRONG,
            "ml.g5.xlarge for endpoint usage is 0, which trivia needs",
            "Service Quotas",
        ),
        ({"committed": {CASE.name: 1e6}}, "budgets", Level.LOOK, "are left this month", "budget.month_usd"),
        ({"alarms": ["fmops-monitor-silent"]}, "alarms", Level.WRONG, "fmops-monitor-silent is in ALARM", "dashboard"),
        ({"dead_letters": 3}, "dead letters", Level.WRONG, "3 events", "fmops redrive"),
    ],
)
def test_each_finding_says_what_it_is_and_what_to_do(
    changes: dict[str, Any], what: str, level: Level, said: str, advice: str
) -> None:
    found = only(replace(HEALTHY, **changes), what)

    assert found.level is level
    assert said in found.what
    assert advice in found.do


def test_images_that_are_not_there_are_told_apart() -> None:
    build = {"buildStatus": "IN_PROGRESS", "logs": {}}
    images = [Built(Image.EVALUATE, None, build), Built(Image.FINE_TUNE, None, {**build, "buildStatus": "FAILED"})]

    under_way, failed = about(replace(HEALTHY, images=images), "images")

    assert (under_way.level, failed.level) == (Level.LOOK, Level.WRONG)
    assert "fmops images --build" in failed.do


def test_a_gated_model_needs_its_licence_accepted_in_the_use_case() -> None:
    gated = replace(HEALTHY, gated={MODEL: True})

    assert {one.level for one in about(gated, "models")} == {Level.WRONG}
    assert "accept_eula: true" in about(gated, "models")[0].do
    accepted = [{**one.model_dump(), "accept_eula": True} for one in CASE.candidates]
    said_yes = replace(gated, use_cases=[use_case(candidates=accepted)])
    assert {one.level for one in about(said_yes, "models")} == {Level.WELL}


def test_a_model_that_the_hub_lacks_is_named() -> None:
    assert "is not in the hub" in about(replace(HEALTHY, gated={}), "models")[0].what


def test_what_keeps_the_account_from_a_model_of_bedrock_is_said() -> None:
    model = "anthropic.claude-3-haiku-20240307-v1:0"
    facts = replace(HEALTHY, use_cases=[of_bedrock()], bedrock={model: "its agreement is not accepted"})

    found = about(facts, "models")[1]

    assert (found.level, found.what) == (Level.WRONG, f"trivia: {model}: its agreement is not accepted")


def test_quotas_of_all_instances_that_a_use_case_names_are_in_question() -> None:
    assert quota_names(CASE) == [
        "ml.m5.xlarge for processing job usage",
        "ml.g5.xlarge for endpoint usage",
        "ml.g5.2xlarge for training job usage",
    ]


@pytest.mark.parametrize(
    ("logs", "level", "said"),
    [
        ("capture/bedrock", Level.WELL, "Bedrock logs its calls to capture/bedrock"),
        ("", Level.LOOK, "does not log its calls, so nobody watches the traffic of"),
        ("elsewhere/logs", Level.LOOK, "logs its calls to elsewhere/logs, so nobody watches"),
        (None, Level.LOOK, "is not told"),
    ],
)
def test_a_route_wants_bedrock_to_log_its_calls(logs: str | None, level: Level, said: str) -> None:
    routed = use_case(release={"kind": "route", "route_name": "support"})
    found = only(replace(HEALTHY, use_cases=[routed], capture_bucket="capture", call_logs=logs), "routes")

    assert found.level is level
    assert said in found.what
    assert level is Level.WELL or "prefix bedrock" in found.do


def test_without_a_route_nobody_is_asked_to_log() -> None:
    assert about(replace(HEALTHY, call_logs=""), "routes") == []


def test_what_is_so_for_several_candidates_is_said_once() -> None:
    first = CASE.candidates[0].model_dump()
    both = use_case(candidates=[first, {**first, "id": "other"}])

    assert len(about(replace(HEALTHY, use_cases=[both]), "models")) == 1
