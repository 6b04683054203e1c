"""Fault 18: an event that somebody else made, from another account or in AWS' name. It reaches nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.events.patterns import EventPattern
from tests.conftest import REPO
from tests.integration.evaluation.conftest import PREFIX, RUN, Evaluation
from tests.integration.events.world import World
from tools.templates import read

OURS, OTHERS = "123456789012", "999999999999"
GOLDEN = (
    "s3-object-created",
    "training-job-state-change",
    "processing-job-state-change",
    "endpoint-state-change",
    "model-package-approved",
    "execution-failed",
    "dataset-registered",
)


def patterns() -> list[Any]:
    """Every rule's pattern in the template, with only what is compared with the account."""
    found: list[Any] = []

    def look(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("Pattern", "EventPattern") and isinstance(value, dict) and "source" in value:
                    found.append(value)
                look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)

    look(read(REPO / "template.yaml"))
    return found


def test_fault_18_every_rule_takes_events_of_its_own_account_only() -> None:
    rules = patterns()

    assert len(rules) >= 9
    for rule in rules:
        assert rule["account"] == [{"Ref": "AWS::AccountId"}], rule


@pytest.mark.parametrize("name", GOLDEN)
def test_fault_18_event_of_another_account_or_source_matches_no_rule(name: str) -> None:
    event = json.loads((REPO / "events" / f"{name}.json").read_text())
    event["account"] = OURS
    alike = [
        EventPattern(json.dumps({member: rule[member] for member in ("source", "detail-type")} | {"account": [OURS]}))
        for rule in patterns()
    ]

    assert any(pattern.matches(event) for pattern in alike)
    assert not any(pattern.matches({**event, "account": OTHERS}) for pattern in alike)
    assert not any(pattern.matches({**event, "source": "com.example"}) for pattern in alike)


def test_fault_18_nobody_may_speak_in_aws_name(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        entry = {"Source": "aws.sagemaker", "DetailType": "SageMaker Training Job State Change", "Detail": "{}"}

        answer = put(world, entry)

    assert answer == "NotAuthorizedForSource"


def put(world: World, entry: dict[str, str]) -> str:
    try:
        answer = world.client("events").put_events(Entries=[entry])
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return str(answer["Entries"][0].get("ErrorCode", "taken"))


def test_fault_18_forged_end_that_arrives_all_the_same_is_not_believed(evaluation: Evaluation) -> None:
    evaluation.plan()
    evaluation.wait("launch_fine_tuning", "tuned", "token-1")

    # It says Completed; SageMaker, who is asked, does not.
    answer = evaluation.news("TrainingJobName", f"{PREFIX}-tune-{RUN}-tuned")
    foreign = evaluation.news("TrainingJobName", f"{PREFIX}-tune-of-somebody-else")

    assert (answer["led_to"], foreign["led_to"]) == ("not_over", "not_ours")
    assert evaluation.states.successes == []
