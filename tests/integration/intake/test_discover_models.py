"""The first look at a hub writes down what there is; later looks announce what is new, once."""

from typing import Any

from fmops.catalog.discovery import discover
from fmops.catalog.models import HubSummary
from fmops.core import clock, wiring
from tests.integration.account import Account

HUB = "SageMakerPublicHub"


def look(*models: tuple[str, str]) -> Any:
    summaries = [
        HubSummary(
            HubContentName=name,
            HubContentVersion=version,
            HubContentArn=f"arn:aws:sagemaker:us-east-1:aws:hub-content/{HUB}/Model/{name}/{version}",
            HubContentSearchKeywords=["@task:text-generation"],
        )
        for name, version in models
    ]
    return discover(wiring.ledger(), wiring.emitter(), HUB, summaries, clock.now())


def test_the_first_look_announces_nothing(account: Account) -> None:
    found = look(("a", "1.0.0"), ("b", "1.0.0"))

    assert (found.first_look, found.seen, found.discovered) == (True, 2, [])
    assert account.events() == []


def test_a_new_model_and_a_new_version_are_announced_once(account: Account) -> None:
    look(("a", "1.9.0"))

    first = look(("a", "1.9.0"), ("a", "1.10.0"), ("c", "2.0.0"))
    again = look(("a", "1.10.0"), ("c", "2.0.0"))

    assert first.discovered == ["a@1.10.0", "c@2.0.0"]
    assert again.discovered == []
    assert [(kind, detail["model_id"], detail["task"]) for kind, detail in account.events()] == [
        ("ModelDiscovered", "a", "text-generation"),
        ("ModelDiscovered", "c", "text-generation"),
    ]
