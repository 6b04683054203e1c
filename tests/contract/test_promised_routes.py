"""The world in which promises are tried sends each event where the template's rules send it."""

from collections import defaultdict
from pathlib import Path

from tests.journeys.promises.routes import ROUTES
from tools.templates import read, resources

# What the promises' world does not have: the chain that seals the audit, and the watch's wish for more data.
_LEFT_OUT = {"operations/seal_audit", "monitoring/request_retraining"}


def test_routes_are_those_of_the_templates_rules(repo: Path) -> None:
    ruled: dict[str, set[str]] = defaultdict(set)
    for properties in resources(read(repo / "template.yaml"), "AWS::Serverless::Function").values():
        to = "/".join(Path(str(properties["CodeUri"])).parts[-2:])
        for event in properties.get("Events", {}).values():
            if event["Type"] == "EventBridgeRule":
                for kind in event["Properties"]["Pattern"]["detail-type"]:
                    ruled[kind].add(to)

    assert {kind: set(to) for kind, to in ROUTES.items()} == {kind: ruled[kind] - _LEFT_OUT for kind in ROUTES}
    assert set().union(*ruled.values()) >= _LEFT_OUT
