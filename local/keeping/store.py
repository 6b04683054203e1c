"""What every store of kept things has: it can be taken down entry by entry, and put back."""

import pickle
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any


class Store(ABC):
    """A part's state as entries by key. Keys say nothing; the entry holds all that is needed to put it back."""

    name: str

    @abstractmethod
    def take(self) -> dict[str, bytes]:
        """All entries as they are now. Takes the part's lock, for as short as it can."""

    @abstractmethod
    def put_back(self, entries: Mapping[str, bytes]) -> None:
        """Make the part's state what the entries say, in a stack that was just deployed."""

    def settle(self) -> None:  # noqa: B027 - most have nothing in flight
        """End what was in flight, and tell it, once everything is put back."""

    def written(self) -> None:  # noqa: B027 - most have nothing beside their entries
        """What was taken last is on disk now."""


def packed(value: Any) -> bytes:
    return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)


def unpacked(entry: bytes) -> Any:
    return pickle.loads(entry)  # noqa: S301 - this program wrote it, into a folder of its user's


class Packed:
    """Packs values that are replaced and never changed: each one once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Any, bytes]] = {}

    def all(self, values: Mapping[str, Any]) -> dict[str, bytes]:
        known = self._known
        self._known = {
            key: known[key] if key in known and known[key][0] is value else (value, packed(value))
            for key, value in values.items()
        }
        return {key: entry for key, (_, entry) in self._known.items()}
