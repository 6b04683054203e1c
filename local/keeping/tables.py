"""DynamoDB's rows: the ledger."""

from collections.abc import Mapping
from typing import Any

from local.keeping.store import Store, packed, unpacked
from local.moto_state import MotoState


class Tables(Store):
    """One entry for each item. The tables themselves are the deployment's."""

    name = "dynamodb"

    def __init__(self, state: MotoState) -> None:
        self._state = state
        self._seen = -1
        self._taken: dict[str, bytes] = {}

    def take(self) -> dict[str, bytes]:
        with self._state.locked("dynamodb"):
            if self._seen != self._state.changes("dynamodb"):
                self._seen = self._state.changes("dynamodb")
                # moto changes items in place: only their content tells.
                self._taken = {
                    f"{table.name} {item.hash_key} {item.range_key}": packed((table.name, item))
                    for table in self._tables().values()
                    for item in _items(table)
                }
            return self._taken

    def put_back(self, entries: Mapping[str, bytes]) -> None:
        with self._state.locked("dynamodb"):
            tables = self._tables()
            for table in tables.values():
                table.items.clear()
            for entry in entries.values():
                name, item = unpacked(entry)
                if name not in tables:
                    continue
                if tables[name].has_range_key:
                    tables[name].items[item.hash_key][item.range_key] = item
                else:
                    tables[name].items[item.hash_key] = item

    def _tables(self) -> dict[str, Any]:
        tables: dict[str, Any] = self._state.backend("dynamodb").tables
        return tables


def _items(table: Any) -> list[Any]:
    if not table.has_range_key:
        return list(table.items.values())
    return [item for items in table.items.values() for item in items.values()]
