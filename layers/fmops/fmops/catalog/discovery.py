"""Notices new models of a hub: what the ledger does not know is announced, once."""

import contextlib
from collections.abc import Iterable
from datetime import datetime

from fmops.catalog import versions
from fmops.catalog.models import HubSummary
from fmops.core.errors import AlreadyExists
from fmops.core.events import Emitter, ModelDiscovered
from fmops.core.ledger import Key, Ledger
from fmops.core.models import Ours

KIND = "model"


class Discovery(Ours):
    """What a look at the hub found."""

    seen: int
    first_look: bool
    """Whether everything was only written down: on the first look all models are new, and none of them is news."""
    discovered: list[str]


def model_key(hub: str, model_id: str, version: str) -> Key:
    return Key(f"MODEL#{hub}#{model_id}", f"VERSION#{version}")


def _seeded_key(hub: str) -> Key:
    return Key(f"HUB#{hub}", "SEEDED")


def discover(ledger: Ledger, emitter: Emitter, hub: str, summaries: Iterable[HubSummary], now: datetime) -> Discovery:
    """Write down and announce each model version that is newer than what the ledger knows."""
    found = list(summaries)
    first_look = ledger.get(_seeded_key(hub)) is None
    news = versions.unseen(found, _known(ledger, hub))
    for summary in news:
        _remember(ledger, emitter, hub, summary, announce=not first_look, now=now)
    if first_look:
        # Written last: a first look that was cut short goes on next time without announcing the rest.
        ledger.put(_seeded_key(hub), {"hub": hub, "models": len(found)}, kind="hub", now=now)
    discovered = [] if first_look else [f"{s.hub_content_name}@{s.hub_content_version}" for s in news]
    return Discovery(seen=len(found), first_look=first_look, discovered=discovered)


def _known(ledger: Ledger, hub: str) -> dict[str, str]:
    newest: dict[str, str] = {}
    for record in ledger.of_kind(KIND):
        model_id, version = record["model_id"], record["version"]
        if record["hub"] == hub and versions.order(version) > versions.order(newest.get(model_id, "")):
            newest[model_id] = version
    return newest


def _remember(
    ledger: Ledger, emitter: Emitter, hub: str, summary: HubSummary, *, announce: bool, now: datetime
) -> None:
    model_id, version = summary.hub_content_name, summary.hub_content_version
    event = ModelDiscovered(run_id="", use_case="", hub=hub, model_id=model_id, version=version, task=summary.task)
    record = {
        "run_id": "",
        "use_case": "",
        "hub": hub,
        "model_id": model_id,
        "version": version,
        "task": summary.task,
        "arn": summary.hub_content_arn,
        "discovered": announce,
    }
    key = model_key(hub, model_id, version)
    # A look at the same time may have been first; its announcement may still be due.
    with contextlib.suppress(AlreadyExists):
        ledger.put_once(key, record, kind=KIND, now=now, emit=event if announce else None)
    ledger.announce(key, emitter)
