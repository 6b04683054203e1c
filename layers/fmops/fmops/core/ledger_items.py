"""How records look in DynamoDB."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from fmops.core.clock import iso
from fmops.core.events import Event

Record = dict[str, Any]

_INTERNAL = frozenset({"pk", "sk", "gsi_kind", "gsi_sort", "emit_pending", "emit_since", "emit_type", "emit_detail"})
_serialize, _deserialize = TypeSerializer().serialize, TypeDeserializer().deserialize


class Key(NamedTuple):
    """Where a record lies: `pk` names the thing, `sk` the record about it."""

    pk: str
    sk: str

    def dynamo(self) -> dict[str, Any]:
        return {"pk": {"S": self.pk}, "sk": {"S": self.sk}}


class Update:
    """`SET` for all that has a value; a member set to None stays, as NULL."""

    def __init__(self, changes: Mapping[str, Any], emit: Mapping[str, Any]) -> None:
        members = [(name, dynamo(value)) for name, value in changes.items()] + list(emit.items())
        self.names = {f"#n{i}": name for i, (name, _) in enumerate(members)}
        self.values = {f":v{i}": value for i, (_, value) in enumerate(members)}
        self.expression = "SET " + ", ".join(f"#n{i} = :v{i}" for i in range(len(members)))


def item_of(key: Key, record: Mapping[str, Any], kind: str, now: datetime, emit: Event | None) -> Record:
    stamped = {"created_at": iso(now), **record}
    return {
        **{name: dynamo(value) for name, value in stamped.items()},
        **key.dynamo(),
        "gsi_kind": {"S": kind},
        "gsi_sort": {"S": f"{iso(now)}#{key.pk}#{key.sk}"},
        **emit_attributes(emit, now),
    }


def kind_attributes(kind: str | None) -> Record:
    return {"gsi_kind": {"S": kind}} if kind else {}


def emit_attributes(emit: Event | None, now: datetime) -> Record:
    if emit is None:
        return {}
    return {
        "emit_pending": {"S": "yes"},
        "emit_since": {"S": iso(now)},
        "emit_type": {"S": emit.kind},
        "emit_detail": {"S": emit.model_dump_json()},
    }


def dynamo(value: Any) -> Any:
    """DynamoDB's form of a JSON value. ValueError for NaN and infinities, which it can't hold."""
    plain = json.loads(json.dumps(value, allow_nan=False), parse_float=Decimal)
    return _serialize(plain)


def record_of(item: Mapping[str, Any]) -> Record:
    return {name: _plain(_deserialize(value)) for name, value in item.items() if name not in _INTERNAL}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and "." not in str(value) else float(value)
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return value


def number(value: float) -> Any:
    """A number as DynamoDB has it."""
    return dynamo(value)
