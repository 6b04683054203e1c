"""The parts of a change that happens wholly or not at all. `Ledger.transact` writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from fmops.core.clock import iso
from fmops.core.errors import AlreadyExists, FmopsError, LimitReached, StaleTransition
from fmops.core.ledger_items import Key, Update, item_of, kind_attributes, number


class Part(Protocol):
    """One write of a transaction."""

    def write(self, table: str) -> dict[str, Any]:
        """As an entry of TransactItems."""

    def refusal(self) -> FmopsError:
        """What it means that this part's condition did not hold."""


@dataclass(frozen=True)
class PutOnce:
    """A record that must not be there yet: AlreadyExists."""

    key: Key
    record: Mapping[str, Any]
    kind: str
    now: datetime

    def write(self, table: str) -> dict[str, Any]:
        found = item_of(self.key, self.record, self.kind, self.now, None)
        return {"Put": {"TableName": table, "Item": found, "ConditionExpression": "attribute_not_exists(pk)"}}

    def refusal(self) -> FmopsError:
        return AlreadyExists(f"the ledger holds {self.key.sk} of {self.key.pk} already")


@dataclass(frozen=True)
class Move:
    """A change of status, with what belongs to it: StaleTransition where the status is not `before`."""

    key: Key
    before: str
    after: str
    changes: Mapping[str, Any]
    kind: str
    now: datetime

    def write(self, table: str) -> dict[str, Any]:
        changes = {**self.changes, "status": self.after, "updated_at": iso(self.now)}
        update = Update(changes, kind_attributes(self.kind))
        return {
            "Update": {
                "TableName": table,
                "Key": self.key.dynamo(),
                "UpdateExpression": update.expression,
                "ConditionExpression": "#status = :before",
                "ExpressionAttributeNames": {**update.names, "#status": "status"},
                "ExpressionAttributeValues": {**update.values, ":before": {"S": self.before}},
            }
        }

    def refusal(self) -> FmopsError:
        return StaleTransition(f"{self.key.sk} of {self.key.pk} is not {self.before}")


@dataclass(frozen=True)
class Add:
    """Numbers added to those of a record, which is made where it is missing.

    LimitReached where `limited` would then be above `most`. `record` are the members that say what is counted.
    """

    key: Key
    amounts: Mapping[str, float]
    record: Mapping[str, Any]
    kind: str
    now: datetime
    limited: str = ""
    most: float | None = None

    def write(self, table: str) -> dict[str, Any]:
        # In the list of its kind it keeps one place: that of its own key.
        place = {"gsi_kind": {"S": self.kind}, "gsi_sort": {"S": f"{self.key.pk}#{self.key.sk}"}}
        update = Update({**self.record, "updated_at": iso(self.now)}, place)
        names = {f"#a{i}": name for i, name in enumerate(self.amounts)}
        values = {f":a{i}": number(amount) for i, amount in enumerate(self.amounts.values())}
        request: dict[str, Any] = {
            "TableName": table,
            "Key": self.key.dynamo(),
            "UpdateExpression": f"{update.expression} ADD {', '.join(f'#a{i} :a{i}' for i in range(len(names)))}",
            "ExpressionAttributeNames": {**update.names, **names},
            "ExpressionAttributeValues": {**update.values, **values},
        }
        if self.most is not None:
            room = self.most - self.amounts[self.limited]
            # A record that is missing stands for 0, which is too much already where the amount alone is.
            missing = "attribute_not_exists(#limited) OR " if room >= 0 else ""
            request["ConditionExpression"] = f"{missing}#limited <= :room"
            request["ExpressionAttributeNames"]["#limited"] = self.limited
            request["ExpressionAttributeValues"][":room"] = number(room)
        return {"Update": request}

    def refusal(self) -> FmopsError:
        return LimitReached(f"{self.limited} of {self.key.pk} would be above {self.most}")
