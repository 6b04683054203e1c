"""The models that the ledger knows of each catalogue, who evaluates them, and the one announcement of each."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from fmops.catalog import versions
from fmops.catalog.listing import Listed
from fmops.core.clock import parse
from fmops.core.events import Emitter, ModelDiscovered
from fmops.core.ledger import Key, Ledger, Record

KIND = "model"
_WEEK = timedelta(days=7)


class Known:
    """What is written down of the models, as it was when this was made."""

    def __init__(self, ledger: Ledger, emitter: Emitter) -> None:
        self._ledger, self._emitter = ledger, emitter
        self._records = ledger.of_kind(KIND)

    def is_first_look(self, catalogue: str) -> bool:
        """Whether nobody ever wrote down all that this catalogue has."""
        return self._ledger.get(_seeded_key(catalogue)) is None

    def end_first_look(self, catalogue: str, models: int, now: datetime) -> None:
        """All is written down: what comes from now on is news."""
        self._ledger.put(_seeded_key(catalogue), {"hub": catalogue, "models": models}, kind="hub", now=now)

    def newest_versions(self, catalogue: str) -> dict[str, str]:
        """By model id."""
        newest: dict[str, str] = {}
        for record in self._of(catalogue):
            model_id, version = record["model_id"], record["version"]
            if model_id not in newest or versions.order(version) > versions.order(newest[model_id]):
                newest[model_id] = version
        return newest

    def runs_of_a_week(self, now: datetime) -> Counter[str]:
        """How many runs new models of any catalogue started within a week, by use case."""
        recent = [one for one in self._records if now - parse(one["created_at"]) < _WEEK]
        return Counter(name for one in recent for name in one.get("evaluated_by") or ())

    def evaluations(self, catalogue: str) -> dict[tuple[str, str], list[str]]:
        """By model id and version, the use cases that evaluated it when it was new."""
        return {(one["model_id"], one["version"]): one.get("evaluated_by") or [] for one in self._of(catalogue)}

    def remember(self, catalogue: str, listed: Listed, evaluated_by: list[str] | None, now: datetime) -> None:
        """Write a model version down, and announce it once; without `evaluated_by` (a first look) it is no news."""
        key = Key(f"MODEL#{catalogue}#{listed.model_id}", f"VERSION#{listed.version}")
        about = {
            "run_id": "",
            "use_case": "",
            "hub": catalogue,
            "model_id": listed.model_id,
            "version": listed.version,
            "task": listed.task,
            "evaluated_by": evaluated_by,
        }
        event = None if evaluated_by is None else ModelDiscovered.model_validate(about)
        record = {**about, "arn": listed.arn, "discovered": event is not None}
        # A look at the same time may have been first; its announcement may still be due.
        self._ledger.put_new(key, record, kind=KIND, now=now, emit=event)
        if event is not None:
            self._ledger.announce(key, self._emitter)

    def _of(self, catalogue: str) -> Iterable[Record]:
        return (record for record in self._records if record["hub"] == catalogue)


def _seeded_key(catalogue: str) -> Key:
    return Key(f"HUB#{catalogue}", "SEEDED")
