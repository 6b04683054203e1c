"""Semantic versions, and which models are new: rules without I/O."""

import re
from collections.abc import Iterable, Mapping

from fmops.catalog.models import HubSummary

_PARTS = re.compile(r"^(\d+)\.(\d+)\.(\d+)")


def order(version: str) -> tuple[int, int, int]:
    """What sorts versions: 1.10.0 comes after 1.9.0. A text that is no version comes first."""
    match = _PARTS.match(version)
    return (int(match[1]), int(match[2]), int(match[3])) if match else (-1, -1, -1)


def newest(summaries: Iterable[HubSummary]) -> dict[str, HubSummary]:
    """The newest version of each model, by the model's name."""
    found: dict[str, HubSummary] = {}
    for summary in summaries:
        known = found.get(summary.hub_content_name)
        if known is None or order(summary.hub_content_version) > order(known.hub_content_version):
            found[summary.hub_content_name] = summary
    return found


def unseen(summaries: Iterable[HubSummary], known: Mapping[str, str]) -> list[HubSummary]:
    """The supported models of which the ledger knows no version as new; `known` maps names to newest versions."""
    return [
        summary
        for name, summary in sorted(newest(summaries).items())
        if summary.support_status == "Supported" and order(summary.hub_content_version) > order(known.get(name, ""))
    ]
