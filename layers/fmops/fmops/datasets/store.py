"""Dataset versions in the ledger."""

from collections.abc import Mapping
from datetime import datetime

from fmops.core.events import DatasetRegistered, DatasetRejected, Event
from fmops.core.ledger import Key, Ledger
from fmops.datasets.models import Dataset
from fmops.usecases import resolve
from fmops.usecases.models import UseCase
from fmops.usecases.triggers import DatasetRef

KIND = "dataset"
REJECTED_KIND = "dataset_rejection"


def key(name: str, version: str) -> Key:
    return Key(f"DATASET#{name}", f"VERSION#{version}")


def rejection_key(name: str, version: str, object_version: str) -> Key:
    """One rejection for each version of the object: the same event twice tells the owner once."""
    return Key(f"DATASET#{name}", f"REJECTED#{version}#{object_version}")


def find(ledger: Ledger, name: str, version: str) -> Dataset | None:
    record = ledger.get(key(name, version))
    return Dataset.model_validate(record["dataset"]) if record else None


def load(ledger: Ledger, name: str, version: str) -> Dataset:
    """NotFound where this version is not registered."""
    return Dataset.model_validate(ledger.require(key(name, version))["dataset"])


def submitters(ledger: Ledger, use_case: UseCase, dataset: Mapping[str, str] | None) -> list[str]:
    """Whose run of this dataset it is: the use case's owner, and the owner whom the dataset's manifest names."""
    found = find(ledger, dataset["name"], dataset["version"]) if dataset else None
    return list(dict.fromkeys([use_case.owner, *([found.owner] if found and found.owner else [])]))


def registered(ledger: Ledger) -> list[Dataset]:
    """All registered versions, newest first."""
    return [Dataset.model_validate(record["dataset"]) for record in ledger.of_kind(KIND)]


def register(ledger: Ledger, dataset: Dataset, now: datetime) -> None:
    """AlreadyExists where this version is registered."""
    event = DatasetRegistered(
        run_id="",
        use_case="",
        dataset=dataset.name,
        version=dataset.version,
        task=dataset.task,
        train_rows=dataset.train_rows,
        test_rows=dataset.test_rows,
        manifest_uri=dataset.manifest_uri,
        retraining_of=dataset.retraining_of,
    )
    _put(ledger, key(dataset.name, dataset.version), {"dataset": dataset.model_dump(mode="json")}, KIND, now, event)


def reject(ledger: Ledger, event: DatasetRejected, object_version: str, now: datetime) -> Key:
    """AlreadyExists where this very object was rejected before."""
    place = rejection_key(event.dataset, event.version, object_version)
    _put(ledger, place, {"rejection": event.model_dump(mode="json")}, REJECTED_KIND, now, event)
    return place


def _put(ledger: Ledger, place: Key, record: dict[str, object], kind: str, now: datetime, event: Event) -> None:
    ledger.put_once(place, {**record, "run_id": "", "use_case": ""}, kind=kind, now=now, emit=event)


class Registered:
    """The registered datasets, as `usecases.starting` asks for them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def newest_of(self, use_case: UseCase) -> DatasetRef | None:
        for dataset in registered(self._ledger):
            if dataset.retraining_of in ("", use_case.name) and resolve.of_dataset(
                [use_case], dataset.name, dataset.task
            ):
                return DatasetRef(name=dataset.name, version=dataset.version)
        return None
