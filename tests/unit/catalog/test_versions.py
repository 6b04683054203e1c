"""Versions are compared as numbers, and only what is newer is news."""

from fmops.catalog.listing import Listed, of_hub
from fmops.catalog.models import HubSummary
from fmops.catalog.versions import newest, order, unseen


def summary(name: str, version: str, status: str = "Supported") -> Listed:
    return of_hub(
        HubSummary(
            HubContentName=name, HubContentVersion=version, HubContentArn=f"arn:{name}/{version}", SupportStatus=status
        )
    )


def test_ten_comes_after_nine() -> None:
    assert order("1.10.0") > order("1.9.9")
    assert order("no version") < order("0.0.0")


def test_the_newest_version_of_each_model_counts() -> None:
    found = newest([summary("a", "1.9.0"), summary("a", "1.10.0"), summary("b", "0.1.0")])

    assert {name: s.version for name, s in found.items()} == {"a": "1.10.0", "b": "0.1.0"}


def test_known_versions_and_withdrawn_models_are_no_news() -> None:
    found = unseen(
        [summary("a", "1.0.0"), summary("b", "2.0.0"), summary("c", "1.0.0", "Deprecated"), summary("d", "1.0.0")],
        {"a": "1.0.0", "b": "1.9.0"},
    )

    assert [s.model_id for s in found] == ["b", "d"]
