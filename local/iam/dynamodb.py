"""DynamoDB's tables, indexes and leading keys, and what a transaction needs."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from local.protocol import ACCOUNT, REGION

HashKey = Callable[[str, str | None], str | None]
Needed = tuple[str, str, Mapping[str, Any]]

_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
_EQUALS = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")


def needs_of(operation: str, params: Mapping[str, Any], hash_key: HashKey) -> list[Needed]:
    """(action, resource, context) of a call that names tables; empty for the others."""
    if operation in ("TransactWriteItems", "TransactGetItems"):
        parts = [next(iter(item.items())) for item in params["TransactItems"]]
        return [
            (f"dynamodb:{_TRANSACTION[kind]}", _table(part["TableName"]), _keys([part], part["TableName"], hash_key))
            for kind, part in parts
        ]
    if operation in ("BatchGetItem", "BatchWriteItem"):
        return [
            (f"dynamodb:{operation}", _table(table), _keys(_batch(asked), table, hash_key))
            for table, asked in params["RequestItems"].items()
        ]
    if "TableName" not in params:
        return []
    table, index = params["TableName"], params.get("IndexName")
    resource = f"{_table(table)}/index/{index}" if index else _table(table)
    context = _queried(params, table, index, hash_key) if operation == "Query" else _keys([params], table, hash_key)
    if "ReturnValues" in params:
        context = {**context, "dynamodb:returnvalues": params["ReturnValues"]}
    return [(f"dynamodb:{operation}", resource, context)]


def _table(name: str) -> str:
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name.rsplit('/', 1)[-1]}"


def _batch(asked: Any) -> list[Mapping[str, Any]]:
    if isinstance(asked, Mapping):
        return [{"Key": key} for key in asked["Keys"]]
    return [next(iter(entry.values())) for entry in asked]


def _keys(parts: Iterable[Mapping[str, Any]], table: str, hash_key: HashKey) -> dict[str, Any]:
    name = hash_key(table.rsplit("/", 1)[-1], None)
    items = [part.get("Key") or part.get("Item") or {} for part in parts]
    values = [_plain(item[name]) for item in items if name is not None and name in item]
    return {"dynamodb:leadingkeys": values} if values else {}


def _queried(params: Mapping[str, Any], table: str, index: str | None, hash_key: HashKey) -> dict[str, Any]:
    wanted = hash_key(table.rsplit("/", 1)[-1], index)
    names, values = params.get("ExpressionAttributeNames", {}), params.get("ExpressionAttributeValues", {})
    for name, value in _EQUALS.findall(params.get("KeyConditionExpression", "")):
        if names.get(name, name) == wanted and value in values:
            return {"dynamodb:leadingkeys": [_plain(values[value])]}
    return {}


def _plain(value: Any) -> str:
    return str(next(iter(value.values()))) if isinstance(value, Mapping) else str(value)
