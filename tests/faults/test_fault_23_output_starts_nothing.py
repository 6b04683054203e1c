"""Fault 23: something is written below a watched prefix, but by the system. It starts no run."""

import json
from typing import Any

import pytest

from local.events.patterns import EventPattern
from tests.conftest import REPO
from tools.templates import read, resources

BUCKETS = {
    "DatasetsBucket": "datasets-bucket",
    "ArtifactsBucket": "artifacts-bucket",
    "CaptureBucket": "capture-bucket",
}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return read(REPO / "template.yaml")


def watched(template: dict[str, Any]) -> EventPattern:
    """The pattern of the rule that hears of new objects, with the buckets' names."""
    event = resources(template, "AWS::Serverless::Function")["RegisterDatasetFunction"]["Events"]["Dropped"]
    pattern = event["Properties"]["Pattern"]
    pattern["detail"]["bucket"]["name"] = [BUCKETS[ref["Ref"]] for ref in pattern["detail"]["bucket"]["name"]]
    return EventPattern(json.dumps(pattern | {"account": ["123456789012"]}))


def created(bucket: str, key: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((REPO / "events/s3-object-created.json").read_text())
    event["account"] = "123456789012"
    event["detail"]["bucket"]["name"] = bucket
    event["detail"]["object"]["key"] = key
    return event


def test_fault_23_watched_prefix_in_another_bucket_is_not_watched(template: dict[str, Any]) -> None:
    pattern = watched(json.loads(json.dumps(template)))

    assert pattern.matches(created("datasets-bucket", "datasets/trivia/v1/manifest.json"))
    for bucket in ("artifacts-bucket", "capture-bucket"):
        for key in ("datasets/trivia/v1/manifest.json", "inbox/trivia/rows.jsonl"):
            assert not pattern.matches(created(bucket, key))


def test_fault_23_other_keys_of_the_watched_bucket_start_nothing(template: dict[str, Any]) -> None:
    pattern = watched(json.loads(json.dumps(template)))

    for key in ("results/out.jsonl", "my/inbox/rows.jsonl", "manifest.json"):
        assert not pattern.matches(created("datasets-bucket", key))


def test_fault_23_nothing_of_the_system_may_write_where_people_drop(template: dict[str, Any]) -> None:
    writers = []
    for name, body in template["Resources"].items():
        text = json.dumps(body.get("Properties", {}).get("Policies", []))
        for statement in _statements(json.loads(text)):
            actions = statement.get("Action", [])
            wanted = [actions] if isinstance(actions, str) else actions
            if "DatasetsBucket" in json.dumps(statement.get("Resource", "")) and any("Put" in a for a in wanted):
                writers.append(name)

    assert writers == []


def _statements(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        own = [node] if "Effect" in node else []
        return own + [found for value in node.values() for found in _statements(value)]
    return [found for value in node for found in _statements(value)] if isinstance(node, list) else []
